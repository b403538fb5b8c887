//! Text of tags: `NAME`, `NAME(a=1,b=2.0)`, `NAME(1,2.0)`, and lists of them.

/// What stands in the parentheses.
#[derive(Debug, PartialEq)]
pub(super) enum Arguments<'a> {
    None,
    Named(Vec<(&'a str, &'a str)>),
    Positional(Vec<&'a str>),
}

/// Splits a list of tags at the commas that are not in parentheses; empty ones are left out.
///
/// ```
/// use bellwether::indicators::split_tags;
/// assert_eq!(split_tags("OBV(), MACD(fastperiod=12,slowperiod=26)"), ["OBV()", "MACD(fastperiod=12,slowperiod=26)"]);
/// ```
pub fn split_tags(text: &str) -> Vec<&str> {
    let mut depth = 0_i32;
    text.split(|c| {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        c == ',' && depth <= 0
    })
    .map(str::trim)
    .filter(|tag| !tag.is_empty())
    .collect()
}

/// Name and arguments of one tag.
pub(super) fn parse(tag: &str) -> Result<(&str, Arguments<'_>), String> {
    let Some((name, rest)) = tag.split_once('(') else {
        return if tag.is_empty() { Err("is empty".to_owned()) } else { Ok((tag, Arguments::None)) };
    };
    let inside = rest.strip_suffix(')').ok_or("has no closing parenthesis at its end")?;
    if inside.contains(['(', ')']) {
        return Err("has parentheses within parentheses".to_owned());
    }
    if inside.trim().is_empty() {
        return Ok((name.trim(), Arguments::None));
    }
    let parts: Vec<&str> = inside.split(',').map(str::trim).collect();
    if parts.iter().any(|part| part.is_empty()) {
        return Err("has an empty parameter".to_owned());
    }
    let named: Vec<(&str, &str)> =
        parts.iter().filter_map(|part| part.split_once('=')).map(|(name, value)| (name.trim(), value.trim())).collect();
    match named.len() {
        0 => Ok((name.trim(), Arguments::Positional(parts))),
        n if n == parts.len() => Ok((name.trim(), Arguments::Named(named))),
        _ => Err("has both named parameters and others".to_owned()),
    }
}

/// A finite number.
pub(super) fn number(text: &str) -> Option<f64> {
    text.parse().ok().filter(|value: &f64| value.is_finite())
}

/// A whole number, also when written as `14.0`.
pub(super) fn whole(text: &str) -> Option<i64> {
    text.parse()
        .ok()
        .or_else(|| number(text).filter(|value| value.fract() == 0.0 && value.abs() < 1e15).map(|value| value as i64))
}

/// Says that `text` is no known name, with those that come nearest.
pub(super) fn unknown<'a>(what: &str, text: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let upper = text.to_ascii_uppercase();
    let mut near: Vec<(f64, &str)> = known
        .into_iter()
        .map(|name| (strsim::jaro_winkler(&upper, &name.to_ascii_uppercase()), name))
        .filter(|(likeness, _)| *likeness > 0.7)
        .collect();
    near.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
    let near: Vec<String> = near.iter().take(3).map(|(_, name)| format!("`{name}`")).collect();
    match near.is_empty() {
        true => format!("there is no {what} `{text}`"),
        false => format!("there is no {what} `{text}`; did you mean {}?", near.join(", ")),
    }
}

/// That every name is known and none is given twice.
pub(super) fn check_names<'a>(given: impl Iterator<Item = &'a str>, known: &[String]) -> Result<(), String> {
    let mut seen = Vec::new();
    for name in given {
        if !known.iter().any(|known| known == name) {
            let all = if known.is_empty() { "it takes none".to_owned() } else { format!("it takes {}", known.join(", ")) };
            return Err(format!("{}; {all}", unknown("parameter", name, known.iter().map(String::as_str))));
        }
        if seen.contains(&name) {
            return Err(format!("gives `{name}` twice"));
        }
        seen.push(name);
    }
    Ok(())
}
