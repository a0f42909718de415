use crate::support::{Topic, stack};
use como_core::app::App;
use como_core::flat::flatten;
use como_core::resource::Options;
use como_core::suppression::{Suppression, Tool, accepted};
use como_core::value::Value;
use serde_json::json;

fn options(suppressions: Vec<Suppression>) -> Options {
    Options { suppressions, ..Options::default() }
}

#[test]
fn every_tool_finds_its_suppressions_where_it_looks() {
    let mut tables = stack("tables");
    let table = tables.scope().add("Table", Topic::called("table"));
    tables.scope().share("TableArn", "the table", &table.get(Topic::TOPIC_NAME));
    let mut api = stack("api");
    let everything_in_it = Value::join("", [table.get(Topic::TOPIC_NAME), "/*".into()]);
    let accepted_here = vec![
        Suppression::new(["CKV_AWS_18", "AwsSolutions-S1", "S3.9"], "logs cannot be logged to themselves"),
        Suppression::of_finding("AwsSolutions-IAM5", "Resource", &everything_in_it, "all of this one table"),
        Suppression::new(["W3011", "CKV2_AWS_6"], "nothing is kept here"),
    ];
    api.scope().add_with("Log", &Topic::called("log"), options(accepted_here));
    api.suppress(Suppression::new(["W2509"], "an ARN of a secret, not a secret"));
    let mut app = App::new();
    app.add(tables);
    app.add(api);
    let assembly = app.synthesise().unwrap();
    let template = &assembly.stack("como-test-api").unwrap().template;
    insta::assert_json_snapshot!(template);
    let log = template.resources.values().next().unwrap();
    let ids: Vec<&str> = accepted(&log.metadata).map(|(id, _)| id).collect();
    assert_eq!(
        ids,
        [
            "CKV_AWS_18",
            "CKV2_AWS_6",
            "AwsSolutions-S1",
            "AwsSolutions-IAM5[Resource::<TablesTableArn>/*]",
            "S3.9",
            "W3011"
        ]
    );
}

#[test]
fn a_suppression_needs_a_known_id_and_a_reason() {
    let mut one = stack("one");
    let suppressions = vec![
        Suppression::new(["CKV_AWS_18"], "because"),
        Suppression::new(["CKV_AWS_18", "CKV_GCP_1", "secure"], "it is what it is"),
        Suppression::new(["S3.9"], "a reason – with a dash"),
    ];
    one.scope().add_with("Log", &Topic::called("log"), options(suppressions));
    let mut app = App::new();
    app.add(one);
    let mistakes: Vec<String> = app.synthesise().unwrap_err().iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(mistakes.join("\n"));
}

#[test]
fn ids_tell_their_tool() {
    let check = |id: &str, expected: Option<Tool>| assert_eq!(Tool::of(id), expected, "{id}");
    check("CKV_AWS_120", Some(Tool::Checkov));
    check("CKV2_AWS_71", Some(Tool::Checkov));
    check("CKV3_AWS_71", None);
    check("CKV_AWS_", None);
    check("AwsSolutions-IAM5[Resource::*]", Some(Tool::CdkNag));
    check("W3011", Some(Tool::CfnLint));
    check("E30", None);
    check("EC2.172", Some(Tool::SecurityHub));
    check("APIGateway.2", Some(Tool::SecurityHub));
    check("ec2.2", None);
}

#[test]
fn values_are_named_as_cdk_nag_names_them() {
    let check = |value: serde_json::Value, expected: &str| assert_eq!(flatten(&value), expected);
    check(json!("*"), "*");
    check(json!({ "Fn::Sub": "arn:${AWS::Partition}:s3:::x/*" }), "arn:<AWS::Partition>:s3:::x/*");
    check(json!({ "Fn::GetAtt": ["Table", "Arn"] }), "<Table.Arn>");
    check(json!({ "Fn::Join": [":", ["a", { "Ref": "B" }, "*"]] }), "a:<B>:*");
    check(json!({ "Fn::Sub": ["${A}/*", { "A": "b" }] }), r#"["${A}/*",{"A":"b"}]"#);
    check(json!({ "Fn::Select": [0, ["a"]] }), r#"{"Fn::Select":[0,["a"]]}"#);
}
