//! How a stand-in learns that the other region is lost, and what it knows of itself.
//!
//! Route 53's checkers ask the other region's API from several places in the world. Their findings are a metric in us-east-1
//! alone, so the alarm is there and passes its turn on to the stand-in's region, where it calls the recovery trigger. A
//! person can begin a recovery without any of this.

use crate::functions::Functions;
use crate::messaging::Messaging;
use crate::naming;
use como_config::{Environment, Region, Standby};
use como_constructs::cloudwatch::{Alarm, AlarmProps, Metric, Statistic, When, WithoutData};
use como_constructs::events::{BusOfRegion, Rule, RuleProps, Trigger};
use como_constructs::route53::{Checkers, HealthCheck, ProbeProps};
use como_constructs::ssm::{Parameter, ParameterProps};
use como_contract::failover::Control;
use como_contract::route::DOCUMENT_PATH;
use como_core::stack::Stack;
use serde_json::json;

/// From where the API is asked: neither of the two regions, and a third is the fewest that Route 53 takes.
const CHECKERS: [Checkers; 3] = [Checkers::Ireland, Checkers::Oregon, Checkers::Tokyo];
/// So many of so many minutes: a deployment that goes wrong for a moment is no loss of a region.
const DOWN: (i64, i64) = (4, 5);

/// Both stacks: of the stand-in's own region, and of the one where health checks report.
pub(crate) fn watch(
    environment: &Environment,
    standby: &Standby,
    messaging: &Messaging,
    functions: &Functions,
) -> Vec<Stack> {
    let (far, alarm) = probe(environment, standby, Region::GLOBAL);
    let near = near(environment, standby, &alarm, messaging, functions);
    vec![near, far]
}

fn probe(environment: &Environment, standby: &Standby, global: Region) -> (Stack, String) {
    let description = "COMO: whether the API of the other region answers";
    let mut stack = naming::stack_in(environment, global, "watch-global", description);
    let mut scope = stack.scope();
    let of = standby.of();
    let check = HealthCheck::of_address(
        &mut scope,
        "Probe",
        &ProbeProps {
            host: naming::region_domain(of),
            path: DOCUMENT_PATH.to_owned(),
            name: naming::name(of, "probe"),
            checkers: CHECKERS,
        },
    );
    let alarm = Alarm::new(
        &mut scope,
        "Down",
        AlarmProps {
            name: naming::name(environment, &format!("{}-down", of.name())),
            description: format!("The API in {} does not answer: the region is lost, or looks so", of.region()),
            measure: Metric {
                namespace: "AWS/Route53",
                name: "HealthCheckStatus",
                statistic: Statistic::Minimum,
                dimensions: vec![("HealthCheckId", check.id())],
            }
            .into(),
            when: When::Below(1.0),
            minutes: DOWN.0,
            of: DOWN.1,
            // Nobody sees the region: that is no reason to believe in it.
            without_data: WithoutData::Wrong,
            // The stand-in's topic is in another region; who is called there tells people.
            tell: None,
        },
    );
    let props = RuleProps {
        name: naming::name(environment, "pass-on"),
        description: "Tells the stand-in's region that the other one is lost",
        trigger: turned(alarm.name()),
    };
    let region = environment.region();
    Rule::forwarding(&mut scope, "PassOn", props, BusOfRegion { region: region.as_str() });
    (stack, alarm.name().to_owned())
}

fn near(
    environment: &Environment,
    standby: &Standby,
    alarm: &str,
    messaging: &Messaging,
    functions: &Functions,
) -> Stack {
    let mut stack = naming::stack(environment, "watch", "COMO: what begins a recovery, and what is known of it");
    let mut scope = stack.scope();
    for control in Control::ALL {
        let (id, description) = match control {
            Control::Mode => ("Mode", "Which region serves, and how that came about"),
            Control::Armed => ("Armed", "Whether a recovery may begin by itself"),
            Control::Epoch => ("Epoch", "How many times the traffic has moved"),
        };
        let name = control.parameter(standby.of().name().as_str());
        Parameter::new(&mut scope, id, ParameterProps { name, description, value: control.first_value().into() });
    }
    if let Some(trigger) = &functions.recovery_trigger {
        let props = RuleProps {
            name: naming::name(environment, "recovery"),
            description: "The other region is lost, or looks so",
            trigger: turned(alarm),
        };
        Rule::calling(&mut scope, "Recovery", props, trigger);
        let called = AlarmProps {
            name: naming::name(environment, "recovery-called"),
            description: "The other region is lost, or looks so: the recovery trigger was called".to_owned(),
            measure: Metric {
                namespace: "AWS/Lambda",
                name: "Invocations",
                statistic: Statistic::Sum,
                dimensions: vec![("FunctionName", trigger.name())],
            }
            .into(),
            when: When::AtLeast(1.0),
            minutes: 1,
            of: 1,
            without_data: WithoutData::Fine,
            tell: Some(&messaging.alerts),
        };
        Alarm::new(&mut scope, "Called", called);
    }
    stack
}

/// The alarm begins to ring.
fn turned(alarm: &str) -> Trigger {
    Trigger::Pattern(json!({
        "source": ["aws.cloudwatch"],
        "detail-type": ["CloudWatch Alarm State Change"],
        "detail": { "alarmName": [alarm], "state": { "value": ["ALARM"] } },
    }))
}
