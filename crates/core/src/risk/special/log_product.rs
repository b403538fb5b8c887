//! The logarithm of a long product, one logarithm for many factors.

/// Multiplies numbers and takes the logarithm only where the product threatens to overflow.
#[derive(Debug)]
pub(crate) struct LogProduct {
    product: f64,
    log: f64,
}

impl Default for LogProduct {
    fn default() -> Self {
        Self { product: 1.0, log: 0.0 }
    }
}

impl LogProduct {
    /// Multiplies by a factor between 10⁻¹⁰⁰ and 10¹⁰⁰; one that is not positive makes the logarithm no finite number.
    #[inline]
    pub(crate) fn multiply(&mut self, factor: f64) {
        self.product *= factor;
        if !(1e-200..1e200).contains(&self.product) {
            self.log += self.product.ln();
            self.product = 1.0;
        }
    }

    /// The logarithm of all factors' product.
    pub(crate) fn log(&self) -> f64 {
        self.log + self.product.ln()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_the_sum_of_the_logarithms() {
        let factors = |k: i32| (1..500).map(move |i| (f64::from(i * 37 % 101) + 0.5).powi(k));
        for k in [-20, -1, 1, 24] {
            let mut product = LogProduct::default();
            factors(k).for_each(|factor| product.multiply(factor));
            let expected: f64 = factors(k).map(f64::ln).sum();
            assert!((product.log() - expected).abs() < 1e-11 * expected.abs(), "{k}");
        }
    }
}
