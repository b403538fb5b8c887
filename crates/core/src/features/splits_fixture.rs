//! Reading files of expected splits in tests.

use serde_json::Value;

/// A list of row numbers.
pub(super) fn rows(value: &Value) -> Vec<usize> {
    value.as_array().unwrap().iter().map(|row| row.as_u64().unwrap() as usize).collect()
}

/// A number.
pub(super) fn number(case: &Value, name: &str) -> usize {
    case[name].as_u64().unwrap_or_else(|| panic!("`{name}` in {case}")) as usize
}

/// A number that may be null.
pub(super) fn optional(case: &Value, name: &str) -> Option<usize> {
    case[name].as_u64().map(|value| value as usize)
}

/// The cases of a kind.
pub(super) fn cases<'a>(file: &'a Value, kind: &str) -> &'a [Value] {
    let cases = file[kind].as_array().unwrap();
    assert!(!cases.is_empty(), "{kind}");
    cases
}

/// What `make_splits.py` wrote.
pub(super) fn committed() -> Value {
    serde_json::from_str(include_str!("../../tests/fixtures/splits.json")).unwrap()
}

/// The reference file beside the project, where it is there; there, ranges stand as [start, end).
pub(super) fn reference() -> Option<Value> {
    let path = crate::test_data::shared()?.join("../reference/performance/splits.json");
    if !path.is_file() {
        eprintln!("skipped: {} is not there", path.display());
        return None;
    }
    Some(serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap())
}

/// All numbers of a range written [start, end).
pub(super) fn range(value: &Value) -> Vec<usize> {
    let ends = rows(value);
    (ends[0]..ends[1]).collect()
}
