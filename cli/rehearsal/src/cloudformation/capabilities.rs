//! Which acknowledgements a template needs.

use super::template::Template;
use super::wire::QueryError;

const NAMED: &str = "CAPABILITY_NAMED_IAM";
const UNNAMED: &str = "CAPABILITY_IAM";

/// Types whose creation must be acknowledged, with the property that names them.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStack.html>
const ACKNOWLEDGED: [(&str, Option<&str>); 8] = [
    ("AWS::IAM::AccessKey", None),
    ("AWS::IAM::Group", Some("GroupName")),
    ("AWS::IAM::InstanceProfile", Some("InstanceProfileName")),
    ("AWS::IAM::ManagedPolicy", Some("ManagedPolicyName")),
    ("AWS::IAM::Policy", None),
    ("AWS::IAM::Role", Some("RoleName")),
    ("AWS::IAM::User", Some("UserName")),
    ("AWS::IAM::UserToGroupAddition", None),
];

/// The capability that the template needs, if any, and the types that ask for it.
pub(crate) fn required(template: &Template) -> Option<(&'static str, Vec<String>)> {
    let mut types = Vec::new();
    let mut named = false;
    for resource in template.resources.values() {
        let Some((_, name)) = ACKNOWLEDGED.iter().find(|(kind, _)| *kind == resource.resource_type) else { continue };
        named |= name.is_some_and(|name| resource.properties.contains_key(name));
        if !types.contains(&resource.resource_type) {
            types.push(resource.resource_type.clone());
        }
    }
    if types.is_empty() {
        return None;
    }
    Some((if named { NAMED } else { UNNAMED }, types))
}

pub(crate) fn check(template: &Template, given: &[String]) -> Result<(), QueryError> {
    match required(template) {
        Some((needed, _)) if !given.iter().any(|one| one == needed || one == NAMED) => {
            Err(QueryError::new("InsufficientCapabilitiesException", format!("Requires capabilities : [{needed}]")))
        }
        _ => Ok(()),
    }
}
