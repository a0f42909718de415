//! Cells: texts, figures, formulas with the value that the report has for them.

use como_cost::money::Usd;
use rust_decimal::Decimal;
use rust_xlsxwriter::{Format, Formula, Worksheet, XlsxError};

pub(super) struct Formats {
    pub(super) head: Format,
    pub(super) plain: Format,
    pub(super) bold: Format,
    pub(super) cents: Format,
    pub(super) bold_cents: Format,
}

impl Default for Formats {
    fn default() -> Self {
        Self {
            head: Format::new().set_bold().set_text_wrap(),
            plain: Format::new(),
            bold: Format::new().set_bold(),
            cents: Format::new().set_num_format("#,##0.00"),
            bold_cents: Format::new().set_bold().set_num_format("#,##0.00"),
        }
    }
}

/// Writes one sheet from top to bottom.
pub(super) struct Pen<'w> {
    sheet: &'w mut Worksheet,
    /// From 0, as the library counts.
    pub(super) row: u32,
}

impl<'w> Pen<'w> {
    pub(super) fn new(
        sheet: &'w mut Worksheet,
        name: &str,
        widths: &[u16],
        formats: &Formats,
        head: &[&str],
    ) -> Result<Self, XlsxError> {
        sheet.set_name(name)?;
        for (column, width) in (0..).zip(widths) {
            sheet.set_column_width(column, f64::from(*width))?;
        }
        for (column, title) in (0..).zip(head) {
            sheet.write_string_with_format(0, column, *title, &formats.head)?;
        }
        sheet.set_freeze_panes(1, 1)?;
        // On paper the columns stand beside each other.
        sheet.set_landscape().set_paper_size(9).set_print_fit_to_pages(1, 0);
        Ok(Self { sheet, row: 1 })
    }

    /// As formulas name it.
    pub(super) const fn number(&self) -> u32 {
        self.row + 1
    }

    pub(super) fn text(&mut self, column: u16, text: &str, format: &Format) -> Result<(), XlsxError> {
        self.sheet.write_string_with_format(self.row, column, text, format).map(drop)
    }

    /// The format has floats alone; the shortest one that reads back as the decimal is written.
    pub(super) fn figure(&mut self, column: u16, figure: Decimal, format: &Format) -> Result<(), XlsxError> {
        match figure.normalize().to_string().parse::<f64>() {
            Ok(number) => self.sheet.write_number_with_format(self.row, column, number, format).map(drop),
            Err(_) => self.text(column, &figure.to_string(), format),
        }
    }

    pub(super) fn amount(&mut self, column: u16, amount: Usd, format: &Format) -> Result<(), XlsxError> {
        self.figure(column, amount.get(), format)
    }

    /// `value` is what a reader shows that does not calculate.
    pub(super) fn formula(
        &mut self,
        column: u16,
        formula: &str,
        value: Decimal,
        format: &Format,
    ) -> Result<(), XlsxError> {
        let formula = Formula::new(formula).set_result(value.round_dp(12).normalize().to_string());
        self.sheet.write_formula_with_format(self.row, column, formula, format).map(drop)
    }
}

/// To cents, half to even, as every line of the report; `ROUND` alone takes halves away from zero.
///
/// Floats miss a tie by less than a hundred-millionth of a cent, and no price times a quantity comes so near to one.
pub(super) fn half_to_even(cell: &str) -> String {
    let cents = format!("ROUND({cell}*100,8)");
    format!("=IF(MOD({cents},1)=0.5,2*ROUND({cents}/2,0)/100,ROUND({cell},2))")
}

/// A sheet's name in formulas; names of environments have hyphens.
pub(super) fn quoted(sheet: &str) -> String {
    format!("'{}'", sheet.replace('\'', "''"))
}
