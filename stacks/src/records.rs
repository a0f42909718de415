//! Which region the API's name leads to.
//!
//! Without a region to recover in there is one answer. With one, the switch decides: an alarm in the region of recovery, whose
//! metric that region's own data plane writes. Nobody has to change a record to move the traffic, and no control plane outside
//! that region is needed.

use crate::door::Door;
use crate::naming;
use como_config::{Environment, Region};
use como_constructs::cloudwatch::{Alarm, AlarmProps, Metric, Statistic, When, WithoutData};
use como_constructs::route53::{AliasProps, HealthCheck, HostedZone, Role, add_alias, alarm_region};
use como_contract::failover;
use como_core::stack::Stack;

/// The alarm that moves the traffic, in the region of recovery.
pub(crate) fn switch(environment: &Environment, region: Region) -> (Stack, Alarm) {
    let description = "COMO: the switch that moves the traffic to this region";
    let mut stack = naming::stack_in(environment, region, "switch", description);
    let mut scope = stack.scope();
    let props = AlarmProps {
        name: naming::name(environment, "switch"),
        description: "Rings while the stand-in serves; the API's name then leads to it".to_owned(),
        measure: Metric {
            namespace: failover::NAMESPACE,
            name: failover::STAND_IN_SERVES,
            statistic: Statistic::Maximum,
            dimensions: vec![(failover::ENVIRONMENT_DIMENSION, environment.name().as_str().into())],
        }
        .into(),
        when: When::AtLeast(1.0),
        minutes: 1,
        of: 1,
        // Who has moved the traffic goes on saying so; silence is the state in which nobody has.
        without_data: WithoutData::Fine,
        tell: None,
    };
    let alarm = Alarm::new(&mut scope, "Switch", props);
    scope.share("SwitchName", "The alarm that moves the traffic", &alarm.reference());
    (stack, alarm)
}

/// The records of the region that serves unless it is lost.
pub(crate) fn records(
    environment: &Environment,
    global: Region,
    zone: &HostedZone,
    door: &Door,
    switch: Option<(&Alarm, Region)>,
) -> Stack {
    let mut stack = naming::stack_in(environment, global, "records", "COMO: where the API's name leads");
    let mut scope = stack.scope();
    let check = switch.and_then(|(alarm, region)| {
        let region = alarm_region(region.as_str())?;
        let name = naming::name(environment, "switch");
        Some(HealthCheck::of_alarm(&mut scope, "Switch", &name, alarm.reference(), region))
    });
    let role = check.as_ref().map_or(Role::Only, Role::Primary);
    let alias = AliasProps { zone, name: naming::api_domain(environment), target: door.domain.alias(), role };
    add_alias(&mut scope, "Api", &alias);
    if let Some(own) = &door.own_domain {
        let name = naming::region_domain(environment);
        let alias = AliasProps { zone, name, target: own.alias(), role: Role::Only };
        add_alias(&mut scope, "Own", &alias);
    }
    stack
}

/// The records of a stand-in: asked for while the switch is on.
pub(crate) fn second_records(environment: &Environment, global: Region, zone: &HostedZone, door: &Door) -> Stack {
    let description = "COMO: where the API's name leads when the first region is lost";
    let mut stack = naming::stack_in(environment, global, "records", description);
    let mut scope = stack.scope();
    let name = naming::api_domain(environment);
    add_alias(&mut scope, "Api", &AliasProps { zone, name, target: door.domain.alias(), role: Role::Secondary });
    stack
}
