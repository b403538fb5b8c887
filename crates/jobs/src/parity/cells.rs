//! The cells of the notebook's side.

use std::path::Path;

/// The cells that ship.
pub const SHIPPED: &str = include_str!("cells.rs.txt");

/// Begins a cell; the rest of the line is its title.
const MARK: &str = "// %%";

/// Cells of a text, each from a line `// %%` to the next; comments before the first are dropped.
pub fn cells_of(text: &str) -> Vec<String> {
    let mut cells: Vec<String> = Vec::new();
    for line in text.lines() {
        if line.starts_with(MARK) {
            cells.push(String::new());
        } else if let Some(cell) = cells.last_mut() {
            cell.push_str(line);
            cell.push('\n');
        }
    }
    cells.into_iter().map(|cell| cell.trim().to_owned()).filter(|cell| !cell.is_empty()).collect()
}

/// The cell that comes before: where the snapshots are, which one is meant, and the folder to hand frames over to.
pub(super) fn given(snapshots: &Path, hash: &str, parity: &Path) -> String {
    let text = |value: &str| format!("String::from({value:?})");
    let path = |path: &Path| text(&path.display().to_string());
    format!(
        "let snapshots: String = {};\nlet snapshot_hash: String = {};\nlet parity: String = {};",
        path(snapshots),
        text(hash),
        path(parity)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_at_its_marks() {
        let cells = cells_of("// about\n// %% one\nlet a = 1;\n// a comment\nlet b = 2;\n\n// %%\n\n// %% three\nb\n");
        assert_eq!(cells, ["let a = 1;\n// a comment\nlet b = 2;", "b"]);
        assert!(cells_of(SHIPPED).len() >= 4);
        assert_eq!(cells_of("let a = 1;"), Vec::<String>::new());
    }

    #[test]
    fn paths_are_written_as_rust_reads_them() {
        let cell = given(Path::new("/a \"b\"/s"), "00ff", Path::new("/p"));
        assert!(cell.contains(r#"String::from("/a \"b\"/s")"#), "{cell}");
    }
}
