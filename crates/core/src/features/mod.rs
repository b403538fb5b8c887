//! Features: every number that an analyst or a model looks at, by name, and the proof that none of them looks ahead.
//!
//! ```text
//! bars ─► View (one symbol) ─► Feature (one function) ─► column      Catalogue: features by name
//!                                                                    compute: many features of many symbols
//!                                                                    audit: does any of them know the future?
//! ```
//! Beside them: labels that know when they are known, scaling fitted on training rows, splits that keep the two apart, and
//! what a symbol usually trades by each minute of the day. Rows are those of one symbol's
//! [`Series`](crate::market::Series), oldest first; undefined is NaN in columns and null in frames.
//!
//! [`indicators`](crate::indicators) are bare numbers; a feature is one with a name, a formula, a unit and a look-back. The usual way:
//! choose from the [`Catalogue`], [`compute`], prove with [`audit`], judge with [`information_coefficient`], and train on labels that know
//! when they are known ([`forward_return`]) with splits that keep past and future apart ([`WalkForward`]).
//! Next: [`risk`](crate::risk) asks how far a price may move, not where to.
//!
//! # First steps: a feature of your own
//! One function gives it computing, a place in the catalogue, and the audit:
//!
//! ```
//! use bellwether::features::{AuditConfig, Catalogue, Feature, LookBack, Selection, Unit, View, audit, compute, doc_bars};
//!
//! let upper_half = Feature::new("closes_in_upper_half", |view: &View<'_>| {
//!     let middle = |row: usize| (view.high()[row] + view.low()[row]) / 2.0;
//!     (0..view.len()).map(|row| if view.close()[row] > middle(row) { 1.0 } else { 0.0 }).collect()
//! })
//! .formula("1 where close > (high + low) / 2")
//! .unit(Unit::Flag)
//! .look_back(LookBack::Bars(1));
//!
//! let catalogue = Catalogue::shipped().clone().with(upper_half)?;
//! let selection = Selection::of(catalogue.select("closes_in_upper_half, rsi_14")?);
//! let bars = doc_bars();
//! let frame = compute(&bars, &selection)?;
//! assert_eq!(frame.width(), 5);
//! assert!(audit(&bars, &|bars| compute(bars, &selection), &AuditConfig::default())?.is_clean());
//! # Ok::<(), bellwether::Error>(())
//! ```

mod audit;
mod cache;
mod catalogue;
mod compute;
mod example_bars;
mod feature;
mod formula;
mod history;
mod information_coefficient;
mod labels;
mod labels_barriers;
mod live;
mod newest;
mod random;
mod scaling;
mod scaling_column;
mod sessions;
mod splits;
#[cfg(test)]
mod splits_fixture;
mod splits_panel;
mod splits_purged;
#[cfg(test)]
mod test_bars;
mod view;
mod volume_curve;
mod volume_curve_bars;
mod volume_curve_calibration;
mod volume_curve_moments;
mod volume_curve_sessions;
mod volume_curve_typical;

pub use audit::{AuditConfig, AuditReport, Leak, Looks, audit};
pub use cache::FeatureCache;
pub use catalogue::Catalogue;
pub use compute::{Selection, compute};
pub use feature::{About, Family, Feature, LookBack, Unit};
pub use information_coefficient::information_coefficient;
pub use labels::{Labels, direction, forward_return, next_close};
pub use labels_barriers::{Barrier, BarrierLabels, BarrierWidth, Expiry, TripleBarrier, ewm_volatility};
pub use live::LiveFeatures;
pub use newest::NewestRow;
pub use scaling::{ColumnRule, Scaled, Scaler};
pub use scaling_column::{FittedColumn, MissingValues, Scaling};
pub use sessions::Sessions;
pub use splits::{Fold, LabelSpans, TimeSeriesSplit, TrainingWindow, WalkForward};
pub use splits_panel::PanelTimes;
pub use splits_purged::{CombinatorialFold, CombinatorialPurged, Purge, PurgedKFold};
pub use view::View;
pub use volume_curve::{VolumeCurves, VolumeCurvesConfig, VolumeCurvesReport, VolumeReading};
pub use volume_curve_bars::{BarVolumeReading, SlotReport, VolumeTracker};
pub use volume_curve_calibration::{Outside, SlotCalibration};
pub use volume_curve_sessions::minute_of_session;

/// Daily bars for the examples of these pages: AAA and SPY, three hundred sessions to the end of 2025, with no meaning.
pub fn doc_bars() -> crate::market::Bars {
    example_bars::daily(&["AAA", "SPY"], 300)
}
