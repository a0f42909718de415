//! When a fault strikes, and whom.

use serde::{Deserialize, Serialize};
use std::fmt;

/// The conditions that every fault may carry.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Terms {
    /// Shown by the status.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Nothing happens before this; at once without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub when: Option<Trigger>,
    /// The first call or resource that is struck, counted from 1 among those that match. 1 without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nth: Option<u64>,
    /// How many are struck from there on. One without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub times: Option<Times>,
    /// The share of those that is struck, from 0 to 1, by the script's seed. All without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chance: Option<f64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Times {
    Count(u64),
    Always(Always),
}

/// The word `always`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Always {
    Always,
}

/// What a fault waits for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Trigger {
    /// Seconds on the wall since the fault was added.
    After(f64),
    /// Simulated seconds since then, at the speed of that moment.
    AfterSimulated(f64),
    /// A step that somebody announces by `POST /_rehearsal/step`.
    Step(String),
    /// A call; the fault's `nth` counts these where the fault itself strikes no calls.
    Call(CallPattern),
    /// A moment in a resource's life; `nth` counts as for `call`.
    Resource(ResourcePattern),
}

/// Calls of the AWS protocols.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct CallPattern {
    /// `DescribeStacks`, `dynamodb:PutItem` or `dynamodb:*`; the service is the signing name. Where a protocol names no
    /// operation it is method and path: `lambda:GET /2015-03-31/functions*`.
    pub operation: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
}

/// Resources as CloudFormation handles them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ResourcePattern {
    /// For example `AWS::ECS::Service`.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub resource_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logical_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stack: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// `create` without it.
    #[serde(default)]
    pub on: Moment,
}

/// Moments in a resource's life that a handler sees.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Moment {
    #[default]
    Create,
    /// After it was made, when it has to start working.
    Stabilise,
    Update,
    Delete,
}

/// A resource at such a moment.
#[derive(Debug, Clone, Copy)]
pub(super) struct ResourceMoment<'a> {
    pub resource_type: &'a str,
    /// Unknown when a resource is deleted.
    pub logical_id: Option<&'a str>,
    pub stack: &'a str,
    pub region: &'a str,
    pub moment: Moment,
}

impl Terms {
    /// Whether the `count`th match (from 1) is within `nth` and `times`.
    pub(super) fn covers(&self, count: u64) -> bool {
        let first = self.nth.unwrap_or(1);
        let Some(past) = count.checked_sub(first) else { return false };
        match self.times {
            None => past == 0,
            Some(Times::Count(times)) => past < times,
            Some(Times::Always(_)) => true,
        }
    }

    /// Whether nothing after the `count`th match can be struck.
    pub(super) fn is_spent(&self, count: u64) -> bool {
        let first = self.nth.unwrap_or(1);
        match self.times {
            None => first <= count,
            Some(Times::Count(times)) => first.saturating_add(times) <= count.saturating_add(1),
            Some(Times::Always(_)) => false,
        }
    }

    pub(super) fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        if self.nth == Some(0) {
            problems.push("`nth` counts from 1".to_owned());
        }
        if self.times == Some(Times::Count(0)) {
            problems.push("`times` is at least 1, or `always`".to_owned());
        }
        if self.chance.is_some_and(|chance| !(0.0..=1.0).contains(&chance)) {
            problems.push("`chance` is from 0 to 1".to_owned());
        }
        match &self.when {
            Some(Trigger::After(seconds) | Trigger::AfterSimulated(seconds)) if !(0.0..=1e9).contains(seconds) => {
                problems.push("a time in `when` is a number of seconds, not negative".to_owned());
            }
            Some(Trigger::Step(step)) if step.is_empty() => problems.push("`step` needs a name".to_owned()),
            _ => {}
        }
        problems
    }
}

impl CallPattern {
    pub(super) fn matches(&self, region: &str, service: &str, operation: &str) -> bool {
        let (wanted_service, wanted) = match self.operation.split_once(':') {
            Some((service, operation)) => (Some(service), operation),
            None => (None, self.operation.as_str()),
        };
        self.region.as_deref().is_none_or(|wanted| wanted == region)
            && wanted_service.is_none_or(|wanted| wanted == service)
            && match wanted.strip_suffix('*') {
                Some(start) => operation.starts_with(start),
                None => operation == wanted,
            }
    }
}

impl ResourcePattern {
    pub(super) fn matches(&self, resource: &ResourceMoment<'_>) -> bool {
        let same = |wanted: &Option<String>, is: &str| wanted.as_deref().is_none_or(|wanted| wanted == is);
        self.on == resource.moment
            && same(&self.resource_type, resource.resource_type)
            && same(&self.stack, resource.stack)
            && same(&self.region, resource.region)
            && self.logical_id.as_deref().is_none_or(|wanted| resource.logical_id == Some(wanted))
    }
}

impl fmt::Display for CallPattern {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.operation)?;
        match &self.region {
            Some(region) => write!(formatter, " in {region}"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for ResourcePattern {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let moment = match self.on {
            Moment::Create => "creation",
            Moment::Stabilise => "stabilisation",
            Moment::Update => "update",
            Moment::Delete => "deletion",
        };
        write!(formatter, "{moment} of {}", self.resource_type.as_deref().unwrap_or("any type"))?;
        for part in [&self.logical_id, &self.stack, &self.region].into_iter().flatten() {
            write!(formatter, " {part}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Terms {
    /// The part after what happens: ` at the 2nd match, twice …`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.when {
            None => {}
            Some(Trigger::After(seconds)) => write!(formatter, ", after {seconds} s")?,
            Some(Trigger::AfterSimulated(seconds)) => write!(formatter, ", after {seconds} simulated s")?,
            Some(Trigger::Step(step)) => write!(formatter, ", at step {step}")?,
            Some(Trigger::Call(pattern)) => write!(formatter, ", at a call of {pattern}")?,
            Some(Trigger::Resource(pattern)) => write!(formatter, ", at the {pattern}")?,
        }
        if let Some(nth) = self.nth {
            write!(formatter, ", from number {nth} on")?;
        }
        match self.times {
            None => {}
            Some(Times::Count(times)) => write!(formatter, ", {times} times")?,
            Some(Times::Always(_)) => formatter.write_str(", always")?,
        }
        match self.chance {
            Some(chance) => write!(formatter, ", with chance {chance}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Always, CallPattern, Terms, Times};

    #[test]
    fn counts_are_from_the_nth_on_as_often_as_said() {
        let third = Terms { nth: Some(3), times: Some(Times::Count(2)), ..Terms::default() };
        assert_eq!(
            (1..=6).map(|count| third.covers(count)).collect::<Vec<_>>(),
            [false, false, true, true, false, false]
        );
        assert_eq!((1..=5).map(|count| third.is_spent(count)).collect::<Vec<_>>(), [false, false, false, true, true]);
        let always = Terms { times: Some(Times::Always(Always::Always)), ..Terms::default() };
        assert!(always.covers(1) && always.covers(99) && !always.is_spent(99));
        assert!(Terms::default().covers(1) && !Terms::default().covers(2) && Terms::default().is_spent(1));
    }

    #[test]
    fn calls_match_by_service_operation_and_region() {
        let pattern = |operation: &str, region: Option<&str>| CallPattern {
            operation: operation.to_owned(),
            region: region.map(str::to_owned),
        };
        assert!(pattern("PutItem", None).matches("here", "dynamodb", "PutItem"));
        assert!(pattern("dynamodb:*", None).matches("here", "dynamodb", "PutItem"));
        assert!(pattern("lambda:GET /2015*", Some("here")).matches("here", "lambda", "GET /2015-03-31/functions"));
        assert!(!pattern("sqs:PutItem", None).matches("here", "dynamodb", "PutItem"));
        assert!(!pattern("PutItem", Some("there")).matches("here", "dynamodb", "PutItem"));
    }
}
