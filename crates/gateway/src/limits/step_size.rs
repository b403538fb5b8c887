//! The smallest bar that a duration allows.

/// Longest duration (seconds) and the smallest bar (seconds) up to it.
const STEPS: [(i64, i64); 9] = [
    (1_800, 1),
    (3_600, 5),
    (14_400, 10),
    (28_800, 30),
    (86_400, 60),
    (2 * 86_400, 120),
    (7 * 86_400, 180),
    (30 * 86_400, 1_800),
    (i64::MAX, 86_400),
];

/// The smallest bar, in seconds, that a request over `duration` seconds may ask for.
pub(crate) fn smallest_bar(duration: i64) -> i64 {
    STEPS.iter().find(|(longest, _)| duration <= *longest).map_or(86_400, |(_, bar)| *bar)
}

#[cfg(test)]
mod tests {
    use super::smallest_bar;

    #[test]
    fn the_published_table() {
        let day = 86_400;
        for (duration, bar) in [
            (1_800, 1),
            (3_600, 5),
            (day, 60),
            (2 * day, 120),
            (7 * day, 180),
            (30 * day, 1_800),
            (31 * day, day),
            (365 * day, day),
        ] {
            assert_eq!(smallest_bar(duration), bar, "{duration}");
        }
    }
}
