//! A workbook whose amounts are formulas: change a figure, and every sum follows.
//!
//! It is written here and not in `como-cost`, since the format has no other numbers than floats, which that crate's lint forbids.
//! Every figure goes into it as the decimal that the report has, and every sum is whole cents, so that totals are equal.

mod extras;
mod lines;
mod pen;
mod summary;

use como_cost::report::Report;
use pen::Formats;
use rust_xlsxwriter::{Workbook, XlsxError};

pub(crate) fn workbook(report: &Report) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    let formats = Formats::default();
    // The summary comes first and refers to what comes after, so that rows are counted before.
    let sheets = lines::placed(report);
    summary::write(workbook.add_worksheet(), report, &sheets, &formats)?;
    for (environment, sheet) in report.environments.iter().zip(&sheets) {
        lines::write(workbook.add_worksheet(), environment, sheet, &formats)?;
        lines::quantities(workbook.add_worksheet(), environment, sheet, &formats)?;
    }
    extras::write(&mut workbook, report, &formats)?;
    workbook.save_to_buffer()
}
