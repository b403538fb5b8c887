//! Volume far above the same time of other days, whatever the price does.

use serde::{Deserialize, Serialize};

use super::{
    Numbers, gap,
    numbers::{numbers, require},
    report::ScanReport,
    view::{SessionStart, Sessions, SymbolView, measure_all, percent},
};
use crate::{
    error::Result,
    market::{Instrument, InstrumentKind, Snapshot},
};

/// Settings of the unusual-volume scan.
///
/// | Name | Default | Purpose | Range |
/// |---|---|---|---|
/// | `min_rvol` | 3 | least relative volume | > 0 |
/// | `min_volume` | 100000 | least volume, shares | >= 0 |
/// | `min_price`, `max_price` | 1, 500 | last price, USD | 0 <= min <= max |
/// | `exclude_etfs` | true | leave out funds | |
/// | `history_sessions` | 20 | earlier sessions that relative volume is taken over | 1 to 60 |
/// | `limit` | 50 | most hits | >= 1 |
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct UnusualVolumeConfig {
    /// Least relative volume.
    pub min_rvol: f64,
    /// Least volume, shares.
    pub min_volume: f64,
    /// Lowest last price, USD.
    pub min_price: f64,
    /// Highest last price, USD.
    pub max_price: f64,
    /// Leave out funds.
    pub exclude_etfs: bool,
    /// Earlier sessions that relative volume is taken over.
    pub history_sessions: usize,
    /// Most hits.
    pub limit: usize,
}

impl Default for UnusualVolumeConfig {
    fn default() -> Self {
        Self {
            min_rvol: 3.0,
            min_volume: 100_000.0,
            min_price: 1.0,
            max_price: 500.0,
            exclude_etfs: true,
            history_sessions: 20,
            limit: 50,
        }
    }
}

impl UnusualVolumeConfig {
    /// Checks the ranges.
    ///
    /// # Errors
    /// [`Error::Setting`](crate::Error::Setting) naming the first setting outside its range.
    pub fn check(&self) -> Result<()> {
        require(self.min_rvol > 0.0, "min_rvol", self.min_rvol, "expected > 0")?;
        require(self.min_volume >= 0.0, "min_volume", self.min_volume, "expected shares >= 0")?;
        require(self.max_price >= self.min_price, "max_price", self.max_price, "expected at least min_price")?;
        gap::check_history(self.history_sessions)?;
        require(self.limit >= 1, "limit", self.limit, "expected at least 1")
    }
}

numbers! {
    /// What the unusual-volume scan measures of one symbol: before the open of the pre-market, after it of the regular session.
    pub struct VolumeNumbers {
        /// Volume over its mean at the same time of day in earlier sessions.
        session_rvol: Option<f64>, "";
        /// How many earlier sessions that mean is over.
        session_rvol_sessions: u32, "sessions";
        /// Volume of the session part that the scan falls in.
        session_volume: f64, "shares";
        /// Volume over the median daily volume of up to 20 earlier sessions.
        volume_of_day: Option<f64>, "";
        /// Last price.
        last: f64, "USD";
        /// Previous regular close, adjusted for known splits.
        prev_close: f64, "USD";
        /// Change from the previous close.
        change_pct: f64, "%";
    }
}

/// Measures one symbol; `None` when it lacks a previous close or has not traded this session.
pub(super) fn measure(view: &SymbolView<'_>, sessions: &Sessions) -> Option<VolumeNumbers> {
    let previous = view.previous_day(sessions)?;
    let last = view.last()?;
    let (start, bars) =
        if view.regular.is_empty() { (SessionStart::PreMarket, view.pre) } else { (SessionStart::Open, view.regular) };
    let volume: f64 = bars.volume.iter().sum();
    let relative = view.relative_volume(sessions, start, volume);
    Some(VolumeNumbers {
        session_rvol: relative.ratio,
        session_rvol_sessions: relative.sessions,
        session_volume: volume,
        volume_of_day: view.typical_daily_volume(sessions).filter(|typical| *typical > 0.0).map(|typical| volume / typical),
        last: last.close,
        prev_close: previous.close,
        change_pct: percent(last.close, previous.close),
    })
}

/// Ranks symbols by relative volume. A symbol without any earlier session to compare with is not a hit.
///
/// # Errors
/// [`Error::Setting`](crate::Error::Setting) when a setting is out of range. Data never makes it fail.
pub fn scan(snapshot: &Snapshot, config: &UnusualVolumeConfig) -> Result<ScanReport> {
    config.check()?;
    let sessions = Sessions::of(snapshot, config.history_sessions);
    let report = ScanReport::new("unusual_volume", snapshot);
    let mut ranked: Vec<(&Instrument, f64, VolumeNumbers)> = Vec::new();
    for (instrument, measured) in measure_all(snapshot, &sessions, |view| measure(view, &sessions)) {
        let Some(numbers) = measured else { continue };
        let Some(rvol) = numbers.session_rvol else { continue };
        let wanted = rvol >= config.min_rvol
            && numbers.session_volume >= config.min_volume
            && (config.min_price..=config.max_price).contains(&numbers.last)
            && !(config.exclude_etfs && instrument.kind == InstrumentKind::Etf);
        if wanted {
            ranked.push((instrument, rvol, numbers));
        }
    }
    ranked.sort_by(|(a, x, _), (b, y, _)| y.total_cmp(x).then_with(|| a.symbol.cmp(&b.symbol)));
    let ranked: Vec<(&Instrument, Numbers, Option<&'static str>)> =
        ranked.into_iter().map(|(instrument, _, numbers)| (instrument, numbers.to_numbers(), None)).collect();
    Ok(report.rank(snapshot, ranked, config.limit))
}
