//! Parameters whose values are looked up: those of SSM types, and those that name something in the account.
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-supplied-parameter-types.html>

use super::addresses;
use super::operations::CloudFormation;
use super::parameters::scalar_text;
use super::stack::{Phase, Stack};
use super::template::Template;
use super::wire::{Form, QueryError};
use crate::provision::Lookup;
use serde_json::Value;
use std::collections::BTreeMap;

/// What the names that parameters were given stand for, by parameter.
pub(crate) type LookedUp = BTreeMap<String, String>;

const NAME: &str = "AWS::SSM::Parameter::Name";
const VALUE: &str = "AWS::SSM::Parameter::Value<";

/// Types whose values must exist, with the resource type that they name. Values of the others (images, key pairs,
/// instances, volumes) name things that no stack here makes, and are taken as they are.
const EXISTING: [(&str, &str); 4] = [
    ("AWS::EC2::SecurityGroup::Id", "AWS::EC2::SecurityGroup"),
    ("AWS::EC2::Subnet::Id", "AWS::EC2::Subnet"),
    ("AWS::EC2::VPC::Id", "AWS::EC2::VPC"),
    ("AWS::Route53::HostedZone::Id", "AWS::Route53::HostedZone"),
];

/// The type of the value behind a parameter of an SSM type.
pub(crate) fn behind(kind: &str) -> Option<&str> {
    kind.strip_prefix(VALUE)?.strip_suffix('>')
}

pub(crate) fn is_ssm(kind: &str) -> bool {
    kind == NAME || behind(kind).is_some_and(is_known_value)
}

fn is_known_value(kind: &str) -> bool {
    let item = kind.strip_prefix("List<").and_then(|rest| rest.strip_suffix('>')).unwrap_or(kind);
    matches!(item, "String" | "CommaDelimitedList")
        || item.starts_with("AWS::EC2::")
        || item.starts_with("AWS::Route53::")
}

impl CloudFormation {
    /// Looks up what the parameters of a call name. A template that cannot be read is refused later, in its own words.
    pub(super) async fn look_up(&self, region: &str, form: &Form) -> Result<LookedUp, QueryError> {
        let mut looked_up = LookedUp::new();
        let action = form.get("Action").unwrap_or_default();
        if !["CreateStack", "UpdateStack", "CreateChangeSet"].contains(&action) {
            return Ok(looked_up);
        }
        let known = form.get("StackName").and_then(|name| self.store.find(region, name, Stack::clone));
        let body = form.get("TemplateBody").map(str::to_owned);
        let Some(body) = body.or_else(|| known.as_ref().map(|stack| stack.template_body.clone())) else {
            return Ok(looked_up);
        };
        let Ok(template) = Template::parse(&body) else { return Ok(looked_up) };
        let members = form.members("Parameters");
        let mut missing = Vec::new();
        for (key, declaration) in &template.parameters {
            let kind = declaration.get("Type").and_then(Value::as_str).unwrap_or_default();
            let member = members.iter().find(|member| member.get("ParameterKey") == Some(key));
            let previous =
                || known.as_ref()?.parameters.iter().find(|one| one.key == *key).map(|one| one.value.clone());
            let given = match member {
                Some(member) if member.get("UsePreviousValue").is_some_and(|value| value == "true") => previous(),
                Some(member) => member.get("ParameterValue").cloned(),
                None => None,
            };
            let Some(given) = given.or_else(|| declaration.get("Default").map(scalar_text)) else { continue };
            let mut value_kind = kind;
            let mut value = given.clone();
            if is_ssm(kind) {
                match self.parameter(region, key, kind, &given).await? {
                    Some(found) => value = found,
                    None => missing.push(given.clone()),
                }
                looked_up.insert(key.clone(), value.clone());
                value_kind = behind(kind).unwrap_or("String");
            }
            if missing.is_empty() {
                self.check_existence(region, key, value_kind, &value)?;
            }
        }
        if missing.is_empty() {
            return Ok(looked_up);
        }
        let names = missing.join(",");
        Err(QueryError::validation(format!(
            "Unable to fetch parameters [{names}] from parameter store for this account."
        )))
    }

    /// None when there is no such parameter.
    async fn parameter(&self, region: &str, key: &str, kind: &str, name: &str) -> Result<Option<String>, QueryError> {
        let (bare, version) = match name.rsplit_once(':') {
            Some((bare, version)) if !version.is_empty() && version.chars().all(|digit| digit.is_ascii_digit()) => {
                (bare, Some(version.to_owned()))
            }
            _ => (name, None),
        };
        let lookup = Lookup::Parameter { name: bare.to_owned(), version };
        let found = match self.provisioner.look_up(region, &lookup).await {
            Ok(found) => found,
            Err(_) => return Ok(None),
        };
        if kind == NAME {
            return Ok(Some(name.to_owned()));
        }
        if found.kind == "SecureString" {
            return Err(QueryError::validation(format!(
                "Parameters [{name}] referenced by template have types not supported by CloudFormation."
            )));
        }
        let is_list = behind(kind).is_some_and(|kind| kind.starts_with("List<"));
        if is_list != (found.kind == "StringList") && behind(kind) != Some("CommaDelimitedList") {
            return Err(QueryError::validation(format!(
                "Parameter validation failed: the value of {name} in the parameter store has type {}, which parameter \
                 {key} of type {kind} does not take",
                found.kind
            )));
        }
        Ok(Some(found.value))
    }

    fn check_existence(&self, region: &str, key: &str, kind: &str, value: &str) -> Result<(), QueryError> {
        let item = kind.strip_prefix("List<").and_then(|rest| rest.strip_suffix('>'));
        let values: Vec<&str> = match item {
            Some(_) => value.split(',').map(str::trim).filter(|value| !value.is_empty()).collect(),
            None => vec![value],
        };
        let kind = item.unwrap_or(kind);
        let exists = |wanted: &str| match EXISTING.iter().find(|(name, _)| *name == kind) {
            None if kind == "AWS::EC2::AvailabilityZone::Name" => {
                addresses::zones(region).iter().any(|zone| zone == wanted)
            }
            None => true,
            Some((_, resource_type)) => self.has_resource(region, resource_type, wanted),
        };
        match values.into_iter().find(|value| !exists(value)) {
            None => Ok(()),
            Some(absent) => Err(QueryError::validation(format!(
                "Parameter validation failed: parameter value {absent} for parameter name {key} does not exist."
            ))),
        }
    }

    /// Whether a stack of the region has made it; nobody else makes such things here.
    fn has_resource(&self, region: &str, resource_type: &str, physical_id: &str) -> bool {
        let has = |stack: &Stack| {
            stack.resources.values().any(|record| {
                record.resource_type == resource_type
                    && record.physical_id.as_deref() == Some(physical_id)
                    && record.status != Some(Phase::DeleteComplete)
            })
        };
        // Hosted zones belong to no region.
        let global = resource_type.starts_with("AWS::Route53::");
        let found = self.store.all(|stack| ((global || stack.pseudo.region == region) && has(stack)).then_some(()));
        !found.is_empty()
    }
}
