//! Whole numbers that only hold what is sound.

/// A whole number with its check and the JSON Schema that says the same to editors.
macro_rules! number_value {
    ($name:ident, $integer:ty, $accepted:expr, $is_accepted:expr, $what:literal, $($schema:tt)+) => {
        impl $name {
            #[must_use]
            pub const fn get(self) -> $integer {
                self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, "{}", self.0)
            }
        }

        impl TryFrom<i64> for $name {
            type Error = $crate::refusal::Refusal;

            fn try_from(number: i64) -> Result<Self, $crate::refusal::Refusal> {
                let refusal = || $crate::refusal::Refusal::new(format!(concat!("{} cannot be ", $what), number)).accepting($accepted);
                <$integer>::try_from(number).ok().filter($is_accepted).map(Self).ok_or_else(refusal)
            }
        }

        impl $crate::value::Written for $name {
            type Form = i64;
        }

        impl schemars::JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!($($schema)+)
            }
        }
    };
}
pub(crate) use number_value;
