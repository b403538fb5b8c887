// Uses of jiff that compile against the sketch beside this file and against jiff itself.

use jiff::{
    SignedDuration, Timestamp, Zoned,
    civil::{Date, DateTime, Time, date, time},
};

pub fn instants(at: Timestamp, text: &str) -> Result<(), jiff::Error> {
    let _: i64 = at.as_second() + at.as_millisecond() + at.as_microsecond();
    let other: Timestamp = Timestamp::from_microsecond(1)?;
    let between: SignedDuration = at.duration_since(other);
    let _: Timestamp = at + between;
    let _: Timestamp = at - between;
    let _: Timestamp = text.parse::<Timestamp>()?;
    let _: Zoned = text.parse::<Zoned>()?;
    let _: bool = at < other;
    let _: String = format!("{at} {at:?} {between}");
    Ok(())
}

pub fn durations() -> (i64, f64) {
    let sum: [SignedDuration; 3] = [SignedDuration::from_secs(1), SignedDuration::from_mins(1), SignedDuration::from_hours(1)];
    (sum[0].as_secs(), sum[1].as_secs_f64())
}

pub fn days(text: &str) -> Result<(), jiff::Error> {
    let day: Date = date(2026, 3, 10);
    let _: (i16, i8, i8) = (day.year(), day.month(), day.day());
    let _: (Date, Date) = (day.tomorrow()?, day.yesterday()?);
    let _: Time = time(9, 25, 0, 0);
    let _: Date = text.parse::<Date>()?;
    let _: Time = text.parse::<Time>()?;
    let _: DateTime = text.parse::<DateTime>()?;
    Ok(())
}
