//! A sheet of panels above each other that share their horizontal axis.
//!
//! Laid out here and drawn by kuva's backends: panels of one column of a kuva figure (0.6.0) do not keep a common horizontal axis, and
//! its legends push the panels out of place.

use std::fmt::Write as _;

use super::{
    axis::Axis,
    ink::Ink,
    shape::{Anchor, Label, Shape},
};

/// Size of labels.
pub(in crate::notebook) const SMALL: u32 = 11;
/// Width of a character of the labels, about.
pub(in crate::notebook) const CHARACTER: f64 = 6.7;
/// Room of a row of a legend.
const LEGEND: f64 = 19.0;
/// Between panels.
const GAP: f64 = 14.0;

/// What a panel is to show.
#[derive(Debug, Clone)]
pub(in crate::notebook) struct Plan {
    /// Pixels of the plot itself.
    pub(in crate::notebook) height: f64,
    pub(in crate::notebook) y: Axis,
    /// Names of series; none for a single one that the axis names.
    pub(in crate::notebook) legend: Vec<(String, Ink)>,
}

/// Marks on a page.
#[derive(Debug, Clone, Default)]
pub(in crate::notebook) struct Sheet {
    pub(in crate::notebook) shapes: Vec<Shape>,
    pub(in crate::notebook) width: f64,
    pub(in crate::notebook) height: f64,
}

/// A panel's place, and its axes.
#[derive(Debug, Clone)]
pub(in crate::notebook) struct Panel {
    pub(in crate::notebook) left: f64,
    pub(in crate::notebook) right: f64,
    pub(in crate::notebook) top: f64,
    pub(in crate::notebook) bottom: f64,
    x: (f64, f64),
    y: (f64, f64),
}

/// A dash pattern of thin lines.
pub(in crate::notebook) const DASHED: &str = "5 4";

impl Sheet {
    /// A page with titles, the axes of its panels drawn.
    pub(in crate::notebook) fn new(width: f64, title: &str, subtitle: &str, x: &Axis, plans: &[Plan]) -> (Self, Vec<Panel>) {
        let mut sheet = Self { width, ..Self::default() };
        let widest = plans.iter().map(|plan| plan.y.widest()).max().unwrap_or(1);
        let (left, right) = (36.0 + widest as f64 * CHARACTER, width - 18.0);
        let mut top = sheet.titles(left, title, subtitle);
        let mut panels = Vec::new();
        for (at, plan) in plans.iter().enumerate() {
            if at > 0 {
                top += GAP;
            }
            if !plan.legend.is_empty() {
                top = sheet.legend(left, right, top, &plan.legend);
            }
            let panel = Panel { left, right, top, bottom: top + plan.height, x: (x.low, x.high), y: (plan.y.low, plan.y.high) };
            sheet.axes(&panel, x, &plan.y, at + 1 == plans.len());
            top = panel.bottom;
            panels.push(panel);
        }
        sheet.height = top + if x.label.is_empty() { 26.0 } else { 44.0 };
        (sheet, panels)
    }

    fn titles(&mut self, left: f64, title: &str, subtitle: &str) -> f64 {
        let room = |size: f64| ((self.width - left - 10.0) / (size * 0.6)) as usize;
        let (title, subtitle) = (shortened(title, room(15.0)), shortened(subtitle, room(12.0)));
        let label = |y: f64, text: String, size: u32, ink: Ink, bold: bool| Label {
            at: (left, y),
            text,
            size,
            anchor: Anchor::Start,
            ink,
            bold,
            upright: false,
        };
        let with = !subtitle.is_empty();
        self.shapes.push(Shape::Label(label(22.0, title, 15, Ink::Text, true)));
        if with {
            self.shapes.push(Shape::Label(label(40.0, subtitle, 12, Ink::Muted, false)));
        }
        if with { 52.0 } else { 34.0 }
    }

    /// Names of series in rows above a panel, where they cover nothing.
    fn legend(&mut self, left: f64, right: f64, top: f64, names: &[(String, Ink)]) -> f64 {
        let (mut x, mut y) = (left, top + 11.0);
        for (name, ink) in names {
            let name = shortened(name, 42);
            let width = 22.0 + name.chars().count() as f64 * CHARACTER + 14.0;
            if x + width > right && x > left {
                (x, y) = (left, y + LEGEND);
            }
            self.shapes.push(Shape::Fill { path: rectangle(x, y - 6.0, 14.0, 4.0), ink: *ink, opacity: 1.0 });
            self.label((x + 20.0, y), &name, Anchor::Start, Ink::Text);
            x += width;
        }
        y + LEGEND - 11.0
    }

    fn axes(&mut self, panel: &Panel, x: &Axis, y: &Axis, last: bool) {
        let mut grid = String::new();
        for (at, text) in &y.ticks {
            let height = snap(panel.y(*at));
            let _ = write!(grid, "M{} {height}H{}", panel.left, panel.right);
            self.label((panel.left - 7.0, height + 4.0), text, Anchor::End, Ink::Muted);
        }
        let mut free_from = 0.0;
        for (at, text) in &x.ticks {
            let place = snap(panel.x(*at));
            let _ = write!(grid, "M{place} {}V{}", panel.top, panel.bottom);
            let half = text.chars().count() as f64 * CHARACTER / 2.0;
            let centre = place.clamp(panel.left + half - 20.0, (self.width - half - 3.0).max(panel.left));
            if last && centre - half >= free_from {
                self.label((centre, panel.bottom + 16.0), text, Anchor::Middle, Ink::Muted);
                free_from = centre + half + CHARACTER;
            }
        }
        self.shapes.push(Shape::Stroke { path: grid, ink: Ink::Grid, width: 1.0, dash: None });
        let frame = format!("M{0} {1}V{2}H{3}", snap(panel.left), panel.top, snap(panel.bottom), panel.right);
        self.shapes.push(Shape::Stroke { path: frame, ink: Ink::Axis, width: 1.0, dash: None });
        let middle = (panel.top + panel.bottom) / 2.0;
        let room = ((panel.bottom - panel.top) / CHARACTER) as usize;
        self.shapes.push(Shape::Label(Label {
            at: (14.0, middle),
            text: shortened(&y.label, room.max(6)),
            size: SMALL,
            anchor: Anchor::Middle,
            ink: Ink::Text,
            bold: false,
            upright: true,
        }));
        if last {
            let centre = (panel.left + panel.right) / 2.0;
            self.label((centre, panel.bottom + 34.0), &x.label, Anchor::Middle, Ink::Text);
        }
    }

    /// A small text.
    pub(in crate::notebook) fn label(&mut self, at: (f64, f64), text: &str, anchor: Anchor, ink: Ink) {
        let text = text.to_owned();
        self.shapes.push(Shape::Label(Label { at, text, size: SMALL, anchor, ink, bold: false, upright: false }));
    }

    /// A line through the points, broken where one is not a number; what no pixel shows is left out.
    pub(in crate::notebook) fn line(
        &mut self,
        panel: &Panel,
        points: &[(f64, f64)],
        ink: Ink,
        width: f64,
        dash: Option<&'static str>,
    ) {
        let path = panel.path(points);
        self.shapes.push(Shape::Stroke { path, ink, width, dash });
    }

    /// The area between two lines over the same places.
    pub(in crate::notebook) fn band(&mut self, panel: &Panel, xs: &[f64], low: &[f64], high: &[f64], ink: Ink, opacity: f64) {
        let edge: Vec<(f64, f64)> = xs.iter().copied().zip(high.iter().copied()).collect();
        let back = xs.iter().copied().zip(low.iter().copied()).rev();
        let points: Vec<(f64, f64)> = edge.into_iter().chain(back).map(|(x, y)| (panel.x(x), panel.y_within(y))).collect();
        self.shapes.push(Shape::Fill { path: polygon(&points), ink, opacity });
    }

    /// The area between a line and a level; both ends of the line stand on it.
    pub(in crate::notebook) fn area(&mut self, panel: &Panel, points: &[(f64, f64)], base: f64, ink: Ink, opacity: f64) {
        let (Some(first), Some(last)) = (points.first(), points.last()) else { return };
        let run: Vec<(f64, f64)> = points.iter().map(|(x, y)| (panel.x(*x), panel.y_within(*y))).collect();
        let base = panel.y_within(base);
        let mut outline = vec![(panel.x(first.0), base)];
        outline.extend(thinned(&run));
        outline.push((panel.x(last.0), base));
        self.fill(polygon(&outline), ink, opacity);
    }

    /// A filled path.
    pub(in crate::notebook) fn fill(&mut self, path: String, ink: Ink, opacity: f64) {
        self.shapes.push(Shape::Fill { path, ink, opacity });
    }

    /// A drawn path.
    pub(in crate::notebook) fn stroke(&mut self, path: String, ink: Ink, width: f64) {
        self.shapes.push(Shape::Stroke { path, ink, width, dash: None });
    }

    /// A dot with its name beside it.
    pub(in crate::notebook) fn dot(&mut self, panel: &Panel, at: (f64, f64), name: &str, ink: Ink) {
        let (x, y) = (panel.x(at.0), panel.y_within(at.1));
        let path = format!("M{} {1}A4 4 0 1 1 {2} {1}A4 4 0 1 1 {0} {1}z", tenth(x - 4.0), tenth(y), tenth(x + 4.0));
        self.fill(path, ink, 1.0);
        let room = name.chars().count() as f64 * CHARACTER + 10.0;
        let (place, anchor) = if x + room > panel.right { (x - 8.0, Anchor::End) } else { (x + 8.0, Anchor::Start) };
        self.label((place, (y - 5.0).max(panel.top + 10.0)), name, anchor, ink);
    }

    /// A small text over what it names, kept inside the panel.
    pub(in crate::notebook) fn tag(&mut self, panel: &Panel, at: (f64, f64), text: &str, ink: Ink) {
        let half = text.chars().count() as f64 * CHARACTER / 2.0;
        let place =
            (at.0.clamp(panel.left + half + 2.0, panel.right - half - 2.0), at.1.clamp(panel.top + 11.0, panel.bottom - 4.0));
        self.label((place.0, place.1 - 3.0), text, Anchor::Middle, ink);
    }

    /// Upright bars of the same ink from `base`, each as wide as from its first to its second place.
    pub(in crate::notebook) fn bars(&mut self, panel: &Panel, bars: &[(f64, f64, f64)], base: f64, ink: Ink, opacity: f64) {
        let mut path = String::new();
        for (from, to, value) in bars.iter().filter(|(_, _, value)| value.is_finite()) {
            let (left, right) = (panel.x(*from), panel.x(*to));
            let (one, other) = (panel.y_within(*value), panel.y_within(base));
            path += &rectangle(left, one.min(other), right - left, (one - other).abs());
        }
        self.shapes.push(Shape::Fill { path, ink, opacity });
    }

    /// A dashed upright at a place, named at its top on the side away from zero.
    pub(in crate::notebook) fn upright(&mut self, panel: &Panel, at: f64, name: &str, ink: Ink) {
        let x = snap(panel.x(at));
        self.shapes.push(Shape::Stroke {
            path: format!("M{x} {}V{}", panel.top, panel.bottom),
            ink,
            width: 1.2,
            dash: Some(DASHED),
        });
        let width = name.chars().count() as f64 * CHARACTER;
        let left = (at < 0.0 && x - width - 8.0 > panel.left) || x + width + 8.0 > panel.right;
        let (place, anchor) = if left { (x - 5.0, Anchor::End) } else { (x + 5.0, Anchor::Start) };
        self.label((place, panel.top + 11.0), name, anchor, ink);
    }
}

impl Panel {
    /// Pixels from the left.
    pub(in crate::notebook) fn x(&self, at: f64) -> f64 {
        self.left + (at - self.x.0) / (self.x.1 - self.x.0) * (self.right - self.left)
    }

    /// Pixels from the top.
    pub(in crate::notebook) fn y(&self, at: f64) -> f64 {
        self.bottom - (at - self.y.0) / (self.y.1 - self.y.0) * (self.bottom - self.top)
    }

    fn y_within(&self, at: f64) -> f64 {
        self.y(at).clamp(self.top, self.bottom)
    }

    /// An SVG path through the points in their order, from left to right. Where many fall on one pixel only the first, the highest, the
    /// lowest and the last are drawn, which looks the same.
    fn path(&self, points: &[(f64, f64)]) -> String {
        let mut path = String::new();
        let mut run: Vec<(f64, f64)> = Vec::new();
        for (x, y) in points.iter().chain([&(f64::NAN, f64::NAN)]) {
            if x.is_finite() && y.is_finite() {
                run.push((self.x(*x), self.y_within(*y)));
                continue;
            }
            let thinned = thinned(&run);
            for (at, (x, y)) in thinned.iter().enumerate() {
                let _ = write!(path, "{}{} {}", if at == 0 { 'M' } else { 'L' }, tenth(*x), tenth(*y));
            }
            if let [(x, y)] = thinned[..] {
                // A lone value between two gaps is a dot.
                let _ = write!(path, "L{} {}", tenth(x + 1.0), tenth(y));
            }
            run.clear();
        }
        path
    }
}

/// The points of a line that its picture needs.
fn thinned(run: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let mut kept: Vec<(f64, f64)> = Vec::new();
    let mut from = 0;
    while from < run.len() {
        let pixel = run[from].0.floor();
        let until = from + run[from..].iter().take_while(|(x, _)| x.floor() == pixel).count();
        let here = &run[from..until];
        let extreme = |high: bool| {
            (0..here.len())
                .max_by(|a, b| if high { here[*b].1.total_cmp(&here[*a].1) } else { here[*a].1.total_cmp(&here[*b].1) })
        };
        let mut rows = vec![Some(0), extreme(true), extreme(false), Some(here.len() - 1)];
        rows.sort_unstable();
        rows.dedup();
        kept.extend(rows.into_iter().flatten().map(|row| here[row]));
        from = until.max(from + 1);
    }
    kept
}

/// To a tenth of a pixel, without a fraction of zero.
pub(in crate::notebook) fn tenth(x: f64) -> String {
    let text = format!("{x:.1}");
    text.strip_suffix(".0").map(str::to_owned).unwrap_or(text)
}

/// To the half pixel, for sharp lines.
pub(in crate::notebook) fn snap(x: f64) -> f64 {
    x.floor() + 0.5
}

/// A rectangle as a closed path.
pub(in crate::notebook) fn rectangle(x: f64, y: f64, width: f64, height: f64) -> String {
    format!("M{} {}h{}v{}h-{}z", tenth(x), tenth(y), tenth(width), tenth(height), tenth(width))
}

fn polygon(points: &[(f64, f64)]) -> String {
    let mut path = String::new();
    for (at, (x, y)) in points.iter().enumerate() {
        let _ = write!(path, "{}{} {}", if at == 0 { 'M' } else { 'L' }, tenth(*x), tenth(*y));
    }
    path + "z"
}

fn shortened(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let kept: String = text.chars().take(most.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}
