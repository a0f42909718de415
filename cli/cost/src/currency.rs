//! Another currency beside the dollars, at a rate that somebody named and dated.

use crate::money::Usd;
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Serialize, Serializer};
use std::fmt;

/// How many of another currency a dollar is, and since when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Conversion {
    currency: String,
    #[serde(serialize_with = "as_text")]
    rate: Decimal,
    #[serde(serialize_with = "as_text")]
    date: Date,
}

/// Why there is no such rate.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConversionError {
    #[error("{0:?} is no currency: three capital letters of ISO 4217, such as SGD")]
    Currency(String),
    #[error("amounts are in USD already")]
    Dollars,
    #[error("{0:?} is no rate: how many of the currency one dollar is, such as 1.34")]
    Rate(String),
    #[error("{0:?} is no day, such as 2026-11-30")]
    Date(String),
    #[error("the rate is of {date}, and today is {today}")]
    Future { date: Date, today: Date },
}

/// No currency has more to the dollar.
const MOST: u32 = 1_000_000;

fn as_text<T: fmt::Display, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}

impl Conversion {
    /// # Errors
    /// What of the three makes no sense, or is not known today.
    pub fn new(currency: &str, rate: &str, date: &str, today: Date) -> Result<Self, ConversionError> {
        let is_code = currency.len() == 3 && currency.bytes().all(|letter| letter.is_ascii_uppercase());
        if !is_code {
            return Err(ConversionError::Currency(currency.to_owned()));
        }
        if currency == "USD" {
            return Err(ConversionError::Dollars);
        }
        let number = Decimal::from_str_exact(rate).ok();
        let number = number.filter(|rate| Decimal::ZERO < *rate && *rate <= Decimal::from(MOST));
        let Some(rate) = number else { return Err(ConversionError::Rate(rate.to_owned())) };
        let Ok(date) = date.parse::<Date>() else { return Err(ConversionError::Date(date.to_owned())) };
        if today < date {
            return Err(ConversionError::Future { date, today });
        }
        Ok(Self { currency: currency.to_owned(), rate, date })
    }

    #[must_use]
    pub fn currency(&self) -> &str {
        &self.currency
    }

    #[must_use]
    pub const fn rate(&self) -> Decimal {
        self.rate
    }

    /// A printed amount in the other currency, rounded once, half to even.
    #[must_use]
    pub fn of(&self, amount: Usd) -> String {
        Usd::rounded(amount.get() * self.rate).to_string()
    }
}

impl fmt::Display for Conversion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at {} a dollar, the rate of {}", self.currency, self.rate.normalize(), self.date)
    }
}

#[cfg(test)]
mod tests {
    use super::{Conversion, ConversionError};
    use crate::money::Usd;
    use jiff::civil::date;

    #[test]
    fn amounts_are_rounded_once_and_the_rate_is_named() {
        let today = date(2026, 12, 1);
        let conversion = Conversion::new("SGD", "1.34", "2026-11-30", today).unwrap();
        assert_eq!(conversion.of(Usd::rounded("351.98".parse().unwrap())), "471.65");
        assert_eq!(conversion.to_string(), "SGD at 1.34 a dollar, the rate of 2026-11-30");
        let check = |currency, rate, date, error| {
            assert_eq!(Conversion::new(currency, rate, date, today), Err(error));
        };
        check("sgd", "1.34", "2026-11-30", ConversionError::Currency("sgd".to_owned()));
        check("USD", "1", "2026-11-30", ConversionError::Dollars);
        check("SGD", "0", "2026-11-30", ConversionError::Rate("0".to_owned()));
        check("SGD", "1,34", "2026-11-30", ConversionError::Rate("1,34".to_owned()));
        check("SGD", "1.34", "November", ConversionError::Date("November".to_owned()));
        check("SGD", "1.34", "2027-01-01", ConversionError::Future { date: date(2027, 1, 1), today });
    }
}
