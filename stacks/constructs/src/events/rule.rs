//! Rules.

use crate::iam::{Permissions, Role, RoleProps, Statement, TrustedService};
use crate::lambda::Function;
use como_core::resource::{Handle, Options};
use como_core::stack::Scope;
use como_core::value::Value;
use como_resources::events::{self, rule};
use como_resources::lambda;
use serde_json::Value as Json;

/// A rule of the region's default bus, where AWS's own events arrive.
#[derive(Debug, Clone)]
pub struct Rule {
    handle: Handle<events::Rule>,
}

#[derive(Debug)]
pub struct RuleProps<'a> {
    pub name: String,
    pub description: &'a str,
    pub trigger: Trigger,
}

#[derive(Debug, Clone)]
pub enum Trigger {
    /// Events that look like this.
    Pattern(Json),
    /// For example `rate(5 minutes)`.
    Schedule(&'static str),
    /// A schedule that calls nobody yet.
    PausedSchedule(&'static str),
}

/// The default bus of another region of the account.
#[derive(Debug, Clone, Copy)]
pub struct BusOfRegion<'a> {
    pub region: &'a str,
}

/// A call that fails is tried again for an hour; what was due before is stale.
const OLDEST_EVENT_S: i64 = 3600;

impl Rule {
    /// Calls `function`, which EventBridge may call for this rule only.
    pub fn calling(scope: &mut Scope<'_>, id: &str, props: RuleProps<'_>, function: &Function) -> Self {
        let mut scope = scope.child(id);
        let handle = Self::add(&mut scope, props, target(function.arn(), "function"));
        scope.add(
            "Permission",
            lambda::Permission {
                source_arn: Some(handle.get(events::Rule::ARN)),
                ..lambda::Permission::new("lambda:InvokeFunction", function.arn(), "events.amazonaws.com")
            },
        );
        Self { handle }
    }

    /// Passes the events on to another region, whose rules see them as if they had happened there.
    /// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-cross-region.html>
    pub fn forwarding(scope: &mut Scope<'_>, id: &str, props: RuleProps<'_>, bus: BusOfRegion<'_>) -> Self {
        let mut scope = scope.child(id);
        let arn = format!("arn:${{AWS::Partition}}:events:{}:${{AWS::AccountId}}:event-bus/default", bus.region);
        let arn = Value::substitute(&arn, []);
        let mut permissions = Permissions::none();
        permissions.add(Statement::allow(["events:PutEvents"], [arn.clone()]));
        let role = Role::new(
            &mut scope,
            "Role",
            RoleProps {
                description: "Passes events on to another region",
                trusted: TrustedService::Events,
                permissions,
                managed_policies: Vec::new(),
                options: Options::default(),
            },
        );
        let target = rule::Target { role_arn: Some(role.arn()), ..target(arn, "other-region") };
        Self { handle: Self::add(&mut scope, props, target) }
    }

    fn add(scope: &mut Scope<'_>, props: RuleProps<'_>, target: rule::Target) -> Handle<events::Rule> {
        let (pattern, schedule, state) = match props.trigger {
            Trigger::Pattern(pattern) => (Some(Value::document(pattern)), None, rule::State::Enabled),
            Trigger::Schedule(schedule) => (None, Some(schedule.into()), rule::State::Enabled),
            Trigger::PausedSchedule(schedule) => (None, Some(schedule.into()), rule::State::Disabled),
        };
        scope.add(
            "Resource",
            events::Rule {
                name: Some(props.name.into()),
                description: Some(props.description.into()),
                event_pattern: pattern,
                schedule_expression: schedule,
                state: Some(state.into()),
                targets: Some(vec![target]),
                ..events::Rule::new()
            },
        )
    }

    #[must_use]
    pub fn arn(&self) -> Value<String> {
        self.handle.get(events::Rule::ARN)
    }
}

fn target(arn: Value<String>, id: &str) -> rule::Target {
    rule::Target {
        retry_policy: Some(rule::RetryPolicy {
            maximum_event_age_in_seconds: Some(OLDEST_EVENT_S.into()),
            ..rule::RetryPolicy::new()
        }),
        ..rule::Target::new(arn, id)
    }
}
