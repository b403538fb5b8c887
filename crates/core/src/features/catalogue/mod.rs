//! The catalogue: every feature by name, with what it means.

mod calendar;
mod candlestick;
mod entry;
mod gap_session;
mod market_relative;
mod momentum;
mod price_statistics;
mod trend;
mod volatility;
mod volume;

use std::{collections::BTreeMap, sync::LazyLock};

use polars::prelude::{Column, DataFrame, IntoColumn as _, NamedFrom as _, Series as PolarsSeries};

use super::{Family, Feature};
use crate::{
    error::{Error, Result},
    market::Timeframe,
};

/// Features by name, in a fixed order.
#[derive(Debug, Clone, Default)]
pub struct Catalogue {
    features: Vec<Feature>,
    index: BTreeMap<String, usize>,
}

/// Families in the order of the catalogue.
const FAMILIES: [fn() -> Vec<Feature>; 9] = [
    trend::features,
    momentum::features,
    volatility::features,
    volume::features,
    price_statistics::features,
    gap_session::features,
    candlestick::features,
    market_relative::features,
    calendar::features,
];

impl Catalogue {
    /// The features that come with Bellwether.
    pub fn shipped() -> &'static Self {
        static SHIPPED: LazyLock<Catalogue> = LazyLock::new(|| {
            let mut shipped = Catalogue::default();
            for feature in FAMILIES.into_iter().flat_map(|family| family()) {
                // A name that is none, or taken, is left out; a test counts them.
                let _ = shipped.add(feature);
            }
            shipped
        });
        &SHIPPED
    }

    /// Adds a feature: a user's own beside those shipped.
    ///
    /// ```
    /// use bellwether::features::{Catalogue, Feature, View};
    ///
    /// let range = Feature::new("range_usd", |view: &View<'_>| {
    ///     view.high().iter().zip(view.low()).map(|(high, low)| high - low).collect()
    /// });
    /// let catalogue = Catalogue::default().with(range)?;
    /// assert!(catalogue.get("range_usd").is_ok());
    /// # Ok::<(), bellwether::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Feature`] when the name is taken, or not made of lower-case letters, digits and `_`, or ends like that of a
    /// longer bar's column (`_1d`).
    pub fn with(mut self, feature: Feature) -> Result<Self> {
        self.add(feature)?;
        Ok(self)
    }

    fn add(&mut self, feature: Feature) -> Result<()> {
        let name = feature.name().to_owned();
        let problem = |problem: &str| Err(Error::Feature { name: name.clone(), problem: problem.to_owned() });
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        if !name.starts_with(|c: char| c.is_ascii_lowercase()) || !name.chars().all(plain) {
            return problem("is no name: use lower-case letters, digits and `_`, beginning with a letter");
        }
        if Timeframe::ALL.iter().any(|timeframe| name.ends_with(&format!("_{timeframe}"))) {
            return problem("ends like the name of a longer bar's column");
        }
        if self.index.contains_key(&name) {
            return problem("is in the catalogue already");
        }
        self.index.insert(name, self.features.len());
        self.features.push(feature);
        Ok(())
    }

    /// All features, in order.
    pub fn features(&self) -> &[Feature] {
        &self.features
    }

    /// The feature of this name.
    ///
    /// # Errors
    /// [`Error::Unknown`] with names that are near.
    pub fn get(&self, name: &str) -> Result<&Feature> {
        match self.index.get(name) {
            Some(index) => Ok(&self.features[*index]),
            None => Err(Error::Unknown { what: "feature", text: name.to_owned(), known: self.near(name) }),
        }
    }

    /// Features by name, by family, or `all`, separated by commas; each once, in the order of the list.
    ///
    /// # Errors
    /// [`Error::Unknown`] for what is none of these.
    pub fn select(&self, wanted: &str) -> Result<Vec<Feature>> {
        let mut found: Vec<Feature> = Vec::new();
        for word in wanted.split(',').map(str::trim).filter(|word| !word.is_empty()) {
            let family = Family::ALL.into_iter().find(|family| family.as_str() == word);
            let some: Vec<&Feature> = match (word, family) {
                ("all", _) => self.features.iter().collect(),
                (_, Some(family)) => self.features.iter().filter(|feature| feature.about().family == family).collect(),
                (name, None) => vec![self.get(name)?],
            };
            for feature in some {
                if found.iter().all(|known| known.name() != feature.name()) {
                    found.push(feature.clone());
                }
            }
        }
        if found.is_empty() {
            return Err(Error::Unknown { what: "feature", text: wanted.to_owned(), known: self.near(wanted) });
        }
        Ok(found)
    }

    /// Names like `name`, and where the others are.
    fn near(&self, name: &str) -> String {
        let mut ranked: Vec<(f64, &str)> =
            self.features.iter().map(|feature| (strsim::jaro_winkler(name, feature.name()), feature.name())).collect();
        ranked.sort_by(|one, other| other.0.total_cmp(&one.0));
        let names: Vec<&str> = ranked.into_iter().take(5).map(|(_, name)| name).collect();
        format!("{}, a family, or `all` (`bellwether features list` shows them)", names.join(", "))
    }

    /// As a table: `name, family, unit, look_back, timeframe, formula, source, scaling, missing`.
    ///
    /// # Errors
    /// [`Error::Frame`] when polars refuses the columns.
    pub fn table(&self) -> Result<DataFrame> {
        let column = |name: &str, text: &dyn Fn(&Feature) -> String| -> Column {
            let values: Vec<String> = self.features.iter().map(text).collect();
            PolarsSeries::new(name.into(), values).into_column()
        };
        let columns = vec![
            column("name", &|feature| feature.name().to_owned()),
            column("family", &|feature| feature.about().family.to_string()),
            column("unit", &|feature| feature.about().unit.as_str().to_owned()),
            column("look_back", &|feature| feature.about().look_back.to_string()),
            column("timeframe", &|feature| feature.about().timeframe().to_owned()),
            column("formula", &|feature| feature.about().formula.clone()),
            column("source", &|feature| feature.about().source.clone()),
            column("scaling", &|feature| feature.about().scaling.as_str().to_owned()),
            column("missing", &|feature| feature.about().missing.as_str().to_owned()),
        ];
        DataFrame::new(self.features.len(), columns).map_err(Error::frame("catalogue as a table"))
    }
}

/// How many features the families list.
#[cfg(test)]
pub(super) fn listed() -> usize {
    FAMILIES.into_iter().map(|family| family().len()).sum()
}
