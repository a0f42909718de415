//! A quantity over the bands of a price.

use crate::book::Row;
use rust_decimal::Decimal;

/// What of a quantity falls into one band.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Band<'b> {
    pub row: &'b Row,
    pub quantity: Decimal,
    pub amount: Decimal,
}

/// The quantity is beyond the last band that the book knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Beyond {
    pub end: Decimal,
}

/// Bands are contiguous and begin at 0. A quantity at an edge lies in the band below it; each part of it is priced by the band
/// that it lies in.
pub(crate) fn spread(rows: &[Row], quantity: Decimal) -> Result<Vec<Band<'_>>, Beyond> {
    let mut bands = Vec::new();
    for row in rows {
        let reached = row.end.map_or(quantity, |end| quantity.min(end));
        let within = (reached - row.begin).max(Decimal::ZERO);
        if bands.is_empty() || !within.is_zero() {
            bands.push(Band { row, quantity: within, amount: within * row.price });
        }
        if row.end.is_none_or(|end| quantity <= end) {
            return Ok(bands);
        }
    }
    Err(Beyond { end: rows.last().and_then(|row| row.end).unwrap_or_default() })
}
