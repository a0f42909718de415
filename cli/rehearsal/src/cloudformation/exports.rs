//! Values that stacks of a region give to each other: `Export` of an output, `Fn::ImportValue`.
//!
//! What is imported when an operation begins is kept with the stack's definition, so that a rollback gives it back too.
//! An export that somebody imports is neither changed nor deleted.
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-exports.html>

use super::definition::Definition;
use super::intrinsics::{Imported, Pseudo, ResolveError, Scope, function_of};
use super::operations::CloudFormation;
use super::stack::{Phase, StackOutput};
use super::template::Template;
use super::wire::{Form, QueryError, Xml};
use indexmap::IndexMap;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// On one page of ListExports and ListImports.
const PAGE: usize = 100;

/// One exported value of a region.
struct Export {
    stack: String,
    value: String,
}

impl CloudFormation {
    /// By name, as the stacks that are there have them.
    fn exports(&self, region: &str) -> BTreeMap<String, Export> {
        let of_stacks = self.store.all(|stack| {
            let is_there = stack.pseudo.region == region && exports_hold(stack.status);
            is_there.then(|| (stack.id().to_owned(), stack.outputs.clone()))
        });
        let exported = of_stacks.into_iter().flat_map(|(id, outputs)| {
            outputs.into_iter().filter_map(move |StackOutput { value, export_name, .. }| {
                Some((export_name?, Export { stack: id.clone(), value }))
            })
        });
        exported.collect()
    }

    /// What a call could import.
    pub(super) fn exported_values(&self, region: &str) -> Imported {
        self.exports(region).into_iter().map(|(name, export)| (name, export.value)).collect()
    }

    /// Takes the exports that the template names, as they are now; the reason if one is not there.
    pub(super) fn import_values(&self, id: &str, template: &Template) -> Result<(), String> {
        let region = self.store.read(id, |stack| stack.pseudo.region.clone()).unwrap_or_default();
        let exported = self.exported_values(&region);
        let taken = self.store.change(id, |stack| {
            let definition = Definition::of(stack);
            let names = named(template, &definition, &stack.pseudo).map_err(|error| error.to_string())?;
            if names.is_empty() && stack.imports.is_empty() {
                return Ok(());
            }
            let missing = names.iter().find(|name| !exported.contains_key(*name));
            if let Some(missing) = missing {
                return Err(format!("No export named {missing} found."));
            }
            stack.imports = exported.into_iter().filter(|(name, _)| names.contains(name)).collect();
            Ok(())
        });
        taken.unwrap_or(Ok(()))
    }

    /// Why the stack may not have these outputs: a name is taken, or somebody imports what would change or go.
    pub(super) fn refuse_outputs(&self, id: &str, outputs: &[StackOutput]) -> Option<String> {
        let (region, old) = self.store.read(id, |stack| (stack.pseudo.region.clone(), stack.outputs.clone()))?;
        let exported = self.exports(&region);
        let mut names = BTreeSet::new();
        for name in outputs.iter().filter_map(|output| output.export_name.as_ref()) {
            if let Some(other) = exported.get(name).filter(|other| other.stack != id) {
                let stack = name_of(&other.stack);
                return Some(format!("Export with name {name} is already exported by stack {stack}."));
            }
            if !names.insert(name) {
                return Some(format!("Duplicate Export names: [{name}]."));
            }
        }
        old.iter().find_map(|output| {
            let name = output.export_name.as_ref()?;
            let kept = outputs.iter().find(|other| other.export_name.as_ref() == Some(name));
            let verb = match kept {
                Some(kept) if kept.value == output.value => return None,
                Some(_) => "update",
                None => "delete",
            };
            self.in_use(&region, name).map(|users| format!("Cannot {verb} export {name} as it is in use by {users}."))
        })
    }

    /// Why the stack cannot be deleted.
    pub(super) fn refuse_deletion(&self, id: &str) -> Option<String> {
        let (region, outputs) = self.store.read(id, |stack| (stack.pseudo.region.clone(), stack.outputs.clone()))?;
        outputs.iter().filter_map(|output| output.export_name.as_ref()).find_map(|name| {
            let users = self.in_use(&region, name)?;
            Some(format!("Delete canceled. Cannot delete export {name} as it is in use by {users}."))
        })
    }

    pub(super) fn list_exports(&self, region: &str, form: &Form) -> Result<Xml, QueryError> {
        let exports = self.exports(region);
        let (page, next) = page(exports.iter().collect(), form)?;
        let mut xml = Xml::default();
        xml.members("Exports", page, |xml, (name, export)| {
            xml.element("ExportingStackId", &export.stack).element("Name", name).element("Value", &export.value);
        });
        xml.optional("NextToken", next);
        Ok(xml)
    }

    pub(super) fn list_imports(&self, region: &str, form: &Form) -> Result<Xml, QueryError> {
        let name = form.required("ExportName")?;
        if !self.exports(region).contains_key(name) {
            return Err(QueryError::validation(format!("Export '{name}' does not exist.")));
        }
        let importers = self.importers(region, name);
        if importers.is_empty() {
            return Err(QueryError::validation(format!("Export '{name}' is not imported by any stack.")));
        }
        let (page, next) = page(importers, form)?;
        let mut xml = Xml::default();
        xml.strings("Imports", page).optional("NextToken", next);
        Ok(xml)
    }

    /// Names of the stacks that import a value, in order.
    fn importers(&self, region: &str, name: &str) -> Vec<String> {
        let mut importers = self.store.all(|stack| {
            let before = stack.transition.as_ref().and_then(|transition| transition.before.as_ref());
            // Until an update is over, the way back needs what was imported before.
            let imports =
                stack.imports.contains_key(name) || before.is_some_and(|before| before.imports.contains_key(name));
            let is_there = !matches!(stack.status, Phase::DeleteComplete | Phase::RollbackComplete);
            (imports && is_there && stack.pseudo.region == region).then(|| stack.name().to_owned())
        });
        importers.sort();
        importers
    }

    fn in_use(&self, region: &str, name: &str) -> Option<String> {
        let importers = self.importers(region, name);
        (!importers.is_empty()).then(|| importers.join(", "))
    }
}

/// Names of all exports that a template imports, of the branches that the conditions choose.
pub(super) fn named(
    template: &Template,
    definition: &Definition,
    pseudo: &Pseudo,
) -> Result<BTreeSet<String>, ResolveError> {
    let (nothing, nobody) = (IndexMap::new(), Imported::new());
    let scope = Scope {
        pseudo,
        parameters: &definition.values,
        mappings: &template.mappings,
        conditions: &definition.conditions,
        resources: &nothing,
        imports: &nobody,
    };
    let is_wanted = |condition: &Option<String>| {
        condition.as_ref().is_none_or(|name| definition.conditions.get(name) == Some(&true))
    };
    let resources = template.resources.values().filter(|resource| is_wanted(&resource.condition));
    let outputs = template.outputs.values().filter(|output| is_wanted(&output.condition));
    let values = resources.flat_map(|resource| resource.properties.values()).chain(outputs.map(|output| &output.value));
    let mut names = BTreeSet::new();
    for value in values {
        collect(value, &scope, &mut names)?;
    }
    Ok(names)
}

fn collect(value: &Value, scope: &Scope<'_>, names: &mut BTreeSet<String>) -> Result<(), ResolveError> {
    match function_of(value) {
        Some(("Fn::ImportValue", argument)) => {
            if let Some(Value::String(name)) = scope.resolve(argument)? {
                names.insert(name);
            }
            return Ok(());
        }
        Some(("Fn::If", Value::Array(parts))) => {
            if let [Value::String(condition), yes, no] = parts.as_slice() {
                let is_met = scope.conditions.get(condition) == Some(&true);
                return collect(if is_met { yes } else { no }, scope, names);
            }
        }
        _ => {}
    }
    match value {
        Value::Array(items) => items.iter().try_for_each(|item| collect(item, scope, names)),
        Value::Object(fields) => fields.values().try_for_each(|field| collect(field, scope, names)),
        _ => Ok(()),
    }
}

/// The outputs of a stack that never was complete, or is gone, are nobody's.
fn exports_hold(status: Phase) -> bool {
    !matches!(status, Phase::DeleteComplete | Phase::RollbackComplete | Phase::ReviewInProgress)
}

/// The name in a stack's id.
fn name_of(id: &str) -> &str {
    id.split('/').nth(1).unwrap_or(id)
}

fn page<T>(mut all: Vec<T>, form: &Form) -> Result<(Vec<T>, Option<String>), QueryError> {
    let start: usize = match form.get("NextToken") {
        None => 0,
        Some(token) => token.parse().map_err(|_| QueryError::validation("NextToken is not valid."))?,
    };
    let mut rest = all.split_off(start.min(all.len()));
    let next = (PAGE < rest.len()).then(|| (start + PAGE).to_string());
    rest.truncate(PAGE);
    Ok((rest, next))
}
