//! An order as its member sees it: what was asked for, how far it is, what comes back.

use como_domain::journal::Journal;
use como_domain::saga::call::Leg;
use como_domain::saga::intent::{Payment, Subject};
use como_domain::saga::policy::Policy;
use como_domain::saga::state::Goal;
use como_domain::saga::view::{CompensationProgress, Status, history, view};
use como_domain::saga_id::SagaId;
use serde::Serialize;
use utoipa::ToSchema;

use crate::views::MoneyView;

/// Points or money, never both.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = Amount)]
pub(crate) enum AmountView {
    /// Whole points.
    Points(i64),
    Money(MoneyView),
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Order)]
pub(crate) struct OrderView {
    #[schema(example = "762ca27a7bf2a71fb3c1bcdaf31a35be")]
    pub(crate) id: String,
    #[serde(flatten)]
    state: StateView,
    /// It stays so unless somebody asks for something new.
    is_final: bool,
    order: SubjectView,
    /// The whole price.
    price: AmountView,
    /// What is not fulfilled by then is given back.
    #[schema(format = DateTime)]
    deadline: String,
    /// The partner's name for the reservation that stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    reservation: Option<String>,
    /// The member asked to cancel and the partner said no.
    cancellation_refused: bool,
    /// What comes back to the member or to the venue, and how far that is.
    compensations: Vec<CompensationView>,
    /// What only a person can do; somebody has been told.
    open_actions: Vec<OpenActionView>,
    /// The statuses gone through, oldest first.
    history: Vec<MilestoneView>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OrderState)]
struct StateView {
    /// `in_progress`, `awaiting_payment`, `queued`, `needs_sign_in`, `confirmed`, `giving_back`, `given_back` or
    /// `with_operator`.
    #[schema(example = "confirmed")]
    status: &'static str,
    /// Why it is given back: `cancelled_by_member`, `unavailable`, `reservation_lost`, `not_paid`, `insufficient_points`,
    /// `points_refused`, `sign_in_missed`, `deadline_passed` or `two_requests`.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    /// With `awaiting_payment`: where the member pays.
    #[serde(skip_serializing_if = "Option::is_none")]
    payment_url: Option<String>,
    /// Until when the member has to pay or to sign in.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    until: Option<String>,
    /// With `queued`: when it is tried again.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    next_try_at: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[schema(as = OrderSubject)]
enum SubjectView {
    Booking {
        experience_id: String,
        venue_id: String,
        /// Date and time are the venue's.
        #[schema(format = Date)]
        date: String,
        #[schema(example = "18:30")]
        time: String,
        tickets: u8,
    },
    Redemption {
        item_id: String,
        quantity: u8,
    },
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Compensation)]
struct CompensationView {
    /// `payment`, `points` or `reservation`.
    of: &'static str,
    /// Of a reservation, what it costs.
    amount: AmountView,
    /// `under_way`, `done`, or `by_hand`: a person sees to it.
    progress: &'static str,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OrderAction)]
struct OpenActionView {
    /// `cancel-reservation`, `refund-charge`, `credit-points` or `verify`.
    kind: &'static str,
    amount: AmountView,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Milestone)]
struct MilestoneView {
    #[schema(format = DateTime)]
    at: String,
    status: &'static str,
}

#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OrderPage {
    /// Newest first.
    pub(crate) orders: Vec<OrderView>,
    /// Send it as `cursor` to get the next page; missing on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next_cursor: Option<String>,
}

pub(crate) fn payment_amount(payment: Payment) -> AmountView {
    match payment {
        Payment::Points(points) => AmountView::Points(points.whole()),
        Payment::Card(money) => AmountView::Money(money.into()),
    }
}

impl OrderView {
    /// `None` for a journal in which nothing was accepted.
    pub(crate) fn of(policy: &Policy, saga: &SagaId, journal: &Journal) -> Option<Self> {
        let state = journal.fold();
        let seen = view(policy, &state)?;
        let intent = state.intent()?;
        let compensations = seen.compensations.iter().map(|part| CompensationView {
            of: match part.of {
                Leg::Payment => "payment",
                Leg::Points => "points",
                Leg::Reservation => "reservation",
            },
            amount: payment_amount(part.amount),
            progress: match part.progress {
                CompensationProgress::UnderWay => "under_way",
                CompensationProgress::Done => "done",
                CompensationProgress::ByHand => "by_hand",
            },
        });
        let open = seen.open_actions.iter();
        let actions =
            open.map(|action| OpenActionView { kind: action.kind().code(), amount: payment_amount(action.amount) });
        let milestones = history(policy, journal).into_iter();
        Some(Self {
            id: saga.to_string(),
            is_final: seen.status.is_final(),
            order: SubjectView::of(&intent.subject),
            price: payment_amount(intent.payment),
            deadline: intent.deadline.to_string(),
            reservation: seen.reservation.clone(),
            cancellation_refused: seen.cancellation_refused,
            compensations: compensations.collect(),
            open_actions: actions.collect(),
            history: milestones
                .map(|milestone| MilestoneView { at: milestone.at.to_string(), status: milestone.status.code() })
                .collect(),
            state: StateView::of(&seen.status, state.goal()),
        })
    }
}

impl StateView {
    fn of(status: &Status, goal: Goal) -> Self {
        let reason = match goal {
            Goal::GiveBack(reason) => Some(reason.code()),
            Goal::Fulfil => None,
        };
        let mut shown = Self { status: status.code(), reason, payment_url: None, until: None, next_try_at: None };
        match status {
            Status::AwaitingPayment { url, until } => {
                shown.payment_url.clone_from(url);
                shown.until = until.map(|until| until.to_string());
            }
            Status::NeedsSignIn { until } => shown.until = Some(until.to_string()),
            Status::Queued { next_try_at } => shown.next_try_at = next_try_at.map(|at| at.to_string()),
            _ => {}
        }
        shown
    }
}

impl SubjectView {
    fn of(subject: &Subject) -> Self {
        match subject {
            Subject::Booking { experience, venue, date, time, party_size } => Self::Booking {
                experience_id: experience.to_string(),
                venue_id: venue.to_string(),
                date: date.to_string(),
                time: time.strftime("%H:%M").to_string(),
                tickets: party_size.get(),
            },
            Subject::Redemption { item, quantity } => {
                Self::Redemption { item_id: item.to_string(), quantity: quantity.get() }
            }
        }
    }
}
