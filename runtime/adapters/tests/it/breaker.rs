//! The breaker under arbitrary schedules, compared with what its prose promises.

use std::time::Duration;

use como_adapters::breaker::{Breaker, BreakerPolicy, Outcome, Permit};
use proptest::prelude::*;

#[derive(Debug, Clone)]
enum Step {
    Wait(u64),
    Ask,
    /// Reports the given one of the permits that are out.
    Report(prop::sample::Index, bool),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (0_u64..150).prop_map(Step::Wait),
        Just(Step::Ask),
        (any::<prop::sample::Index>(), any::<bool>()).prop_map(|(index, success)| Step::Report(index, success)),
    ]
}

proptest! {
    #[test]
    fn it_keeps_its_promises(failures in 1_u32..6, steps in prop::collection::vec(step(), 0..200)) {
        let policy = BreakerPolicy { failures_to_open: failures, open_for: Duration::from_millis(100) };
        let mut breaker = Breaker::default();
        let mut now = Duration::ZERO;
        let mut out: Vec<Permit> = Vec::new();
        let mut opened_at: Option<Duration> = None;
        let mut last_probe: Option<Duration> = None;
        for step in steps {
            let before = breaker.state_name();
            match step {
                Step::Wait(milliseconds) => now += Duration::from_millis(milliseconds),
                Step::Ask => match breaker.permit(now, policy) {
                    Some(permit) => {
                        if before != "closed" {
                            prop_assert!(opened_at.is_some_and(|at| at + policy.open_for <= now), "a pause is kept");
                            prop_assert!(
                                before == "open" || last_probe.is_none_or(|at| at + policy.open_for <= now),
                                "one probe at a time"
                            );
                            last_probe = Some(now);
                            prop_assert_eq!(breaker.state_name(), "half_open");
                        }
                        out.push(permit);
                    }
                    None => prop_assert_ne!(before, "closed", "a closed breaker refuses nobody"),
                },
                Step::Report(index, success) if !out.is_empty() => {
                    let permit = out.swap_remove(index.index(out.len()));
                    breaker.report(permit, if success { Outcome::Succeeded } else { Outcome::Failed }, now, policy);
                    match (before, breaker.state_name()) {
                        (_, "open") if before != "open" => {
                            prop_assert!(!success);
                            opened_at = Some(now);
                            last_probe = None;
                        }
                        ("half_open", "closed") => prop_assert!(success),
                        (_, after) => prop_assert_eq!(before, after),
                    }
                }
                Step::Report(..) => {}
            }
        }
    }

    #[test]
    fn that_many_failures_in_a_row_open_it_and_one_success_starts_the_count_again(failures in 1_u32..20) {
        let policy = BreakerPolicy { failures_to_open: failures, open_for: Duration::from_secs(1) };
        let mut breaker = Breaker::default();
        let fail = |breaker: &mut Breaker, times: u32| (0..times).for_each(|_| {
            if let Some(permit) = breaker.permit(Duration::ZERO, policy) {
                breaker.report(permit, Outcome::Failed, Duration::ZERO, policy);
            }
        });
        fail(&mut breaker, failures - 1);
        let permit = breaker.permit(Duration::ZERO, policy).unwrap();
        breaker.report(permit, Outcome::Succeeded, Duration::ZERO, policy);
        fail(&mut breaker, failures - 1);
        prop_assert_eq!(breaker.state_name(), "closed");
        fail(&mut breaker, 1);
        prop_assert_eq!(breaker.state_name(), "open");
        prop_assert!(breaker.permit(Duration::from_millis(999), policy).is_none());
    }
}

#[test]
fn a_late_answer_from_before_the_pause_changes_nothing() {
    let policy = BreakerPolicy { failures_to_open: 1, open_for: Duration::from_secs(1) };
    let mut breaker = Breaker::default();
    let slow = breaker.permit(Duration::ZERO, policy).unwrap();
    let failing = breaker.permit(Duration::ZERO, policy).unwrap();
    breaker.report(failing, Outcome::Failed, Duration::ZERO, policy);
    breaker.report(slow, Outcome::Succeeded, Duration::from_millis(10), policy);
    assert_eq!(breaker.state_name(), "open");
    assert!(breaker.permit(Duration::from_secs(1), policy).is_some());
    breaker.report(slow, Outcome::Failed, Duration::from_secs(1), policy);
    assert_eq!(breaker.state_name(), "half_open");
}
