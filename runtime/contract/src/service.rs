//! The microservices of the middleware.

/// A deployable service: one task definition, one target group, one set of routes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Service {
    Accounts,
    Experiences,
    Bookings,
    Redemptions,
}

impl Service {
    pub const ALL: [Self; 4] = [Self::Accounts, Self::Experiences, Self::Bookings, Self::Redemptions];

    /// The name in stack names, task arguments, target groups and logs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Accounts => "accounts",
            Self::Experiences => "experiences",
            Self::Bookings => "bookings",
            Self::Redemptions => "redemptions",
        }
    }

    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|service| service.name() == name)
    }
}
