//! Scheduled actions: another smallest and largest count from a moment on.

use super::service::{Answer, AutoScaling, invalid, member, not_found, number, resource};
use super::state::Schedule;
use crate::clock::Clock;
use crate::services::cron::Cron;
use crate::services::wire::ServiceError;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::time::Duration;

/// When a schedule acts.
enum When {
    /// Once, at a time on the wall.
    At(Timestamp),
    /// Again and again on the simulated clock.
    Every(Duration),
    /// Again and again, at times on the wall: a week of busy evenings in a minute would be no rehearsal of one.
    Calendar(Cron, TimeZone),
}

impl AutoScaling {
    /// What is not given stays as it is.
    pub(super) fn put_schedule(&self, region: &str, input: &Value) -> Answer {
        let resource = resource(input)?;
        let name = member(input, "ScheduledActionName")?;
        let timezone = input["Timezone"].as_str();
        let arn = format!(
            "arn:aws:autoscaling:{region}:{}:scheduledAction:{}:resource/ecs/{resource}:scheduledActionName/{name}",
            self.account,
            uuid::Uuid::new_v4()
        );
        self.change_target(region, resource, |target| {
            let known = target.schedules.get(name);
            let expression = input["Schedule"].as_str().or(known.map(|known| known.expression.as_str()));
            let expression = expression.ok_or_else(|| invalid("You must specify a schedule.".to_owned()))?.to_owned();
            let timezone = timezone.map(str::to_owned).or_else(|| known?.timezone.clone());
            let action = &input["ScalableTargetAction"];
            let mut schedule = Schedule {
                arn: known.map_or(arn, |known| known.arn.clone()),
                created: known.map_or_else(Timestamp::now, |known| known.created),
                start: time(&input["StartTime"]).or_else(|| known?.start),
                end: time(&input["EndTime"]).or_else(|| known?.end),
                minimum: number(&action["MinCapacity"]).or_else(|| known?.minimum),
                maximum: number(&action["MaxCapacity"]).or_else(|| known?.maximum),
                next: None,
                expression,
                timezone,
            };
            if schedule.minimum.is_none() && schedule.maximum.is_none() {
                return Err(invalid("You must specify either min capacity, max capacity, or both.".to_owned()));
            }
            let now = Timestamp::now();
            let begin = schedule.start.unwrap_or(Timestamp::UNIX_EPOCH).max(now);
            match when(&schedule.expression, schedule.timezone.as_deref())? {
                // One that is over has no next time.
                When::At(at) => schedule.next = Some(at).filter(|at| now <= *at),
                When::Every(period) => schedule.next = after(begin, period, &self.clock),
                When::Calendar(cron, zone) => schedule.next = cron.after(begin, &zone),
            }
            target.schedules.insert(name.to_owned(), schedule);
            Ok(json!({}))
        })
    }

    pub(super) fn delete_schedule(&self, region: &str, input: &Value) -> Answer {
        let (resource, name) = (resource(input)?, member(input, "ScheduledActionName")?);
        self.change_target(region, resource, |target| match target.schedules.remove(name) {
            Some(_) => Ok(json!({})),
            None => Err(not_found("scheduled action", name)),
        })
    }
}

impl Schedule {
    pub(super) fn is_due(&self, now: Timestamp) -> bool {
        self.next.is_some_and(|next| next <= now)
    }

    /// To be called when it has acted.
    pub(super) fn advance(&mut self, now: Timestamp, clock: &Clock) {
        match when(&self.expression, self.timezone.as_deref()) {
            Ok(When::Every(period)) => self.next = after(now, period, clock),
            Ok(When::Calendar(cron, zone)) => self.next = cron.after(now, &zone),
            Ok(When::At(_)) | Err(_) => self.next = None,
        }
        self.next = self.next.filter(|next| self.end.is_none_or(|end| *next <= end));
    }
}

/// On the wall, however fast the clock: a schedule is no busy loop.
const SHORTEST: Duration = Duration::from_millis(500);

fn after(begin: Timestamp, period: Duration, clock: &Clock) -> Option<Timestamp> {
    begin.checked_add(SignedDuration::try_from(clock.wall(period).max(SHORTEST)).ok()?).ok()
}

/// `at(2026-12-24T18:00:00)` and `cron(0 8 * * ? *)` in the time zone, else UTC; `rate(5 minutes)`.
fn when(expression: &str, timezone: Option<&str>) -> Result<When, ServiceError> {
    let wrong = || invalid(format!("Schedule expression {expression} is not valid."));
    let zone = || {
        let zone = timezone.map_or(Ok(TimeZone::UTC), TimeZone::get);
        zone.map_err(|_| invalid(format!("Time zone {} is not valid.", timezone.unwrap_or_default())))
    };
    if expression.starts_with("cron(") {
        return Ok(When::Calendar(Cron::parse(expression).ok_or_else(wrong)?, zone()?));
    }
    let inside = |name: &str| expression.strip_prefix(name)?.strip_prefix('(')?.strip_suffix(')').map(str::trim);
    if let Some(at) = inside("at") {
        let local: DateTime = at.parse().map_err(|_| wrong())?;
        let at = zone()?.to_timestamp(local).map_err(|_| wrong())?;
        return Ok(When::At(at));
    }
    let (count, unit) = inside("rate").and_then(|rate| rate.split_once(' ')).ok_or_else(wrong)?;
    let count: u64 = count.parse().ok().filter(|count| 0 < *count).ok_or_else(wrong)?;
    let seconds = match unit.trim().trim_end_matches('s') {
        "minute" => 60,
        "hour" => 3600,
        "day" => 86_400,
        _ => return Err(wrong()),
    };
    Ok(When::Every(Duration::from_secs(count.saturating_mul(seconds))))
}

/// Seconds since 1970.
fn time(value: &Value) -> Option<Timestamp> {
    match value {
        Value::Number(seconds) => Timestamp::from_millisecond((seconds.as_f64()? * 1000.0) as i64).ok(),
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{When, when};

    #[test]
    fn times_and_rates_are_read() {
        let at = |expression, zone| match when(expression, zone).unwrap() {
            When::At(at) => at.to_string(),
            When::Every(period) => period.as_secs().to_string(),
            When::Calendar(cron, zone) => {
                cron.after("2026-11-24T04:34:00Z".parse().unwrap(), &zone).unwrap().to_string()
            }
        };
        assert_eq!(at("at(2026-12-24T18:00:00)", None), "2026-12-24T18:00:00Z");
        assert_eq!(at("rate(5 minutes)", None), "300");
        assert_eq!(at("cron(0 9 * * ? *)", Some("Asia/Singapore")), "2026-11-25T01:00:00Z");
        for wrong in ["cron(0 9 * * * *)", "rate(0 days)", "at(tomorrow)", "daily"] {
            assert!(when(wrong, None).is_err(), "{wrong}");
        }
    }
}
