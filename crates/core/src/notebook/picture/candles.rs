//! Candles of one symbol for the page.

use super::{Picture, refuse};
use crate::{
    charts::{CandlePicture, ChartTheme, PriceMark},
    error::{Error, Result},
    market::Bars,
    notebook::value::grouped,
};

/// Candles with volume of one symbol, with price levels marked: names and prices in USD.
///
/// Many bars are joined to at most 300 candles; the picture names their length.
///
/// # Errors
/// [`Error::Unknown`] for a symbol without bars, with those there are; [`Error::Picture`] for prices that are not finite.
pub fn candles(bars: &Bars, symbol: &str, marks: &[(&str, f64)]) -> Result<Picture> {
    let series = bars.series(symbol);
    if series.is_empty() {
        if bars.is_empty() {
            return Err(refuse(symbol, "there are no bars"));
        }
        let known: Vec<String> = bars.symbols().iter().take(30).map(ToString::to_string).collect();
        return Err(Error::Unknown { what: "symbol", text: symbol.to_owned(), known: known.join(", ") });
    }
    let of = |micros: i64| jiff::Timestamp::from_microsecond(micros).unwrap_or_default().to_zoned(crate::market::new_york());
    let date = |micros: Option<&i64>| micros.map(|at| of(*at).date().to_string()).unwrap_or_default();
    let subtitle = format!(
        "{} bars, {} to {}, prices in USD",
        grouped(series.len() as f64, 0),
        date(series.open_at.first()),
        date(series.open_at.last())
    );
    Picture::of_candles(CandlePicture {
        title: symbol.to_owned(),
        subtitle,
        bars: series.iter().collect(),
        marks: marks.iter().map(|(label, price)| PriceMark { price: *price, label: (*label).to_owned() }).collect(),
        width: 860,
        height: 400,
        theme: ChartTheme::Light,
    })
}
