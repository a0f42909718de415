//! What services refuse although the schemas allow it.

use crate::support::{Case, breaks, here, judge, one, stack};
use como_core::assembly::Assembly;
use serde_json::{Value as Json, json};

pub(super) fn cases() -> Vec<Case> {
    [templates(), sizes(), counts(), shapes(), alarms()].into_iter().flatten().collect()
}

fn templates() -> Vec<Case> {
    let named = |name: &str| Assembly { stacks: vec![stack(name, "ap-southeast-1", json!({}))], deployed: Vec::new() };
    let described = |length: usize| {
        let mut assembly = here(json!({}));
        assembly.stacks[0].template.description = Some("a".repeat(length));
        assembly
    };
    // The rest of the template is less than 200 bytes.
    let with_value = |length: usize| one("AWS::SSM::Parameter", json!({ "Value": "a".repeat(length) }));
    vec![
        breaks("template-limits E1002", with_value(51_200), &["here/"]).but_not(with_value(51_000)),
        breaks("template-limits E3010", described(1_025), &["here/"]).but_not(described(1_024)),
        breaks(
            "template-limits",
            named(LONG_NAME),
            &["aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/"],
        )
        .but_not(named(LONG_NAME.split_at(1).1)),
    ]
}

/// One letter more than a stack's name may have.
const LONG_NAME: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

fn document(length: usize) -> Json {
    json!({ "Version": "2012-10-17", "Statement": [{ "Sid": "a".repeat(length) }] })
}

fn sizes() -> Vec<Case> {
    let policy = |kind: &str, property: &str, length: usize| one(kind, json!({ property: document(length) }));
    let managed = |length| policy("AWS::IAM::ManagedPolicy", "PolicyDocument", length);
    let bucket = |length| policy("AWS::S3::BucketPolicy", "PolicyDocument", length);
    let role = |properties: Json| one("AWS::IAM::Role", properties);
    let inline = |first: usize, second: usize| {
        role(json!({ "Policies": [{ "PolicyDocument": document(first) }, { "PolicyDocument": document(second) }] }))
    };
    let composite = |length: usize| one("AWS::CloudWatch::CompositeAlarm", json!({ "AlarmRule": "a".repeat(length) }));
    let variables = |length: usize| {
        one("AWS::Lambda::Function", json!({ "Environment": { "Variables": { "A": "a".repeat(length) } } }))
    };
    vec![
        breaks("managed-policy-size", managed(6_144), &["ManagedPolicy PolicyDocument"]).but_not(managed(6_000)),
        breaks("key-policy-size", policy("AWS::KMS::Key", "KeyPolicy", 32_768), &["Key KeyPolicy"]).but_not(policy(
            "AWS::KMS::Key",
            "KeyPolicy",
            32_000,
        )),
        breaks("bucket-policy-size", bucket(20_480), &["BucketPolicy PolicyDocument"]).but_not(bucket(20_000)),
        breaks("role-policies", inline(6_000, 6_000), &["Role Policies"]).but_not(inline(6_000, 4_000)),
        breaks(
            "role-policies",
            role(json!({ "AssumeRolePolicyDocument": document(2_048) })),
            &["Role AssumeRolePolicyDocument"],
        )
        .but_not(role(json!({ "AssumeRolePolicyDocument": document(1_900) }))),
        breaks("role-policies", role(json!({ "ManagedPolicyArns": vec!["arn"; 11] })), &["Role ManagedPolicyArns"])
            .but_not(role(json!({ "ManagedPolicyArns": vec!["arn"; 10] }))),
        breaks("composite-rule", composite(10_241), &["CompositeAlarm AlarmRule"]).but_not(composite(10_000)),
        breaks("function-environment", variables(4_096), &["Function Environment/Variables"]).but_not(variables(4_000)),
    ]
}

fn counts() -> Vec<Case> {
    let group =
        |rules: usize| one("AWS::EC2::SecurityGroup", json!({ "SecurityGroupIngress": vec![json!({}); rules] }));
    let condition = |config: Json| {
        one(
            "AWS::ElasticLoadBalancingV2::ListenerRule",
            json!({ "Conditions": [{ "Field": "any", "Config": config }] }),
        )
    };
    let values = |values: Json| condition(json!({ "Values": values }));
    let targets = |count: usize| one("AWS::Events::Rule", json!({ "Targets": vec![json!({}); count] }));
    let indexes =
        |count: usize| one("AWS::DynamoDB::GlobalTable", json!({ "GlobalSecondaryIndexes": vec![json!({}); count] }));
    let tagged = |tags: Json| one("AWS::SQS::Queue", json!({ "Tags": tags }));
    let many: Vec<Json> = (0..51).map(|number| json!({ "Key": format!("key{number}"), "Value": "a" })).collect();
    let pair = |value: &str| json!({ "Key": "kind", "Value": value });
    vec![
        breaks("security-group-rules", group(61), &["SecurityGroup"]).but_not(group(60)),
        breaks(
            "security-group-rules",
            here(json!({
                "Guard AWS::EC2::SecurityGroup": { "SecurityGroupIngress": vec![json!({}); 60] },
                "One AWS::EC2::SecurityGroupIngress": { "GroupId": { "Ref": "Guard" } },
            })),
            &["Guard"],
        ),
        breaks("listener-rules", values(json!(["a", "b", "c", "d", "e", "f"])), &["ListenerRule Conditions"])
            .but_not(values(json!(["a", "b", "c", "d", "e"]))),
        breaks("listener-rules", values(json!(["/a/*/b/*", "*/*?*"])), &["ListenerRule Conditions"])
            .but_not(values(json!(["/a/*/b/*", "*/*"]))),
        // A query string's values are pairs.
        breaks("listener-rules", values(json!(vec![pair("a"); 6])), &["ListenerRule Conditions"])
            .but_not(values(json!(vec![pair("a*"); 5]))),
        breaks("rule-targets", targets(6), &["Rule Targets"]).but_not(targets(5)),
        breaks("table-indexes", indexes(21), &["GlobalTable GlobalSecondaryIndexes"]).but_not(indexes(20)),
        breaks("tags", tagged(json!(many)), &["Queue Tags"]).but_not(tagged(json!(many[1..]))),
        breaks("tags", tagged(json!([{ "Key": "aws:owner", "Value": "a" }])), &["Queue Tags"])
            .but_not(tagged(json!([{ "Key": "owner", "Value": "aws:" }]))),
        breaks("tags", one("AWS::SSM::Parameter", json!({ "Tags": { "AWS:owner": "a" } })), &["Parameter Tags"]),
    ]
}

fn shapes() -> Vec<Case> {
    let task = |cpu: &str, memory: &str| {
        one("AWS::ECS::TaskDefinition", json!({ "RequiresCompatibilities": ["FARGATE"], "Cpu": cpu, "Memory": memory }))
    };
    let memory: &[&str] = &["TaskDefinition Memory"];
    let waiting = |milliseconds: u32| {
        let integration = json!({ "x-amazon-apigateway-integration": { "timeoutInMillis": milliseconds } });
        one("AWS::ApiGateway::RestApi", json!({ "Body": { "paths": { "/v1/a": { "get": integration } } } }))
    };
    let table = |declared: Json| {
        one(
            "AWS::DynamoDB::GlobalTable",
            json!({
                "KeySchema": [{ "AttributeName": "saga" }],
                "GlobalSecondaryIndexes": [{ "KeySchema": [{ "AttributeName": "pending" }] }],
                "AttributeDefinitions": declared,
            }),
        )
    };
    let attribute = |name: &str| json!({ "AttributeName": name, "AttributeType": "S" });
    let queues = |dead: bool| {
        here(json!({
            "Dead AWS::SQS::Queue": { "FifoQueue": dead },
            "Live AWS::SQS::Queue": {
                "FifoQueue": true,
                "RedrivePolicy": { "deadLetterTargetArn": { "Fn::GetAtt": ["Dead", "Arn"] } },
            },
        }))
    };
    vec![
        breaks("fargate-sizes E3047", task("256", "4096"), memory).but_not(task("256", "2048")),
        breaks("fargate-sizes E3047", task("256", "1536"), memory).but_not(task("512", "3072")),
        breaks("fargate-sizes E3047", task("300", "512"), memory),
        breaks("fargate-sizes E3047", task("8192", "17408"), memory)
            .but_not(task("8192", "20480"))
            .but_not(one("AWS::ECS::TaskDefinition", json!({ "Cpu": "300", "Memory": "512" }))),
        breaks("api-timeout", waiting(29_001), &["RestApi Body/paths/v1/a/get"]).but_not(waiting(29_000)),
        breaks("api-timeout", waiting(49), &["RestApi Body/paths/v1/a/get"]).but_not(waiting(50)),
        breaks("table-keys E3039", table(json!([attribute("saga")])), &["GlobalTable AttributeDefinitions"])
            .but_not(table(json!([attribute("saga"), attribute("pending")]))),
        breaks(
            "table-keys E3039",
            table(json!([attribute("saga"), attribute("pending"), attribute("amount")])),
            &["GlobalTable AttributeDefinitions"],
        ),
        breaks("dead-letters-alike", queues(false), &["Live RedrivePolicy/deadLetterTargetArn"]).but_not(queues(true)),
    ]
}

fn alarms() -> Vec<Case> {
    let window = |period: u32, periods: u32| {
        one("AWS::CloudWatch::Alarm", json!({ "Period": period, "EvaluationPeriods": periods }))
    };
    let of_metric = |period: u32, periods: u32| {
        one(
            "AWS::CloudWatch::Alarm",
            json!({ "Metrics": [{ "MetricStat": { "Period": period } }], "EvaluationPeriods": periods }),
        )
    };
    let actions = |name: &str, count: usize| one("AWS::CloudWatch::Alarm", json!({ name: vec!["arn"; count] }));
    vec![
        breaks("alarm-window", window(300, 289), &["Alarm EvaluationPeriods"])
            .but_not(window(300, 288))
            .but_not(window(3_600, 168)),
        breaks("alarm-window", window(3_600, 169), &["Alarm EvaluationPeriods"]),
        breaks("alarm-window", of_metric(300, 289), &["Alarm EvaluationPeriods"]).but_not(of_metric(300, 288)),
        breaks("alarm-actions", actions("AlarmActions", 6), &["Alarm AlarmActions"])
            .but_not(actions("AlarmActions", 5)),
        breaks("alarm-actions", actions("OKActions", 6), &["Alarm OKActions"]),
        breaks("alarm-actions", actions("InsufficientDataActions", 6), &["Alarm InsufficientDataActions"]),
    ]
}

#[test]
fn hold() {
    judge(&cases());
}
