//! The tables' adapters against a DynamoDB.

use std::collections::BTreeSet;

use como_adapters::clock::SystemClock;
use como_domain::idempotency::{IdempotencyRecord, Reservation};
use como_domain::identifier::MemberId;
use como_domain::journal::{Entry, Position};
use como_domain::journals::{Appended, Cursor, Journals, JournalsError, Pending, SagaKind};
use como_domain::manual_actions::ManualActions;
use como_domain::money::Points;
use como_domain::requests::{Reply, Requests};
use como_domain::saga::action::ManualAction;
use como_domain::saga::call::Step;
use como_domain::saga::event::{Event, Past};
use como_domain::saga::intent::Payment;
use como_domain::saga::policy::Policy;
use como_domain::saga::state::State;
use como_domain::saga::step::step;
use como_domain::saga_id::BodyHash;
use como_domain::webhook_events::WebhookEvents;
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;
use std::time::Duration;

use super::stores::{ENVIRONMENT, SINGAPORE, Stores};
use super::world::{intent, saga, with_points};

fn mei() -> MemberId {
    MemberId::try_from("C1000001").unwrap()
}

fn accepted(at: Timestamp) -> Entry {
    let position = Position { epoch: 1, region: SINGAPORE.to_owned().try_into().unwrap(), sequence: 1 };
    let event = Event::Accepted { intent: Box::new(intent(&mei(), with_points())), past: Past::Whole };
    step(&Policy::standard(), &State::default(), position, at, event).unwrap().entry
}

fn pending(entry: &Entry, key: &str) -> Pending {
    Pending { ordering_key: key.to_owned(), accepted_at: entry.at, supersedes: None }
}

#[tokio::test]
async fn an_entry_is_appended_once_and_read_as_it_was() {
    let stores = Stores::open().await;
    let journal = stores.clients(SINGAPORE).await.journal(ENVIRONMENT);
    let id = saga(&mei(), "one");
    assert!(journal.read(&id).await.unwrap().is_empty());
    let entry = accepted(Timestamp::now());
    assert_eq!(journal.append(&id, &entry, &pending(&entry, "slot/a")).await.unwrap(), Appended::Done);
    assert_eq!(journal.append(&id, &entry, &pending(&entry, "slot/a")).await.unwrap(), Appended::PlaceTaken);
    let read = journal.read(&id).await.unwrap();
    assert_eq!(read.entries().collect::<Vec<_>>(), [&entry]);
    stores.close().await;
}

#[tokio::test]
async fn the_outbox_holds_what_is_pending_oldest_first() {
    let stores = Stores::open().await;
    let journal = stores.clients(SINGAPORE).await.journal(ENVIRONMENT);
    let now = Timestamp::now();
    for (number, key) in [(2, "slot/a"), (1, "slot/a"), (3, "slot/b")] {
        let entry = accepted(now + SignedDuration::from_secs(number));
        let id = saga(&mei(), &number.to_string());
        journal.append(&id, &entry, &pending(&entry, key)).await.unwrap();
    }
    let of = journal.outbox_of("slot/a", 10).await.unwrap();
    assert_eq!(of.iter().map(|row| row.saga.clone()).collect::<Vec<_>>(), [saga(&mei(), "1"), saga(&mei(), "2")]);
    let (mut found, mut after) = (BTreeSet::new(), None::<Cursor>);
    loop {
        let page = journal.outbox(after.as_ref(), 1).await.unwrap();
        found.extend(page.items.into_iter().map(|row| row.saga));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(found.len(), 3);
    journal.leave_outbox(&of[0].saga, &of[0].position).await.unwrap();
    journal.leave_outbox(&of[0].saga, &of[0].position).await.unwrap();
    journal.leave_outbox(&saga(&mei(), "never"), &of[0].position).await.unwrap();
    assert_eq!(journal.outbox_of("slot/a", 10).await.unwrap().len(), 1);
    assert_eq!(journal.read(&of[0].saga).await.unwrap().entries().count(), 1, "the entry stays");
    assert!(journal.read(&saga(&mei(), "never")).await.unwrap().is_empty(), "nothing comes to be by tidying");
    stores.close().await;
}

#[tokio::test]
async fn a_members_sagas_come_newest_first_page_by_page() {
    let stores = Stores::open().await;
    let journal = stores.clients(SINGAPORE).await.journal(ENVIRONMENT);
    let now = Timestamp::now();
    for number in 0..5 {
        let entry = accepted(now + SignedDuration::from_secs(number));
        journal.append(&saga(&mei(), &number.to_string()), &entry, &pending(&entry, "slot/a")).await.unwrap();
    }
    let (mut listed, mut after, mut pages) = (Vec::new(), None::<Cursor>, 0);
    loop {
        let page = journal.of_member(&mei(), SagaKind::Booking, after.as_ref(), 2).await.unwrap();
        listed.extend(page.items);
        (after, pages) = (page.next, pages + 1);
        if after.is_none() {
            break;
        }
        let other = MemberId::try_from("C1000002").unwrap();
        let stolen = journal.of_member(&other, SagaKind::Booking, after.as_ref(), 2).await;
        assert!(matches!(stolen, Err(JournalsError::Cursor)));
    }
    let expected: Vec<_> = (0..5).rev().map(|number: i64| saga(&mei(), &number.to_string())).collect();
    assert_eq!((listed, pages), (expected, 3));
    stores.close().await;
}

#[tokio::test]
async fn a_record_is_replaced_only_by_who_read_it() {
    let stores = Stores::open().await;
    let requests = stores.clients(SINGAPORE).await.requests(ENVIRONMENT, Arc::new(SystemClock::start()));
    let (id, body) = (saga(&mei(), "one"), BodyHash::of(b"{}"));
    assert_eq!(requests.read(&id).await.unwrap(), None);
    let reserved = IdempotencyRecord::reserve(None, &body, Timestamp::now(), Duration::from_secs(60));
    let Reservation::Proceed { record, token } = reserved else { panic!("{reserved:?}") };
    assert!(requests.write(&id, &record, None).await.unwrap());
    assert!(!requests.write(&id, &record, None).await.unwrap());
    let reply = Reply {
        status: 202,
        content_type: "application/json".to_owned(),
        location: Some("/v1/bookings/1".to_owned()),
        body: "{}".to_owned(),
    };
    let answered = record.answer(token, reply).unwrap();
    assert!(requests.write(&id, &answered, Some(&record)).await.unwrap());
    assert!(!requests.write(&id, &record, Some(&record)).await.unwrap());
    assert_eq!(requests.read(&id).await.unwrap(), Some(answered));
    stores.close().await;
}

#[tokio::test]
async fn an_event_is_taken_once_unless_it_was_given_back() {
    let stores = Stores::open().await;
    let events = stores.clients(SINGAPORE).await.webhook_events(ENVIRONMENT, Arc::new(SystemClock::start()));
    let taken = async || events.take("stripe/evt_1").await.unwrap();
    assert_eq!((taken().await, taken().await), (true, false));
    events.give_back("stripe/evt_1").await.unwrap();
    assert_eq!((taken().await, taken().await), (true, false));
    events.give_back("stripe/evt_2").await.unwrap();
    assert!(events.take("stripe/evt_2").await.unwrap());
    stores.close().await;
}

#[tokio::test]
async fn the_list_of_manual_actions_is_what_was_recorded_last() {
    let stores = Stores::open().await;
    let clients = stores.clients(SINGAPORE).await;
    let (list, id) = (clients.manual_actions(ENVIRONMENT), saga(&mei(), "one"));
    let action =
        |step: Step, of| ManualAction { step: step.of(of), amount: Payment::Points(Points::from_hundredths(1)) };
    let (credit, cancel) = (action(Step::ReversePoints, 1), action(Step::CancelReservation, 1));
    let first: Timestamp = "2026-12-01T00:00:00.000Z".parse().unwrap();
    list.record(&id, &[credit, cancel], &[], first).await.unwrap();
    let later = first + SignedDuration::from_secs(60);
    list.record(&id, &[credit], &[credit, cancel], later).await.unwrap();
    let open = list.open(None, 10).await.unwrap();
    assert_eq!(open.next, None);
    assert_eq!(open.items.len(), 1);
    assert_eq!((&open.items[0].saga, open.items[0].action, open.items[0].opened_at), (&id, credit, first));
    assert_eq!(clients.open_actions(ENVIRONMENT).count().await.unwrap(), 1);
    list.record(&id, &[], &[credit, cancel], later).await.unwrap();
    assert!(list.open(None, 10).await.unwrap().items.is_empty());
    stores.close().await;
}
