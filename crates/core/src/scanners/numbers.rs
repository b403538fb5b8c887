//! Named numbers: one definition gives the struct, its documentation, its columns and its JSON.

use serde::Serialize;

/// A documented number of a scan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct ScanColumn {
    /// Name in SQL, JSON and the database.
    pub name: &'static str,
    /// Unit, empty for a pure number.
    pub unit: &'static str,
    /// What it is.
    pub meaning: &'static str,
}

/// Numbers in their documented order; an undefined one is `None` and JSON `null`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Numbers(pub Vec<(&'static str, Option<f64>)>);

impl Numbers {
    /// The number called `name`, if there is such a one and it is defined.
    pub fn get(&self, name: &str) -> Option<f64> {
        self.0.iter().find(|(known, _)| *known == name).and_then(|(_, value)| *value)
    }

    /// As a JSON object. Whole numbers are written without a fraction.
    pub fn to_json(&self) -> serde_json::Map<String, serde_json::Value> {
        self.0.iter().map(|(name, value)| ((*name).to_owned(), number_to_json(*value))).collect()
    }
}

impl Serialize for Numbers {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_json().serialize(serializer)
    }
}

fn number_to_json(value: Option<f64>) -> serde_json::Value {
    match value {
        Some(x) if x.fract() == 0.0 && x.abs() < 9.0e15 => serde_json::Value::from(x as i64),
        Some(x) => serde_json::Number::from_f64(x).map_or(serde_json::Value::Null, serde_json::Value::Number),
        None => serde_json::Value::Null,
    }
}

/// A field that may be a number: plain, counted or undefined.
pub(super) trait AsNumber {
    fn as_number(&self) -> Option<f64>;
}

impl AsNumber for f64 {
    fn as_number(&self) -> Option<f64> {
        self.is_finite().then_some(*self)
    }
}

impl AsNumber for Option<f64> {
    fn as_number(&self) -> Option<f64> {
        self.filter(|x| x.is_finite())
    }
}

impl AsNumber for u32 {
    fn as_number(&self) -> Option<f64> {
        Some(f64::from(*self))
    }
}

/// Declares a struct of numbers: each field with its documentation, type and unit.
macro_rules! numbers {
    ($(#[$meta:meta])* pub struct $name:ident { $( #[doc = $doc:literal] $field:ident: $kind:ty, $unit:literal; )* }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
        pub struct $name { $( #[doc = $doc] pub $field: $kind, )* }

        impl $name {
            /// The numbers of this family, documented.
            pub const COLUMNS: &'static [$crate::scanners::ScanColumn] = &[
                $( $crate::scanners::ScanColumn { name: stringify!($field), unit: $unit, meaning: $doc.trim_ascii() }, )*
            ];

            /// The numbers by name.
            pub fn to_numbers(&self) -> $crate::scanners::Numbers {
                use $crate::scanners::numbers::AsNumber as _;
                $crate::scanners::Numbers(vec![ $( (stringify!($field), self.$field.as_number()), )* ])
            }
        }
    };
}
pub(super) use numbers;

/// Why a required setting is refused; the first failing check wins.
pub(super) fn require(holds: bool, name: &'static str, value: impl ToString, expected: &'static str) -> crate::Result<()> {
    if holds { Ok(()) } else { Err(crate::Error::Setting { name, value: value.to_string(), expected }) }
}
