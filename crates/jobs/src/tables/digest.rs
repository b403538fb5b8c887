//! One digest a column.

use anyhow::bail;
use polars::prelude::{
    BooleanChunked, Column, DataType, Float32Chunked, Float64Chunked, Int32Chunked, Int64Chunked, StringChunked, UInt32Chunked,
    UInt64Chunked,
};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// What a column is, in a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColumnDigest {
    /// Its name.
    pub name: String,
    /// Its kind, as polars writes it.
    pub dtype: String,
    /// Values that are not null.
    pub values: u64,
    /// See [`digest_of`].
    pub sha256: String,
}

/// Bytes that are gathered before they are hashed.
const CHUNK: usize = 1 << 16;

/// SHA-256 of a column in canonical form:
///
/// ```text
/// length of the name (u64), name, length of the kind (u64), kind, rows (u64)
/// for each row: 0 where null, else 1 and the value:
///     numbers          the bits, so NaNs that differ, and 0 and −0, are not equal
///     times, dates     the number that they are kept as; its unit and zone are in the kind
///     truths           0 or 1
///     text             length (u64) and UTF-8
/// ```
/// All numbers little-endian. How a frame is cut into chunks, and what lies under a null, do not matter.
///
/// # Errors
/// When the column is of a kind that has no such form, such as lists.
pub fn digest_of(column: &Column) -> anyhow::Result<ColumnDigest> {
    let values = Values::of(column)?;
    let (name, dtype) = (column.name().to_string(), column.dtype().to_string());
    let mut hasher = Sha256::new();
    let mut bytes = Vec::with_capacity(2 * CHUNK);
    put_text(&name, &mut bytes);
    put_text(&dtype, &mut bytes);
    bytes.extend((column.len() as u64).to_le_bytes());
    for row in 0..column.len() {
        values.put(row, &mut bytes);
        if bytes.len() >= CHUNK {
            hasher.update(&bytes);
            bytes.clear();
        }
    }
    hasher.update(&bytes);
    let sha256 = hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(ColumnDigest { name, dtype, values: (column.len() - column.null_count()) as u64, sha256 })
}

/// The values of a column as they are kept, in one chunk.
pub(crate) enum Values {
    Truth(BooleanChunked),
    F64(Float64Chunked),
    F32(Float32Chunked),
    I64(Int64Chunked),
    I32(Int32Chunked),
    U64(UInt64Chunked),
    U32(UInt32Chunked),
    Text(StringChunked),
}

impl Values {
    pub(crate) fn of(column: &Column) -> anyhow::Result<Self> {
        let kept = column.as_materialized_series().rechunk();
        let kept = kept.to_physical_repr();
        Ok(match kept.dtype() {
            DataType::Boolean => Self::Truth(kept.bool()?.clone()),
            DataType::Float64 => Self::F64(kept.f64()?.clone()),
            DataType::Float32 => Self::F32(kept.f32()?.clone()),
            DataType::Int64 => Self::I64(kept.i64()?.clone()),
            DataType::Int32 => Self::I32(kept.i32()?.clone()),
            DataType::UInt64 => Self::U64(kept.u64()?.clone()),
            DataType::UInt32 => Self::U32(kept.u32()?.clone()),
            DataType::String => Self::Text(kept.str()?.clone()),
            other => bail!(
                "column `{}` is {other}, which cannot be compared bit by bit: hand over numbers, truths, text, dates or times",
                column.name()
            ),
        })
    }

    /// The canonical form of one row.
    pub(crate) fn put(&self, row: usize, bytes: &mut Vec<u8>) {
        match self {
            Self::Truth(values) => put(values.get(row).map(|value| [u8::from(value)]), bytes),
            Self::F64(values) => put(values.get(row).map(f64::to_le_bytes), bytes),
            Self::F32(values) => put(values.get(row).map(f32::to_le_bytes), bytes),
            Self::I64(values) => put(values.get(row).map(i64::to_le_bytes), bytes),
            Self::I32(values) => put(values.get(row).map(i32::to_le_bytes), bytes),
            Self::U64(values) => put(values.get(row).map(u64::to_le_bytes), bytes),
            Self::U32(values) => put(values.get(row).map(u32::to_le_bytes), bytes),
            Self::Text(values) => match values.get(row) {
                None => bytes.push(0),
                Some(text) => {
                    bytes.push(1);
                    put_text(text, bytes);
                }
            },
        }
    }
}

fn put<const N: usize>(value: Option<[u8; N]>, bytes: &mut Vec<u8>) {
    match value {
        None => bytes.push(0),
        Some(value) => {
            bytes.push(1);
            bytes.extend(value);
        }
    }
}

fn put_text(text: &str, bytes: &mut Vec<u8>) {
    bytes.extend((text.len() as u64).to_le_bytes());
    bytes.extend(text.as_bytes());
}

#[cfg(test)]
mod tests {
    use polars::prelude::{IntoColumn as _, NamedFrom as _, Series};

    use super::*;

    fn sha(column: &Column) -> String {
        digest_of(column).unwrap().sha256
    }

    fn numbers(values: &[Option<f64>]) -> Column {
        Series::new("x".into(), values).into_column()
    }

    #[test]
    fn the_form_is_the_documented_one() {
        let mut bytes: Vec<u8> = Vec::new();
        bytes.extend([1, 0, 0, 0, 0, 0, 0, 0, b'x', 3, 0, 0, 0, 0, 0, 0, 0, b'f', b'6', b'4', 2, 0, 0, 0, 0, 0, 0, 0]);
        bytes.push(0);
        bytes.push(1);
        bytes.extend(1.5_f64.to_bits().to_le_bytes());
        let expected: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        let digest = digest_of(&numbers(&[None, Some(1.5)])).unwrap();
        assert_eq!((digest.sha256, digest.values, digest.dtype), (expected, 1, "f64".to_owned()));
    }

    #[test]
    fn chunks_do_not_matter_and_bits_do() {
        let whole = numbers(&[Some(1.0), None, Some(f64::NAN)]);
        let mut cut = numbers(&[Some(1.0)]);
        cut.append(&numbers(&[None, Some(f64::NAN)])).unwrap();
        assert_eq!(sha(&whole), sha(&cut));
        for other in [
            [Some(1.0), Some(0.0), Some(f64::NAN)],
            [Some(1.0 + 1e-15), None, Some(f64::NAN)],
            [Some(1.0), None, Some(-f64::NAN)],
            [Some(1.0), None, None],
        ] {
            assert_ne!(sha(&whole), sha(&numbers(&other)), "{other:?}");
        }
        assert_ne!(sha(&numbers(&[Some(0.0)])), sha(&numbers(&[Some(-0.0)])));
        assert_ne!(sha(&whole), sha(&whole.clone().with_name("y".into())));
        let texts = |values: &[&str]| sha(&Series::new("x".into(), values).into_column());
        assert_ne!(texts(&["ab", "c"]), texts(&["a", "bc"]));
    }

    #[test]
    fn what_has_no_form_is_refused() {
        let lists = Series::new("bins".into(), [Series::new("".into(), [1.0, 2.0])]).into_column();
        let error = digest_of(&lists).unwrap_err().to_string();
        assert!(error.contains("column `bins` is list[f64], which cannot be compared"), "{error}");
    }
}
