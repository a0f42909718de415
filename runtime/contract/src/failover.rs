//! What says which region serves.

/// The namespace of como's own metrics about where traffic goes.
pub const NAMESPACE: &str = "Como/Failover";
/// 1 while the stand-in serves, written every minute by whoever moved the traffic; nothing otherwise.
pub const STAND_IN_SERVES: &str = "StandInServes";
/// The dimension that names the environment that is stood in for.
pub const ENVIRONMENT_DIMENSION: &str = "Environment";

/// What a fail-over has written down about itself, in parameters of the region of recovery: they are there when nothing else
/// is. Templates give the first values only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Control {
    /// Which region serves and how that came about: `primary` until the first fail-over.
    Mode,
    /// Whether a fail-over may begin by itself: `ask`, until somebody who may decide that writes `auto`.
    Armed,
    /// How many times the traffic has moved; whoever writes with an older number is fenced off.
    Epoch,
}

impl Control {
    pub const ALL: [Self; 3] = [Self::Mode, Self::Armed, Self::Epoch];

    /// The name of the parameter, for example `/como/prod/dr/mode`; `environment` is the one that is recovered.
    #[must_use]
    pub fn parameter(self, environment: &str) -> String {
        format!("/como/{environment}/dr/{}", self.label())
    }

    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Mode => "mode",
            Self::Armed => "armed",
            Self::Epoch => "epoch",
        }
    }

    /// The value before anything has happened.
    #[must_use]
    pub const fn first_value(self) -> &'static str {
        match self {
            Self::Mode => "primary",
            Self::Armed => "ask",
            Self::Epoch => "0",
        }
    }
}
