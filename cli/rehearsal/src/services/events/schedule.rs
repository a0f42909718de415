//! Rules that fire by the simulated clock.

use super::service::Events;
use super::state::Rule;
use crate::faults::Plane;
use crate::services::wire::ServiceError;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;

/// On the wall, however fast the clock: a rule is no busy loop.
const SHORTEST: Duration = Duration::from_millis(100);

/// The period of `rate(5 minutes)`.
pub(super) fn period(schedule: &str) -> Result<Duration, ServiceError> {
    let invalid = || ServiceError::new("ValidationException", "Parameter ScheduleExpression is not valid.");
    if schedule.starts_with("cron(") {
        let message = "the rehearsal cloud does not offer cron schedules, only rate(…)";
        return Err(ServiceError::new("ValidationException", message));
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
    Ok(Duration::from_secs(number * seconds))
}

impl Events {
    /// Ticks for this revision of a rule until it is gone, changed or disabled.
    pub(super) fn tick(self: &Arc<Self>, region: &str, name: &str, rule: &Rule) {
        let Some(Ok(period)) = rule.schedule.as_deref().map(period) else { return };
        if !rule.enabled {
            return;
        }
        let (this, region, name, revision) =
            (Arc::clone(self), region.to_owned(), name.to_owned(), rule.revision.clone());
        self.tasks.spawn(async move {
            this.stop.run_until_cancelled(this.keep_time(&region, &name, &revision, period)).await;
        });
    }

    /// When a rule fires next is in the books, so that a restart neither forgets nor delays it. An event is sent before the
    /// next one is noted: it may come twice after a kill, as EventBridge warns that any may.
    async fn keep_time(&self, region: &str, name: &str, revision: &str, period: Duration) -> Option<()> {
        loop {
            let due = match self.current(region, name, revision)?.due {
                Some(due) => due,
                None => self.note_next(region, name, revision, period)?,
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
            self.note_next(region, name, revision, period)?;
        }
    }

    fn current(&self, region: &str, name: &str, revision: &str) -> Option<Rule> {
        let rule = self.regions.of(region).ok()?.read(|state| state.rules.get(name).cloned());
        rule.filter(|rule| rule.enabled && rule.revision == revision)
    }

    fn note_next(&self, region: &str, name: &str, revision: &str, period: Duration) -> Option<Timestamp> {
        let next = Timestamp::now() + self.clock.wall(period).max(SHORTEST);
        let noted = self.regions.of(region).map_err(ServiceError::from).and_then(|store| {
            store.change(|state| {
                if let Some(rule) = state.rules.get_mut(name).filter(|rule| rule.revision == revision) {
                    rule.due = Some(next);
                }
                Ok::<_, ServiceError>(next)
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
    use super::period;

    #[test]
    fn a_rate_is_a_number_and_its_unit() {
        assert_eq!(period("rate(5 minutes)").unwrap().as_secs(), 300);
        assert_eq!(period("rate(1 day)").unwrap().as_secs(), 86_400);
        for wrong in ["rate(1 minutes)", "rate(0 days)", "every day", "cron(0 0 * * ? *)"] {
            assert!(period(wrong).is_err(), "{wrong}");
        }
    }
}
