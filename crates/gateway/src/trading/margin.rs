//! What positions need as security.

/// Part of a position's value: stock held, and stock sold short.
const LONG: f64 = 0.25;
const SHORT: f64 = 0.30;
/// Part of a position's value at the end of the day by Regulation T.
pub(crate) const REGULATION_T: f64 = 0.5;
/// What may be bought for one USD of available funds during the day.
pub(crate) const BUYING_POWER: f64 = 4.0;

/// Margin of a position, initial and maintenance alike: the flat rates for liquid US stocks. The real account's vary with stock and
/// concentration.
pub(crate) fn margin(shares: f64, price: f64) -> f64 {
    if shares >= 0.0 { LONG * shares * price } else { -SHORT * shares * price }
}

/// Margin of the worst position that working orders can lead to, on the way from `shares`.
pub(crate) fn worst_margin(shares: f64, buys: f64, sells: f64, price: f64) -> f64 {
    margin(shares + buys, price).max(margin(shares - sells, price))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_opens_needs_margin() {
        assert_eq!(margin(100.0, 10.0), 250.0);
        assert_eq!(margin(-100.0, 10.0), 300.0);
        assert_eq!(worst_margin(100.0, 0.0, 100.0, 10.0), 250.0, "closing needs nothing more");
        assert_eq!(worst_margin(100.0, 0.0, 300.0, 10.0), 600.0);
        assert_eq!(worst_margin(0.0, 100.0, 50.0, 10.0), 250.0);
    }
}
