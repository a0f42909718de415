//! The file format of fault scripts.
//!
//! ```yaml
//! seed: 7
//! faults:
//!   - do: fail
//!     type: AWS::ECS::Service
//!     nth: 2
//!   - do: throttle
//!     operation: cloudformation:DescribeStacks
//!     times: always
//!     chance: 0.3
//!   - do: kill-region
//!     region: ap-southeast-1
//!     plane: data
//!     when: { after: 30 }
//! ```

use super::planes::Plane;
use super::terms::{CallPattern, Moment, ResourcePattern, Terms, Trigger};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::fmt;
use thiserror::Error;

/// The keys of [`Terms`]; every other key belongs to the action.
const TERMS: [&str; 5] = ["name", "when", "nth", "times", "chance"];

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Script {
    /// The same seed gives the same choices for `chance` and spreads.
    #[serde(default)]
    pub seed: u64,
    pub faults: Vec<Fault>,
}

/// One thing that goes wrong.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Map<String, Value>", into = "Map<String, Value>")]
pub struct Fault {
    pub action: Action,
    pub terms: Terms,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case", rename_all_fields = "kebab-case", deny_unknown_fields)]
pub enum Action {
    /// A resource's handler refuses.
    Fail {
        #[serde(rename = "type")]
        resource_type: Option<String>,
        logical_id: Option<String>,
        stack: Option<String>,
        region: Option<String>,
        #[serde(default)]
        on: Moment,
        /// The handler's words.
        message: Option<String>,
    },
    /// A call is refused as too many, without an effect.
    Throttle {
        operation: String,
        region: Option<String>,
    },
    /// A call is refused with an error of choice, without an effect.
    Refuse {
        operation: String,
        region: Option<String>,
        code: String,
        status: Option<u16>,
        message: Option<String>,
    },
    /// The connection ends before the call is heard: no effect, no answer.
    LoseCall {
        operation: String,
        region: Option<String>,
    },
    /// The call has its effect, then the connection ends without an answer.
    LoseReply {
        operation: String,
        region: Option<String>,
    },
    /// The call is heard later; seconds on the wall, for clients' patience is real.
    Delay {
        operation: String,
        region: Option<String>,
        seconds: f64,
        #[serde(default)]
        spread_seconds: f64,
    },
    /// Endpoints of a region stop answering, until they are revived.
    KillRegion {
        region: String,
        plane: Option<Plane>,
    },
    ReviveRegion {
        region: String,
        plane: Option<Plane>,
    },
    /// Nothing is replicated between two regions (one way with `one-way`) until the link is healed.
    CutLink {
        from: String,
        to: String,
        #[serde(default)]
        one_way: bool,
    },
    HealLink {
        from: String,
        to: String,
        #[serde(default)]
        one_way: bool,
    },
    /// The link is as if no fault had changed it.
    ResetLink {
        from: String,
        to: String,
        #[serde(default)]
        one_way: bool,
    },
    /// How long replication takes between two regions.
    LagLink {
        from: String,
        to: String,
        #[serde(default)]
        one_way: bool,
        seconds: f64,
        #[serde(default)]
        spread_seconds: f64,
    },
    /// A task's process stands still (SIGSTOP), then goes on (SIGCONT) if a time is given.
    PauseTask {
        service: Option<String>,
        region: Option<String>,
        task: Option<TaskChoice>,
        seconds: Option<f64>,
    },
    /// Paused tasks go on.
    ResumeTask {
        service: Option<String>,
        region: Option<String>,
    },
    /// A task's process is gone at once (SIGKILL).
    KillTask {
        service: Option<String>,
        region: Option<String>,
        task: Option<TaskChoice>,
    },
}

/// Which of the matching tasks, counted from 1 in the order in which the status lists them; the first without it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum TaskChoice {
    Number(usize),
    All(All),
}

/// The word `all`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum All {
    All,
}

#[derive(Debug, Error)]
pub enum ScriptError {
    #[error("the fault script is not YAML{place}")]
    Yaml {
        /// ` (line 3, column 5)` where it is known.
        place: String,
        #[source]
        source: serde_yaml::Error,
    },
    #[error("the fault script is not a mapping with `faults`, and perhaps `seed`")]
    Shape(#[source] serde_json::Error),
    /// Every problem, each with the number of its fault.
    #[error("the fault script cannot be followed:\n{}", .0.join("\n"))]
    Faults(Vec<String>),
}

impl Script {
    /// Reads a script, or says all that is wrong with it.
    pub fn parse(text: &str) -> Result<Self, ScriptError> {
        let document: Value = serde_yaml::from_str(text).map_err(|source| {
            let place = source.location().map(|at| format!(" (line {}, column {})", at.line(), at.column()));
            ScriptError::Yaml { place: place.unwrap_or_default(), source }
        })?;
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Raw {
            #[serde(default)]
            seed: u64,
            faults: Vec<Value>,
        }
        let raw: Raw = serde_json::from_value(document).map_err(ScriptError::Shape)?;
        let (mut faults, mut problems) = (Vec::new(), Vec::new());
        for (index, value) in raw.faults.into_iter().enumerate() {
            match serde_json::from_value::<Fault>(value) {
                Ok(fault) => {
                    problems.extend(fault.numbered_problems(index));
                    faults.push(fault);
                }
                Err(error) => problems.push(format!("  fault {}: {error}", index + 1)),
            }
        }
        if problems.is_empty() { Ok(Self { seed: raw.seed, faults }) } else { Err(ScriptError::Faults(problems)) }
    }

    /// What is wrong with values that have the right shape.
    pub fn problems(&self) -> Vec<String> {
        self.faults.iter().enumerate().flat_map(|(index, fault)| fault.numbered_problems(index)).collect()
    }
}

impl Fault {
    fn numbered_problems(&self, index: usize) -> Vec<String> {
        self.problems().into_iter().map(|problem| format!("  fault {}: {problem}", index + 1)).collect()
    }

    fn problems(&self) -> Vec<String> {
        let mut problems = self.action.problems();
        problems.extend(self.terms.problems());
        let terms = &self.terms;
        let is_counted = matches!(terms.when, Some(Trigger::Call(_) | Trigger::Resource(_)));
        let counts = terms.nth.is_some() || terms.times.is_some() || terms.chance.is_some();
        if self.action.is_deed() && counts && !is_counted {
            problems
                .push("`nth`, `times` and `chance` need a `call` or a `resource` in `when` to count here".to_owned());
        }
        problems
    }
}

impl TryFrom<Map<String, Value>> for Fault {
    type Error = serde_json::Error;

    fn try_from(mut fields: Map<String, Value>) -> Result<Self, Self::Error> {
        let terms: Map<String, Value> =
            TERMS.iter().filter_map(|key| Some(((*key).to_owned(), fields.remove(*key)?))).collect();
        Ok(Self {
            action: serde_json::from_value(Value::Object(fields))?,
            terms: serde_json::from_value(Value::Object(terms))?,
        })
    }
}

impl From<Fault> for Map<String, Value> {
    fn from(fault: Fault) -> Self {
        let mut fields = Map::new();
        for value in [serde_json::to_value(fault.action), serde_json::to_value(fault.terms)].into_iter().flatten() {
            if let Value::Object(part) = value {
                fields.extend(part.into_iter().filter(|(_, value)| !value.is_null()));
            }
        }
        fields
    }
}

impl Action {
    /// The calls that it strikes, if it strikes calls.
    pub(super) fn calls(&self) -> Option<CallPattern> {
        match self {
            Self::Throttle { operation, region }
            | Self::Refuse { operation, region, .. }
            | Self::LoseCall { operation, region }
            | Self::LoseReply { operation, region }
            | Self::Delay { operation, region, .. } => {
                Some(CallPattern { operation: operation.clone(), region: region.clone() })
            }
            _ => None,
        }
    }

    /// The resources that it strikes, if it strikes resources.
    pub(super) fn resources(&self) -> Option<ResourcePattern> {
        match self {
            Self::Fail { resource_type, logical_id, stack, region, on, message: _ } => Some(ResourcePattern {
                resource_type: resource_type.clone(),
                logical_id: logical_id.clone(),
                stack: stack.clone(),
                region: region.clone(),
                on: *on,
            }),
            _ => None,
        }
    }

    /// Whether it is done once rather than to each call or resource that matches.
    pub(super) fn is_deed(&self) -> bool {
        self.calls().is_none() && self.resources().is_none()
    }

    /// What is wrong with its values.
    fn problems(&self) -> Vec<String> {
        let seconds = |what: &str, value: f64| {
            (!(0.0..=1e6).contains(&value)).then(|| format!("`{what}` is a number of seconds, not negative"))
        };
        let mut problems = Vec::new();
        match self {
            Self::Fail { resource_type: None, logical_id: None, .. } => {
                problems.push("`fail` needs a `type` or a `logical-id`".to_owned());
            }
            Self::Fail { on: Moment::Delete, logical_id: Some(_), .. } => {
                problems.push("a deletion is known by its `type` and `stack`, not by its `logical-id`".to_owned());
            }
            Self::Delay { seconds: one, spread_seconds, .. } | Self::LagLink { seconds: one, spread_seconds, .. } => {
                problems.extend(seconds("seconds", *one));
                problems.extend(seconds("spread-seconds", *spread_seconds));
            }
            Self::PauseTask { seconds: Some(one), .. } => problems.extend(seconds("seconds", *one)),
            Self::Refuse { status: Some(status), .. } if !(400..600).contains(status) => {
                problems.push("`status` is an HTTP error status, from 400 to 599".to_owned());
            }
            _ => {}
        }
        problems
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}{}", self.action, self.terms)
    }
}

impl fmt::Display for Action {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tasks = |service: &Option<String>, region: &Option<String>| {
            let service = service.as_deref().unwrap_or("any service");
            region.as_deref().map_or_else(|| service.to_owned(), |region| format!("{service} in {region}"))
        };
        let planes = |plane: &Option<Plane>| match plane {
            Some(Plane::Control) => "control plane of ",
            Some(Plane::Data) => "data plane of ",
            None => "",
        };
        let arrow = |one_way: bool| if one_way { "to" } else { "and" };
        if let Some(resources) = self.resources() {
            return write!(formatter, "fail the {resources}");
        }
        let calls = self.calls().map(|calls| calls.to_string()).unwrap_or_default();
        match self {
            Self::Fail { .. } => Ok(()),
            Self::Throttle { .. } => write!(formatter, "throttle {calls}"),
            Self::Refuse { code, .. } => write!(formatter, "refuse {calls} with {code}"),
            Self::LoseCall { .. } => write!(formatter, "lose the call of {calls}"),
            Self::LoseReply { .. } => write!(formatter, "lose the reply of {calls}"),
            Self::Delay { seconds, .. } => write!(formatter, "delay {calls} by {seconds} s"),
            Self::KillRegion { region, plane } => write!(formatter, "kill {}{region}", planes(plane)),
            Self::ReviveRegion { region, plane } => write!(formatter, "revive {}{region}", planes(plane)),
            Self::CutLink { from, to, one_way } => write!(formatter, "cut the link of {from} {} {to}", arrow(*one_way)),
            Self::HealLink { from, to, one_way } => {
                write!(formatter, "heal the link of {from} {} {to}", arrow(*one_way))
            }
            Self::ResetLink { from, to, one_way } => {
                write!(formatter, "reset the link of {from} {} {to}", arrow(*one_way))
            }
            Self::LagLink { from, to, one_way, seconds, .. } => {
                write!(formatter, "lag the link of {from} {} {to} by {seconds} s", arrow(*one_way))
            }
            Self::PauseTask { service, region, .. } => write!(formatter, "pause a task of {}", tasks(service, region)),
            Self::ResumeTask { service, region } => write!(formatter, "resume the tasks of {}", tasks(service, region)),
            Self::KillTask { service, region, .. } => write!(formatter, "kill a task of {}", tasks(service, region)),
        }
    }
}
