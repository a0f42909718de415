//! Alarms over alarms: one call for one trouble, however many numbers it shows in.

use crate::cloudwatch::Alarm;
use crate::sns::Topic;
use como_core::stack::Scope;
use como_core::value::Value;
use como_resources::cloudwatch;

#[derive(Debug)]
pub struct AnyOfProps<'a> {
    pub name: String,
    pub description: &'a str,
    /// At least one.
    pub alarms: Vec<&'a Alarm>,
    pub tell: &'a Topic,
}

/// Sounds while any of the alarms does.
pub fn any_of(scope: &mut Scope<'_>, id: &str, props: &AnyOfProps<'_>) {
    let mut rule: Vec<Value<String>> = Vec::new();
    for alarm in &props.alarms {
        let before = if rule.is_empty() { "ALARM(\"" } else { "\") OR ALARM(\"" };
        rule.extend([before.into(), alarm.reference()]);
    }
    rule.push("\")".into());
    let tell: Value<Vec<Value<String>>> = [props.tell.arn()].into();
    let composite = cloudwatch::CompositeAlarm {
        alarm_name: Some(props.name.as_str().into()),
        alarm_description: Some(props.description.into()),
        alarm_actions: Some(tell.clone()),
        ok_actions: Some(tell),
        ..cloudwatch::CompositeAlarm::new(Value::join("", rule))
    };
    scope.add(id, composite);
}
