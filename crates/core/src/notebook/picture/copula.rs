//! Pseudo-observations of two variables, and the density of a copula fitted to them.

use std::fmt::Write as _;

use super::{
    Picture,
    axis::Axis,
    ink::Ink,
    numbers::{range, same_length},
    refuse,
    sheet::{Panel, Plan, Sheet, rectangle, tenth},
};
use crate::{
    error::Result,
    notebook::{
        show::Show as _,
        value::{grouped, number},
    },
    risk::copula::PairCopula,
};

/// More points than this are drawn as cells.
const MOST_POINTS: usize = 2_000;
/// Cells across, and shades of them.
const CELLS: usize = 72;
const SHADES: usize = 5;
/// Density levels of the contours; independence has 1 everywhere.
const LEVELS: [f64; 7] = [0.25, 0.5, 1.0, 1.5, 2.5, 5.0, 10.0];
/// Points across of the density's grid.
const GRID: usize = 90;

/// Pseudo-observations `u`, `v` (probabilities, as of [`pseudo_observations`](crate::risk::copula::pseudo_observations)) of two variables
/// with their `names`, and contours of the density of a copula. More than 2,000 points are drawn as shaded cells.
///
/// # Errors
/// [`Error::Picture`](crate::Error::Picture) when there are no points, not as many of each, or one outside 0 to 1;
/// [`Error::Copula`](crate::Error::Copula) when the density cannot be computed.
pub fn copula_picture(u: &[f64], v: &[f64], copula: &PairCopula, names: [&str; 2]) -> Result<Picture> {
    let title = copula.plain_text().lines().next().unwrap_or("copula").to_owned();
    same_length(&title, ("u", u.len()), ("v", v.len()))?;
    range(&title, &[u, v])?;
    if let Some(row) = (0..u.len()).find(|row| ![u[*row], v[*row]].iter().all(|p| (0.0..=1.0).contains(p))) {
        let problem =
            format!("row {row} is ({}, {}): probabilities of 0 to 1 are needed, see `pseudo_observations`", u[row], v[row]);
        return Err(refuse(&title, problem));
    }
    let subtitle = format!("{} points, Kendall's tau of the copula {}", grouped(u.len() as f64, 0), number(copula.kendall_tau()));
    let axis = |name: &str| Axis::exactly(0.0, 1.0, 5, &format!("{name}, probability"));
    let legend = vec![("pseudo-observations".to_owned(), Ink::Series(0)), ("density of the copula".to_owned(), Ink::Series(1))];
    let plan = Plan { height: 420.0, y: axis(names[1]), legend };
    let (mut sheet, panels) = Sheet::new(498.0, &title, &subtitle, &axis(names[0]), &[plan]);
    let points: Vec<(f64, f64)> = u.iter().copied().zip(v.iter().copied()).collect();
    cloud(&mut sheet, &panels[0], &points, Ink::Series(0));
    contours(&mut sheet, &panels[0], copula)?;
    Ok(Picture::of_sheet(&title, sheet))
}

/// Points as small squares in one path, or as cells in a few when they are many.
pub(super) fn cloud(sheet: &mut Sheet, panel: &Panel, points: &[(f64, f64)], ink: Ink) {
    if points.len() <= MOST_POINTS {
        let size = if points.len() > 600 { 2.2 } else { 3.2 };
        let path =
            points.iter().map(|(x, y)| rectangle(panel.x(*x) - size / 2.0, panel.y(*y) - size / 2.0, size, size)).collect();
        sheet.fill(path, ink, 0.75);
        return;
    }
    let (width, height) = ((panel.right - panel.left) / CELLS as f64, (panel.bottom - panel.top) / CELLS as f64);
    let mut counts = vec![0_usize; CELLS * CELLS];
    for (x, y) in points {
        let cell = |from: f64, size: f64| ((from / size).max(0.0) as usize).min(CELLS - 1);
        counts[cell(panel.y(*y) - panel.top, height) * CELLS + cell(panel.x(*x) - panel.left, width)] += 1;
    }
    // One crowded corner does not make all else pale: the most crowded of a hundred cells have the darkest shade.
    let mut filled: Vec<usize> = counts.iter().copied().filter(|count| *count > 0).collect();
    filled.sort_unstable();
    let most = filled.get(filled.len() * 99 / 100).copied().unwrap_or(1) as f64;
    let mut shades = vec![String::new(); SHADES];
    for (at, count) in counts.iter().enumerate().filter(|(_, count)| **count > 0) {
        let shade = ((*count as f64 / most).min(1.0).sqrt() * SHADES as f64).ceil() as usize;
        let (row, column) = ((at / CELLS) as f64, (at % CELLS) as f64);
        shades[shade.clamp(1, SHADES) - 1] += &rectangle(panel.left + column * width, panel.top + row * height, width, height);
    }
    for (shade, path) in shades.into_iter().enumerate().filter(|(_, path)| !path.is_empty()) {
        sheet.fill(path, ink, 0.18 + 0.72 * shade as f64 / (SHADES - 1) as f64);
    }
}

/// Lines of equal density, by marching squares over a grid inside the unit square.
fn contours(sheet: &mut Sheet, panel: &Panel, copula: &PairCopula) -> Result<()> {
    let place = |at: usize| (at as f64 + 0.5) / GRID as f64;
    let us: Vec<f64> = (0..GRID * GRID).map(|at| place(at % GRID)).collect();
    let vs: Vec<f64> = (0..GRID * GRID).map(|at| place(at / GRID)).collect();
    let density = copula.density(&us, &vs)?;
    let mut named: Vec<(f64, f64)> = Vec::new();
    for level in LEVELS {
        let mut path = String::new();
        let mut middle: Option<(f64, f64)> = None;
        for cell in (0..GRID * GRID).filter(|at| at % GRID + 1 < GRID && at / GRID + 1 < GRID) {
            let corners = [cell, cell + 1, cell + GRID + 1, cell + GRID];
            let crossing = |(a, b): (usize, usize)| {
                let (da, db) = (density[a] - level, density[b] - level);
                (da.is_finite() && db.is_finite() && (da < 0.0) != (db < 0.0)).then(|| {
                    let share = da / (da - db);
                    (panel.x(us[a] + share * (us[b] - us[a])), panel.y(vs[a] + share * (vs[b] - vs[a])))
                })
            };
            let found: Vec<(f64, f64)> = (0..4).filter_map(|side| crossing((corners[side], corners[(side + 1) % 4]))).collect();
            for pair in found.chunks_exact(2) {
                let _ = write!(path, "M{} {}L{} {}", tenth(pair[0].0), tenth(pair[0].1), tenth(pair[1].0), tenth(pair[1].1));
                // Named where it meets the anti-diagonal, or else at its first piece.
                let off = |at: &(f64, f64)| ((at.0 - panel.left) - (at.1 - panel.top)).abs();
                if middle.as_ref().is_none_or(|known| off(&pair[0]) < off(known)) {
                    middle = Some(pair[0]);
                }
            }
        }
        if let Some(at) = middle {
            sheet.stroke(path, Ink::Series(1), 1.3);
            // A name that would cover another one is left out.
            if named.iter().all(|known| (known.0 - at.0).abs() > 30.0 || (known.1 - at.1).abs() > 14.0) {
                sheet.tag(panel, at, &number(level), Ink::Text);
                named.push(at);
            }
        }
    }
    Ok(())
}
