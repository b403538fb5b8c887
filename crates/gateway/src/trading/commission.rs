//! What an order costs.

/// USD per share.
const PER_SHARE: f64 = 0.005;
/// USD per order.
const LEAST: f64 = 1.0;
/// Part of the order's value.
const MOST: f64 = 0.01;

/// The fixed schedule for US stocks, on what has been filled of an order.
///
/// ```text
/// min(max(0.005 · shares, 1.00), 0.01 · value)
/// ```
/// Never falls while an order fills, so that each execution pays the difference to what the order has paid.
/// Exchange, clearing and regulatory fees are part of the fixed price, except the fees on sales, which are left out.
pub(crate) fn commission(shares: f64, value: f64) -> f64 {
    (PER_SHARE * shares).max(LEAST).min(MOST * value)
}

#[cfg(test)]
mod tests {
    use super::commission;

    #[test]
    fn the_published_examples() {
        // 100 shares at 25 USD, 1,000 at 0.25, 1,000 at 25.
        assert_eq!(commission(100.0, 2_500.0), 1.0);
        assert_eq!(commission(1_000.0, 250.0), 2.5);
        assert_eq!(commission(1_000.0, 25_000.0), 5.0);
    }

    #[test]
    fn parts_of_an_order_never_get_anything_back() {
        let mut paid = 0.0;
        for part in 1..=400_u32 {
            let due = commission(f64::from(part), f64::from(part) * 3.0);
            assert!(due >= paid, "{part}");
            paid = due;
        }
    }
}
