//! What a caller says that a stack should be: template, parameter values, tags and the rest.

use super::conditions::Conditions;
use super::intrinsics::{Imported, Pseudo};
use super::looking_up::LookedUp;
use super::parameters::{self, ParameterValues};
use super::stack::{Stack, StackOutput, StackParameter};
use super::template::Template;
use super::triggers::RollbackConfiguration;
use super::wire::{Form, QueryError};
use super::{capabilities, exports, notification, validate};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Everything about a stack that an update may change and a rollback brings back.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Definition {
    pub template_body: String,
    pub description: Option<String>,
    pub parameters: Vec<StackParameter>,
    /// As `Ref` gives them.
    pub values: ParameterValues,
    pub conditions: Conditions,
    pub capabilities: Vec<String>,
    pub tags: Vec<(String, String)>,
    pub notification_arns: Vec<String>,
    pub role_arn: Option<String>,
    pub outputs: Vec<StackOutput>,
    /// Exported values that the template names, as far as they were there.
    #[serde(default)]
    pub imports: Imported,
    #[serde(default)]
    pub rollback: RollbackConfiguration,
}

impl Definition {
    pub(crate) fn of(stack: &Stack) -> Self {
        Self {
            template_body: stack.template_body.clone(),
            description: stack.description.clone(),
            parameters: stack.parameters.clone(),
            values: stack.values.clone(),
            conditions: stack.conditions.clone(),
            capabilities: stack.capabilities.clone(),
            tags: stack.tags.clone(),
            notification_arns: stack.pseudo.notification_arns.clone(),
            role_arn: stack.role_arn.clone(),
            outputs: stack.outputs.clone(),
            imports: stack.imports.clone(),
            rollback: stack.rollback.clone(),
        }
    }

    /// Reads and checks a call. What an update leaves out stays as it was in `previous`.
    pub(super) fn read(form: &Form, pseudo: &Pseudo, previous: Option<&Self>) -> Result<(Self, Template), QueryError> {
        let body = match (form.get("TemplateBody"), form.flag("UsePreviousTemplate"), previous) {
            (Some(_), Some(true), _) => {
                return Err(QueryError::validation(
                    "You cannot specify both usePreviousTemplate and Template Body/URL.",
                ));
            }
            (None, Some(true), Some(previous)) => previous.template_body.as_str(),
            (None, ..) if previous.is_some() => {
                return Err(QueryError::validation("Either Template URL or Template Body must be specified."));
            }
            _ => form.required("TemplateBody")?,
        };
        let template = Template::parse(body)?;
        validate::check_template(&template, &pseudo.region)?;
        let given = given_parameters(form, previous)?;
        let values = parameters::resolve(&template, &given, &form.looked_up)?;
        let capabilities = form.list("Capabilities");
        capabilities::check(&template, &capabilities)?;
        let kept = |name: &str| form.get(&format!("{name}.member.1")).is_none() && form.get(name).is_none();
        let notification_arns = match previous {
            Some(previous) if kept("NotificationARNs") => previous.notification_arns.clone(),
            _ => notification::topics(form)?,
        };
        let tags = match previous {
            Some(previous) if kept("Tags") && form.get("Tags.member.1.Key").is_none() => previous.tags.clone(),
            _ => tags(form),
        };
        // A stack keeps using a role that it was once given.
        let sticky = || previous.and_then(|previous| previous.role_arn.clone());
        let pseudo = Pseudo { notification_arns: notification_arns.clone(), ..pseudo.clone() };
        let mut definition = Self {
            template_body: body.to_owned(),
            description: template.description.clone(),
            parameters: shown_parameters(&template, &given, &form.looked_up),
            conditions: validate::check_with_values(&template, &values, &pseudo)?,
            values,
            capabilities,
            tags,
            notification_arns,
            role_arn: form.get("RoleARN").map(str::to_owned).or_else(sticky),
            outputs: Vec::new(),
            imports: Imported::new(),
            rollback: RollbackConfiguration::read(form, previous.map(|previous| &previous.rollback))?,
        };
        let imports = exports::named(&template, &definition, &pseudo)?;
        let of_these = |(name, _): &(&String, &String)| imports.contains(*name);
        definition.imports =
            form.exported.iter().filter(of_these).map(|(name, value)| (name.clone(), value.clone())).collect();
        Ok((definition, template))
    }

    /// Values of parameters that must not be shown.
    pub(crate) fn secrets(&self) -> impl Iterator<Item = &str> {
        self.parameters.iter().filter(|parameter| parameter.no_echo).map(|parameter| parameter.value.as_str())
    }
}

impl Stack {
    pub(crate) fn adopt(&mut self, definition: Definition) {
        self.template_body = definition.template_body;
        self.description = definition.description;
        self.parameters = definition.parameters;
        self.values = definition.values;
        self.conditions = definition.conditions;
        self.capabilities = definition.capabilities;
        self.tags = definition.tags;
        self.pseudo.notification_arns = definition.notification_arns;
        self.role_arn = definition.role_arn;
        self.outputs = definition.outputs;
        self.imports = definition.imports;
        self.rollback = definition.rollback;
    }
}

fn given_parameters(form: &Form, previous: Option<&Definition>) -> Result<BTreeMap<String, String>, QueryError> {
    let mut given = BTreeMap::new();
    for member in form.members("Parameters") {
        let Some(key) = member.get("ParameterKey") else {
            return Err(QueryError::validation("Parameters must have a ParameterKey"));
        };
        if member.get("UsePreviousValue").is_some_and(|value| value == "true") {
            let known = previous.and_then(|previous| previous.parameters.iter().find(|known| known.key == *key));
            let Some(known) = known else {
                return Err(QueryError::validation(format!(
                    "Invalid input for parameter key {key}. Cannot specify usePreviousValue as true for a parameter key \
                     not in the previous template"
                )));
            };
            if member.contains_key("ParameterValue") {
                return Err(QueryError::validation(format!(
                    "Invalid input for parameter key {key}. Cannot specify usePreviousValue as true and a value"
                )));
            }
            given.insert(key.clone(), known.value.clone());
        } else if let Some(value) = member.get("ParameterValue") {
            given.insert(key.clone(), value.clone());
        }
    }
    Ok(given)
}

fn shown_parameters(
    template: &Template,
    given: &BTreeMap<String, String>,
    looked_up: &LookedUp,
) -> Vec<StackParameter> {
    let shown = template.parameters.iter().map(|(key, declaration)| StackParameter {
        key: key.clone(),
        value: given
            .get(key)
            .cloned()
            .or_else(|| declaration.get("Default").map(parameters::scalar_text))
            .unwrap_or_default(),
        no_echo: parameters::is_no_echo(declaration),
        resolved: looked_up.get(key).cloned(),
    });
    shown.collect()
}

fn tags(form: &Form) -> Vec<(String, String)> {
    form.members("Tags")
        .into_iter()
        .filter_map(|mut tag| Some((tag.remove("Key")?, tag.remove("Value").unwrap_or_default())))
        .collect()
}
