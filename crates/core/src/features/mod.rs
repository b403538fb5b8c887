//! What a model learns from and how it is judged: labels that know when they are known, scaling fitted on training rows,
//! splits that keep the two apart; and what a symbol usually trades by each minute of the day.
//!
//! Rows are those of one symbol's [`Series`](crate::market::Series), oldest first. All but volume answers rows in, rows out:
//! undefined is NaN, and no value depends on a row after the time at which it is said to be known.

mod labels;
mod labels_barriers;
mod scaling;
mod scaling_column;
mod scaling_normal;
mod splits;
#[cfg(test)]
mod splits_fixture;
mod splits_panel;
mod splits_purged;
#[cfg(test)]
mod test_bars;
mod volume_curve;
mod volume_curve_bars;
mod volume_curve_sessions;

pub use labels::{Labels, direction, forward_return, next_close};
pub use labels_barriers::{Barrier, BarrierLabels, BarrierWidth, Expiry, TripleBarrier, ewm_volatility};
pub use scaling::{ColumnRule, Scaled, Scaler};
pub use scaling_column::{FittedColumn, MissingValues, Scaling};
pub use splits::{Fold, LabelSpans, TimeSeriesSplit, TrainingWindow, WalkForward};
pub use splits_panel::PanelTimes;
pub use splits_purged::{CombinatorialFold, CombinatorialPurged, Purge, PurgedKFold};
pub use volume_curve::{VolumeCurves, VolumeCurvesConfig, VolumeCurvesReport, VolumeReading};
pub use volume_curve_bars::{BarVolumeReading, SlotReport, VolumeTracker};
pub use volume_curve_sessions::minute_of_session;
