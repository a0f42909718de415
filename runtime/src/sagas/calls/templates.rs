//! What members are written. Plain text, and the same words as HTML.

use como_domain::saga::call::Notice;
use como_domain::saga::evidence::DeductionStatus;
use como_domain::saga::intent::{Intent, Payment, Subject};
use como_domain::saga::state::{Goal, Reason, State};

pub(super) struct Letter {
    pub(super) subject: String,
    pub(super) text: String,
    pub(super) html: String,
}

pub(super) fn letter(notice: Notice, first_name: Option<&str>, title: &str, intent: &Intent, state: &State) -> Letter {
    let greeting = first_name.map_or_else(|| "Dear member,".to_owned(), |name| format!("Dear {name},"));
    let (subject, mut paragraphs) = match notice {
        Notice::Confirmed => (format!("Confirmed: {title}"), vec![confirmed(title, intent), paid(intent)]),
        Notice::GivenBack => (
            match state.goal() {
                Goal::GiveBack(Reason::CancelledByMember) => format!("Cancelled: {title}"),
                Goal::GiveBack(_) | Goal::Fulfil => format!("Not booked: {title}"),
            },
            vec![format!("Your request for {title} has ended: {}.", why(state)), returned(intent, state)],
        ),
    };
    paragraphs.insert(0, greeting);
    paragraphs.push("COMO Club".to_owned());
    let html: String = paragraphs.iter().map(|text| format!("<p>{}</p>\n", escaped(text))).collect();
    let html = format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>{}</title>\n{html}</html>\n",
        escaped(&subject)
    );
    Letter { subject, text: format!("{}\n", paragraphs.join("\n\n")), html }
}

fn confirmed(title: &str, intent: &Intent) -> String {
    match &intent.subject {
        Subject::Booking { date, time, party_size, .. } => {
            let people = match party_size.get() {
                1 => "1 person".to_owned(),
                people => format!("{people} people"),
            };
            let (date, time) = (date.strftime("%-d %B %Y"), time.strftime("%H:%M"));
            format!("{title} is booked for {people} on {date} at {time}, the venue's time. Give your name at the door.")
        }
        Subject::Redemption { quantity, .. } => {
            format!("{quantity} × {title} is set aside for you. Show your membership in the shop.")
        }
    }
}

fn paid(intent: &Intent) -> String {
    match intent.payment {
        Payment::Points(points) => format!("{} points were taken from your account.", points.whole()),
        Payment::Card(money) => format!("{money} was charged to your card."),
    }
}

/// What came back. Of a payment that was held and let go nothing was ever taken.
fn returned(intent: &Intent, state: &State) -> String {
    let points = state.evidence().deductions().any(|seen| seen.status == DeductionStatus::Reversed);
    let refunded = state.evidence().payments().any(|seen| seen.refund.is_some());
    match intent.payment {
        Payment::Points(amount) if points => format!("{} points are back in your account.", amount.whole()),
        Payment::Points(_) => "No points were taken.".to_owned(),
        Payment::Card(amount) if refunded => format!("{amount} is on its way back to your card."),
        Payment::Card(_) => {
            "Your card was not charged; an authorisation that your bank still shows lapses by itself.".to_owned()
        }
    }
}

fn why(state: &State) -> &'static str {
    match state.goal() {
        Goal::Fulfil => "it could not be completed",
        Goal::GiveBack(reason) => match reason {
            Reason::CancelledByMember => "you cancelled it",
            Reason::Unavailable => "it is not available any more",
            Reason::ReservationLost => "the venue cancelled the reservation",
            Reason::NotPaid => "it was not paid",
            Reason::InsufficientPoints => "there are too few points in your account",
            Reason::PointsRefused => "the points could not be taken",
            Reason::SignInMissed => "you did not sign in again in time, which taking points needs",
            Reason::DeadlinePassed => "it could not be completed in time",
            Reason::TwoRequests => "it came to us twice with different contents",
        },
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
