//! What members see, from the request to the end.

use como_domain::saga::action::ManualActionKind;
use como_domain::saga::call::{Call, CallId, Leg, Notice, Step};
use como_domain::saga::event::Refusal;
use como_domain::saga::view::{Compensation, CompensationProgress, Status, View, history, view};
use como_domain::saga_id::SagaId;

use crate::world::machine::SHIPPING;
use crate::world::moves::{How, Move};
use crate::world::partners::Terms;
use crate::world::run::{BY_CARD, DEADLINE_S, Setting, WITH_POINTS, World, booking, redemption};
use crate::world::takeover::Takeovers;

const POINTS: Setting = Setting {
    subject: booking,
    payment: WITH_POINTS,
    terms: Terms::STANDARD,
    faults: 99,
    cancels: 9,
    takeovers: Takeovers::None,
};
const CARD: Setting = Setting { payment: BY_CARD, ..POINTS };
const REFUSED: fn(Refusal) -> Move = |refusal| Move::Run(How::Refused(refusal));
const WELL: Move = Move::Run(How::Well);

/// Makes the moves, each of which must be possible, then runs to rest, and compares the statuses gone through.
fn check(setting: Setting, moves: &[Move], expected: &[&str]) -> World {
    let mut world = World::new(SHIPPING, setting);
    for next in moves {
        let mut possible = world.due();
        world.may(&mut possible);
        assert!(possible.contains(next), "{next:?} is not among {possible:?}");
        world.apply(next);
    }
    world.settle_down();
    assert_eq!(world.always().or_else(|| world.at_rest()), None);
    assert_eq!(codes(&world), expected);
    world
}

fn codes(world: &World) -> Vec<&'static str> {
    history(&world.policy, &world.sides[world.active].journal())
        .into_iter()
        .map(|milestone| milestone.status.code())
        .collect()
}

fn seen(world: &World) -> View {
    view(&world.policy, world.state()).unwrap()
}

fn pay(rest: &[Move]) -> Vec<Move> {
    let paid = [WELL, Move::Pay, Move::Deliver { index: 0, again: false }];
    paid.into_iter().chain(rest.iter().cloned()).collect()
}

#[test]
fn with_points_it_is_reserved_and_then_paid() {
    let world = check(POINTS, &[], &["in_progress", "confirmed"]);
    let view = seen(&world);
    assert_eq!((view.reservation.as_deref(), view.compensations, view.open_actions), (Some("R1"), vec![], vec![]));
    assert!(!view.cancellation_refused);
    assert_eq!(world.partners.mails, 1);
    assert!(world.state().is_sent(Notice::Confirmed));
    check(Setting { subject: redemption, ..POINTS }, &[], &["in_progress", "confirmed"]);
}

#[test]
fn by_card_it_is_held_reserved_and_then_charged() {
    let mut world = World::new(SHIPPING, CARD);
    world.apply(&WELL);
    let Status::AwaitingPayment { url, until } = seen(&world).status else {
        panic!("{:?}", seen(&world));
    };
    assert_eq!(url.as_deref(), Some("https://pay.example/1"));
    assert_eq!(until.unwrap().as_second(), 1_800);
    for setting in [CARD, Setting { subject: redemption, ..CARD }] {
        let world = check(setting, &pay(&[]), &["in_progress", "awaiting_payment", "in_progress", "confirmed"]);
        assert_eq!(world.partners.mails, 1);
    }
}

#[test]
fn a_slot_that_is_taken_costs_nothing() {
    let world = check(POINTS, &[REFUSED(Refusal::Unavailable)], &["in_progress", "given_back"]);
    assert_eq!(world.partners.mails, 0, "there is nothing to write about");
    let moves = pay(&[REFUSED(Refusal::Unavailable)]);
    let world = check(CARD, &moves, &["in_progress", "awaiting_payment", "in_progress", "giving_back", "given_back"]);
    let released = Compensation { of: Leg::Payment, amount: BY_CARD, progress: CompensationProgress::Done };
    assert_eq!(seen(&world).compensations, [released]);
    assert_eq!(world.partners.mails, 1);
}

#[test]
fn too_few_points_cancel_the_reservation() {
    let moves = [WELL, REFUSED(Refusal::InsufficientPoints)];
    let world = check(POINTS, &moves, &["in_progress", "giving_back", "given_back"]);
    let cancelled = Compensation { of: Leg::Reservation, amount: WITH_POINTS, progress: CompensationProgress::Done };
    assert_eq!(seen(&world).compensations, [cancelled]);
    assert_eq!(seen(&world).reservation, None);
}

#[test]
fn a_declined_capture_cancels_the_reservation_and_lets_go_of_the_card() {
    let moves = pay(&[WELL, REFUSED(Refusal::Declined)]);
    check(CARD, &moves, &["in_progress", "awaiting_payment", "in_progress", "giving_back", "given_back"]);
}

#[test]
fn nobody_pays() {
    let world = check(CARD, &[], &["in_progress", "awaiting_payment", "given_back"]);
    assert_eq!(world.partners.mails, 0);
}

#[test]
fn a_sign_in_in_time_goes_on_and_a_missed_one_gives_back() {
    let moves = [WELL, Move::ExpireToken, WELL, Move::SignIn];
    check(POINTS, &moves, &["in_progress", "needs_sign_in", "in_progress", "confirmed"]);
    let world = check(POINTS, &moves[..3], &["in_progress", "needs_sign_in", "giving_back", "given_back"]);
    assert_eq!(world.now, 900, "it waits as long as it may and no longer");
}

#[test]
fn a_partner_that_is_down_is_waited_for_and_no_longer_than_the_deadline() {
    let down = [WELL, Move::Down(Leg::Points), WELL];
    let mut moves = down.to_vec();
    moves.push(Move::Up);
    let world = check(POINTS, &moves, &["in_progress", "queued", "confirmed"]);
    assert_eq!(world.now, 600);
    let waiting = [Move::Wake, WELL, Move::Wake, WELL, Move::Wake, WELL, Move::Wake, WELL];
    moves.truncate(3);
    moves.extend(waiting);
    let world = check(POINTS, &moves, &["in_progress", "queued", "giving_back", "given_back"]);
    assert_eq!(world.now, DEADLINE_S);
}

#[test]
fn a_lost_reply_is_looked_into_before_anything_else() {
    let world = check(POINTS, &[WELL, Move::Run(How::LostReply)], &["in_progress", "queued", "confirmed"]);
    assert_eq!((world.partners.deductions.len(), world.now), (1, 60), "read once the partner must be done with it");
    let world = check(POINTS, &[WELL, Move::Run(How::LostRequest)], &["in_progress", "queued", "confirmed"]);
    assert_eq!(world.partners.deductions[0].attempt, 2, "a new try has a new number");
}

#[test]
fn a_member_cancels() {
    let done = [WELL, WELL, WELL];
    let cancel = [&done[..], &[Move::Cancel]].concat();
    let world = check(POINTS, &cancel, &["in_progress", "confirmed", "giving_back", "given_back"]);
    assert_eq!(world.partners.mails, 2);
    let terms = Terms { cancellation: false, ..Terms::STANDARD };
    let world = check(Setting { terms, ..POINTS }, &cancel, &["in_progress", "confirmed", "giving_back", "confirmed"]);
    assert!(seen(&world).cancellation_refused, "the booking stands, and the member can see why");
    assert_eq!(world.partners.mails, 1);
}

#[test]
fn points_that_no_call_brings_back_are_credited_by_hand() {
    let terms = Terms { reversal: false, ..Terms::STANDARD };
    let cancel = [WELL, WELL, WELL, Move::Cancel];
    let expected = ["in_progress", "confirmed", "giving_back", "with_operator"];
    let mut world = check(Setting { terms, ..POINTS }, &cancel, &expected);
    let view = seen(&world);
    assert_eq!(view.open_actions[0].kind(), ManualActionKind::CreditPoints);
    assert_eq!(view.open_actions[0].amount, WITH_POINTS);
    let by_hand = Compensation { of: Leg::Points, amount: WITH_POINTS, progress: CompensationProgress::ByHand };
    assert_eq!(view.compensations[0], by_hand);
    world.apply(&Move::Settle(view.open_actions[0].step));
    world.settle_down();
    assert_eq!(world.at_rest(), None);
    assert_eq!(codes(&world).last(), Some(&"given_back"));
    assert_eq!(seen(&world).compensations[0].progress, CompensationProgress::Done);
}

#[test]
fn a_refund_that_the_bank_sends_back_is_paid_by_hand() {
    let mut world = check(CARD, &pay(&[]), &["in_progress", "awaiting_payment", "in_progress", "confirmed"]);
    world.apply(&Move::Cancel);
    world.settle_down();
    assert!(matches!(seen(&world).status, Status::GivenBack(_)));
    world.apply(&Move::FailRefund);
    world.settle_down();
    assert_eq!(world.at_rest(), None);
    assert_eq!(seen(&world).open_actions[0].kind(), ManualActionKind::RefundCharge);
    assert!(seen(&world).status.is_final());
}

#[test]
fn keys_tell_partners_which_try_of_which_step_it_is() {
    let saga = SagaId::try_from("0123456789abcdef0123456789abcdef".to_owned()).unwrap();
    let call = Call::Deduct { attempt: 2, amount: crate::world::partners::POINTS };
    assert_eq!(call.id().partner_key(&saga), "0123456789abcdef0123456789abcdef:deduct:2");
    let steps = [Step::Authorise, Step::Reserve, Step::Capture, Step::Deduct, Step::CancelReservation, Step::Release];
    let steps = steps.into_iter().chain([Step::Refund, Step::ReversePoints]);
    for id in steps.flat_map(|step| [step.alone(), step.of(3)]) {
        let call = CallId { id, attempt: 4 };
        assert_eq!(CallId::from_partner_key(&call.partner_key(&saga), &saga), Some(call));
    }
    let other = SagaId::try_from("0123456789abcdef0123456789abcdee".to_owned()).unwrap();
    assert_eq!(CallId::from_partner_key(&call.id().partner_key(&saga), &other), None);
    for text in ["", ":deduct", ":deduct:x", ":deduct-x:1", ":read-points:1", "deduct:1", ":nothing:1"] {
        assert_eq!(CallId::from_partner_key(&format!("{saga}{text}"), &saga), None, "{text}");
    }
}
