//! Colours by their role: variables of the notebook's theme in SVG, fixed ones on paper of their own in PNG.

use crate::charts::ChartTheme;

/// What a mark is drawn with. Series colours have contrast on black and on white alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::notebook) enum Ink {
    /// Titles and figures.
    Text,
    /// Labels of axes.
    Muted,
    /// Lines of the grid.
    Grid,
    /// Lines of axes.
    Axis,
    /// What rose, or the good side.
    Up,
    /// What fell, or a loss.
    Down,
    /// A level that is marked.
    Mark,
    /// One of several series, round and round.
    Series(usize),
}

const SERIES: [&str; 6] = ["#3b82f6", "#e0820a", "#1fa37f", "#b565d9", "#d6507a", "#7c8796"];

impl Ink {
    /// For SVG that lies in a notebook's page.
    pub(in crate::notebook) fn css(self) -> &'static str {
        match self {
            Self::Text => "var(--jp-content-font-color1,#57606a)",
            Self::Muted => "var(--jp-content-font-color2,#7d8590)",
            Self::Grid => "var(--jp-border-color2,rgba(128,128,128,.28))",
            Self::Axis => "var(--jp-border-color0,rgba(128,128,128,.7))",
            other => other.fixed(),
        }
    }

    /// For a picture with a background of its own.
    pub(in crate::notebook) fn hex(self, theme: ChartTheme) -> &'static str {
        match (self, theme) {
            (Self::Text, ChartTheme::Dark) => "#e6edf3",
            (Self::Text, ChartTheme::Light) => "#1b2430",
            (Self::Muted, ChartTheme::Dark) => "#93a1b0",
            (Self::Muted, ChartTheme::Light) => "#5b6877",
            (Self::Grid, ChartTheme::Dark) => "#222c38",
            (Self::Grid, ChartTheme::Light) => "#e3e8ee",
            (Self::Axis, _) => "#7d8590",
            (other, _) => other.fixed(),
        }
    }

    fn fixed(self) -> &'static str {
        match self {
            Self::Up => "#16a08c",
            Self::Down => "#e0525f",
            Self::Mark => "#c98a12",
            Self::Series(at) => SERIES[at % SERIES.len()],
            Self::Text | Self::Muted | Self::Grid | Self::Axis => "#7d8590",
        }
    }
}
