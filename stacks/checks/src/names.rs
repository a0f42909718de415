//! Physical names: one owner each, and of a form that the service accepts.

use crate::rule::{Objection, Rule, Severity};
use crate::subject::{Owners, Subject, shown};

/// Within what a name has to be unique.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Within {
    Region,
    /// The account, all its regions together.
    Account,
}

/// Named types, the properties that make up the name, and where it has to be unique.
const NAMED: &[(&str, &[&str], Within)] = &[
    ("AWS::Backup::BackupVault", &["BackupVaultName"], Within::Region),
    ("AWS::CloudFront::OriginAccessControl", &["OriginAccessControlConfig.Name"], Within::Account),
    ("AWS::CloudFront::ResponseHeadersPolicy", &["ResponseHeadersPolicyConfig.Name"], Within::Account),
    ("AWS::CloudWatch::Alarm", &["AlarmName"], Within::Region),
    ("AWS::CloudWatch::CompositeAlarm", &["AlarmName"], Within::Region),
    ("AWS::CloudWatch::Dashboard", &["DashboardName"], Within::Account),
    ("AWS::DynamoDB::GlobalTable", &["TableName"], Within::Region),
    ("AWS::ECR::Repository", &["RepositoryName"], Within::Region),
    ("AWS::ECS::Cluster", &["ClusterName"], Within::Region),
    ("AWS::ECS::TaskDefinition", &["Family"], Within::Region),
    ("AWS::ElasticLoadBalancingV2::ListenerRule", &["ListenerArn", "Priority"], Within::Region),
    ("AWS::ElasticLoadBalancingV2::LoadBalancer", &["Name"], Within::Region),
    ("AWS::ElasticLoadBalancingV2::TargetGroup", &["Name"], Within::Region),
    ("AWS::Events::Rule", &["Name"], Within::Region),
    ("AWS::IAM::ManagedPolicy", &["ManagedPolicyName"], Within::Account),
    ("AWS::IAM::Role", &["RoleName"], Within::Account),
    ("AWS::KMS::Alias", &["AliasName"], Within::Region),
    ("AWS::Lambda::Function", &["FunctionName"], Within::Region),
    ("AWS::Logs::LogGroup", &["LogGroupName"], Within::Region),
    ("AWS::Route53::RecordSet", &["HostedZoneId", "Name", "Type", "SetIdentifier"], Within::Account),
    ("AWS::S3::Bucket", &["BucketName"], Within::Account),
    ("AWS::SES::ConfigurationSet", &["Name"], Within::Region),
    ("AWS::SES::EmailIdentity", &["EmailIdentity"], Within::Region),
    ("AWS::SNS::Topic", &["TopicName"], Within::Region),
    ("AWS::SQS::Queue", &["QueueName"], Within::Region),
    ("AWS::SSM::Parameter", &["Name"], Within::Region),
    ("AWS::SecretsManager::Secret", &["Name"], Within::Region),
    ("AWS::WAFv2::WebACL", &["Scope", "Name"], Within::Region),
];

/// Types of which an account has one in a region.
const SINGLETONS: &[&str] =
    &["AWS::ApiGateway::Account", "AWS::ECR::RegistryScanningConfiguration", "AWS::ECR::ReplicationConfiguration"];

pub(crate) const RULES: &[Rule] = &[
    Rule {
        ids: &["name-taken"],
        title: "a physical name belongs to one resource",
        severity: Severity::Fault,
        remedy: "give one of the two another name",
        types: &[],
        judge: taken,
    },
    Rule {
        ids: &["singleton"],
        title: "what an account has once in a region is in one stack",
        severity: Severity::Fault,
        remedy: "put it into a stack that the environments of the account share",
        types: SINGLETONS,
        judge: |subject| {
            let mut same = subject.all(&subject.resource.resource_type);
            let first = same.find(|other| is_in_one_place(subject, other, Within::Region));
            Subject::expect(first.is_none_or(|first| first.is(subject)), "", "another stack has it too")
        },
    },
    Rule {
        ids: &["name-form", "E3031"],
        title: "a physical name has the form that its service accepts",
        severity: Severity::Fault,
        remedy: "change the name",
        types: &[],
        judge: form,
    },
];

fn taken(subject: &Subject<'_>) -> Vec<Objection> {
    let kind = subject.resource.resource_type.as_str();
    let Some((_, properties, within)) = NAMED.iter().find(|(named, ..)| *named == kind) else { return Vec::new() };
    let Some(own) = name(subject, properties) else { return Vec::new() };
    // The first owner is left alone; each later one is told.
    let first = subject.owners(owners).get(&key(subject, *within, &own));
    let is_subject = |(stack, id): &&(String, String)| *stack == subject.stack.name && *id == subject.logical_id;
    let Some((stack, _)) = first.filter(|first| !is_subject(first)) else { return Vec::new() };
    let property = naming(subject, properties).replace('.', "/");
    vec![Objection::new(property, format!("`{own}` is also {stack}'s"))]
}

/// Every named resource of the assembly, collected once: to ask each about all others would take the square of their number.
fn owners(any: &Subject<'_>) -> Owners {
    let mut owners = Owners::new();
    for (kind, properties, within) in NAMED {
        for resource in any.all(kind) {
            if let Some(name) = name(&resource, properties) {
                let owner = || (resource.stack.name.clone(), resource.logical_id.to_owned());
                owners.entry(key(&resource, *within, &name)).or_insert_with(owner);
            }
        }
    }
    owners
}

/// The name with everything that it has to be unique among.
fn key(subject: &Subject<'_>, within: Within, name: &str) -> String {
    let region = if within == Within::Account { "" } else { subject.stack.region.as_str() };
    format!("{} {} {region} {name}", subject.resource.resource_type, subject.stack.account)
}

fn is_in_one_place(one: &Subject<'_>, other: &Subject<'_>, within: Within) -> bool {
    let is_near = within == Within::Account || one.stack.region == other.stack.region;
    one.stack.account == other.stack.account && is_near
}

/// The parts of the name that are given; a name that CloudFormation makes up belongs to nobody else. What is local to a
/// stack, such as a reference to its listener, is told apart by the stack.
fn name(subject: &Subject<'_>, properties: &[&'static str]) -> Option<String> {
    subject.get(naming(subject, properties))?;
    let parts = properties.iter().filter_map(|path| {
        let value = subject.get(path)?;
        let target = value.as_object().map(|_| subject.mentioned(value));
        let target =
            target.and_then(|found| found.first().map(|found| format!("{}/{}", found.stack.name, found.logical_id)));
        // A resource may give away several names.
        let attribute = value.get("Fn::GetAtt").and_then(|parts| parts.get(1)?.as_str()).unwrap_or_default();
        let target = target.map(|target| format!("{target}.{attribute}"));
        Some(target.unwrap_or_else(|| shown(value)))
    });
    Some(parts.collect::<Vec<_>>().join(" "))
}

/// The property that a person would change: the last one, or of a record without a set the name itself.
fn naming(subject: &Subject<'_>, properties: &[&'static str]) -> &'static str {
    let last = properties.last().copied().unwrap_or_default();
    if last == "SetIdentifier" && subject.get(last).is_none() { "Name" } else { last }
}

fn form(subject: &Subject<'_>) -> Vec<Objection> {
    let check = |property: &str, is_sound: fn(&str) -> bool, form: &str| {
        let name = subject.text(property).unwrap_or_default();
        Subject::expect(name.is_empty() || is_sound(name), property, &format!("`{name}` is not {form}"))
    };
    match subject.resource.resource_type.as_str() {
        "AWS::S3::Bucket" => check("BucketName", is_bucket, "3 to 63 lower-case letters, digits, dots and hyphens"),
        "AWS::KMS::Alias" => check("AliasName", is_alias, "`alias/` and a name that does not begin with `aws/`"),
        "AWS::ElasticLoadBalancingV2::LoadBalancer" | "AWS::ElasticLoadBalancingV2::TargetGroup" => {
            check("Name", is_balancer, "at most 32 letters, digits and hyphens, none of the latter at an end")
        }
        "AWS::IAM::Role" => check("RoleName", is_role, "at most 64 letters, digits and +=,.@_-"),
        "AWS::SQS::Queue" => queue(subject),
        "AWS::SSM::Parameter" => check("Name", is_parameter, "a name outside `/aws` and `/ssm`"),
        "AWS::Cognito::UserPoolDomain" => check("Domain", is_domain, "free of `aws`, `amazon` and `cognito`"),
        "AWS::WAFv2::LoggingConfiguration" => firewall_log(subject),
        _ => Vec::new(),
    }
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html>
fn is_bucket(name: &str) -> bool {
    let is_end =
        |letter: Option<char>| letter.is_some_and(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit());
    (3..=63).contains(&name.len())
        && name.chars().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || ".-".contains(letter))
        && is_end(name.chars().next())
        && is_end(name.chars().last())
        && !name.contains("..")
}

fn is_alias(name: &str) -> bool {
    name.strip_prefix("alias/").is_some_and(|rest| !rest.is_empty() && !rest.starts_with("aws/"))
}

fn is_balancer(name: &str) -> bool {
    let is_word = name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-');
    name.len() <= 32 && is_word && !name.starts_with('-') && !name.ends_with('-') && !name.starts_with("internal-")
}

fn is_role(name: &str) -> bool {
    name.len() <= 64 && name.chars().all(|letter| letter.is_ascii_alphanumeric() || "+=,.@_-".contains(letter))
}

fn is_parameter(name: &str) -> bool {
    let plain = name.trim_start_matches('/').to_ascii_lowercase();
    name.len() <= 1011 && !plain.starts_with("aws") && !plain.starts_with("ssm")
}

/// <https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-assign-domain-prefix.html>
fn is_domain(name: &str) -> bool {
    // A domain of one's own has dots and may say what it likes.
    name.contains('.') || !["aws", "amazon", "cognito"].iter().any(|reserved| name.contains(reserved))
}

fn queue(subject: &Subject<'_>) -> Vec<Objection> {
    let Some(name) = subject.text("QueueName") else { return Vec::new() };
    let fifo = subject.is_true("FifoQueue");
    Subject::expect(name.ends_with(".fifo") == fifo, "QueueName", "only the names of FIFO queues end in `.fifo`")
}

/// <https://docs.aws.amazon.com/waf/latest/developerguide/logging-destinations.html>
fn firewall_log(subject: &Subject<'_>) -> Vec<Objection> {
    let targets = subject.get("LogDestinationConfigs").map(|value| subject.mentioned(value)).unwrap_or_default();
    let names = targets.iter().filter_map(|target| target.text("LogGroupName").or_else(|| target.text("BucketName")));
    let wrong = names.filter(|name| !name.starts_with("aws-waf-logs-"));
    wrong
        .map(|name| Objection::new("LogDestinationConfigs", format!("`{name}` does not begin with `aws-waf-logs-`")))
        .collect()
}
