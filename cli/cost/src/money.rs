//! US dollars, exact until a line is printed.

use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Deserializer, Serialize};
use std::fmt;
use std::iter::Sum;
use std::ops::{Add, Sub};

/// A printed amount: whole cents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Usd(Decimal);

/// Quotients such as 730 hours / 24 have no end, and their noise is in the 28th digit; far above it nothing is lost, since
/// no price times a quantity has so many decimals.
const NOISELESS: u32 = 18;

impl Usd {
    pub const ZERO: Self = Self(Decimal::ZERO);

    /// The one rounding: to cents, half to even.
    #[must_use]
    pub fn rounded(exact: Decimal) -> Self {
        let exact = exact.round_dp_with_strategy(NOISELESS, RoundingStrategy::MidpointNearestEven);
        let mut cents = exact.round_dp_with_strategy(2, RoundingStrategy::MidpointNearestEven);
        cents.rescale(2);
        Self(cents)
    }

    #[must_use]
    pub const fn get(self) -> Decimal {
        self.0
    }

    #[must_use]
    pub fn times(self, number: u32) -> Self {
        Self(self.0 * Decimal::from(number))
    }

    #[must_use]
    pub fn is_zero(self) -> bool {
        self.0.is_zero()
    }
}

/// Without the noise of endless quotients, and without trailing zeros.
#[must_use]
pub(crate) fn plain(exact: Decimal) -> Decimal {
    exact.round_dp(NOISELESS).normalize()
}

impl Add for Usd {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl Sub for Usd {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

impl Sum for Usd {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::rounded(Decimal::ZERO), Add::add)
    }
}

impl fmt::Display for Usd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = format!("{:.2}", self.0);
        f.pad(if text == "-0.00" { "0.00" } else { &text })
    }
}

impl Serialize for Usd {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Usd {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let amount = Decimal::from_str_exact(&text).ok().filter(|amount| *amount == amount.round_dp(2));
        amount
            .map(Self::rounded)
            .ok_or_else(|| serde::de::Error::custom(format!("{text:?} is no amount in whole cents")))
    }
}

#[cfg(test)]
mod tests {
    use super::{Usd, plain};
    use rust_decimal::Decimal;

    #[test]
    fn ties_go_to_the_even_cent() {
        let check = |exact: &str, cents: &str| {
            assert_eq!(Usd::rounded(exact.parse::<Decimal>().unwrap()).to_string(), cents, "{exact}");
        };
        check("43.365", "43.36");
        check("43.375", "43.38");
        check("43.3650000001", "43.37");
        check("0.00425", "0.00");
        check("-0.004", "0.00");
        check("5", "5.00");
    }

    #[test]
    fn the_noise_of_an_endless_quotient_breaks_no_tie() {
        let tie: Decimal = "0.0050000000000000000000000003".parse().unwrap();
        assert_eq!(Usd::rounded(tie).to_string(), "0.00");
        assert_eq!(plain(tie), "0.005".parse().unwrap());
    }
}
