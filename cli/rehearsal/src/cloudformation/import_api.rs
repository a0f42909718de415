//! What a change set takes into a stack: the resources that the caller names, or all that exist under their names.
//!
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/import-resources-manually.html> and
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/import-resources-automatically.html>

use super::change_set::{ChangeSet, Execution, Kind};
use super::create;
use super::names;
use super::operations::CloudFormation;
use super::stack::{Phase, ResourceRecord, Stack};
use super::template::{DeletionPolicy, ResourceDeclaration, Template};
use super::wire::{Form, QueryError};
use crate::provision::CreateRequest;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// One of `ResourcesToImport`.
struct Wanted {
    resource_type: String,
    /// Property to value.
    identifier: BTreeMap<String, String>,
}

impl CloudFormation {
    /// Finds what the change set imports, and says so in its changes. What keeps it from being executed becomes its
    /// failure.
    pub(super) async fn note_imports(
        &self,
        form: &Form,
        stack: &Stack,
        template: &Template,
        set: &mut ChangeSet,
    ) -> Result<(), QueryError> {
        let wanted = wanted(form, set.kind)?;
        let failure = match set.kind {
            Kind::Import => {
                check_policies(template, &wanted)?;
                let failure = others_in_the_way(stack, template, set, &wanted);
                match failure {
                    None => self.find_wanted(stack, template, set, &wanted).await.err(),
                    failure => failure,
                }
            }
            Kind::Create | Kind::Update => {
                if set.imports_existing {
                    self.find_existing(stack, template, set).await;
                }
                None
            }
        };
        for change in &mut set.changes {
            if let Some(physical_id) = set.imports.get(&change.logical_id) {
                (change.action, change.physical_id) = ("Import".to_owned(), Some(physical_id.clone()));
            }
        }
        set.changes.sort_by(|one, other| (&one.action, &one.logical_id).cmp(&(&other.action, &other.logical_id)));
        if let Some(failure) = failure {
            (set.failure, set.execution) = (Some(failure), Execution::Unavailable);
        }
        Ok(())
    }

    async fn find_wanted(
        &self,
        stack: &Stack,
        template: &Template,
        set: &mut ChangeSet,
        wanted: &BTreeMap<String, Wanted>,
    ) -> Result<(), String> {
        for (name, one) in wanted {
            let Some(declaration) = template.resources.get(name) else { continue };
            let request = self.request_of(stack, template, set, name, declaration)?;
            let identifier = one.identifier.values().cloned().collect::<Vec<_>>().join("|");
            let found = self.provisioner.find(&request).await.map_err(|error| error.to_string())?;
            let is_it = |found: &String| {
                let given = names::given(&one.resource_type, &request.properties);
                let is_given = one.identifier.iter().all(|(property, value)| {
                    request.properties.get(property).is_none_or(|known| known.as_str() == Some(value))
                });
                is_given && (*found == identifier || given.as_ref() == Some(&identifier))
            };
            let Some(physical_id) = found.filter(is_it) else {
                return Err(format!(
                    "Resource of type '{}' with identifier '{identifier}' was not found.",
                    one.resource_type
                ));
            };
            if let Some(owner) = self.owner_of(&stack.pseudo.region, &one.resource_type, &physical_id) {
                return Err(format!("{physical_id} already exists in stack {owner}"));
            }
            set.imports.insert(name.clone(), physical_id);
        }
        Ok(())
    }

    /// Named by the template in so many words, kept when it is removed, and nobody's.
    async fn find_existing(&self, stack: &Stack, template: &Template, set: &mut ChangeSet) {
        let added = set.changes.iter().filter(|change| change.action == "Add");
        for name in added.map(|change| change.logical_id.clone()).collect::<Vec<_>>() {
            let Some(declaration) = template.resources.get(&name) else { continue };
            let is_kept =
                matches!(declaration.deletion_policy, DeletionPolicy::Retain | DeletionPolicy::RetainExceptOnCreate);
            if !is_kept || names::given(&declaration.resource_type, &declaration.properties).is_none() {
                continue;
            }
            let Ok(request) = self.request_of(stack, template, set, &name, declaration) else { continue };
            // A type that cannot be imported is made, and fails if its name is taken.
            let Ok(Some(physical_id)) = self.provisioner.find(&request).await else { continue };
            if self.owner_of(&stack.pseudo.region, &declaration.resource_type, &physical_id).is_none() {
                set.imports.insert(name, physical_id);
            }
        }
    }

    /// As the resource would be asked for.
    fn request_of(
        &self,
        stack: &Stack,
        template: &Template,
        set: &ChangeSet,
        name: &str,
        declaration: &ResourceDeclaration,
    ) -> Result<CreateRequest, String> {
        let mut expected = stack.clone();
        expected.adopt(set.definition.clone());
        // A reference to a resource that is new leads nowhere yet.
        let resolved: Map<String, Value> = {
            let scope = create::scope(&expected, template);
            let resolve = |(key, value): (&String, &Value)| Some((key.clone(), scope.resolve(value).ok()??));
            declaration.properties.iter().filter_map(resolve).collect()
        };
        let record = ResourceRecord {
            resource_type: declaration.resource_type.clone(),
            properties: resolved,
            ..ResourceRecord::default()
        };
        Ok(create::request_for(self, &expected, name, &record))
    }
}

fn wanted(form: &Form, kind: Kind) -> Result<BTreeMap<String, Wanted>, QueryError> {
    let mut wanted = BTreeMap::new();
    for member in form.members("ResourcesToImport") {
        let text = |key: &str| member.get(key).cloned().unwrap_or_default();
        let entries = (1..).map_while(|index| {
            let key = member.get(&format!("ResourceIdentifier.entry.{index}.key"))?;
            Some((key.clone(), text(&format!("ResourceIdentifier.entry.{index}.value"))))
        });
        let one = Wanted { resource_type: text("ResourceType"), identifier: entries.collect() };
        wanted.insert(text("LogicalResourceId"), one);
    }
    match (kind, wanted.is_empty()) {
        (Kind::Import, true) => {
            Err(QueryError::validation("ResourcesToImport must be specified for a change set of type IMPORT"))
        }
        (Kind::Create | Kind::Update, false) => {
            Err(QueryError::validation("ResourcesToImport can only be specified for a change set of type IMPORT"))
        }
        _ => Ok(wanted),
    }
}

fn check_policies(template: &Template, wanted: &BTreeMap<String, Wanted>) -> Result<(), QueryError> {
    let of = |wrong: &dyn Fn(&str, &Wanted) -> bool| {
        let names = wanted.iter().filter(|(name, one)| wrong(name, one)).map(|(name, _)| name.as_str());
        names.collect::<Vec<_>>().join(", ")
    };
    let unknown = of(&|name, one| {
        template.resources.get(name).is_none_or(|declared| declared.resource_type != one.resource_type)
    });
    if !unknown.is_empty() {
        return Err(QueryError::validation(format!("Resources [{unknown}] to import do not exist in the template.")));
    }
    let careless = of(&|name, _| template.resources.get(name).is_some_and(|declared| !declared.has_deletion_policy));
    if !careless.is_empty() {
        return Err(QueryError::validation(format!(
            "Resources [{careless}] to import must have DeletionPolicy attribute specified in the template."
        )));
    }
    Ok(())
}

/// An import does nothing else.
fn others_in_the_way(
    stack: &Stack,
    template: &Template,
    set: &ChangeSet,
    wanted: &BTreeMap<String, Wanted>,
) -> Option<String> {
    let names = |action: &dyn Fn(&str) -> bool| {
        let changes = set.changes.iter().filter(|change| action(&change.action));
        let others = changes.filter(|change| !wanted.contains_key(&change.logical_id));
        others.map(|change| change.logical_id.as_str()).collect::<Vec<_>>().join(", ")
    };
    let present = wanted.keys().filter(|name| stack.resources.contains_key(*name));
    let present: Vec<&str> = present.map(String::as_str).collect();
    if !present.is_empty() {
        return Some(format!("Resources [{}] passed in ResourceToImport are already in the stack", present.join(", ")));
    }
    let missing = names(&|action| action == "Add");
    if !missing.is_empty() {
        return Some(format!("Resources [{missing}] is missing from ResourceToImport list"));
    }
    let modified = names(&|action| action != "Add");
    if !modified.is_empty() {
        return Some(format!(
            "You have modified resources [{modified}] in your template that are not being imported. Update, create or \
             delete operations cannot be executed during import operations."
        ));
    }
    let old = Template::parse(&stack.template_body).ok();
    let known = |key: &String| old.as_ref().is_some_and(|old| old.outputs.contains_key(key));
    let has_new_outputs = template.outputs.keys().any(|key| !known(key));
    has_new_outputs.then(|| "As part of the import operation, you cannot modify or add [Outputs]".to_owned())
}

/// An import starts from rest, or makes its stack.
pub(super) fn check_importable(stack: &Stack) -> Result<(), QueryError> {
    if stack.status.is_stable() || stack.status == Phase::ReviewInProgress {
        return Ok(());
    }
    Err(QueryError::validation(format!(
        "Stack:{} is in {} state and can not be updated.",
        stack.id(),
        stack.status.as_str()
    )))
}
