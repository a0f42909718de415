//! Change sets as callers see them.

use super::change_set::{ChangeSet, Detail, Kind, ResourceChange};
use super::describe::page;
use super::operations::CloudFormation;
use super::stack::{OnFailure, Stack};
use super::wire::{Form, QueryError, Xml, timestamp};

impl CloudFormation {
    pub(super) fn describe_change_set(&self, region: &str, form: &Form) -> Result<Xml, QueryError> {
        let (stack_id, id) = self.locate_change_set(region, form)?;
        let with_values = form.flag("IncludePropertyValues") == Some(true);
        let read = |stack: &Stack| {
            let set = stack.change_sets.get(&id)?;
            let mut xml = Xml::default();
            write_head(&mut xml, stack, set);
            Some(write_body(&mut xml, set, form, with_values).map(|()| xml))
        };
        let found = self.store.read(&stack_id, read).flatten();
        found.ok_or_else(|| QueryError::internal("the change set is gone"))?
    }

    pub(super) fn list_change_sets(&self, region: &str, form: &Form) -> Result<Xml, QueryError> {
        let name = form.required("StackName")?;
        let read = |stack: &Stack| {
            let sets: Vec<&ChangeSet> = stack.change_sets.values().collect();
            let (page, next) = page(&sets, form)?;
            let mut xml = Xml::default();
            xml.members("Summaries", page, |xml, set| {
                write_head(xml, stack, set);
                xml.boolean("IncludeNestedStacks", false);
            });
            xml.optional("NextToken", next);
            Ok(xml)
        };
        let listed = self.store.find(region, name, read);
        listed.ok_or_else(|| QueryError::validation(format!("Stack [{name}] does not exist")))?
    }
}

fn write_head(xml: &mut Xml, stack: &Stack, set: &ChangeSet) {
    xml.element("ChangeSetName", &set.name);
    xml.element("ChangeSetId", &set.id);
    xml.element("StackId", stack.id());
    xml.element("StackName", stack.name());
    xml.optional("Description", set.description.as_ref());
    xml.element("CreationTime", timestamp(set.created));
    xml.element("ExecutionStatus", set.execution.as_str());
    xml.element("Status", set.status());
    xml.optional("StatusReason", set.failure.as_ref());
}

fn write_body(xml: &mut Xml, set: &ChangeSet, form: &Form, with_values: bool) -> Result<(), QueryError> {
    xml.members("Parameters", &set.definition.parameters, |xml, parameter| {
        xml.element("ParameterKey", &parameter.key);
        xml.element("ParameterValue", if parameter.no_echo { "****" } else { &parameter.value });
    });
    xml.strings("NotificationARNs", &set.definition.notification_arns);
    set.definition.rollback.write(xml);
    xml.strings("Capabilities", &set.definition.capabilities);
    xml.members("Tags", &set.definition.tags, |xml, (key, value)| {
        xml.element("Key", key);
        xml.element("Value", value);
    });
    let (page, next) = page(&set.changes, form)?;
    xml.members("Changes", page, |xml, change| {
        xml.element("Type", "Resource");
        xml.nested("ResourceChange", |xml| write_change(xml, change, with_values));
    });
    xml.optional("NextToken", next);
    xml.boolean("IncludeNestedStacks", false);
    let on_failure = set.on_failure.map(|chosen| match chosen {
        OnFailure::DoNothing => "DO_NOTHING",
        OnFailure::Rollback => "ROLLBACK",
        OnFailure::Delete => "DELETE",
    });
    xml.optional("OnStackFailure", on_failure);
    if set.kind == Kind::Create || set.imports_existing || on_failure.is_some() {
        xml.boolean("ImportExistingResources", set.imports_existing);
    }
    Ok(())
}

fn write_change(xml: &mut Xml, change: &ResourceChange, with_values: bool) {
    xml.optional("PolicyAction", change.policy_action.as_ref());
    xml.element("Action", &change.action);
    xml.element("LogicalResourceId", &change.logical_id);
    xml.optional("PhysicalResourceId", change.physical_id.as_ref());
    xml.element("ResourceType", &change.resource_type);
    xml.optional("Replacement", change.replacement.as_ref());
    xml.strings("Scope", &change.scope);
    xml.members("Details", &change.details, |xml, detail| write_detail(xml, detail, with_values));
    if with_values {
        xml.optional("BeforeContext", change.before.as_ref());
        xml.optional("AfterContext", change.after.as_ref());
    }
}

fn write_detail(xml: &mut Xml, detail: &Detail, with_values: bool) {
    xml.nested("Target", |xml| {
        xml.element("Attribute", &detail.attribute);
        xml.optional("Name", detail.name.as_ref());
        xml.element("RequiresRecreation", &detail.recreation);
        if with_values {
            xml.optional("Path", detail.path.as_ref());
            xml.optional("BeforeValue", detail.before.as_ref());
            xml.optional("AfterValue", detail.after.as_ref());
            xml.optional("AttributeChangeType", detail.change_type.as_ref());
        }
    });
    xml.element("Evaluation", if detail.is_static { "Static" } else { "Dynamic" });
    xml.element("ChangeSource", detail.source.name());
    xml.optional("CausingEntity", detail.source.cause());
}
