//! How much of what answers requests is there.

use como_config::{Posture, Service};

/// Everything that a stand-in has is one of these; an environment that serves for itself has all of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Presence {
    /// All that costs nothing by the hour: cluster, task definitions, VPC link, API.
    Prepared,
    /// Load balancer, endpoints, a way out and tasks.
    Serving(Tasks),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tasks {
    AsConfigured,
    OneEach,
}

impl Presence {
    /// What a stand-in of this posture has; none has a cold one.
    pub(crate) const fn of(posture: Posture) -> Option<Self> {
        match posture {
            Posture::Cold => None,
            Posture::PilotLight => Some(Self::Prepared),
            Posture::Warm => Some(Self::Serving(Tasks::OneEach)),
        }
    }

    pub(crate) const fn is_serving(self) -> bool {
        matches!(self, Self::Serving(_))
    }
}

impl Tasks {
    /// At first, at least and at most. A stand-in grows to the same size as what it stands in for.
    pub(crate) const fn bounds(self, configured: &Service) -> (u16, u16, u16) {
        let scaling = configured.scaling();
        match self {
            Self::AsConfigured => (configured.tasks().get(), scaling.min().get(), scaling.max().get()),
            Self::OneEach => (1, 1, scaling.max().get()),
        }
    }
}
