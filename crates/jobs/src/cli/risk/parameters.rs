//! `--params`: numbers for a model's parameters.

use anyhow::{Context as _, bail, ensure};

/// A number, and the name it was given with, if any.
pub(super) type Given = (Option<String>, f64);

/// The parts of `0.5,4` or `rho=0.5,nu=4`.
pub(super) fn given(text: &str) -> anyhow::Result<Vec<Given>> {
    let part = |part: &str| {
        let (name, number) = part.split_once('=').map_or((None, part), |(name, number)| (Some(name.trim().to_owned()), number));
        let number = number.trim();
        let of = name.as_deref().map(|name| format!(" of {name}")).unwrap_or_default();
        Ok((name, number.parse().with_context(|| format!("--params: `{number}`{of} is not a number"))?))
    };
    text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(part).collect()
}

/// The numbers in the order of the names; without names as they are. `alpha` stands for `alpha[1]`.
pub(super) fn in_order(names: &[impl AsRef<str>], given: &[Given]) -> anyhow::Result<Vec<f64>> {
    let names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
    let known = || if names.is_empty() { "none".to_owned() } else { names.join(", ") };
    if given.iter().all(|(name, _)| name.is_none()) {
        ensure!(given.len() == names.len(), "--params: {} numbers; the parameters are {}", given.len(), known());
        return Ok(given.iter().map(|(_, number)| *number).collect());
    }
    let is = |name: &str, given: &Option<String>| {
        given.as_deref().is_some_and(|given| name == given || name.strip_suffix("[1]") == Some(given))
    };
    match given.iter().find(|(given, _)| !names.iter().any(|name| is(name, given))) {
        Some((Some(stranger), _)) => bail!("--params: there is no `{stranger}`; the parameters are {}", known()),
        Some((None, number)) => bail!("--params: {number} has no name; the parameters are {}", known()),
        None => {}
    }
    let of = |name: &&str| {
        let mut found = given.iter().filter(|(given, _)| is(name, given)).map(|(_, value)| *value);
        match (found.next(), found.next()) {
            (Some(value), None) => Ok(value),
            (None, _) => bail!("--params: `{name}` is missing; the parameters are {}", known()),
            _ => bail!("--params: `{name}` is given twice"),
        }
    };
    names.iter().map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, names: &[&str]) -> Result<Vec<f64>, String> {
        given(text).and_then(|given| in_order(names, &given)).map_err(|error| error.to_string())
    }

    #[test]
    fn parameters_come_by_name_or_by_place() {
        assert_eq!(read("0.5, 4", &["rho", "nu"]).unwrap(), [0.5, 4.0]);
        assert_eq!(read("nu=4,rho=-0.5", &["rho", "nu"]).unwrap(), [-0.5, 4.0]);
        assert_eq!(read("alpha=0.1,beta[1]=0.8", &["alpha[1]", "beta[1]"]).unwrap(), [0.1, 0.8]);
        assert_eq!(read("", &[]).unwrap(), [0.0; 0]);
    }

    #[test]
    fn what_does_not_fit_is_named() {
        let refused = |text: &str| read(text, &["rho", "nu"]).unwrap_err();
        assert_eq!(refused("rho=0.5"), "--params: `nu` is missing; the parameters are rho, nu");
        assert_eq!(refused("rho=0.5,nu=4,rho=1"), "--params: `rho` is given twice");
        assert_eq!(refused("rho=0.5,theta=4"), "--params: there is no `theta`; the parameters are rho, nu");
        assert_eq!(refused("rho=0.5,4"), "--params: 4 has no name; the parameters are rho, nu");
        assert_eq!(refused("0.5"), "--params: 1 numbers; the parameters are rho, nu");
        assert_eq!(refused("rho=x"), "--params: `x` of rho is not a number");
    }
}
