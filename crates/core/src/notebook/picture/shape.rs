//! Marks on a page, which kuva's backends draw as SVG or as pixels.

use kuva::render::{
    color::Color,
    render::{PathData, Primitive, TextAnchor, TextSpan},
};

use super::ink::Ink;
use crate::charts::ChartTheme;

/// Where a text stands at its point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::notebook) enum Anchor {
    Start,
    Middle,
    End,
}

/// A text at a point.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::notebook) struct Label {
    pub(in crate::notebook) at: (f64, f64),
    pub(in crate::notebook) text: String,
    pub(in crate::notebook) size: u32,
    pub(in crate::notebook) anchor: Anchor,
    pub(in crate::notebook) ink: Ink,
    pub(in crate::notebook) bold: bool,
    /// Read from below, as the names of vertical axes are.
    pub(in crate::notebook) upright: bool,
}

/// One mark.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::notebook) enum Shape {
    /// A line of so many pixels along an SVG path.
    Stroke { path: String, ink: Ink, width: f64, dash: Option<&'static str> },
    /// Closed paths, filled.
    Fill { path: String, ink: Ink, opacity: f64 },
    /// A text.
    Label(Label),
}

impl Shape {
    /// For kuva; in the notebook's colours without a theme.
    pub(in crate::notebook) fn primitive(&self, theme: Option<ChartTheme>) -> Primitive {
        let colour = |ink: Ink| -> Color { theme.map_or_else(|| ink.css(), |theme| ink.hex(theme)).into() };
        match self {
            Self::Stroke { path, ink, width, dash } => Primitive::Path(Box::new(PathData {
                d: path.clone(),
                fill: None,
                stroke: colour(*ink),
                stroke_width: *width,
                opacity: None,
                stroke_dasharray: dash.map(str::to_owned),
            })),
            Self::Fill { path, ink, opacity } => Primitive::Path(Box::new(PathData {
                d: path.clone(),
                fill: Some(colour(*ink)),
                stroke: Color::None,
                stroke_width: 0.0,
                opacity: Some(*opacity),
                stroke_dasharray: None,
            })),
            Self::Label(label) => text(label, colour(label.ink)),
        }
    }
}

fn text(label: &Label, color: Color) -> Primitive {
    let ((x, y), size) = (label.at, label.size);
    let anchor = match label.anchor {
        Anchor::Start => TextAnchor::Start,
        Anchor::Middle => TextAnchor::Middle,
        Anchor::End => TextAnchor::End,
    };
    let clean: String = label.text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    if label.upright {
        // kuva reads `$…$` in plain text as mathematics unless the dollar is escaped.
        let content = clean.replace('$', "\\$");
        return Primitive::Text { x, y, content, size, anchor, rotate: Some(-90.0), bold: label.bold, color: Some(color) };
    }
    let spans = vec![TextSpan { bold: label.bold, ..TextSpan::plain(clean) }];
    Primitive::RichText { x, y, spans, size, anchor, color: Some(color) }
}
