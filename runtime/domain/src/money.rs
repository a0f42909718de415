//! Money and points: integers in minor units, read from decimal text so that no float is in between.

use std::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// The currencies of COMO's venues.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "&'static str")]
pub enum Currency {
    Aud,
    Gbp,
    Hkd,
    Idr,
    Jpy,
    Myr,
    Sgd,
    Thb,
    Usd,
}

impl Currency {
    /// ISO 4217.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Aud => "AUD",
            Self::Gbp => "GBP",
            Self::Hkd => "HKD",
            Self::Idr => "IDR",
            Self::Jpy => "JPY",
            Self::Myr => "MYR",
            Self::Sgd => "SGD",
            Self::Thb => "THB",
            Self::Usd => "USD",
        }
    }

    const fn minor_digits(self) -> u32 {
        match self {
            Self::Jpy => 0,
            Self::Aud | Self::Gbp | Self::Hkd | Self::Idr | Self::Myr | Self::Sgd | Self::Thb | Self::Usd => 2,
        }
    }
}

impl TryFrom<&str> for Currency {
    type Error = AmountError;

    fn try_from(code: &str) -> Result<Self, AmountError> {
        const ALL: [Currency; 9] = [
            Currency::Aud,
            Currency::Gbp,
            Currency::Hkd,
            Currency::Idr,
            Currency::Jpy,
            Currency::Myr,
            Currency::Sgd,
            Currency::Thb,
            Currency::Usd,
        ];
        ALL.into_iter().find(|currency| currency.code().eq_ignore_ascii_case(code)).ok_or(AmountError::UnknownCurrency)
    }
}

impl TryFrom<String> for Currency {
    type Error = AmountError;

    fn try_from(code: String) -> Result<Self, AmountError> {
        Self::try_from(code.as_str())
    }
}

impl From<Currency> for &'static str {
    fn from(currency: Currency) -> Self {
        currency.code()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Money {
    minor: i64,
    currency: Currency,
}

impl Money {
    #[must_use]
    pub const fn from_minor(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// Reads `128`, `128.5` or `128.50`.
    ///
    /// # Errors
    /// When the text is no decimal number, has more decimals than the currency or does not fit.
    pub fn from_decimal(text: &str, currency: Currency) -> Result<Self, AmountError> {
        Ok(Self { minor: minor_units(text, currency.minor_digits())?, currency })
    }

    /// Cents of SGD, yen of JPY.
    #[must_use]
    pub const fn minor(self) -> i64 {
        self.minor
    }

    #[must_use]
    pub const fn currency(self) -> Currency {
        self.currency
    }

    /// `None` when the currencies differ or the sum does not fit.
    #[must_use]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        if self.currency != other.currency {
            return None;
        }
        Some(Self { minor: self.minor.checked_add(other.minor)?, currency: self.currency })
    }

    /// The price of `count` things; `None` when it does not fit.
    #[must_use]
    pub fn checked_mul(self, count: u32) -> Option<Self> {
        Some(Self { minor: self.minor.checked_mul(i64::from(count))?, currency: self.currency })
    }
}

impl fmt::Display for Money {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let code = self.currency.code();
        match 10_u64.pow(self.currency.minor_digits()) {
            1 => write!(formatter, "{code} {}", self.minor),
            unit => {
                let sign = if self.minor < 0 { "-" } else { "" };
                let magnitude = self.minor.unsigned_abs();
                write!(formatter, "{code} {sign}{}.{:02}", magnitude / unit, magnitude % unit)
            }
        }
    }
}

/// Loyalty points in hundredths: Memberson's balances may carry decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Points {
    hundredths: i64,
}

impl Points {
    #[must_use]
    pub const fn from_hundredths(hundredths: i64) -> Self {
        Self { hundredths }
    }

    /// Reads `12500` or `12500.5`; further decimals must be zero.
    ///
    /// # Errors
    /// When the text is no decimal number or does not fit.
    pub fn from_decimal(text: &str) -> Result<Self, AmountError> {
        Ok(Self { hundredths: minor_units(text, 2)? })
    }

    #[must_use]
    pub const fn hundredths(self) -> i64 {
        self.hundredths
    }

    /// Whole points, rounded down: what a member can count on.
    #[must_use]
    pub const fn whole(self) -> i64 {
        self.hundredths.div_euclid(100)
    }

    #[must_use]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.hundredths.checked_add(other.hundredths).map(Self::from_hundredths)
    }

    #[must_use]
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.hundredths.checked_sub(other.hundredths).map(Self::from_hundredths)
    }

    /// The price of `count` things; `None` when it does not fit.
    #[must_use]
    pub fn checked_mul(self, count: u32) -> Option<Self> {
        self.hundredths.checked_mul(i64::from(count)).map(Self::from_hundredths)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum AmountError {
    #[error("an amount must be a decimal number")]
    NotDecimal,
    #[error("an amount has more decimals than its unit")]
    TooPrecise,
    #[error("an amount does not fit")]
    TooLarge,
    #[error("unknown currency")]
    UnknownCurrency,
}

fn minor_units(text: &str, digits: u32) -> Result<i64, AmountError> {
    let (negative, unsigned) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
    let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !is_digits(whole) || !is_digits(fraction) {
        return Err(AmountError::NotDecimal);
    }
    let digits = digits as usize;
    let significant = fraction.trim_end_matches('0');
    if digits < significant.len() {
        return Err(AmountError::TooPrecise);
    }
    let padded = format!("{whole}{significant:0<digits$}");
    let magnitude: i64 = padded.parse().map_err(|_| AmountError::TooLarge)?;
    Ok(if negative { -magnitude } else { magnitude })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Result<i64, AmountError>) {
        assert_eq!(Money::from_decimal(text, Currency::Sgd).map(Money::minor), expected, "{text}");
    }

    #[test]
    fn decimal_text_becomes_minor_units_exactly() {
        check("128", Ok(12_800));
        check("128.5", Ok(12_850));
        check("128.05", Ok(12_805));
        check("128.0500", Ok(12_805));
        check("0.01", Ok(1));
        check("-3.10", Ok(-310));
        check("0.015", Err(AmountError::TooPrecise));
        check("1e3", Err(AmountError::NotDecimal));
        check("", Err(AmountError::NotDecimal));
        check(".5", Err(AmountError::NotDecimal));
        check("+1", Err(AmountError::NotDecimal));
        check("99999999999999999999", Err(AmountError::TooLarge));
    }

    #[test]
    fn whole_points_round_down() {
        assert_eq!(Points::from_decimal("12500.99").map(Points::whole), Ok(12_500));
        assert_eq!(Points::from_decimal("-0.5").map(Points::whole), Ok(-1));
    }

    #[test]
    fn money_reads_as_people_write_it() {
        assert_eq!(Money::from_minor(12_805, Currency::Sgd).to_string(), "SGD 128.05");
        assert_eq!(Money::from_minor(-5, Currency::Sgd).to_string(), "SGD -0.05");
        assert_eq!(Money::from_minor(500, Currency::Jpy).to_string(), "JPY 500");
        assert_eq!(Currency::try_from("sgd"), Ok(Currency::Sgd));
        assert_eq!(Currency::try_from("XXX"), Err(AmountError::UnknownCurrency));
    }
}
