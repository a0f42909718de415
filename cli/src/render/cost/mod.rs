//! Costs as text, as tables of programs, as a page and as a workbook.

mod csv;
mod difference;
mod explain;
mod grid;
mod html;
mod markdown;
mod refresh;
mod sections;
mod table;
mod workbook;

pub(crate) use csv::csv;
pub(crate) use explain::explanations;
pub(crate) use html::html;
pub(crate) use markdown::markdown;
pub(crate) use refresh::{effects, refreshed};
pub(crate) use sections::sections;
pub(crate) use table::{notes, table};
pub(crate) use workbook::workbook;
