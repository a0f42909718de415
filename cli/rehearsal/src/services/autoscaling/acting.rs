//! Alarms and schedules at work.

use super::policies::real;
use super::service::{AutoScaling, number};
use super::state::{Activity, Policy, Target, key};
use crate::services::cloudwatch::AlarmState;
use crate::services::store::StoreError;
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Between two looks, on the wall.
const INTERVAL: Duration = Duration::from_millis(500);
/// Of ECS services, when a policy does not say; simulated.
const COOLDOWN: Duration = Duration::from_secs(300);

/// Another count, and why.
struct Decision {
    count: u64,
    cause: String,
}

impl AutoScaling {
    /// Looks at alarms and schedules until told to stop.
    pub(crate) async fn act_until(self: Arc<Self>, stop: CancellationToken) {
        loop {
            if let Err(error) = self.act(Timestamp::now()) {
                tracing::error!(error = &error as &dyn std::error::Error, "could not scale");
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(INTERVAL) => {}
            }
        }
    }

    fn act(&self, now: Timestamp) -> Result<(), StoreError> {
        let keys: Vec<String> = self.store.read(|state| state.keys().cloned().collect());
        for key in keys {
            self.finish(&key)?;
            self.follow_schedules(&key, now)?;
            let Some(target) = self.store.read(|state| state.get(&key).cloned()) else { continue };
            let Some(current) = self.ecs.desired_count(&target.region, &target.resource) else { continue };
            if let Some(decision) = self.decide(&target, current, now) {
                self.scale(&target, current, decision)?;
            }
        }
        Ok(())
    }

    /// Tells the service what a killed supervisor may not have told it.
    fn finish(&self, key: &str) -> Result<(), StoreError> {
        let open = self.store.read(|state| {
            let target = state.get(key)?;
            let open = target.activities.iter().find(|activity| activity.ended.is_none())?;
            Some((target.region.clone(), target.resource.clone(), open.count))
        });
        let Some((region, resource, count)) = open else { return Ok(()) };
        self.ecs.set_desired_count(&region, &resource, count)?;
        self.store.change(|state| {
            let activities = state.get_mut(key).map(|target| target.activities.iter_mut());
            for activity in activities.into_iter().flatten().filter(|activity| activity.ended.is_none()) {
                activity.ended = Some(Timestamp::now());
            }
            Ok(())
        })
    }

    fn scale(&self, target: &Target, current: u64, decision: Decision) -> Result<(), StoreError> {
        let Decision { count, cause } = decision;
        tracing::info!(resource = target.resource, count, "{} is to have {count} tasks: {cause}", target.resource);
        let activity = Activity {
            id: uuid::Uuid::new_v4().to_string(),
            cause,
            count,
            scales_out: current < count,
            begun: Timestamp::now(),
            ended: None,
        };
        let key = key(&target.region, &target.resource);
        self.store.change(|state| {
            if let Some(target) = state.get_mut(&key) {
                target.begin(activity);
            }
            Ok::<_, StoreError>(())
        })?;
        self.finish(&key)
    }

    /// Takes over the limits of the schedules that are due; a count outside them is brought within at once.
    fn follow_schedules(&self, key: &str, now: Timestamp) -> Result<(), StoreError> {
        let due = |target: &Target| {
            let mut due = target.schedules.iter().filter(|(_, schedule)| schedule.is_due(now));
            due.next().filter(|_| !target.suspended.scheduled).map(|(name, _)| name.clone())
        };
        while let Some(name) = self.store.read(|state| state.get(key).and_then(due)) {
            let target = self.store.change(|state| {
                let Some(target) = state.get_mut(key) else { return Ok(None) };
                if let Some(schedule) = target.schedules.get_mut(&name) {
                    target.minimum = schedule.minimum.unwrap_or(target.minimum);
                    target.maximum = schedule.maximum.unwrap_or(target.maximum);
                    schedule.advance(now, &self.clock);
                }
                Ok::<_, StoreError>(Some(target.clone()))
            })?;
            let Some(target) = target else { return Ok(()) };
            let Some(current) = self.ecs.desired_count(&target.region, &target.resource) else { continue };
            let count = target.within(current);
            if count != current {
                let cause = format!("scheduled action name {name} was triggered");
                self.scale(&target, current, Decision { count, cause })?;
            }
        }
        Ok(())
    }

    /// Out as far as any policy wants; in only when all agree, as far as the most careful wants.
    fn decide(&self, target: &Target, current: u64, now: Timestamp) -> Option<Decision> {
        let rings = |name: &String| self.alarms.alarm(&target.region, name) == Some(AlarmState::Alarm);
        let policies = || target.policies.iter();
        let out = policies().filter(|(_, policy)| {
            !target.suspended.scaling_out && rings(&policy.high) && self.is_warm(target, policy, true, now)
        });
        let out = out.map(|(name, policy)| (self.wanted(target, policy, current).max(current + 1), name, &policy.high));
        let falls = |policy: &Policy| {
            !policy.configuration["DisableScaleIn"].as_bool().unwrap_or(false)
                && rings(&policy.low)
                && self.is_warm(target, policy, false, now)
        };
        let all_fall = !target.suspended.scaling_in && policies().all(|(_, policy)| falls(policy));
        let inward = policies().filter(|_| all_fall).map(|(name, policy)| {
            (self.wanted(target, policy, current).min(current.saturating_sub(1)), name, &policy.low)
        });
        let (count, name, alarm) = out.max_by_key(|one| one.0).or_else(|| inward.max_by_key(|one| one.0))?;
        let count = target.within(count);
        let cause = format!("monitor alarm {alarm} in state ALARM triggered policy {name}");
        (count != current).then_some(Decision { count, cause })
    }

    /// In proportion to the metric; as many as now when nobody has put it.
    fn wanted(&self, target: &Target, policy: &Policy, current: u64) -> u64 {
        let metric = self.alarms.latest(&target.region, &policy.high);
        let aim = real(&policy.configuration["TargetValue"]).filter(|aim| 0.0 < *aim);
        let Some((metric, aim)) = metric.zip(aim) else { return current };
        (current as f64 * metric / aim).ceil().clamp(0.0, 10_000.0) as u64
    }

    /// Whether the cooldown since the last change that way is over.
    fn is_warm(&self, target: &Target, policy: &Policy, out: bool, now: Timestamp) -> bool {
        let field = if out { "ScaleOutCooldown" } else { "ScaleInCooldown" };
        let cooldown = number(&policy.configuration[field]).map_or(COOLDOWN, Duration::from_secs);
        // Scaling in waits for scaling out too.
        let last = target.activities.iter().find(|activity| activity.scales_out == out || !out);
        let wall = SignedDuration::try_from(self.clock.wall(cooldown)).unwrap_or(SignedDuration::ZERO);
        last.is_none_or(|last| wall <= now.duration_since(last.begun))
    }
}
