//! How large and how many things may be, and templates that are too large for a call.

use crate::support::Cloud;
use serde_json::{Map, Value, json};

fn topic() -> Value {
    json!({"Topic": {"Type": "AWS::SNS::Topic"}})
}

fn many(count: usize, member: &Value) -> Map<String, Value> {
    (0..count).map(|index| (format!("Member{index}"), member.clone())).collect()
}

#[tokio::test]
async fn more_than_aws_allows_is_refused() {
    let cloud = Cloud::start().await;
    for (template, message) in [
        (
            json!({"Resources": many(501, &json!({"Type": "AWS::SNS::Topic"}))}),
            "Template format error: Number of resources, 501, is greater than maximum allowed, 500",
        ),
        (
            json!({"Resources": topic(), "Outputs": many(201, &json!({"Value": "v"}))}),
            "Template format error: Number of outputs, 201, is greater than maximum allowed, 200",
        ),
        (
            json!({"Resources": topic(), "Parameters": many(201, &json!({"Type": "String"}))}),
            "Template format error: Number of parameters, 201, is greater than maximum allowed, 200",
        ),
        (
            json!({"Resources": topic(), "Description": "d".repeat(1_025)}),
            "Template format error: 'Description' length is greater than 1024.",
        ),
        (
            json!({"Resources": topic(), "Metadata": {"Long": "m".repeat(51_200)}}),
            "1 validation error detected: Value at 'templateBody' failed to satisfy constraint: Member must have length \
             less than or equal to 51200",
        ),
    ] {
        let answer = cloud.create("s", &template, &[]).await;
        assert_eq!((answer.one("Code"), answer.one("Message")), ("ValidationError".to_owned(), message.to_owned()));
    }
}

#[tokio::test]
async fn a_template_may_come_from_a_bucket() {
    let cloud = Cloud::start().await;
    let large = json!({"Resources": topic(), "Metadata": {"Long": "m".repeat(60_000)}}).to_string();
    let policy = r#"{"Statement": [{"Effect": "Allow", "Action": "Update:*", "Principal": "*", "Resource": "*"}]}"#;
    cloud.made_up.values.lock().unwrap().extend([
        ("templates/large.json".to_owned(), (large.clone(), String::new())),
        ("templates/huge.json".to_owned(), ("{".repeat(1_000_001), String::new())),
        ("templates/policy.json".to_owned(), (policy.to_owned(), String::new())),
    ]);
    let at = |key: &str| format!("{}/templates/{key}", cloud.endpoint);
    let (large_url, huge_url) = (at("large.json"), at("huge.json"));
    let (policy_url, absent_url) = (at("policy.json"), "https://templates.s3.amazonaws.com/absent.json".to_owned());
    let fields = [("StackName", "s"), ("TemplateURL", &large_url), ("StackPolicyURL", &policy_url)];
    assert_eq!(cloud.call("CreateStack", &fields).await.status, 200);
    assert_eq!(cloud.settled("s").await.one("StackStatus"), "CREATE_COMPLETE");
    assert_eq!(cloud.call("GetTemplate", &[("StackName", "s")]).await.one("TemplateBody"), large);
    assert_eq!(cloud.call("GetStackPolicy", &[("StackName", "s")]).await.one("StackPolicyBody"), policy);
    // What came from a bucket can be used again without it.
    let again =
        [("StackName", "s"), ("UsePreviousTemplate", "true"), ("Tags.member.1.Key", "k"), ("Tags.member.1.Value", "v")];
    assert_eq!(cloud.call("UpdateStack", &again).await.status, 200);
    assert_eq!(cloud.settled("s").await.one("StackStatus"), "UPDATE_COMPLETE");
    let summary = cloud.call("GetTemplateSummary", &[("TemplateURL", &large_url)]).await;
    assert!(summary.text.contains("AWS::SNS::Topic"), "{}", summary.text);
    for (url, message) in [
        (huge_url.as_str(), "Template may not exceed 1000000 bytes in size."),
        (absent_url.as_str(), "S3 error: "),
        ("file:///template.json", "TemplateURL must be a supported URL."),
    ] {
        let answer = cloud.call("ValidateTemplate", &[("TemplateURL", url)]).await;
        assert!(answer.one("Message").starts_with(message), "{url}: {}", answer.text);
    }
}
