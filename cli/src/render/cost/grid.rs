//! Columns of text: the first to the left, amounts to the right.

use crate::render::text::pad;

/// Rows under a head; a row of one empty cell is a rule.
#[derive(Debug, Default)]
pub(crate) struct Grid {
    rows: Vec<Vec<String>>,
}

impl Grid {
    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = impl Into<String>>) {
        self.rows.push(cells.into_iter().map(Into::into).collect());
    }

    pub(crate) fn rule(&mut self) {
        self.rows.push(Vec::new());
    }

    /// The first column gives way when the whole is too wide.
    pub(crate) fn draw(&self, width: usize) -> String {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or_default();
        let widest = |column: usize| {
            let cells = self.rows.iter().filter_map(|row| row.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or_default()
        };
        let mut widths: Vec<usize> = (0..columns).map(widest).collect();
        let others: usize = widths.iter().skip(1).map(|width| width + 2).sum();
        if let Some(first) = widths.first_mut() {
            *first = (*first).min(width.saturating_sub(others).max(20));
        }
        let total = widths.first().copied().unwrap_or_default() + others;
        let mut text = String::new();
        for row in &self.rows {
            if row.is_empty() {
                text.push_str(&"─".repeat(total));
            }
            for (column, cell) in row.iter().enumerate() {
                let width = widths.get(column).copied().unwrap_or_default();
                match column {
                    0 => text.push_str(&pad(cell, width)),
                    _ => text.push_str(&format!("  {cell:>width$}")),
                }
            }
            text.truncate(text.trim_end_matches(' ').len());
            text.push('\n');
        }
        text
    }
}
