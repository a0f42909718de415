//! What CloudFormation and the services refuse although the schemas allow it.

use crate::rule::{Objection, Rule, Severity};
use crate::subject::{Subject, each, number, text};
use como_core::assembly::StackArtifact;
use como_core::flat::flatten;
use serde_json::Value as Json;

/// A body that is sent with the request; a longer one would have to be put into a bucket first.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html>
const BODY_LIMIT: usize = 51_200;
const DESCRIPTION_LIMIT: usize = 1_024;
const NAME_LIMIT: usize = 128;

pub(crate) const TEMPLATE_RULES: &[Rule] = &[Rule {
    ids: &["template-limits", "E1002", "E3010"],
    title: "a template is within CloudFormation's limits",
    severity: Severity::Fault,
    remedy: "move constructs to another stack",
    types: &[],
    // Judged once for each template: `of_template`.
    judge: |_| Vec::new(),
}];

pub(crate) const RULES: &[Rule] = &[
    rule(
        &["fargate-sizes", "E3047"],
        "Fargate offers the pair of CPU and memory",
        "choose a pair from AWS's table",
        &["AWS::ECS::TaskDefinition"],
        fargate,
    ),
    rule(
        &["listener-rules"],
        "a listener rule has at most five values and five wildcards",
        "split the rule",
        &["AWS::ElasticLoadBalancingV2::ListenerRule"],
        listener_rule,
    ),
    rule(
        &["security-group-rules"],
        "a security group has at most 60 rules in a direction",
        "use a prefix list or another group",
        &["AWS::EC2::SecurityGroup"],
        security_group,
    ),
    rule(
        &["role-policies"],
        "a role's policies are within IAM's sizes",
        "move statements to another role",
        &["AWS::IAM::Role"],
        role,
    ),
    rule(
        &["managed-policy-size"],
        "a managed policy has at most 6,144 characters",
        "split the policy",
        &["AWS::IAM::ManagedPolicy"],
        |policy| size(policy, "PolicyDocument", 6_144),
    ),
    rule(
        &["key-policy-size"],
        "a key's policy has at most 32,768 characters",
        "shorten the policy",
        &["AWS::KMS::Key", "AWS::KMS::ReplicaKey"],
        |key| size(key, "KeyPolicy", 32_768),
    ),
    rule(
        &["bucket-policy-size"],
        "a bucket's policy has at most 20,480 characters",
        "shorten the policy",
        &["AWS::S3::BucketPolicy"],
        |policy| size(policy, "PolicyDocument", 20_480),
    ),
    rule(
        &["api-timeout"],
        "an integration answers within 50 ms to 29 s",
        "change `timeoutInMillis`",
        &["AWS::ApiGateway::RestApi"],
        api_timeouts,
    ),
    rule(
        &["rule-targets"],
        "an EventBridge rule has at most five targets",
        "add a rule with the same pattern",
        &["AWS::Events::Rule"],
        |rule| at_most(rule, "Targets", 5),
    ),
    rule(
        &["alarm-window"],
        "an alarm looks back a day at most, a week with hourly periods",
        "shorten the period or the number of periods",
        &["AWS::CloudWatch::Alarm"],
        alarm_window,
    ),
    rule(
        &["alarm-actions"],
        "an alarm has at most five actions for a state",
        "send to a topic with several subscribers",
        &["AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm"],
        |alarm| {
            let states = ["AlarmActions", "InsufficientDataActions", "OKActions"];
            states.into_iter().flat_map(|actions| at_most(alarm, actions, 5)).collect()
        },
    ),
    rule(
        &["composite-rule"],
        "a composite alarm's rule has at most 10,240 characters",
        "combine composite alarms",
        &["AWS::CloudWatch::CompositeAlarm"],
        |alarm| size(alarm, "AlarmRule", 10_240),
    ),
    rule(
        &["function-environment"],
        "a function's variables have at most 4 KB",
        "keep settings in a table or parameter",
        &["AWS::Lambda::Function"],
        |function| size(function, "Environment.Variables", 4_096),
    ),
    rule(
        &["table-keys", "E3039"],
        "a table declares exactly the attributes of its keys",
        "declare an attribute for each key, and no other",
        &["AWS::DynamoDB::GlobalTable", "AWS::DynamoDB::Table"],
        table_keys,
    ),
    rule(
        &["table-indexes"],
        "a table has at most 20 global indexes",
        "drop an index",
        &["AWS::DynamoDB::GlobalTable", "AWS::DynamoDB::Table"],
        |table| at_most(table, "GlobalSecondaryIndexes", 20),
    ),
    rule(
        &["dead-letters-alike"],
        "the dead letters of a FIFO queue go to a FIFO queue",
        "make both queues FIFO, or neither",
        &["AWS::SQS::Queue"],
        dead_letters_alike,
    ),
    rule(
        &["firewall-priorities"],
        "rules of a web ACL have different priorities and names",
        "renumber the rules",
        &["AWS::WAFv2::WebACL"],
        firewall_priorities,
    ),
    rule(
        &["firewall-capacity"],
        "a web ACL costs at most 1,500 capacity units",
        "drop a rule; more than 1,500 costs extra, more than 5,000 is refused",
        &["AWS::WAFv2::WebACL"],
        firewall_capacity,
    ),
    rule(&["tags"], "tags are within limits and none begins with `aws:`", "change the tags", &[], tags),
    rule(
        &["certificate-region"],
        "CloudFront's certificate and web ACL are in us-east-1",
        "put them into a stack of us-east-1",
        &["AWS::CloudFront::Distribution"],
        in_us_east_1,
    ),
    rule(
        &["firewall-region"],
        "a web ACL for CloudFront is in us-east-1",
        "put it into a stack of us-east-1",
        &["AWS::WAFv2::WebACL"],
        |acl| {
            let ok = acl.text("Scope") != Some("CLOUDFRONT") || acl.stack.region == "us-east-1";
            Subject::expect(ok, "Scope", "`CLOUDFRONT` exists in us-east-1 alone")
        },
    ),
];

const fn rule(
    ids: &'static [&'static str],
    title: &'static str,
    remedy: &'static str,
    types: &'static [&'static str],
    judge: fn(&Subject<'_>) -> Vec<Objection>,
) -> Rule {
    Rule { ids, title, severity: Severity::Fault, remedy, types, judge }
}

/// Sizes of the template itself. Counts of resources, parameters and outputs are refused by synthesis already.
pub(crate) fn of_template(stack: &StackArtifact) -> impl Iterator<Item = (&'static Rule, Vec<Objection>)> + use<> {
    let mut objections = Vec::new();
    let mut longer_than = |what: &str, length: usize, limit: usize| {
        if limit < length {
            objections.push(Objection::new("", format!("{what} has {length} bytes; CloudFormation allows {limit}")));
        }
    };
    longer_than("the template", stack.template.to_body().map_or(usize::MAX, |body| body.len()), BODY_LIMIT);
    longer_than("the description", stack.template.description.as_ref().map_or(0, String::len), DESCRIPTION_LIMIT);
    longer_than("the stack's name", stack.name.len(), NAME_LIMIT);
    TEMPLATE_RULES.first().map(|rule| (rule, objections)).into_iter()
}

fn at_most(subject: &Subject<'_>, property: &str, limit: usize) -> Vec<Objection> {
    let count = subject.list(property).len();
    Subject::expect(count <= limit, property, &format!("{count} are given; the limit is {limit}"))
}

/// Lower bound: a reference is taken to be as long as its readable form.
fn size(subject: &Subject<'_>, property: &str, limit: usize) -> Vec<Objection> {
    let length = subject.get(property).map_or(0, length);
    Subject::expect(length <= limit, property, &format!("{length} characters; the limit is {limit}"))
}

/// Characters of a document without white space.
fn length(json: &Json) -> usize {
    match json {
        Json::Object(object) => {
            let is_call = object.len() == 1 && object.keys().any(|key| key == "Ref" || key.starts_with("Fn::"));
            if is_call {
                return flatten(json).len();
            }
            2 + object.iter().map(|(key, value)| key.len() + 4 + length(value)).sum::<usize>()
        }
        Json::Array(values) => 2 + values.iter().map(|value| length(value) + 1).sum::<usize>(),
        Json::String(text) => text.len() + 2,
        other => other.to_string().len(),
    }
}

/// <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html#fargate-tasks-size>
fn fargate(task: &Subject<'_>) -> Vec<Objection> {
    let is_fargate = task.list("RequiresCompatibilities").iter().any(|kind| kind == "FARGATE");
    let (Some(cpu), Some(memory)) = (task.number("Cpu"), task.number("Memory")) else { return Vec::new() };
    // CPU units, least and most memory in MiB, and its step.
    const SIZES: &[(f64, f64, f64, f64)] = &[
        (256.0, 512.0, 2_048.0, 512.0),
        (512.0, 1_024.0, 4_096.0, 1_024.0),
        (1_024.0, 2_048.0, 8_192.0, 1_024.0),
        (2_048.0, 4_096.0, 16_384.0, 1_024.0),
        (4_096.0, 8_192.0, 30_720.0, 1_024.0),
        (8_192.0, 16_384.0, 61_440.0, 4_096.0),
        (16_384.0, 32_768.0, 122_880.0, 8_192.0),
    ];
    let fits = SIZES.iter().any(|&(units, least, most, step)| {
        // The smallest size has 512, 1024 and 2048, but not 1536.
        let is_step = memory % step == 0.0 && !(units == 256.0 && memory == 1_536.0);
        cpu == units && (least..=most).contains(&memory) && is_step
    });
    Subject::expect(!is_fargate || fits, "Memory", &format!("Fargate has no {cpu} CPU units with {memory} MiB"))
}

/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html#rules-quotas>
fn listener_rule(rule: &Subject<'_>) -> Vec<Objection> {
    let conditions = rule.list("Conditions").iter().filter_map(Json::as_object).flatten();
    // A value of a query string is a pair, any other a text.
    let values: Vec<&Json> = conditions
        .filter(|(member, _)| *member != "Field")
        .flat_map(|(_, config)| each(config.get("Values").or(Some(config))))
        .collect();
    let texts = values.iter().filter_map(|value| value.as_str().or_else(|| text(value, "Value")));
    let wildcards: usize = texts.map(|value| value.matches(['*', '?']).count()).sum();
    let message = format!("{} values with {wildcards} wildcards", values.len());
    Subject::expect(values.len() <= 5 && wildcards <= 5, "Conditions", &message)
}

fn security_group(group: &Subject<'_>) -> Vec<Objection> {
    let separate = |kind: &str| group.all(kind).filter(|rule| rule.mentions("GroupId", group)).count();
    let ingress = group.list("SecurityGroupIngress").len() + separate("AWS::EC2::SecurityGroupIngress");
    let egress = group.list("SecurityGroupEgress").len() + separate("AWS::EC2::SecurityGroupEgress");
    Subject::expect(ingress <= 60 && egress <= 60, "", &format!("{ingress} inbound and {egress} outbound rules"))
}

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>
fn role(role: &Subject<'_>) -> Vec<Objection> {
    let inline: usize =
        role.list("Policies").iter().filter_map(|policy| policy.get("PolicyDocument")).map(length).sum();
    let mut objections = size(role, "AssumeRolePolicyDocument", 2_048);
    objections.extend(at_most(role, "ManagedPolicyArns", 10));
    let message = format!("{inline} characters in all; the limit is 10240");
    objections.extend(Subject::expect(inline <= 10_240, "Policies", &message));
    objections
}

/// The lower bound is API Gateway's; the upper can be raised by a quota, which no environment here has.
fn api_timeouts(api: &Subject<'_>) -> Vec<Objection> {
    let paths = api.get("Body.paths").and_then(Json::as_object).into_iter().flatten();
    let operations =
        paths.flat_map(|(path, methods)| methods.as_object().into_iter().flatten().map(move |m| (path, m)));
    operations
        .filter_map(|(path, (method, operation))| {
            let timeout = number(operation.get("x-amazon-apigateway-integration")?.get("timeoutInMillis")?)?;
            let message = format!("{method} {path} waits {timeout} ms");
            (!(50.0..=29_000.0).contains(&timeout))
                .then(|| Objection::new(format!("Body/paths{path}/{method}"), message))
        })
        .collect()
}

/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html>
fn alarm_window(alarm: &Subject<'_>) -> Vec<Objection> {
    let periods = alarm.number("EvaluationPeriods").unwrap_or(1.0);
    let of_metrics = alarm.list("Metrics").iter().filter_map(|metric| number(metric.get("MetricStat")?.get("Period")?));
    let period = alarm.number("Period").into_iter().chain(of_metrics).fold(0.0, f64::max);
    let limit = if 3_600.0 <= period { 604_800.0 } else { 86_400.0 };
    let window = period * periods;
    Subject::expect(window <= limit, "EvaluationPeriods", &format!("looks back {window} s; the limit is {limit} s"))
}

fn table_keys(table: &Subject<'_>) -> Vec<Objection> {
    let names = |list: &[Json]| -> std::collections::BTreeSet<String> {
        list.iter().filter_map(|key| Some(text(key, "AttributeName")?.to_owned())).collect()
    };
    let mut keys = names(table.list("KeySchema"));
    for index in table.list("GlobalSecondaryIndexes").iter().chain(table.list("LocalSecondaryIndexes")) {
        keys.extend(names(index.get("KeySchema").and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default()));
    }
    let declared = names(table.list("AttributeDefinitions"));
    let different: Vec<&str> = keys.symmetric_difference(&declared).map(String::as_str).collect();
    Subject::expect(
        different.is_empty(),
        "AttributeDefinitions",
        &format!("keys and attributes differ in {}", different.join(", ")),
    )
}

fn dead_letters_alike(queue: &Subject<'_>) -> Vec<Objection> {
    let target = queue.get("RedrivePolicy.deadLetterTargetArn").map(|arn| queue.mentioned(arn)).unwrap_or_default();
    let ok = target.iter().all(|target| target.is_true("FifoQueue") == queue.is_true("FifoQueue"));
    Subject::expect(ok, "RedrivePolicy.deadLetterTargetArn", "one of the two queues is FIFO")
}

fn firewall_priorities(acl: &Subject<'_>) -> Vec<Objection> {
    let distinct = |name: &str| {
        let values: std::collections::BTreeSet<String> =
            acl.list("Rules").iter().filter_map(|rule| rule.get(name)).map(ToString::to_string).collect();
        values.len() == acl.list("Rules").len()
    };
    Subject::expect(distinct("Priority") && distinct("Name"), "Rules", "two rules share a priority or a name")
}

/// Capacity units of AWS's rule groups: <https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-list.html>
const GROUPS: &[(&str, u32)] = &[
    ("AWSManagedRulesAdminProtectionRuleSet", 100),
    ("AWSManagedRulesAmazonIpReputationList", 25),
    ("AWSManagedRulesAnonymousIpList", 50),
    ("AWSManagedRulesBotControlRuleSet", 50),
    ("AWSManagedRulesCommonRuleSet", 700),
    ("AWSManagedRulesKnownBadInputsRuleSet", 200),
    ("AWSManagedRulesLinuxRuleSet", 200),
    ("AWSManagedRulesSQLiRuleSet", 200),
    ("AWSManagedRulesUnixRuleSet", 100),
];

fn firewall_capacity(acl: &Subject<'_>) -> Vec<Objection> {
    let capacity: u32 = acl.list("Rules").iter().filter_map(|rule| rule.get("Statement")).map(capacity).sum();
    Subject::expect(capacity <= 1_500, "Rules", &format!("the rules cost {capacity} units"))
}

/// Units of one statement, by the table of AWS's rule statements; those of text matches are those of a contained string.
fn capacity(statement: &Json) -> u32 {
    let Some((kind, body)) = statement.as_object().and_then(|object| object.iter().next()) else { return 0 };
    let nested =
        || each(body.get("Statements").or_else(|| body.get("Statement"))).into_iter().map(capacity).sum::<u32>();
    let scope = body.get("ScopeDownStatement").map_or(0, capacity);
    match kind.as_str() {
        "ManagedRuleGroupStatement" => {
            let name = text(body, "Name").unwrap_or_default();
            scope + GROUPS.iter().find(|(group, _)| *group == name).map_or(0, |(_, units)| *units)
        }
        "RateBasedStatement" => 2 + scope,
        "NotStatement" | "AndStatement" | "OrStatement" => nested(),
        "ByteMatchStatement" => 10,
        "SqliMatchStatement" => 20,
        "XssMatchStatement" => 40,
        "RegexMatchStatement" => 3,
        _ => 1,
    }
}

fn tags(subject: &Subject<'_>) -> Vec<Objection> {
    let tags = subject.get("Tags");
    let names: Vec<&str> = match tags {
        Some(Json::Object(tags)) => tags.keys().map(String::as_str).collect(),
        tags => each(tags).into_iter().filter_map(|tag| text(tag, "Key")).collect(),
    };
    let reserved = names.iter().any(|name| name.to_ascii_lowercase().starts_with("aws:"));
    Subject::expect(names.len() <= 50 && !reserved, "Tags", "more than 50 tags, or one that begins with `aws:`")
}

fn in_us_east_1(distribution: &Subject<'_>) -> Vec<Objection> {
    let properties = ["DistributionConfig.ViewerCertificate.AcmCertificateArn", "DistributionConfig.WebACLId"];
    let elsewhere = properties.into_iter().filter(|path| {
        let targets = distribution.get(path).map(|value| distribution.mentioned(value)).unwrap_or_default();
        targets.iter().any(|target| target.stack.region != "us-east-1")
    });
    elsewhere.map(|path| Objection::new(path.replace('.', "/"), "CloudFront reads it from us-east-1 alone")).collect()
}
