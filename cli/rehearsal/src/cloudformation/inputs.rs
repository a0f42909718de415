//! What each operation reads of a call.
//!
//! A member that is not listed is refused by name: passed over in silence it would make a success that means something
//! else. `tests/it/cloudformation/inputs.rs` holds this list against AWS's service model and against what the code reads.

use super::change_set_api::not_there;
use super::wire::{Form, QueryError};

/// What a stack should be. `[]` stands for the numbers of a list's members.
const DEFINITION: &[&str] = &[
    "Capabilities[]",
    "DeploymentConfig.DisableRollback",
    "DeploymentConfig.Mode",
    "DisableValidation",
    "NotificationARNs[]",
    "Parameters[].ParameterKey",
    "Parameters[].ParameterValue",
    "Parameters[].ResolvedValue",
    "Parameters[].UsePreviousValue",
    "RoleARN",
    "RollbackConfiguration.MonitoringTimeInMinutes",
    "RollbackConfiguration.RollbackTriggers[].Arn",
    "RollbackConfiguration.RollbackTriggers[].Type",
    "StackName",
    "Tags[].Key",
    "Tags[].Value",
    "TemplateBody",
    "TemplateURL",
];
const DEPLOYMENT: &[&str] = &["DeploymentConfig.DisableRollback", "DeploymentConfig.Mode"];
const DOCUMENT: &[&str] = &["TemplateBody", "TemplateURL"];
const PAGE_OF_STACK: &[&str] = &["NextToken", "StackName"];
const POLICY: &[&str] = &["StackPolicyBody", "StackPolicyURL"];
const STACK: &[&str] = &["StackName"];
const TOKEN: &[&str] = &["ClientRequestToken"];

/// By operation. Some of these ask for nothing here, and `docs/rehearsal.md` says why.
const READ: [(&str, &[&[&str]]); 30] = [
    ("CancelUpdateStack", &[STACK, TOKEN]),
    ("ContinueUpdateRollback", &[STACK, TOKEN, &["ForceRollback", "ResourcesToSkip[]", "RoleARN"]]),
    (
        "CreateChangeSet",
        &[
            DEFINITION,
            &[
                "ChangeSetName",
                "ChangeSetType",
                "ClientToken",
                "Description",
                "ImportExistingResources",
                "IncludeNestedStacks",
                "OnStackFailure",
                "ResourcesToImport[].LogicalResourceId",
                "ResourcesToImport[].ResourceIdentifier[].key",
                "ResourcesToImport[].ResourceIdentifier[].value",
                "ResourcesToImport[].ResourceType",
                "UsePreviousTemplate",
            ],
        ],
    ),
    (
        "CreateStack",
        &[
            DEFINITION,
            POLICY,
            TOKEN,
            &[
                "DisableRollback",
                "EnableTerminationProtection",
                "OnFailure",
                "RetainExceptOnCreate",
                "TimeoutInMinutes",
            ],
        ],
    ),
    ("DeleteChangeSet", &[STACK, &["ChangeSetName"]]),
    ("DeleteStack", &[STACK, TOKEN, DEPLOYMENT, &["DeletionMode", "RetainResources[]", "RoleARN"]]),
    ("DescribeChangeSet", &[PAGE_OF_STACK, &["ChangeSetName", "IncludePropertyValues"]]),
    ("DescribeEvents", &[PAGE_OF_STACK, &["ChangeSetName", "Filters.FailedEvents", "OperationId"]]),
    ("DescribeStackDriftDetectionStatus", &[&["StackDriftDetectionId"]]),
    ("DescribeStackEvents", &[PAGE_OF_STACK]),
    ("DescribeStackResource", &[STACK, &["LogicalResourceId"]]),
    ("DescribeStackResourceDrifts", &[PAGE_OF_STACK, &["MaxResults", "StackResourceDriftStatusFilters[]"]]),
    ("DescribeStackResources", &[STACK, &["LogicalResourceId", "PhysicalResourceId"]]),
    ("DescribeStacks", &[PAGE_OF_STACK]),
    ("DetectStackDrift", &[STACK, &["LogicalResourceIds[]"]]),
    ("DetectStackResourceDrift", &[STACK, &["LogicalResourceId"]]),
    ("ExecuteChangeSet", &[STACK, TOKEN, &["ChangeSetName", "DisableRollback", "RetainExceptOnCreate"]]),
    ("GetStackPolicy", &[STACK]),
    ("GetTemplate", &[STACK, &["ChangeSetName", "TemplateStage"]]),
    ("GetTemplateSummary", &[STACK, DOCUMENT]),
    ("ListChangeSets", &[PAGE_OF_STACK]),
    ("ListExports", &[&["NextToken"]]),
    ("ListImports", &[&["ExportName", "NextToken"]]),
    ("ListStackResources", &[PAGE_OF_STACK]),
    ("ListStacks", &[&["NextToken", "StackStatusFilter[]"]]),
    ("RollbackStack", &[STACK, TOKEN, DEPLOYMENT, &["RetainExceptOnCreate", "RoleARN"]]),
    ("SetStackPolicy", &[STACK, POLICY]),
    (
        "UpdateStack",
        &[
            DEFINITION,
            POLICY,
            TOKEN,
            &[
                "DisableRollback",
                "RetainExceptOnCreate",
                "StackPolicyDuringUpdateBody",
                "StackPolicyDuringUpdateURL",
                "UsePreviousTemplate",
            ],
        ],
    ),
    ("UpdateTerminationProtection", &[STACK, &["EnableTerminationProtection"]]),
    ("ValidateTemplate", &[DOCUMENT]),
];

/// Of every call, among them the older ways to sign one.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/CommonParameters.html>
const COMMON: [&str; 8] = [
    "Action",
    "AWSAccessKeyId",
    "SecurityToken",
    "Signature",
    "SignatureMethod",
    "SignatureVersion",
    "Timestamp",
    "Version",
];

/// Refuses what the operation would not read, and values that ask for what is not there.
pub(super) fn check(form: &Form, action: &str) -> Result<(), QueryError> {
    // An operation that is not there has an answer of its own.
    let Some((_, read)) = READ.iter().find(|(name, _)| *name == action) else { return Ok(()) };
    for name in form.names() {
        let path = without_numbers(name);
        let is_read = read.iter().flat_map(|part| *part).any(|known| is_of(&path, known));
        if !is_read && !COMMON.contains(&name) && !name.starts_with("X-Amz-") {
            return Err(not_there(path.split(['.', '[']).next().unwrap_or(name), action));
        }
    }
    // The CDK always says which mode it wants, and whether it wants a rollback.
    if form.get("DeploymentConfig.Mode").is_some_and(|mode| mode != "STANDARD") {
        return Err(not_there("another mode than STANDARD in DeploymentConfig", action));
    }
    if form.flag("DeploymentConfig.DisableRollback") == Some(true) {
        return Err(not_there("DisableRollback in DeploymentConfig", action));
    }
    Ok(())
}

/// A list that is empty is sent by its bare name.
fn is_of(path: &str, known: &str) -> bool {
    match known.strip_prefix(path) {
        Some(rest) => rest.is_empty() || rest.starts_with(['.', '[']),
        None => false,
    }
}

/// `Tags.member.1.Key` is `Tags[].Key`.
fn without_numbers(name: &str) -> String {
    let mut path = String::new();
    let mut parts = name.split('.').peekable();
    while let Some(part) = parts.next() {
        let is_number = |next: &&str| next.chars().all(|digit| digit.is_ascii_digit());
        if (part == "member" || part == "entry") && parts.peek().is_none_or(is_number) {
            parts.next();
            path.push_str("[]");
        } else {
            if !path.is_empty() {
                path.push('.');
            }
            path.push_str(part);
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::{READ, check, without_numbers};
    use crate::cloudformation::wire::Form;

    fn refused(body: &str, action: &str) -> Option<String> {
        check(&Form::parse(body.as_bytes()), action).err().map(|error| error.message)
    }

    #[test]
    fn what_is_not_read_is_refused_by_name() {
        let not_there = |what: &str| Some(format!("{what} is not there yet in the rehearsal cloud"));
        assert_eq!(refused("Action=CreateStack&StackName=s&Tags.member.1.Key=k&Tags=", "CreateStack"), None);
        assert_eq!(refused("ResourceTypes.member.1=x", "CreateStack"), not_there("ResourceTypes of CreateStack"));
        assert_eq!(refused("Tags.member.1.Colour=x", "CreateStack"), not_there("Tags of CreateStack"));
        assert_eq!(refused("ForceRollback=true", "RollbackStack"), not_there("ForceRollback of RollbackStack"));
        let express = not_there("another mode than STANDARD in DeploymentConfig of DeleteStack");
        assert_eq!(refused("DeploymentConfig.Mode=EXPRESS", "DeleteStack"), express);
        assert_eq!(
            refused("DeploymentConfig.Mode=STANDARD&DeploymentConfig.DisableRollback=false", "DeleteStack"),
            None
        );
        assert_eq!(refused("X-Amz-Signature=x&AWSAccessKeyId=y", "ListStacks"), None);
    }

    #[test]
    fn numbers_of_members_do_not_count() {
        for (name, path) in [
            ("Tags.member.1.Key", "Tags[].Key"),
            (
                "ResourcesToImport.member.2.ResourceIdentifier.entry.10.key",
                "ResourcesToImport[].ResourceIdentifier[].key",
            ),
            ("Capabilities.member", "Capabilities[]"),
            ("member.1", "[]"),
        ] {
            assert_eq!(without_numbers(name), path);
        }
        assert!(READ.is_sorted_by_key(|(name, _)| *name));
    }
}
