//! Pictures: what a plot is made of, and its ways out as SVG, PNG and into the notebook.

mod axis;
pub(super) mod candles;
pub(super) mod copula;
pub(super) mod correlation;
pub(super) mod equity;
pub(super) mod histogram;
pub(super) mod indicators;
mod ink;
pub(super) mod lines;
pub(super) mod numbers;
mod shape;
mod sheet;
#[cfg(test)]
mod tests;
pub(super) mod volatility;

use std::path::Path;

use kuva::{PngBackend, backend::svg::SvgBackend, render::render::Scene};

use self::{shape::Shape, sheet::Sheet};
use crate::{
    charts::{CandlePicture, ChartTheme, candles_page_png, candles_page_svg},
    error::{Error, Result},
    notebook::table::escaped,
};

/// Pixels of a PNG for each unit of width and height.
const PNG_SCALE: f32 = 2.0;
/// Fonts that are nearly everywhere.
const FONTS: &str = "DejaVu Sans, Verdana, Helvetica, Arial, sans-serif";

/// A finished picture. The notebook shows it in the colours of its theme, on its own background; a saved one has a light background
/// unless asked otherwise.
///
/// ```
/// use bellwether::notebook::histogram;
/// let picture = histogram(&[0.1, 0.4, -0.2, 0.3], "Returns", "return, %").unwrap();
/// assert!(picture.svg().starts_with("<svg"));
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Picture {
    title: String,
    drawing: Drawing,
}

#[derive(Debug, Clone, PartialEq)]
enum Drawing {
    Sheet { shapes: Vec<Shape>, width: f64, height: f64 },
    Candles { picture: Box<CandlePicture>, svg: String },
}

impl Picture {
    fn of_sheet(title: &str, sheet: Sheet) -> Self {
        let Sheet { shapes, width, height } = sheet;
        Self { title: title.to_owned(), drawing: Drawing::Sheet { shapes, width, height } }
    }

    /// Checked by drawing it once.
    fn of_candles(picture: CandlePicture) -> Result<Self> {
        let svg = candles_page_svg(&picture, None)?;
        Ok(Self { title: picture.title.clone(), drawing: Drawing::Candles { picture: Box::new(picture), svg } })
    }

    /// The title.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// Width in pixels of an ordinary screen.
    pub fn width(&self) -> u32 {
        match &self.drawing {
            Drawing::Sheet { width, .. } => *width as u32,
            Drawing::Candles { picture, .. } => picture.width,
        }
    }

    /// Height in the same pixels.
    pub fn height(&self) -> u32 {
        match &self.drawing {
            Drawing::Sheet { height, .. } => *height as u32,
            Drawing::Candles { picture, .. } => picture.height,
        }
    }

    /// As SVG text without a background, in the colours of the notebook's theme where there is one. It shrinks with a narrow page.
    pub fn svg(&self) -> String {
        let svg = match &self.drawing {
            Drawing::Sheet { .. } => self.scene(None).map(|scene| SvgBackend::new().render_scene(&scene)).unwrap_or_default(),
            Drawing::Candles { svg, .. } => svg.clone(),
        };
        self.scalable(&svg)
    }

    fn scalable(&self, svg: &str) -> String {
        let (width, height, name) = (self.width(), self.height(), escaped(&self.title));
        let head = format!(
            "<svg viewBox=\"0 0 {width} {height}\" style=\"max-width:100%;height:auto\" role=\"img\" aria-label=\"{name}\" "
        );
        svg.replacen("<svg ", &head, 1)
    }

    /// As SVG text with fixed colours and a background of its own.
    ///
    /// # Errors
    /// [`Error::Picture`] when it cannot be drawn.
    pub fn themed_svg(&self, theme: ChartTheme) -> Result<String> {
        match &self.drawing {
            Drawing::Sheet { .. } => {
                let svg = self.scene(Some(theme)).map(|scene| SvgBackend::new().render_scene(&scene)).unwrap_or_default();
                Ok(self.scalable(&svg))
            }
            Drawing::Candles { picture, .. } => Ok(self.scalable(&candles_page_svg(picture, Some(theme))?)),
        }
    }

    /// As PNG bytes on a background of its own, twice as dense as its nominal size.
    ///
    /// # Errors
    /// [`Error::Picture`] when it cannot be drawn.
    pub fn png(&self, theme: ChartTheme) -> Result<Vec<u8>> {
        match &self.drawing {
            Drawing::Candles { picture, .. } => candles_page_png(picture, theme),
            Drawing::Sheet { .. } => match self.scene(Some(theme)) {
                Some(scene) => {
                    let refuse = |problem| Error::Picture { what: self.title.clone(), problem };
                    PngBackend::new().with_scale(PNG_SCALE).render_scene(&scene).map_err(refuse)
                }
                None => Ok(Vec::new()),
            },
        }
    }

    /// Writes the picture to a `.svg` or `.png` file, light.
    ///
    /// # Errors
    /// [`Error::File`] when the name ends otherwise or the file cannot be written.
    pub fn save(&self, path: &str) -> Result<()> {
        let path = Path::new(path);
        let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default().to_ascii_lowercase();
        let bytes = match ending.as_str() {
            "svg" => self.themed_svg(ChartTheme::Light)?.into_bytes(),
            "png" => self.png(ChartTheme::Light)?,
            _ => return Err(Error::file(path, "a picture is saved as .svg or .png: end the name with one of them")),
        };
        std::fs::write(path, bytes).map_err(|problem| Error::file(path, format!("the picture cannot be written: {problem}")))
    }

    fn scene(&self, theme: Option<ChartTheme>) -> Option<Scene> {
        let Drawing::Sheet { shapes, width, height } = &self.drawing else { return None };
        let mut scene = Scene::new(*width, *height);
        scene.background_color = theme.map(|theme| theme.background().to_owned());
        scene.font_family = Some(FONTS.to_owned());
        for shape in shapes {
            scene.add(shape.primitive(theme));
        }
        Some(scene)
    }
}

/// What cannot be drawn, and why.
fn refuse(what: &str, problem: impl Into<String>) -> Error {
    Error::Picture { what: what.to_owned(), problem: problem.into() }
}
