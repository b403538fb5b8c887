//! What an analyst uses of jiff, as signatures without bodies: see `polars.rs`.

#![allow(missing_docs, unused_variables, clippy::all)]

use std::{fmt, ops, str::FromStr};

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(());
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SignedDuration(());
#[derive(Clone)]
pub struct Zoned(());
pub struct Error(());

/// `Display`, `Debug` and parsing, as all the types have them.
macro_rules! plain {
    ($($name:ty),+) => { $(
        impl fmt::Display for $name { fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { loop {} } }
        impl fmt::Debug for $name { fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { loop {} } }
        impl FromStr for $name { type Err = Error; fn from_str(text: &str) -> Result<Self, Error> { loop {} } }
    )+ };
}
plain!(Timestamp, SignedDuration, Zoned, civil::Date, civil::Time, civil::DateTime);
impl fmt::Display for Error { fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { loop {} } }
impl fmt::Debug for Error { fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { loop {} } }
impl std::error::Error for Error {}

impl Timestamp {
    pub fn as_second(self) -> i64 { loop {} }
    pub fn as_millisecond(self) -> i64 { loop {} }
    pub fn as_microsecond(self) -> i64 { loop {} }
    pub fn from_microsecond(at: i64) -> Result<Timestamp, Error> { loop {} }
    pub fn duration_since(self, other: Timestamp) -> SignedDuration { loop {} }
}
impl ops::Add<SignedDuration> for Timestamp { type Output = Timestamp; fn add(self, other: SignedDuration) -> Timestamp { loop {} } }
impl ops::Sub<SignedDuration> for Timestamp { type Output = Timestamp; fn sub(self, other: SignedDuration) -> Timestamp { loop {} } }

impl SignedDuration {
    pub const fn from_secs(seconds: i64) -> Self { loop {} }
    pub const fn from_mins(minutes: i64) -> Self { loop {} }
    pub const fn from_hours(hours: i64) -> Self { loop {} }
    pub const fn as_secs(&self) -> i64 { loop {} }
    pub fn as_secs_f64(&self) -> f64 { loop {} }
}

pub mod civil {
    #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub struct Date(());
    #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub struct Time(());
    #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub struct DateTime(());

    pub const fn date(year: i16, month: i8, day: i8) -> Date { loop {} }
    pub const fn time(hour: i8, minute: i8, second: i8, subsec_nanosecond: i32) -> Time { loop {} }

    impl Date {
        pub fn year(self) -> i16 { loop {} }
        pub fn month(self) -> i8 { loop {} }
        pub fn day(self) -> i8 { loop {} }
        pub fn tomorrow(self) -> Result<Date, crate::Error> { loop {} }
        pub fn yesterday(self) -> Result<Date, crate::Error> { loop {} }
    }
}
