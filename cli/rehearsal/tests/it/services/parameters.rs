use super::cloud::{Cloud, refused};
use serde_json::{Value, json};

const TYPE: &str = "AWS::SSM::Parameter";

async fn put(cloud: &Cloud, name: &str, value: &str) -> Value {
    let input = json!({ "Name": name, "Type": "String", "Value": value, "Overwrite": true });
    cloud.ok("ssm", "PutParameter", input).await
}

fn names(answer: &Value) -> Vec<&str> {
    answer["Parameters"].as_array().unwrap().iter().map(|parameter| parameter["Name"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_stack_has_parameters_of_its_own() {
    let cloud = Cloud::new().await;
    let properties =
        json!({ "Name": "/como/test/digest", "Type": "String", "Value": "sha256:1", "Tags": { "team": "a" } });
    let created = cloud.create(TYPE, "P", properties.clone()).await;
    assert_eq!(created.physical_id, "/como/test/digest");
    // As a supervisor asks that was killed before it could write down what it made.
    assert_eq!(cloud.create(TYPE, "P", properties.clone()).await.physical_id, "/como/test/digest");
    assert_eq!(refused(cloud.try_create(TYPE, "Other", properties).await), "/como/test/digest already exists");

    let cloud = cloud.restart().await;
    let got = cloud.ok("ssm", "GetParameter", json!({ "Name": "/como/test/digest" })).await;
    assert_eq!(got["Parameter"]["Value"], "sha256:1");
    assert_eq!(got["Parameter"]["ARN"], "arn:aws:ssm:ap-southeast-1:123456789012:parameter/como/test/digest");
    let tags = json!({ "ResourceType": "Parameter", "ResourceId": "/como/test/digest" });
    assert_eq!(cloud.ok("ssm", "ListTagsForResource", tags).await["TagList"], json!([{ "Key": "team", "Value": "a" }]));

    cloud.delete(TYPE, &created.physical_id, json!({})).await.unwrap();
    let gone = cloud.error("ssm", "GetParameter", json!({ "Name": "/como/test/digest" })).await.0;
    assert_eq!(gone, "ParameterNotFound");
}

#[tokio::test]
async fn versions_are_read_by_number_and_label() {
    let cloud = Cloud::new().await;
    for (value, number) in [("one", 1), ("two", 2), ("three", 3)] {
        assert_eq!(put(&cloud, "/como/v", value).await["Version"], number);
    }
    let label = json!({ "Name": "/como/v", "ParameterVersion": 2, "Labels": ["live", "aws-no", "2nd"] });
    let labelled = cloud.ok("ssm", "LabelParameterVersion", label).await;
    assert_eq!(labelled["InvalidLabels"], json!(["aws-no", "2nd"]));
    for (selector, value) in [("", "three"), (":1", "one"), (":live", "two")] {
        let got = cloud.ok("ssm", "GetParameter", json!({ "Name": format!("/como/v{selector}") })).await;
        assert_eq!(got["Parameter"]["Value"], value, "{selector}");
    }
    let moved = json!({ "Name": "/como/v", "Labels": ["live"] });
    assert_eq!(cloud.ok("ssm", "LabelParameterVersion", moved).await["ParameterVersion"], 3);
    let history = cloud.ok("ssm", "GetParameterHistory", json!({ "Name": "/como/v" })).await;
    let labels: Vec<_> = history["Parameters"].as_array().unwrap().iter().map(|version| &version["Labels"]).collect();
    assert_eq!(labels, [&json!([]), &json!([]), &json!(["live"])]);
    assert_eq!(cloud.error("ssm", "GetParameter", json!({ "Name": "/como/v:9" })).await.0, "ParameterVersionNotFound");
    let unlabel = json!({ "Name": "/como/v", "ParameterVersion": 3, "Labels": ["live", "other"] });
    let unlabelled = cloud.ok("ssm", "UnlabelParameterVersion", unlabel).await;
    assert_eq!(unlabelled, json!({ "RemovedLabels": ["live"], "InvalidLabels": ["other"] }));
}

#[tokio::test]
async fn a_full_parameter_forgets_its_oldest_version_unless_it_has_a_label() {
    let cloud = Cloud::new().await;
    for _ in 0..101 {
        put(&cloud, "/como/full", "value").await;
    }
    assert_eq!(
        cloud.error("ssm", "GetParameter", json!({ "Name": "/como/full:1" })).await.0,
        "ParameterVersionNotFound"
    );
    let label = json!({ "Name": "/como/full", "ParameterVersion": 2, "Labels": ["kept"] });
    cloud.ok("ssm", "LabelParameterVersion", label).await;
    let input = json!({ "Name": "/como/full", "Value": "value", "Overwrite": true });
    assert_eq!(cloud.error("ssm", "PutParameter", input).await.0, "ParameterMaxVersionLimitExceeded");
}

#[tokio::test]
async fn paths_and_filters_find_parameters() {
    let cloud = Cloud::new().await;
    for name in ["/como/prod/a", "/como/prod/b", "/como/prod/deep/c", "/como/production/d", "flat"] {
        put(&cloud, name, "x").await;
    }
    let below = |recursive: bool| json!({ "Path": "/como/prod", "Recursive": recursive });
    let found = cloud.ok("ssm", "GetParametersByPath", below(false)).await;
    assert_eq!(names(&found), ["/como/prod/a", "/como/prod/b"]);
    let found = cloud.ok("ssm", "GetParametersByPath", below(true)).await;
    assert_eq!(names(&found), ["/como/prod/a", "/como/prod/b", "/como/prod/deep/c"]);

    let mut input = json!({ "MaxResults": 2, "ParameterFilters": [{ "Key": "Name", "Option": "BeginsWith", "Values": ["/como"] }] });
    let mut all = Vec::new();
    loop {
        let page = cloud.ok("ssm", "DescribeParameters", input.clone()).await;
        all.extend(names(&page).into_iter().map(str::to_owned));
        let Some(token) = page.get("NextToken") else { break };
        input["NextToken"] = token.clone();
    }
    assert_eq!(all, ["/como/prod/a", "/como/prod/b", "/como/prod/deep/c", "/como/production/d"]);

    let some = json!({ "Names": ["flat", "absent"] });
    let some = cloud.ok("ssm", "GetParameters", some).await;
    assert_eq!((names(&some), &some["InvalidParameters"]), (vec!["flat"], &json!(["absent"])));
    let deleted = cloud.ok("ssm", "DeleteParameters", json!({ "Names": ["flat", "absent"] })).await;
    assert_eq!(deleted, json!({ "DeletedParameters": ["flat"], "InvalidParameters": ["absent"] }));
}

#[tokio::test]
async fn a_secure_parameter_is_told_only_to_those_who_decrypt() {
    let cloud = Cloud::new().await;
    cloud.ok("ssm", "PutParameter", json!({ "Name": "pin", "Type": "SecureString", "Value": "4711" })).await;
    let closed = cloud.ok("ssm", "GetParameter", json!({ "Name": "pin" })).await;
    assert!(!closed.to_string().contains("4711"));
    let open = cloud.ok("ssm", "GetParameter", json!({ "Name": "pin", "WithDecryption": true })).await;
    assert_eq!(open["Parameter"]["Value"], "4711");
}

#[tokio::test]
async fn what_parameter_store_refuses_is_refused() {
    let cloud = Cloud::new().await;
    put(&cloud, "/como/there", "x").await;
    let long = "x".repeat(4097);
    for (input, code) in [
        (json!({ "Name": "/como/there", "Type": "String", "Value": "y" }), "ParameterAlreadyExists"),
        (
            json!({ "Name": "/como/there", "Type": "StringList", "Value": "y", "Overwrite": true }),
            "HierarchyTypeMismatchException",
        ),
        (json!({ "Name": "/como/new", "Value": "y" }), "ValidationException"),
        (json!({ "Name": "como/new", "Type": "String", "Value": "y" }), "ValidationException"),
        (json!({ "Name": "/aws/new", "Type": "String", "Value": "y" }), "ValidationException"),
        (json!({ "Name": "/como/new", "Type": "Number", "Value": "1" }), "UnsupportedParameterType"),
        (json!({ "Name": "/como/new", "Type": "String", "Value": long }), "ValidationException"),
        (
            json!({ "Name": "/como/new", "Type": "String", "Value": "y", "AllowedPattern": "[0-9]+" }),
            "ParameterPatternMismatchException",
        ),
        (
            json!({ "Name": "/como/new", "Type": "String", "Value": "y", "AllowedPattern": "[" }),
            "InvalidAllowedPatternException",
        ),
        (
            json!({ "Name": "/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16", "Type": "String", "Value": "y" }),
            "HierarchyLevelLimitExceededException",
        ),
        (
            json!({ "Name": "/como/new", "Type": "String", "Value": "y", "DataType": "aws:ec2:image" }),
            "ValidationException",
        ),
    ] {
        assert_eq!(cloud.error("ssm", "PutParameter", input.clone()).await.0, code, "{input}");
    }
    let large = json!({ "Name": "/como/large", "Type": "String", "Value": long, "Tier": "Intelligent-Tiering" });
    assert_eq!(cloud.ok("ssm", "PutParameter", large).await["Tier"], "Advanced");
}
