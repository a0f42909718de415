//! Each operation.

use super::groups::{Group, Rule};
use super::service::{Ec2, Fields, list};
use crate::services::wire::ServiceError;
use serde_json::{Value, json};

pub(super) fn run(ec2: &Ec2, region: &str, action: &str, fields: &Fields) -> Result<Value, ServiceError> {
    match action {
        "DescribeSecurityGroups" => {
            let groups = wanted(ec2, region, fields)?;
            let shown: Vec<Value> = groups.iter().map(|group| group.shown(&ec2.account)).collect();
            Ok(json!({ "securityGroupInfo": shown }))
        }
        "DescribeSecurityGroupRules" => {
            let groups = wanted(ec2, region, fields)?;
            let ids = list(fields, "SecurityGroupRuleId");
            let rules = groups.iter().flat_map(|group| group.rules.iter().map(move |rule| (group, rule)));
            let rules = rules.filter(|(_, rule)| ids.is_empty() || ids.contains(&rule.id.as_str()));
            let shown: Vec<Value> = rules.map(|(group, rule)| rule.shown(group, &ec2.account)).collect();
            Ok(json!({ "securityGroupRuleSet": shown }))
        }
        "RevokeSecurityGroupEgress" => revoke(ec2, region, fields, true),
        "RevokeSecurityGroupIngress" => revoke(ec2, region, fields, false),
        _ => {
            let message = format!("the rehearsal cloud does not offer EC2 {action}");
            Err(ServiceError::new("InvalidAction", message))
        }
    }
}

fn wanted(ec2: &Ec2, region: &str, fields: &Fields) -> Result<Vec<Group>, ServiceError> {
    let mut groups = ec2.groups(region);
    let ids = list(fields, "GroupId");
    if let Some(missing) = ids.iter().find(|id| !groups.iter().any(|group| group.id == **id)) {
        return Err(no_group(missing));
    }
    groups.retain(|group| ids.is_empty() || ids.contains(&group.id.as_str()));
    for index in 1.. {
        let Some(name) = fields.get(&format!("Filter.{index}.Name")) else { break };
        let values = list(fields, &format!("Filter.{index}.Value"));
        groups.retain(|group| {
            let own = match name.as_str() {
                "group-id" => &group.id,
                "group-name" => &group.name,
                _ => &group.vpc,
            };
            values.contains(&own.as_str())
        });
        if !["group-id", "group-name", "vpc-id"].contains(&name.as_str()) {
            let message = format!("the rehearsal cloud does not offer the filter {name}");
            return Err(ServiceError::new("InvalidParameterValue", message));
        }
    }
    Ok(groups)
}

/// Takes rules away, by their ids or by what they say.
fn revoke(ec2: &Ec2, region: &str, fields: &Fields, is_egress: bool) -> Result<Value, ServiceError> {
    let id = fields.get("GroupId").map(String::as_str).unwrap_or_default();
    let group = ec2.groups(region).into_iter().find(|group| group.id == id).ok_or_else(|| no_group(id))?;
    if !group.is_default {
        let message = format!("the rehearsal cloud does not offer changing rules that a template has made: {id}");
        return Err(ServiceError::new("UnsupportedOperation", message));
    }
    let ids = list(fields, "SecurityGroupRuleId");
    let mut gone: Vec<&Rule> = Vec::new();
    for id in &ids {
        let found = group.rules.iter().find(|rule| rule.id == *id && rule.is_egress == is_egress);
        let missing = || {
            ServiceError::new(
                "InvalidSecurityGroupRuleId.NotFound",
                format!("The security group rule ID '{id}' does not exist"),
            )
        };
        gone.push(found.ok_or_else(missing)?);
    }
    for index in 1.. {
        let field = |name: &str| fields.get(&format!("IpPermissions.{index}.{name}")).map(String::as_str);
        let Some(protocol) = field("IpProtocol") else { break };
        let (cidr, other) =
            (field("IpRanges.1.CidrIp"), field("Groups.1.GroupId").or(field("UserIdGroupPairs.1.GroupId")));
        let says = |rule: &&Rule| {
            let is_same = rule.cidr.as_deref() == cidr && rule.group.as_deref() == other;
            rule.is_egress == is_egress && rule.protocol == protocol && is_same
        };
        let missing = || {
            let message = "The specified rule does not exist in this security group.";
            ServiceError::new("InvalidPermission.NotFound", message)
        };
        gone.push(group.rules.iter().find(says).ok_or_else(missing)?);
    }
    if gone.is_empty() {
        let message = "Either 'ipPermissions' or 'securityGroupRuleIds' should be provided.";
        return Err(ServiceError::new("MissingParameter", message));
    }
    ec2.revoked.change(|all| {
        all.entry(id.to_owned()).or_default().extend(gone.iter().map(|rule| rule.id.clone()));
        Ok::<_, ServiceError>(())
    })?;
    Ok(json!({ "return": true }))
}

fn no_group(id: &str) -> ServiceError {
    ServiceError::new("InvalidGroup.NotFound", format!("The security group '{id}' does not exist"))
}
