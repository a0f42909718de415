//! Security groups: those that templates make, and the one that every VPC comes with.

use super::service::Ec2;
use crate::services::property::{Properties, as_number, objects, text};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Group {
    pub(super) id: String,
    pub(super) vpc: String,
    pub(super) name: String,
    pub(super) description: String,
    pub(super) is_default: bool,
    pub(super) rules: Vec<Rule>,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Rule {
    /// `sgr-…`
    pub(super) id: String,
    pub(super) is_egress: bool,
    pub(super) protocol: String,
    pub(super) from: Option<u64>,
    pub(super) to: Option<u64>,
    pub(super) cidr: Option<String>,
    /// The other group.
    pub(super) group: Option<String>,
}

impl Ec2 {
    pub(super) fn groups(&self, region: &str) -> Vec<Group> {
        let here = |resource_type: &str| {
            let all = self.declared.all(resource_type).into_iter();
            all.filter(|(own, ..)| own == region).map(|(_, properties, attributes)| (properties, attributes))
        };
        let attribute = |attributes: &std::collections::BTreeMap<String, Value>, name: &str| {
            attributes.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
        };
        let mut groups: Vec<Group> = here("AWS::EC2::VPC")
            .map(|(_, attributes)| {
                self.default_group(&attribute(&attributes, "DefaultSecurityGroup"), attribute(&attributes, "VpcId"))
            })
            .collect();
        let loose: Vec<Properties> = here("AWS::EC2::SecurityGroupIngress").map(|(properties, _)| properties).collect();
        groups.extend(here("AWS::EC2::SecurityGroup").map(|(properties, attributes)| {
            let id = attribute(&attributes, "GroupId");
            let inward = objects(&properties, "SecurityGroupIngress").map(|rule| Rule::of(rule, false));
            let outward = objects(&properties, "SecurityGroupEgress").map(|rule| Rule::of(rule, true));
            let mut rules: Vec<Rule> = inward.chain(outward).collect();
            if !properties.contains_key("SecurityGroupEgress") {
                rules.push(Rule::anywhere());
            }
            rules.extend(loose.iter().filter(|one| text(one, "GroupId") == Some(&id)).map(|one| Rule::of(one, false)));
            for (number, rule) in rules.iter_mut().enumerate() {
                rule.id = rule_id(&id, &number.to_string());
            }
            let given = |name: &str| text(&properties, name).unwrap_or_default().to_owned();
            let name = text(&properties, "GroupName").map_or_else(|| id.clone(), str::to_owned);
            let (vpc, description) = (given("VpcId"), given("GroupDescription"));
            Group { id, vpc, name, description, is_default: false, rules }
        }));
        groups
    }

    /// Its members may reach each other and everybody, until somebody takes that away.
    fn default_group(&self, id: &str, vpc: String) -> Group {
        let among = Rule { is_egress: false, cidr: None, group: Some(id.to_owned()), ..Rule::anywhere() };
        let revoked = self.revoked.read(|all| all.get(id).cloned().unwrap_or_default());
        let rules = [among, Rule::anywhere()].into_iter().map(|rule| {
            let kind = if rule.is_egress { "egress" } else { "ingress" };
            Rule { id: rule_id(id, kind), ..rule }
        });
        Group {
            id: id.to_owned(),
            vpc,
            name: "default".to_owned(),
            description: "default VPC security group".to_owned(),
            is_default: true,
            rules: rules.filter(|rule| !revoked.contains(&rule.id)).collect(),
        }
    }
}

impl Group {
    pub(super) fn shown(&self, account: &str) -> Value {
        let permissions = |is_egress: bool| -> Vec<Value> {
            self.rules.iter().filter(|rule| rule.is_egress == is_egress).map(|rule| rule.permission(account)).collect()
        };
        json!({
            "ownerId": account, "groupId": self.id, "groupName": self.name, "groupDescription": self.description,
            "vpcId": self.vpc, "ipPermissions": permissions(false), "ipPermissionsEgress": permissions(true),
        })
    }
}

impl Rule {
    /// The egress that a group has which says nothing of it.
    fn anywhere() -> Self {
        Self {
            id: String::new(),
            is_egress: true,
            protocol: "-1".to_owned(),
            from: None,
            to: None,
            cidr: Some("0.0.0.0/0".to_owned()),
            group: None,
        }
    }

    fn of(rule: &Properties, is_egress: bool) -> Self {
        let given = |name: &str| text(rule, name).map(str::to_owned);
        let number = |name: &str| rule.get(name).and_then(as_number);
        let protocol = rule.get("IpProtocol").map(plain);
        Self {
            id: String::new(),
            is_egress,
            protocol: protocol.unwrap_or_else(|| "-1".to_owned()),
            from: number("FromPort"),
            to: number("ToPort"),
            cidr: given("CidrIp").or_else(|| given("CidrIpv6")),
            group: given("SourceSecurityGroupId").or_else(|| given("DestinationSecurityGroupId")),
        }
    }

    fn permission(&self, account: &str) -> Value {
        let cidr = self.cidr.iter().map(|cidr| json!({ "cidrIp": cidr }));
        let group = self.group.iter().map(|group| json!({ "userId": account, "groupId": group }));
        json!({
            "ipProtocol": self.protocol, "fromPort": self.from, "toPort": self.to,
            "ipRanges": cidr.collect::<Vec<_>>(), "groups": group.collect::<Vec<_>>(),
            "ipv6Ranges": [], "prefixListIds": [],
        })
    }

    pub(super) fn shown(&self, group: &Group, account: &str) -> Value {
        let other = self.group.as_ref().map(|other| json!({ "groupId": other, "userId": account }));
        json!({
            "securityGroupRuleId": self.id, "groupId": group.id, "groupOwnerId": account, "isEgress": self.is_egress,
            "ipProtocol": self.protocol, "fromPort": port(self.from), "toPort": port(self.to),
            "cidrIpv4": self.cidr, "referencedGroupInfo": other,
        })
    }
}

/// All ports are told as -1.
fn port(number: Option<u64>) -> Value {
    number.map_or_else(|| json!(-1), |number| json!(number))
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn rule_id(group: &str, label: &str) -> String {
    let digest = Sha256::digest(format!("{group} {label}").as_bytes());
    let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sgr-{}", hex.get(..17).unwrap_or_default())
}
