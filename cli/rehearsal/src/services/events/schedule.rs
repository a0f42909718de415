//! Rules that fire by the simulated clock.

use super::service::Events;
use super::state::Rule;
use crate::faults::Plane;
use crate::services::cron::Cron;
use crate::services::wire::ServiceError;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

/// On the wall, however fast the clock: a rule is no busy loop.
const SHORTEST: Duration = Duration::from_secs(1);

/// When a rule fires.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Timing {
    Every(Duration),
    Calendar(Cron),
}

/// Reads `rate(5 minutes)` and `cron(0 8 * * ? *)`.
pub(super) fn timing(schedule: &str) -> Result<Timing, ServiceError> {
    let invalid = || ServiceError::new("ValidationException", "Parameter ScheduleExpression is not valid.");
    if schedule.starts_with("cron(") {
        return Cron::parse(schedule).map(Timing::Calendar).ok_or_else(invalid);
    }
    let inner = schedule.strip_prefix("rate(").and_then(|rest| rest.strip_suffix(')')).ok_or_else(invalid)?;
    let (number, unit) = inner.trim().split_once(' ').ok_or_else(invalid)?;
    let number: u64 = number.parse().ok().filter(|number| 0 < *number).ok_or_else(invalid)?;
    // One minute, two minutes: EventBridge insists.
    let seconds = match (number, unit.trim()) {
        (1, "minute") => 60,
        (1, "hour") => 3600,
        (1, "day") => 86_400,
        (2.., "minutes") => 60,
        (2.., "hours") => 3600,
        (2.., "days") => 86_400,
        _ => return Err(invalid()),
    };
    Ok(Timing::Every(Duration::from_secs(number.saturating_mul(seconds))))
}

impl Timing {
    /// The simulated time that follows, and how long it takes to come; None when the calendar has no other.
    fn next(&self, from: Timestamp) -> Option<(Timestamp, Duration)> {
        let next = match self {
            Self::Every(period) => from.checked_add(SignedDuration::try_from(*period).ok()?).ok()?,
            // EventBridge's calendar is that of Greenwich.
            Self::Calendar(cron) => cron.after(from, &TimeZone::UTC)?,
        };
        Some((next, Duration::try_from(next.duration_since(from)).ok()?))
    }
}

impl Events {
    /// Ticks for this revision of a rule until it is gone, changed or disabled.
    pub(super) fn tick(self: &Arc<Self>, region: &str, name: &str, rule: &Rule) {
        let Some(Ok(timing)) = rule.schedule.as_deref().map(timing) else { return };
        if !rule.enabled {
            return;
        }
        let (this, region, name, revision) =
            (Arc::clone(self), region.to_owned(), name.to_owned(), rule.revision.clone());
        self.tasks.spawn(async move {
            this.stop.run_until_cancelled(this.keep_time(&region, &name, &revision, &timing)).await;
        });
    }

    /// When a rule fires next is in the books, so that a restart neither forgets nor delays it. An event is sent before the
    /// next one is noted: it may come twice after a kill, as EventBridge warns that any may.
    async fn keep_time(&self, region: &str, name: &str, revision: &str, timing: &Timing) -> Option<()> {
        loop {
            let due = match self.current(region, name, revision)?.due {
                Some(due) => due,
                None => self.note_next(region, name, revision, timing)?,
            };
            let pause = Duration::try_from(due.duration_since(Timestamp::now())).unwrap_or_default();
            tokio::time::sleep(pause).await;
            let rule = self.current(region, name, revision)?;
            // A region without its data plane misses what is due.
            if !self.clouds.is_dead(region, Plane::Data) {
                let arn = self.arn(region, name);
                let event = self.event(region, "aws.events", "Scheduled Event", json!({}), json!([arn]));
                self.send(region, name, &rule, &event);
            }
            self.note_next(region, name, revision, timing)?;
        }
    }

    fn current(&self, region: &str, name: &str, revision: &str) -> Option<Rule> {
        let rule = self.regions.of(region).ok()?.read(|state| state.rules.get(name).cloned());
        rule.filter(|rule| rule.enabled && rule.revision == revision)
    }

    fn note_next(&self, region: &str, name: &str, revision: &str, timing: &Timing) -> Option<Timestamp> {
        let from = self.current(region, name, revision)?.calendar.unwrap_or_else(Timestamp::now);
        let (calendar, pause) = timing.next(from)?;
        let due = Timestamp::now() + self.clock.wall(pause).max(SHORTEST);
        let noted = self.regions.of(region).map_err(ServiceError::from).and_then(|store| {
            store.change(|state| {
                if let Some(rule) = state.rules.get_mut(name).filter(|rule| rule.revision == revision) {
                    (rule.due, rule.calendar) = (Some(due), Some(calendar));
                }
                Ok::<_, ServiceError>(due)
            })
        });
        noted.inspect_err(|error| tracing::error!(%error, "the schedule of rule {name} has stopped")).ok()
    }

    pub(super) fn event(&self, region: &str, source: &str, kind: &str, detail: Value, resources: Value) -> Value {
        json!({
            "version": "0", "id": uuid::Uuid::new_v4().to_string(), "detail-type": kind, "source": source,
            "account": self.account, "time": Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            "region": region, "resources": resources, "detail": detail,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Timing, timing};
    use std::time::Duration;

    #[test]
    fn a_rate_is_a_number_and_its_unit() {
        let rate = |text: &str| match timing(text).unwrap() {
            Timing::Every(period) => period,
            Timing::Calendar(_) => Duration::ZERO,
        };
        assert_eq!(rate("rate(5 minutes)").as_secs(), 300);
        assert_eq!(rate("rate(1 day)").as_secs(), 86_400);
        for wrong in ["rate(1 minutes)", "rate(0 days)", "every day", "cron(0 0 * * * *)"] {
            assert!(timing(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_calendar_goes_from_one_time_to_the_next() {
        let calendar = timing("cron(0 0/6 * * ? *)").unwrap();
        let (next, pause) = calendar.next("2026-11-24T04:30:00Z".parse().unwrap()).unwrap();
        assert_eq!((next.to_string().as_str(), pause.as_secs()), ("2026-11-24T06:00:00Z", 5400));
        assert_eq!(calendar.next(next).unwrap().1.as_secs(), 6 * 3600);
    }
}
