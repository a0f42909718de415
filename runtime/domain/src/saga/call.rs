//! Calls to partners: their steps, their numbers and the keys that partners get to see.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::money::{Money, Points};
use crate::saga::action::ManualAction;
use crate::saga_id::SagaId;

/// A partner's side of a saga, read as one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Leg {
    /// Stripe's: sessions, intents, refunds.
    Payment,
    /// Memberson's: deductions and their reversals.
    Points,
    /// SevenRooms' reservations, or Memberson's reward redemptions.
    Reservation,
}

/// A kind of call. Those that take have one that gives back: authorise and release, capture and refund, reserve and cancel,
/// deduct and reverse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    Authorise,
    Reserve,
    Capture,
    Deduct,
    CancelReservation,
    Release,
    Refund,
    ReversePoints,
    Notify,
    RecordActions,
    ReadPayment,
    ReadPoints,
    ReadReservation,
}

impl Step {
    /// The step in keys, logs and metrics.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Authorise => "authorise",
            Self::Reserve => "reserve",
            Self::Capture => "capture",
            Self::Deduct => "deduct",
            Self::CancelReservation => "cancel",
            Self::Release => "release",
            Self::Refund => "refund",
            Self::ReversePoints => "reverse",
            Self::Notify => "notify",
            Self::RecordActions => "record-actions",
            Self::ReadPayment => "read-payment",
            Self::ReadPoints => "read-points",
            Self::ReadReservation => "read-reservation",
        }
    }

    /// The leg that the step writes to; `None` when repeating the step is harmless.
    #[must_use]
    pub const fn writes_to(self) -> Option<Leg> {
        match self {
            Self::Authorise | Self::Capture | Self::Release | Self::Refund => Some(Leg::Payment),
            Self::Reserve | Self::CancelReservation => Some(Leg::Reservation),
            Self::Deduct | Self::ReversePoints => Some(Leg::Points),
            Self::Notify | Self::RecordActions | Self::ReadPayment | Self::ReadPoints | Self::ReadReservation => None,
        }
    }

    /// The leg that the step reads.
    #[must_use]
    pub const fn reads(self) -> Option<Leg> {
        match self {
            Self::ReadPayment => Some(Leg::Payment),
            Self::ReadPoints => Some(Leg::Points),
            Self::ReadReservation => Some(Leg::Reservation),
            _ => None,
        }
    }

    /// Whether the step gives something back.
    #[must_use]
    pub const fn gives_back(self) -> bool {
        matches!(self, Self::CancelReservation | Self::Release | Self::Refund | Self::ReversePoints)
    }
}

impl Leg {
    #[must_use]
    pub const fn read(self) -> Step {
        match self {
            Self::Payment => Step::ReadPayment,
            Self::Points => Step::ReadPoints,
            Self::Reservation => Step::ReadReservation,
        }
    }
}

/// A step and, when it acts on something, the number of the attempt that made that thing; otherwise 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct StepId {
    pub step: Step,
    pub of: u16,
}

impl Step {
    #[must_use]
    pub const fn of(self, of: u16) -> StepId {
        StepId { step: self, of }
    }

    #[must_use]
    pub const fn alone(self) -> StepId {
        self.of(0)
    }
}

/// A call's name within its saga.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct CallId {
    pub id: StepId,
    pub attempt: u16,
}

impl CallId {
    /// `saga:step:attempt`: Stripe's idempotency key and metadata, SevenRooms' external id, Memberson's receipt number.
    #[must_use]
    pub fn partner_key(&self, saga: &SagaId) -> String {
        format!("{saga}:{self}")
    }

    /// The call that a partner's record belongs to, read from its key; `None` when the key is not one of `saga`'s.
    #[must_use]
    pub fn from_partner_key(key: &str, saga: &SagaId) -> Option<Self> {
        const KEYED: [Step; 8] = [
            Step::Authorise,
            Step::Reserve,
            Step::Capture,
            Step::Deduct,
            Step::CancelReservation,
            Step::Release,
            Step::Refund,
            Step::ReversePoints,
        ];
        let rest = key.strip_prefix(saga.as_str())?.strip_prefix(':')?;
        let (step, attempt) = rest.split_once(':')?;
        let (name, of) = match step.split_once('-') {
            Some((name, of)) => (name, of.parse().ok()?),
            None => (step, 0),
        };
        let step = KEYED.into_iter().find(|step| step.name() == name)?;
        Some(Self { id: step.of(of), attempt: attempt.parse().ok()? })
    }
}

impl fmt::Display for CallId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, attempt) = (self.id.step.name(), self.attempt);
        match self.id.of {
            0 => write!(formatter, "{name}:{attempt}"),
            of => write!(formatter, "{name}-{of}:{attempt}"),
        }
    }
}

/// A call with all that it needs beside the intent.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Call {
    /// Create a Checkout Session with manual capture.
    Authorise {
        attempt: u16,
        amount: Money,
        expires_at: Timestamp,
    },
    Reserve {
        attempt: u16,
    },
    Capture {
        attempt: u16,
        of: u16,
        intent: Option<String>,
        amount: Money,
    },
    Deduct {
        attempt: u16,
        amount: Points,
    },
    CancelReservation {
        attempt: u16,
        of: u16,
        reference: Option<String>,
    },
    /// Expire the session if nobody has paid, cancel its intent otherwise.
    Release {
        attempt: u16,
        of: u16,
        session: Option<String>,
        intent: Option<String>,
    },
    /// The whole charge.
    Refund {
        attempt: u16,
        of: u16,
        intent: Option<String>,
        amount: Money,
    },
    ReversePoints {
        attempt: u16,
        of: u16,
        amount: Points,
    },
    /// Send the e-mail.
    Notify {
        attempt: u16,
        notice: Notice,
    },
    /// Make the table of manual actions hold exactly these of this saga.
    RecordActions {
        attempt: u16,
        actions: Vec<ManualAction>,
    },
    /// Read everything that the partner holds under the saga's keys.
    Read {
        attempt: u16,
        leg: Leg,
    },
}

/// Which e-mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Notice {
    Confirmed,
    GivenBack,
}

impl Notice {
    pub(crate) const fn step(self) -> StepId {
        match self {
            Self::Confirmed => Step::Notify.of(1),
            Self::GivenBack => Step::Notify.of(2),
        }
    }
}

impl Call {
    #[must_use]
    pub const fn id(&self) -> CallId {
        match *self {
            Self::Authorise { attempt, .. } => CallId { id: Step::Authorise.alone(), attempt },
            Self::Reserve { attempt } => CallId { id: Step::Reserve.alone(), attempt },
            Self::Capture { attempt, of, .. } => CallId { id: Step::Capture.of(of), attempt },
            Self::Deduct { attempt, .. } => CallId { id: Step::Deduct.alone(), attempt },
            Self::CancelReservation { attempt, of, .. } => CallId { id: Step::CancelReservation.of(of), attempt },
            Self::Release { attempt, of, .. } => CallId { id: Step::Release.of(of), attempt },
            Self::Refund { attempt, of, .. } => CallId { id: Step::Refund.of(of), attempt },
            Self::ReversePoints { attempt, of, .. } => CallId { id: Step::ReversePoints.of(of), attempt },
            Self::Notify { attempt, notice } => CallId { id: notice.step(), attempt },
            Self::RecordActions { attempt, .. } => CallId { id: Step::RecordActions.alone(), attempt },
            Self::Read { attempt, leg } => CallId { id: leg.read().alone(), attempt },
        }
    }
}
