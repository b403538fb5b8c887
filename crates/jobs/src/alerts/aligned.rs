//! The hits as lines of equally wide columns, for plain text and code blocks.

use super::content::AlertContent;

/// Characters of a ticker; anything longer was not one.
const LONGEST_SYMBOL: usize = 16;
const LONGEST_CELL: usize = 24;

/// Head and one line per hit: rank and symbol to the left, numbers to the right.
pub(super) fn aligned(content: &AlertContent) -> (String, Vec<String>) {
    let clean = |text: &str, most: usize| super::figures::shortened(&super::figures::one_line(text), most);
    let rank_width = content.rows.iter().map(|row| row.rank.to_string().len()).max().unwrap_or(1);
    let symbols: Vec<String> = content.rows.iter().map(|row| clean(&row.symbol, LONGEST_SYMBOL)).collect();
    let symbol_width = symbols.iter().map(|symbol| symbol.chars().count()).max().unwrap_or(0).max("Symbol".len());
    let labels: Vec<String> = content.columns.iter().map(|column| clean(&column.label, LONGEST_CELL)).collect();
    let cells: Vec<Vec<String>> = content
        .rows
        .iter()
        .map(|row| row.cells.iter().take(labels.len()).map(|cell| clean(&cell.text, LONGEST_CELL)).collect())
        .collect();
    let widths: Vec<usize> = (0..labels.len())
        .map(|column| {
            let longest = cells.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max();
            longest.unwrap_or(0).max(labels[column].chars().count())
        })
        .collect();
    let numbers = |row: &[String]| -> String {
        widths
            .iter()
            .enumerate()
            .map(|(column, width)| format!("  {:>width$}", row.get(column).map_or("", String::as_str)))
            .collect()
    };
    let head = format!("{:rank_width$}  {:symbol_width$}{}", "", "Symbol", numbers(&labels));
    let lines = content.rows.iter().zip(&symbols).zip(&cells);
    let lines =
        lines.map(|((row, symbol), cells)| format!("{:>rank_width$}  {symbol:symbol_width$}{}", row.rank, numbers(cells)));
    (head, lines.collect())
}
