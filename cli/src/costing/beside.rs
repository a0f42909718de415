//! Another currency beside the dollars.

use crate::exit::{Exit, Failure};
use como_cost::currency::Conversion;
use jiff::civil::Date;

#[derive(Debug, clap::Args)]
pub(crate) struct Beside {
    /// Totals in another currency too, for example `SGD`
    #[arg(long, value_name = "CODE", requires_all = ["rate", "rate_date"])]
    currency: Option<String>,
    /// How many of it a dollar is, for example `1.34`
    #[arg(long, requires = "currency")]
    rate: Option<String>,
    /// The day of that rate
    #[arg(long, value_name = "DATE", requires = "currency")]
    rate_date: Option<String>,
}

impl Beside {
    pub(crate) fn conversion(&self, today: Date) -> Result<Option<Conversion>, Failure> {
        let (Some(currency), Some(rate), Some(date)) = (&self.currency, &self.rate, &self.rate_date) else {
            return Ok(None);
        };
        let conversion = Conversion::new(currency, rate, date, today);
        conversion.map(Some).map_err(|error| {
            Failure::new(Exit::Usage, error).hint("for example `--currency SGD --rate 1.34 --rate-date 2026-11-30`")
        })
    }
}
