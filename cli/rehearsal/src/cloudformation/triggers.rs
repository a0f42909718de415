//! Alarms that turn an operation back while it runs and for a while after it.
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-rollback-triggers.html>

use super::operations::{CloudFormation, Interrupt};
use super::wire::{Form, QueryError, Xml};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::future::Future;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

const MOST_TRIGGERS: usize = 5;
const LONGEST_MINUTES: u32 = 180;
const TYPES: [&str; 2] = ["AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm"];
/// Between two looks at the alarms, on the wall.
const PAUSE: Duration = Duration::from_millis(50);

/// `RollbackConfiguration` of a stack.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RollbackConfiguration {
    triggers: Vec<Trigger>,
    minutes: Option<u32>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Trigger {
    arn: String,
    kind: String,
}

impl RollbackConfiguration {
    /// What a call leaves out stays as it was.
    pub(super) fn read(form: &Form, previous: Option<&Self>) -> Result<Self, QueryError> {
        let members = form.members("RollbackConfiguration.RollbackTriggers");
        let minutes = form.get("RollbackConfiguration.MonitoringTimeInMinutes");
        let is_given = form.get("RollbackConfiguration.RollbackTriggers").is_some() || minutes.is_some();
        if members.is_empty() && !is_given {
            return Ok(previous.cloned().unwrap_or_default());
        }
        let refuse = |message: String| Err(QueryError::validation(format!("1 validation error detected: {message}")));
        let minutes = match minutes.map(|text| (text, text.parse::<u32>())) {
            None => None,
            Some((_, Ok(minutes))) if minutes <= LONGEST_MINUTES => Some(minutes),
            Some((text, _)) => {
                return refuse(format!(
                    "Value '{text}' at 'rollbackConfiguration.monitoringTimeInMinutes' failed to satisfy constraint: Member \
                     must have value less than or equal to {LONGEST_MINUTES}"
                ));
            }
        };
        if MOST_TRIGGERS < members.len() {
            return refuse(format!(
                "Value at 'rollbackConfiguration.rollbackTriggers' failed to satisfy constraint: Member must have length less \
                 than or equal to {MOST_TRIGGERS}"
            ));
        }
        let mut triggers = Vec::new();
        for member in members {
            let part = |name: &str| member.get(name).cloned().unwrap_or_default();
            let trigger = Trigger { arn: part("Arn"), kind: part("Type") };
            if !TYPES.contains(&trigger.kind.as_str()) {
                let message = format!("Unsupported rollback trigger type {}", trigger.kind);
                return Err(QueryError::validation(message));
            }
            triggers.push(trigger);
        }
        Ok(Self { triggers, minutes })
    }

    pub(super) fn write(&self, xml: &mut Xml) {
        xml.nested("RollbackConfiguration", |xml| {
            if !self.triggers.is_empty() {
                xml.members("RollbackTriggers", &self.triggers, |xml, trigger| {
                    xml.element("Arn", &trigger.arn).element("Type", &trigger.kind);
                });
            }
            xml.optional("MonitoringTimeInMinutes", self.minutes.map(|minutes| minutes.to_string()));
        });
    }
}

/// Does the work of an operation, then waits for the monitoring time; an alarm that rings meanwhile ends both. Whether the
/// operation has failed, and why if it was an alarm.
pub(super) async fn guard(
    cloud: &CloudFormation,
    id: &str,
    names: BTreeSet<String>,
    (interrupt, abandon): (&Interrupt, &CancellationToken),
    work: impl Future<Output = bool>,
) -> (bool, Option<String>) {
    let mut rang = None;
    let failed = {
        tokio::pin!(work);
        let bell = rings(cloud, id);
        tokio::select! {
            biased;
            failed = &mut work => failed,
            reason = bell => {
                rang = Some(reason);
                abandon.cancel();
                work.await
            }
        }
    };
    let minutes = cloud.store.read(id, |stack| stack.rollback.minutes).flatten().unwrap_or(0);
    if !failed && rang.is_none() && !interrupt.is_set() && 0 < minutes {
        let waiting = Duration::from_secs(u64::from(minutes) * 60);
        tokio::select! {
            biased;
            () = interrupt.set() => {}
            reason = rings(cloud, id) => rang = Some(reason),
            () = cloud.wait(id, "monitoring", &names, waiting) => {}
        }
    }
    (failed || rang.is_some(), rang)
}

/// Returns when an alarm rings, or is not there; never without alarms. The words are ours, AWS documents none.
async fn rings(cloud: &CloudFormation, id: &str) -> String {
    let watched = cloud.store.read(id, |stack| (stack.pseudo.region.clone(), stack.rollback.triggers.clone()));
    let Some((region, triggers)) = watched.filter(|(_, triggers)| !triggers.is_empty()) else {
        return std::future::pending().await;
    };
    loop {
        for trigger in &triggers {
            match cloud.provisioner.is_ringing(&region, &trigger.arn).await {
                Some(false) => {}
                Some(true) => return format!("Rollback trigger {} is in ALARM state.", trigger.arn),
                None => return format!("Rollback trigger {} does not exist.", trigger.arn),
            }
        }
        tokio::time::sleep(PAUSE).await;
    }
}
