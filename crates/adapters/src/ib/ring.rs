//! The last so many of something, as one slice, without an allocation per entry.

/// A ring buffer whose content is one slice, oldest first.
///
/// It holds twice its capacity and moves the newer half to the front when the end is reached: a push costs the same on
/// average as in a ring with two ends, and a scan reads one slice.
///
/// ```
/// use bellwether_adapters::ib::Ring;
/// let mut last_three = Ring::new(3);
/// (1..=5).for_each(|n| last_three.push(n));
/// assert_eq!(last_three.as_slice(), [3, 4, 5]);
/// ```
#[derive(Debug, Clone)]
pub struct Ring<T> {
    entries: Vec<T>,
    capacity: usize,
}

impl<T: Copy> Ring<T> {
    /// A ring of so many entries, one at least. Its memory is taken here, and no more later.
    pub fn new(capacity: usize) -> Self {
        let capacity = capacity.max(1);
        Self { entries: Vec::with_capacity(2 * capacity), capacity }
    }

    /// Puts an entry in; the oldest goes when the ring is full.
    pub fn push(&mut self, entry: T) {
        if self.entries.len() == 2 * self.capacity {
            self.entries.copy_within(self.capacity.., 0);
            self.entries.truncate(self.capacity);
        }
        self.entries.push(entry);
    }

    /// These entries instead, oldest first.
    pub fn replace(&mut self, entries: impl IntoIterator<Item = T>) {
        self.entries.clear();
        entries.into_iter().for_each(|entry| self.push(entry));
    }

    /// The entries, oldest first.
    pub fn as_slice(&self) -> &[T] {
        &self.entries[self.entries.len().saturating_sub(self.capacity)..]
    }

    /// The newest.
    pub fn last(&self) -> Option<&T> {
        self.entries.last()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_holds_the_newest_and_never_grows() {
        let mut ring = Ring::new(100);
        let memory = ring.entries.capacity();
        for n in 0..10_000_u32 {
            ring.push(n);
            let expected: Vec<u32> = (n.saturating_sub(99)..=n).collect();
            assert_eq!(ring.as_slice(), expected);
        }
        assert_eq!(ring.entries.capacity(), memory);
        assert_eq!(ring.last(), Some(&9_999));
        ring.replace(1..=150);
        assert_eq!((ring.as_slice()[0], ring.as_slice().len(), ring.entries.capacity()), (51, 100, memory));
    }
}
