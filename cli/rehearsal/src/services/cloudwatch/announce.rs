//! What an alarm does when it turns: topics and functions of its new state, and an event for EventBridge.
//!
//! A turn is kept with the alarm until all of this is done, so that none is lost when the supervisor is killed; one may then
//! be told twice, as on AWS. The order is the order of the turns.

use super::sayings;
use super::state::{Act, Alarm, AlarmState, CloudWatch, Turn};
use crate::faults::Plane;
use crate::replication::regions::Regions;
use crate::services::access::Caller;
use crate::services::events::{Events, News};
use crate::services::lambda::Lambda;
use crate::services::property::{Properties, flag, texts};
use crate::services::sns::Sns;
use crate::services::store::StoreError;
use jiff::Timestamp;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// Whom an alarm reaches.
pub(crate) struct Bells {
    pub(crate) events: Arc<Events>,
    pub(crate) lambda: Arc<Lambda>,
    pub(crate) sns: Arc<Sns>,
}

const ACTIONS: [(AlarmState, &str); 3] = [
    (AlarmState::Ok, "OKActions"),
    (AlarmState::Alarm, "AlarmActions"),
    (AlarmState::InsufficientData, "InsufficientDataActions"),
];

/// Refuses what an alarm cannot do here.
pub(super) fn check(properties: &Properties) -> Result<(), String> {
    for arn in ACTIONS.iter().flat_map(|(_, name)| texts(properties, name)) {
        if !is_reached(&arn) {
            return Err(format!(
                "the rehearsal cloud does not offer the alarm action {arn}, only topics and functions"
            ));
        }
    }
    if properties.contains_key("ActionsSuppressor") {
        return Err("the rehearsal cloud does not offer ActionsSuppressor of composite alarms".to_owned());
    }
    Ok(())
}

/// Topics and functions.
fn is_reached(arn: &str) -> bool {
    matches!(arn.split(':').nth(2), Some("sns" | "lambda"))
}

impl CloudWatch {
    /// Tells of every turn, what was left from before first, until it is told to stop.
    pub(crate) async fn announce_until(self: Arc<Self>, bells: Bells, regions: Arc<Regions>, stop: CancellationToken) {
        let mut seen = regions.seen();
        while !stop.is_cancelled() {
            if let Err(error) = self.announce(&bells, &regions) {
                tracing::error!(%error, "could not note that alarms have been told of");
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = self.turned.notified() => {}
                () = regions.changed(&mut seen) => {}
            }
        }
    }

    fn announce(&self, bells: &Bells, regions: &Regions) -> Result<(), StoreError> {
        let turned: Vec<(String, String, Alarm)> = self.alarms.read(|alarms| {
            let all = alarms.iter().flat_map(|(region, here)| here.iter().map(move |(name, one)| (region, name, one)));
            let turned = all.filter(|(_, _, alarm)| !alarm.turns.is_empty());
            turned.map(|(region, name, alarm)| (region.clone(), name.clone(), alarm.clone())).collect()
        });
        let mut turns: Vec<(&String, &String, &Alarm, &Turn)> = turned
            .iter()
            .filter(|(region, ..)| !regions.is_dead(region, Plane::Data))
            .flat_map(|(region, name, alarm)| alarm.turns.iter().map(move |turn| (region, name, alarm, turn)))
            .collect();
        turns.sort_by_key(|(.., turn)| turn.at);
        for (region, name, alarm, turn) in turns {
            let acts = self.tell(bells, region, name, alarm, turn);
            self.alarms.change(|alarms| {
                if let Some(alarm) = alarms.get_mut(region).and_then(|here| here.get_mut(name)) {
                    alarm.turns.retain(|known| known.id != turn.id);
                    alarm.note(acts);
                }
                Ok::<_, StoreError>(())
            })?;
        }
        Ok(())
    }

    fn tell(&self, bells: &Bells, region: &str, name: &str, alarm: &Alarm, turn: &Turn) -> Vec<Act> {
        bells.events.announce(
            region,
            News {
                source: "aws.cloudwatch",
                kind: "CloudWatch Alarm State Change",
                resources: vec![alarm.arn.clone()],
                detail: sayings::event(name, alarm, turn),
            },
        );
        if !flag(&alarm.properties, "ActionsEnabled").unwrap_or(true) {
            return Vec::new();
        }
        let lists = ACTIONS.iter().filter(|(state, _)| *state == turn.to);
        // Scaling policies look at their alarms themselves.
        let wanted = lists.flat_map(|(_, list)| texts(&alarm.properties, list)).filter(|arn| is_reached(arn));
        wanted
            .map(|target| {
                let done = if target.split(':').nth(2) == Some("sns") {
                    let caller = Caller::new("cloudwatch.amazonaws.com", &alarm.arn);
                    let message = sayings::message(&self.account, region, name, alarm, turn);
                    let subject = sayings::subject(region, name, turn);
                    bells.sns.publish_for(caller, &target, Some(&subject), &message.to_string())
                } else {
                    let caller = Caller::new("lambda.alarms.cloudwatch.amazonaws.com", &alarm.arn);
                    let event = sayings::invocation(&self.account, region, name, alarm, turn);
                    bells.lambda.enqueue_for(caller, &target, &event.to_string())
                };
                if let Err(error) = &done {
                    tracing::warn!(%error, region, alarm = name, "the alarm {name} could not reach {target}");
                }
                Act { at: Timestamp::now(), target, failure: done.err().map(|error| error.message) }
            })
            .collect()
    }
}
