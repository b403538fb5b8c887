//! Candles with volume, as SVG or PNG.
//!
//! Drawn with kuva's primitives rather than its candlestick plot: with a volume panel that plot squeezes the candles but
//! not the price axis (0.6.0), so every label would name the wrong price.

use jiff::Timestamp;
use kuva::{
    PngBackend,
    backend::svg::SvgBackend,
    render::render::{Primitive, Scene, TextAnchor, TextSpan},
};

use super::{
    price_axis::{PriceAxis, price_label},
    time_axis::{Room, TimeAxis},
};
use crate::{
    error::{Error, Result},
    market::{Bar, Calendar},
};

/// Pixels of a PNG for each unit of width and height: sharp on dense screens.
const PNG_SCALE: f32 = 2.0;

/// What to draw.
#[derive(Debug, Clone, PartialEq)]
pub struct CandlePicture {
    /// First line, such as ticker and company.
    pub title: String,
    /// Second line, such as the numbers of the hit.
    pub subtitle: String,
    /// Bars of one symbol, oldest first; minutes are joined until at most 110 candles are left.
    pub bars: Vec<Bar>,
    /// Price levels to mark, such as the previous close.
    pub marks: Vec<PriceMark>,
    /// Width in pixels of an ordinary screen.
    pub width: u32,
    /// Height in the same pixels.
    pub height: u32,
    /// Colours.
    pub theme: ChartTheme,
}

/// A price level with its name.
#[derive(Debug, Clone, PartialEq)]
pub struct PriceMark {
    /// The level, USD.
    pub price: f64,
    /// Its name, such as `prev close`.
    pub label: String,
}

/// Colours of a picture. Either carries its own background, so it reads the same wherever it is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ChartTheme {
    /// Light on dark.
    #[default]
    Dark,
    /// Dark on light.
    Light,
}

struct Palette {
    background: &'static str,
    extended: &'static str,
    grid: &'static str,
    text: &'static str,
    muted: &'static str,
    up: &'static str,
    down: &'static str,
    mark: &'static str,
    tag_text: &'static str,
}

/// Colours of a notebook's page, dark or light: its own variables, and such as read on both.
const PAGE: Palette = Palette {
    background: "var(--jp-layout-color0,Canvas)",
    extended: "rgba(128,128,128,.10)",
    grid: "var(--jp-border-color2,rgba(128,128,128,.28))",
    text: "var(--jp-content-font-color1,#57606a)",
    muted: "var(--jp-content-font-color2,#7d8590)",
    up: "#16a08c",
    down: "#e0525f",
    mark: "#c98a12",
    tag_text: "#ffffff",
};

impl ChartTheme {
    /// The colour behind a picture.
    pub(crate) fn background(self) -> &'static str {
        self.palette().background
    }

    fn palette(self) -> Palette {
        match self {
            Self::Dark => Palette {
                background: "#10151c",
                extended: "#151c26",
                grid: "#222c38",
                text: "#e6edf3",
                muted: "#93a1b0",
                up: "#2bb8a3",
                down: "#f0616d",
                mark: "#e3b341",
                tag_text: "#0b0f14",
            },
            Self::Light => Palette {
                background: "#ffffff",
                extended: "#f4f6f9",
                grid: "#e3e8ee",
                text: "#1b2430",
                muted: "#5b6877",
                up: "#0b7f6f",
                down: "#c42f3d",
                mark: "#9a6700",
                tag_text: "#ffffff",
            },
        }
    }
}

/// Draws the picture as SVG text.
///
/// # Errors
/// [`Error::Picture`] without bars, with prices that are not finite, or with a size outside 160 × 120 to 4000 × 4000.
///
/// ```
/// use bellwether::{charts::{CandlePicture, ChartTheme, PriceMark, candles_svg}, market::Bar};
/// let bar = Bar { open_at: 0, close_at: 60_000_000, open: 9.9, high: 10.2, low: 9.8, close: 10.1, volume: 1e4, vwap: None, trades: None };
/// let picture = CandlePicture {
///     title: "ABC".into(), subtitle: String::new(), bars: vec![bar],
///     marks: vec![PriceMark { price: 9.7, label: "prev close".into() }], width: 640, height: 320, theme: ChartTheme::Dark,
/// };
/// assert!(candles_svg(&picture).unwrap().starts_with("<svg"));
/// ```
pub fn candles_svg(picture: &CandlePicture) -> Result<String> {
    Ok(SvgBackend::new().render_scene(&draw(picture, picture.theme.palette(), Room::Mail)?))
}

/// Draws the picture for a page of a notebook, all its bars joined to at most 300 candles: without a background and in the colours of the
/// page, or on a background of its own.
pub(crate) fn candles_page_svg(picture: &CandlePicture, theme: Option<ChartTheme>) -> Result<String> {
    let mut scene = draw(picture, theme.map_or(PAGE, ChartTheme::palette), Room::Page)?;
    if theme.is_none() {
        scene.background_color = None;
    }
    Ok(SvgBackend::new().render_scene(&scene))
}

/// As [`candles_page_svg`] on a background of its own, as PNG bytes.
pub(crate) fn candles_page_png(picture: &CandlePicture, theme: ChartTheme) -> Result<Vec<u8>> {
    png(picture, &draw(picture, theme.palette(), Room::Page)?)
}

/// Draws the picture as PNG bytes, twice as dense as its nominal size.
///
/// # Errors
/// As [`candles_svg`].
pub fn candles_png(picture: &CandlePicture) -> Result<Vec<u8>> {
    png(picture, &draw(picture, picture.theme.palette(), Room::Mail)?)
}

fn png(picture: &CandlePicture, scene: &Scene) -> Result<Vec<u8>> {
    PngBackend::new().with_scale(PNG_SCALE).render_scene(scene).map_err(|problem| refuse(picture, problem))
}

fn refuse(picture: &CandlePicture, problem: impl Into<String>) -> Error {
    Error::Picture { what: picture.title.clone(), problem: problem.into() }
}

fn check(picture: &CandlePicture) -> Result<()> {
    let finite = |bar: &Bar| [bar.open, bar.high, bar.low, bar.close, bar.volume].into_iter().all(f64::is_finite);
    if picture.bars.is_empty() {
        return Err(refuse(picture, "there are no bars"));
    }
    if !picture.bars.iter().all(finite) || !picture.marks.iter().all(|mark| mark.price.is_finite()) {
        return Err(refuse(picture, "a price or volume is not finite"));
    }
    if !picture.bars.is_sorted_by(|a, b| a.open_at < b.open_at) {
        return Err(refuse(picture, "bars are not in order of time"));
    }
    if !(160..=4000).contains(&picture.width) || !(120..=4000).contains(&picture.height) {
        return Err(refuse(picture, format!("size {} × {} is outside 160 × 120 to 4000 × 4000", picture.width, picture.height)));
    }
    Ok(())
}

fn draw(picture: &CandlePicture, colours: Palette, room: Room) -> Result<Scene> {
    check(picture)?;
    let canvas = Canvas::new(picture, colours, room);
    let mut scene = Scene::new(f64::from(picture.width), f64::from(picture.height));
    scene.background_color = Some(canvas.colours.background.to_owned());
    scene.text_color = Some(canvas.colours.text.to_owned());
    scene.font_family = Some("DejaVu Sans, Helvetica, Arial, sans-serif".to_owned());
    canvas.shade_extended_hours(&mut scene);
    canvas.grid(&mut scene);
    canvas.volume(&mut scene);
    canvas.candles(&mut scene);
    canvas.marks(&mut scene, &picture.marks);
    canvas.last_price(&mut scene);
    canvas.titles(&mut scene, picture);
    Ok(scene)
}

const TICK_SIZE: u32 = 11;
/// Width of a character of the tick labels, about.
const TICK_CHARACTER: f64 = 7.0;

/// Where things go.
struct Canvas {
    colours: Palette,
    time: TimeAxis,
    price: PriceAxis,
    left: f64,
    right: f64,
    top: f64,
    /// Lower edge of the candles.
    floor: f64,
    volume_top: f64,
    bottom: f64,
    width: f64,
}

impl Canvas {
    fn new(picture: &CandlePicture, colours: Palette, room: Room) -> Self {
        let time = TimeAxis::of(&picture.bars, room);
        let (width, height) = (f64::from(picture.width), f64::from(picture.height));
        let top = if picture.subtitle.is_empty() { 36.0 } else { 52.0 };
        let bottom = height - 26.0;
        let volume_top = bottom - (bottom - top) * 0.2;
        let floor = volume_top - 8.0;
        let low = time.candles.iter().map(|bar| bar.low).fold(f64::MAX, f64::min);
        let high = time.candles.iter().map(|bar| bar.high).fold(f64::MIN, f64::max);
        let (low, high) = with_marks(low, high, picture);
        let price = PriceAxis::covering(low, high, ((floor - top) / 30.0) as usize);
        let longest = price.ticks.iter().map(|tick| price.tick_label(*tick).len()).max().unwrap_or(4);
        let longest = longest.max(time.candles.last().map_or(4, |bar| price_label(bar.close).len()));
        let right = width - 22.0 - longest as f64 * TICK_CHARACTER;
        Self { colours, time, price, left: 14.0, right, top, floor, volume_top, bottom, width }
    }

    /// One slot, pixels; a few candles do not become planks.
    fn slot(&self) -> f64 {
        ((self.right - self.left) / self.time.slot_count().max(20) as f64).max(1.0)
    }

    fn x(&self, slot: f64) -> f64 {
        self.left + slot * self.slot()
    }

    fn y(&self, price: f64) -> f64 {
        self.floor - (price - self.price.low) / (self.price.high - self.price.low) * (self.floor - self.top)
    }

    /// Pre- and post-market on a shade of their own, so the open is seen at once.
    fn shade_extended_hours(&self, scene: &mut Scene) {
        let (Some(first), Some(last)) = (self.time.candles.first(), self.time.candles.last()) else { return };
        if self.time.minutes.is_none() {
            return;
        }
        let end = self.x(self.time.slot_count() as f64);
        let mut from = Timestamp::from_microsecond(first.open_at).ok();
        while let Some(at) = from.filter(|at| at.as_microsecond() <= last.open_at) {
            let date = Calendar.local_date(at);
            if let Ok(Some(day)) = Calendar.day(date) {
                for (start, stop) in [(day.pre_open, day.open), (day.close, day.post_close)] {
                    let (Some(start), Some(stop)) = (self.time.slot_of(start), self.time.slot_of(stop)) else { continue };
                    let (x1, x2) = (snap(self.x(start).clamp(self.left, end)), snap(self.x(stop).clamp(self.left, end)));
                    if x2 > x1 {
                        scene.add(filled(x1, self.top, x2 - x1, self.bottom - self.top, self.colours.extended));
                    }
                }
            }
            from = date.tomorrow().ok().map(|next| Calendar.at(next, jiff::civil::time(0, 0, 0, 0)));
        }
    }

    fn grid(&self, scene: &mut Scene) {
        for tick in &self.price.ticks {
            let y = snap(self.y(*tick));
            scene.add(line((self.left, y), (self.right, y), self.colours.grid, 1.0));
            // The tag of the last price lies over the axis: no half-hidden label beside it.
            if self.time.candles.last().is_none_or(|last| (self.y(last.close) - y).abs() > 17.0) {
                let label = self.price.tick_label(*tick);
                scene.add(text(self.right + 8.0, y + 4.0, label, TICK_SIZE, TextAnchor::Start, self.colours.muted));
            }
        }
        let label_width = 6.0 * TICK_CHARACTER;
        let most = ((self.right - self.left) / (label_width * 2.0)).clamp(2.0, 7.0) as usize;
        let mut free_from = 0.0;
        for (slot, label) in self.time.labels(most) {
            let x = snap(self.x(slot));
            let half = label.len() as f64 * TICK_CHARACTER / 2.0;
            if x > self.right || x < self.left - 1.0 {
                continue;
            }
            scene.add(line((x, self.top), (x, self.bottom), self.colours.grid, 1.0));
            let centre = x.clamp(self.left + half, self.right - half);
            if centre - half >= free_from {
                scene.add(text(centre, self.bottom + 17.0, label, TICK_SIZE, TextAnchor::Middle, self.colours.muted));
                free_from = centre + half + TICK_CHARACTER;
            }
        }
        scene.add(line((self.left, self.bottom), (self.right, self.bottom), self.colours.grid, 1.0));
        let zone = if self.time.minutes.is_some() { "ET" } else { "" };
        scene.add(text(self.right + 8.0, self.bottom + 17.0, zone, TICK_SIZE, TextAnchor::Start, self.colours.muted));
    }

    fn body_width(&self) -> f64 {
        // Whole half-pixels, so that every candle is equally wide and sharp.
        ((self.slot() * 0.72).min(14.0) * 2.0).floor().max(2.0) / 2.0
    }

    fn colour(&self, bar: &Bar) -> &'static str {
        if bar.close < bar.open { self.colours.down } else { self.colours.up }
    }

    fn middle(&self, row: usize) -> f64 {
        snap(self.x(self.time.slots[row] as f64 + 0.5))
    }

    fn volume(&self, scene: &mut Scene) {
        let most = self.time.candles.iter().map(|bar| bar.volume).fold(0.0, f64::max);
        if most <= 0.0 {
            return;
        }
        let width = self.body_width();
        for (row, bar) in self.time.candles.iter().enumerate().filter(|(_, bar)| bar.volume > 0.0) {
            let height = (bar.volume / most * (self.bottom - self.volume_top)).max(0.5);
            scene.add(Primitive::Rect {
                x: self.middle(row) - width / 2.0,
                y: self.bottom - height,
                width,
                height,
                fill: self.colour(bar).into(),
                stroke: None,
                stroke_width: None,
                opacity: Some(0.5),
            });
        }
        for (label, y) in [(shares(most), 9.0), ("vol".to_owned(), 22.0)] {
            scene.add(text(self.right + 8.0, self.volume_top + y, label, TICK_SIZE, TextAnchor::Start, self.colours.muted));
        }
    }

    /// Rising candles are hollow, falling ones solid: the direction reads without its colour.
    fn candles(&self, scene: &mut Scene) {
        let width = self.body_width();
        for (row, bar) in self.time.candles.iter().enumerate() {
            let (x, colour) = (self.middle(row), self.colour(bar));
            scene.add(line((x, self.y(bar.high)), (x, self.y(bar.low)), colour, 1.0));
            let (above, below) = (self.y(bar.open.max(bar.close)), self.y(bar.open.min(bar.close)));
            let (left, height) = (x - width / 2.0, (below - above).max(1.0));
            scene.add(filled(left, above, width, height, colour));
            if bar.close > bar.open && width >= 3.0 && height >= 3.0 {
                scene.add(filled(left + 1.0, above + 1.0, width - 2.0, height - 2.0, self.colours.background));
            }
        }
    }

    /// A dashed line at each level in range, an arrow at the edge for one beyond it.
    fn marks(&self, scene: &mut Scene, marks: &[PriceMark]) {
        let colour = self.colours.mark;
        for mark in marks {
            let name = format!("{} {}", mark.label, price_label(mark.price));
            let (baselines, name) = if mark.price > self.price.high {
                ([self.top + 14.0; 2], format!("▲ {name}"))
            } else if mark.price < self.price.low {
                ([self.floor - 4.0; 2], format!("▼ {name}"))
            } else {
                let y = snap(self.y(mark.price));
                scene.add(dashed(self.left, self.right, y, colour, "5 4"));
                ([y - 5.0, y + 14.0], name)
            };
            let (x, baseline) = self.clear_place(name.chars().count() as f64 * TICK_CHARACTER, baselines);
            scene.add(text(x, baseline, name, TICK_SIZE, TextAnchor::Start, colour));
        }
    }

    /// Where text of `width` on one of `baselines` covers the fewest candles: at the left, the right, or between.
    fn clear_place(&self, width: f64, baselines: [f64; 2]) -> (f64, f64) {
        let covered = |(x, baseline): &(f64, f64)| {
            let (top, bottom) = (baseline - 11.0, baseline + 3.0);
            let inside = (0..self.time.candles.len()).filter(|row| (x - 4.0..=x + width).contains(&self.middle(*row)));
            let hit = inside.filter(|row| {
                let bar = &self.time.candles[*row];
                self.y(bar.high) < bottom && self.y(bar.low) > top
            });
            let outside = top < self.top || bottom > self.floor;
            hit.count() + if outside { 1000 } else { 0 }
        };
        let most = (self.right - self.left - width - 12.0).max(0.0);
        let across = [0.0, 1.0, 0.5, 0.25, 0.75].map(|part| self.left + 6.0 + most * part);
        let places = across.into_iter().flat_map(|x| baselines.map(|baseline| (x, baseline)));
        places.min_by_key(covered).unwrap_or((self.left + 6.0, baselines[0]))
    }

    /// The last price, on a tag over the axis.
    fn last_price(&self, scene: &mut Scene) {
        let Some(last) = self.time.candles.last() else { return };
        let (y, colour) = (snap(self.y(last.close)), self.colour(last));
        scene.add(dashed(self.left, self.right, y, colour, "1 3"));
        scene.add(filled(self.right + 2.0, y - 9.0, self.width - self.right - 4.0, 18.0, colour));
        let spans = vec![bold(price_label(last.close))];
        scene.add(rich(self.right + 8.0, y + 4.0, spans, TICK_SIZE, TextAnchor::Start, self.colours.tag_text));
    }

    fn titles(&self, scene: &mut Scene, picture: &CandlePicture) {
        let room = |size: f64, width: f64| (width / (size * 0.62)) as usize;
        let length = match self.time.minutes {
            None if self.time.days > 1 => format!("candles of {} days", self.time.days),
            None => "daily".to_owned(),
            Some(minutes) if minutes % 60 == 0 => format!("{} h candles", minutes / 60),
            Some(minutes) => format!("{minutes} min candles"),
        };
        let left_over = self.width - 28.0 - length.len() as f64 * TICK_CHARACTER - 12.0;
        let title = shortened(&picture.title, room(16.0, left_over));
        scene.add(rich(self.left, 25.0, vec![bold(title)], 16, TextAnchor::Start, self.colours.text));
        scene.add(text(self.width - 14.0, 25.0, length, TICK_SIZE, TextAnchor::End, self.colours.muted));
        let subtitle = shortened(&picture.subtitle, room(12.0, self.width - 28.0));
        scene.add(text(self.left, 43.0, subtitle, 12, TextAnchor::Start, self.colours.muted));
    }
}

/// Widens the range to the marks, as far as the candles keep two fifths of the height.
fn with_marks(low: f64, high: f64, picture: &CandlePicture) -> (f64, f64) {
    let most = ((high - low) * 2.5).max(high * 0.02);
    picture.marks.iter().fold((low, high), |(low, high), mark| {
        let (wider_low, wider_high) = (low.min(mark.price), high.max(mark.price));
        if wider_high - wider_low <= most { (wider_low, wider_high) } else { (low, high) }
    })
}

/// To the half pixel: two device pixels of the PNG, and sharp lines.
fn snap(x: f64) -> f64 {
    x.floor() + 0.5
}

fn filled(x: f64, y: f64, width: f64, height: f64, fill: &str) -> Primitive {
    Primitive::Rect { x, y, width, height, fill: fill.into(), stroke: None, stroke_width: None, opacity: None }
}

fn line(from: (f64, f64), to: (f64, f64), stroke: &str, stroke_width: f64) -> Primitive {
    Primitive::Line { x1: from.0, y1: from.1, x2: to.0, y2: to.1, stroke: stroke.into(), stroke_width, stroke_dasharray: None }
}

fn dashed(from: f64, to: f64, y: f64, stroke: &str, pattern: &str) -> Primitive {
    Primitive::Line {
        x1: from,
        y1: y,
        x2: to,
        y2: y,
        stroke: stroke.into(),
        stroke_width: 1.0,
        stroke_dasharray: Some(pattern.to_owned()),
    }
}

fn bold(content: String) -> TextSpan {
    TextSpan { bold: true, ..TextSpan::plain(content) }
}

fn text(x: f64, y: f64, content: impl Into<String>, size: u32, anchor: TextAnchor, colour: &str) -> Primitive {
    rich(x, y, vec![TextSpan::plain(content)], size, anchor, colour)
}

/// Spans rather than plain text: kuva reads `$…$` in plain text as mathematics.
fn rich(x: f64, y: f64, spans: Vec<TextSpan>, size: u32, anchor: TextAnchor, colour: &str) -> Primitive {
    Primitive::RichText { x, y, spans, size, anchor, color: Some(colour.into()) }
}

fn shortened(text: &str, most: usize) -> String {
    let clean: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    if clean.chars().count() <= most {
        return clean;
    }
    let kept: String = clean.chars().take(most.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}

fn shares(volume: f64) -> String {
    match volume {
        v if v >= 1e9 => format!("{:.1}B", v / 1e9),
        v if v >= 1e6 => format!("{:.1}M", v / 1e6),
        v if v >= 1e3 => format!("{:.0}K", v / 1e3),
        v => format!("{v:.0}"),
    }
}

#[cfg(test)]
#[path = "candles_tests.rs"]
mod tests;
