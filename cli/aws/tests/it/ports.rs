//! Each port's requests and replies on the wire.

use crate::stub::{Stub, json, xml, xml_error};
use como_aws::account::AccountError;
use como_aws::connect::{ConnectOptions, Endpoint, connect};
use como_engine::change_set::{ChangeAction, ChangeSetStatus, Replacement};
use como_engine::error::CloudError;
use como_engine::port::{ChangeSetKind, Cloud, ConfigurationTable, CreateChangeSet, Import};
use como_engine::port::{ParameterValue, Put, Services};
use como_engine::rows::Row;
use como_engine::stack::StackStatus;
use serde_json::json;
use std::collections::BTreeMap;

const SINGAPORE: &str = "ap-southeast-1";
const SYDNEY: &str = "ap-southeast-2";

const STACK: &str = "<member><StackId>arn:aws:cloudformation:ap-southeast-2:123456789012:stack/como/1</StackId>\
    <StackName>como</StackName><StackStatus>ROLLBACK_COMPLETE</StackStatus><StackStatusReason>because</StackStatusReason>\
    <CreationTime>2026-11-23T22:00:00.250Z</CreationTime><EnableTerminationProtection>true</EnableTerminationProtection>\
    <Parameters><member><ParameterKey>P</ParameterKey><ParameterValue>1</ParameterValue></member></Parameters>\
    <Outputs><member><OutputKey>Url</OutputKey><OutputValue>https://x</OutputValue></member></Outputs>\
    <Tags><member><Key>k</Key><Value>v</Value></member></Tags></member>";

#[tokio::test]
async fn stacks_of_every_page_are_described() {
    let first = format!("<Stacks>{STACK}</Stacks><NextToken>more</NextToken>");
    let second = format!("<Stacks>{}</Stacks>", STACK.replace("como", "other"));
    let stub = Stub::start([xml("DescribeStacks", &first), xml("DescribeStacks", &second)]).await;
    let stacks = stub.cloud.stacks(SYDNEY).await.unwrap();
    assert_eq!(stacks.iter().map(|stack| stack.name.as_str()).collect::<Vec<_>>(), ["como", "other"]);
    let stack = &stacks[0];
    assert_eq!(stack.status, StackStatus::RollbackComplete);
    assert_eq!(stack.created.unwrap().to_string(), "2026-11-23T22:00:00.25Z");
    assert_eq!((stack.parameters["P"].as_str(), stack.outputs["Url"].as_str()), ("1", "https://x"));
    assert!(stack.termination_protection);
    let asked = stub.asked();
    assert!(asked.iter().all(|asked| asked.operation == "DescribeStacks" && asked.region == SYDNEY));
    assert_eq!(asked[1].form["NextToken"], "more");
}

#[tokio::test]
async fn a_stack_that_does_not_exist_is_no_error() {
    let stub = Stub::start([xml_error(400, "ValidationError", "Stack with id como does not exist")]).await;
    assert_eq!(stub.cloud.stack(SINGAPORE, "como").await.unwrap(), None);
}

fn request(kind: ChangeSetKind) -> CreateChangeSet {
    let value = ParameterValue::Value("1".to_owned());
    CreateChangeSet {
        name: "como-attempt-update".to_owned(),
        stack: "como".to_owned(),
        kind,
        template_body: "{}".to_owned(),
        parameters: BTreeMap::from([("P".to_owned(), value), ("Q".to_owned(), ParameterValue::Previous)]),
        tags: BTreeMap::from([("k".to_owned(), "v".to_owned())]),
        imports: Vec::new(),
        token: "token-1".to_owned(),
    }
}

#[tokio::test]
async fn a_change_set_is_made_with_everything_that_was_asked_for() {
    let reply = || xml("CreateChangeSet", "<Id>arn:set</Id><StackId>arn:stack</StackId>");
    let stub = Stub::start([reply(), reply(), reply()]).await;
    stub.cloud.create_change_set(SINGAPORE, &request(ChangeSetKind::Update)).await.unwrap();
    stub.cloud.create_change_set(SINGAPORE, &request(ChangeSetKind::Create)).await.unwrap();
    let import = Import {
        logical_id: "Provider".to_owned(),
        resource_type: "AWS::IAM::OIDCProvider".to_owned(),
        property: "Arn",
        value: "arn:provider".to_owned(),
    };
    let importing = CreateChangeSet { imports: vec![import], ..request(ChangeSetKind::Import) };
    stub.cloud.create_change_set(SINGAPORE, &importing).await.unwrap();
    let expected = [
        ("Action", "CreateChangeSet"),
        ("Capabilities.member.1", "CAPABILITY_NAMED_IAM"),
        ("ChangeSetName", "como-attempt-update"),
        ("ChangeSetType", "UPDATE"),
        ("ClientToken", "token-1"),
        ("Parameters.member.1.ParameterKey", "P"),
        ("Parameters.member.1.ParameterValue", "1"),
        ("Parameters.member.2.ParameterKey", "Q"),
        ("Parameters.member.2.UsePreviousValue", "true"),
        ("StackName", "como"),
        ("Tags.member.1.Key", "k"),
        ("Tags.member.1.Value", "v"),
        ("TemplateBody", "{}"),
        ("Version", "2010-05-15"),
    ];
    let asked = stub.asked();
    assert_eq!(asked[0].form, owned(&expected));
    assert_eq!(asked[1].form["ChangeSetType"], "CREATE");
    let imports: Vec<(&String, &String)> =
        asked[2].form.iter().filter(|(key, _)| key.contains("Import") || *key == "ChangeSetType").collect();
    let expected = owned(&[
        ("ChangeSetType", "IMPORT"),
        ("ResourcesToImport.member.1.LogicalResourceId", "Provider"),
        ("ResourcesToImport.member.1.ResourceIdentifier.entry.1.key", "Arn"),
        ("ResourcesToImport.member.1.ResourceIdentifier.entry.1.value", "arn:provider"),
        ("ResourcesToImport.member.1.ResourceType", "AWS::IAM::OIDCProvider"),
    ]);
    assert_eq!(imports, expected.iter().collect::<Vec<_>>());
}

fn owned(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

#[tokio::test]
async fn a_change_set_that_exists_already_is_recognised() {
    let stub = Stub::start([xml_error(400, "AlreadyExistsException", "ChangeSet [como] already exists")]).await;
    let error = stub.cloud.create_change_set(SINGAPORE, &request(ChangeSetKind::Update)).await.unwrap_err();
    assert!(matches!(error, CloudError::AlreadyExists(_)), "{error:?}");
    assert_eq!(error.failure().request_id.as_deref(), Some("request-1"));
    assert_eq!(error.failure().message.as_deref(), Some("ChangeSet [como] already exists"));
}

#[tokio::test]
async fn a_change_set_that_validation_refused_says_what_was_found() {
    let described = "<StackId>arn:stack</StackId><Status>FAILED</Status><ExecutionStatus>UNAVAILABLE</ExecutionStatus>\
                     <StatusReason>The following hook(s)/validation failed: [AWS::EarlyValidation::PropertyValidation]. \
                     To troubleshoot Early Validation errors, use the DescribeEvents API for detailed failure \
                     information.</StatusReason>";
    let finding = |mode: &str, reason: &str| {
        format!(
            "<member><EventType>VALIDATION_ERROR</EventType><ValidationFailureMode>{mode}</ValidationFailureMode>\
             <ValidationStatusReason>{reason}</ValidationStatusReason><ValidationPath>/Resources/A</ValidationPath></member>"
        )
    };
    let findings = finding("FAIL", "one") + &finding("WARN", "only a warning") + &finding("FAIL", "two");
    let events = format!("<OperationEvents>{findings}</OperationEvents>");
    let stub = Stub::start([xml("DescribeChangeSet", described), xml("DescribeEvents", &events)]).await;
    let set = stub.cloud.change_set(SINGAPORE, "como", "set").await.unwrap().unwrap();
    assert_eq!(set.status, ChangeSetStatus::Failed);
    assert_eq!(set.reason.as_deref(), Some("one (at /Resources/A); two (at /Resources/A)"));
    let asked = stub.asked();
    assert_eq!(
        (asked[1].form["ChangeSetName"].as_str(), asked[1].form["Filters.FailedEvents"].as_str()),
        ("set", "true")
    );
}

/// A page of `DescribeChangeSet` with one change.
fn changed(id: &str, action: &str, rest: &str) -> String {
    format!(
        "<ChangeSetName>set</ChangeSetName><StackId>arn:stack</StackId><Status>CREATE_COMPLETE</Status>\
         <ExecutionStatus>AVAILABLE</ExecutionStatus><Changes><member><Type>Resource</Type><ResourceChange>\
         <Action>{action}</Action><LogicalResourceId>{id}</LogicalResourceId>\
         <ResourceType>AWS::ECS::TaskDefinition</ResourceType>{rest}</ResourceChange></member></Changes>"
    )
}

fn detail(evaluation: &str, source: &str) -> String {
    format!(
        "<member><Target><Attribute>Properties</Attribute><Name>Memory</Name><Path>/Properties/Memory</Path>\
         <BeforeValue>512</BeforeValue><AfterValue>1024</AfterValue><AttributeChangeType>Modify</AttributeChangeType>\
         <RequiresRecreation>Always</RequiresRecreation></Target><Evaluation>{evaluation}</Evaluation>\
         <ChangeSource>{source}</ChangeSource></member>"
    )
}

#[tokio::test]
async fn a_change_set_is_read_with_the_values_of_every_page() {
    let details = detail("Static", "DirectModification") + &detail("Dynamic", "ParameterReference");
    let rest = format!(
        "<PhysicalResourceId>arn:task</PhysicalResourceId><Replacement>True</Replacement>\
         <PolicyAction>ReplaceAndDelete</PolicyAction><Details>{details}</Details>"
    );
    let first = changed("Task", "Modify", &rest) + "<NextToken>more</NextToken>";
    let replies = [xml("DescribeChangeSet", &first), xml("DescribeChangeSet", &changed("Other", "Remove", ""))];
    let stub = Stub::start(replies).await;
    let set = stub.cloud.change_set(SINGAPORE, "como", "set").await.unwrap().unwrap();
    assert_eq!((set.status, set.stack_id.as_str()), (ChangeSetStatus::Ready, "arn:stack"));
    let [task, other] = set.changes.as_slice() else { panic!("{set:?}") };
    assert_eq!((task.action, task.replacement), (ChangeAction::Modify, Replacement::Always));
    assert_eq!(task.policy_action.as_deref(), Some("ReplaceAndDelete"));
    let [memory] = task.details.as_slice() else { panic!("one value, two causes: {task:?}") };
    assert_eq!(memory.path, "Properties/Memory");
    assert_eq!((memory.before.as_deref(), memory.after.as_deref()), (Some("512"), Some("1024")));
    assert!(memory.certain);
    assert_eq!((other.action, other.replacement), (ChangeAction::Remove, Replacement::Never));
    let asked = stub.asked();
    assert_eq!(asked[0].form["IncludePropertyValues"], "true");
    assert_eq!(asked[1].form["NextToken"], "more");
}

#[tokio::test]
async fn an_empty_change_set_and_one_that_is_gone_are_told_apart() {
    let empty = "<StackId>arn:stack</StackId><Status>FAILED</Status><ExecutionStatus>UNAVAILABLE</ExecutionStatus>\
        <StatusReason>The submitted information didn't contain changes. Submit different information to create a \
        change set.</StatusReason>";
    let gone = || xml_error(404, "ChangeSetNotFound", "ChangeSet [set] does not exist");
    let stub = Stub::start([xml("DescribeChangeSet", empty), gone(), gone(), gone()]).await;
    let set = stub.cloud.change_set(SINGAPORE, "como", "set").await.unwrap().unwrap();
    assert_eq!(set.status, ChangeSetStatus::Empty);
    assert_eq!(stub.cloud.change_set(SINGAPORE, "como", "set").await.unwrap(), None);
    stub.cloud.delete_change_set(SINGAPORE, "como", "set").await.unwrap();
    let error = stub.cloud.execute_change_set(SINGAPORE, "como", "set", "token-1").await.unwrap_err();
    assert!(matches!(error, CloudError::NotFound(_)), "{error:?}");
    assert_eq!(stub.asked()[3].form["ClientRequestToken"], "token-1");
}

#[tokio::test]
async fn termination_protection_is_set_and_taken() {
    let reply = || xml("UpdateTerminationProtection", "<StackId>arn:stack</StackId>");
    let stub = Stub::start([reply(), reply()]).await;
    stub.cloud.set_termination_protection(SINGAPORE, "como", true).await.unwrap();
    stub.cloud.set_termination_protection(SINGAPORE, "como", false).await.unwrap();
    let asked = stub.asked();
    let said: Vec<&str> = asked.iter().map(|asked| asked.form["EnableTerminationProtection"].as_str()).collect();
    assert_eq!(said, ["true", "false"]);
}

fn event(id: &str) -> String {
    format!(
        "<member><StackId>arn:stack</StackId><EventId>{id}</EventId><StackName>como</StackName>\
         <LogicalResourceId>Queue</LogicalResourceId><PhysicalResourceId></PhysicalResourceId>\
         <ResourceType>AWS::SQS::Queue</ResourceType><Timestamp>2026-11-23T22:00:00Z</Timestamp>\
         <ResourceStatus>CREATE_FAILED</ResourceStatus><ResourceStatusReason>no</ResourceStatusReason>\
         <ClientRequestToken>token-1</ClientRequestToken></member>"
    )
}

#[tokio::test]
async fn events_are_read_back_to_the_last_that_is_known() {
    let first = format!("<StackEvents>{}{}</StackEvents><NextToken>2</NextToken>", event("e5"), event("e4"));
    let second = format!("<StackEvents>{}{}</StackEvents><NextToken>3</NextToken>", event("e3"), event("e2"));
    let replies = [xml("DescribeStackEvents", &first), xml("DescribeStackEvents", &second)];
    let stub = Stub::start(replies).await;
    let events = stub.cloud.events(SINGAPORE, "como", Some("e2")).await.unwrap();
    assert_eq!(events.iter().map(|event| event.id.as_str()).collect::<Vec<_>>(), ["e3", "e4", "e5"]);
    assert_eq!(events[0].token.as_deref(), Some("token-1"));
    assert_eq!(stub.asked().len(), 2, "no page is asked for beyond the known event");
}

#[tokio::test]
async fn throttling_and_outages_can_be_told_apart() {
    let throttled = || xml_error(400, "Throttling", "Rate exceeded");
    let stub = Stub::start([throttled(), throttled(), throttled()]).await;
    let error = stub.cloud.stack(SINGAPORE, "como").await.unwrap_err();
    assert!(matches!(error, CloudError::Throttled(_)), "{error:?}");
    assert_eq!(stub.asked().len(), 3, "the SDK makes three attempts");
    let outage = || xml_error(503, "ServiceUnavailable", "");
    let stub = Stub::start([outage(), outage(), outage()]).await;
    let error = stub.cloud.stack(SINGAPORE, "como").await.unwrap_err();
    assert!(matches!(error, CloudError::Unavailable(_)), "{error:?}");
}

#[tokio::test]
async fn nobody_there_is_unreachable() {
    // A port that was free a moment ago and is closed again.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let endpoint = Some(Endpoint { url });
    let cloud = connect(ConnectOptions { profile: None, region: SINGAPORE.to_owned(), endpoint }).await;
    let error = cloud.stack(SINGAPORE, "como").await.unwrap_err();
    assert!(matches!(error, CloudError::Unreachable(_)), "{error:?}");
    assert!(error.retryable());
    assert!(error.failure().message.is_some());
}

#[tokio::test]
async fn another_account_is_refused() {
    let identity = "<Account>111111111111</Account><Arn>arn:aws:iam::111111111111:user/me</Arn><UserId>me</UserId>";
    let stub = Stub::start([xml("GetCallerIdentity", identity), xml("GetCallerIdentity", identity)]).await;
    assert_eq!(stub.cloud.verify_account("111111111111").await.unwrap().account, "111111111111");
    let error = stub.cloud.verify_account("123456789012").await.unwrap_err();
    assert!(matches!(error, AccountError::Other { .. }), "{error:?}");
    assert_eq!(error.code(), "COMO_ACCOUNT_OTHER");
}

#[tokio::test]
async fn a_row_is_put_only_where_there_is_none() {
    let taken = json!({
        "__type": "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException",
        "message": "The conditional request failed",
    });
    let found = json!({ "Item": { "name": { "S": "partner/memberson" } } });
    let replies = [json(200, &json!({})), json(400, &taken), json(200, &found), json(200, &json!({}))];
    let stub = Stub::start(replies).await;
    let row = Row::configuration("partner/memberson", &json!({ "base_url": "https://memberson.example" }));
    assert_eq!(stub.cloud.put_if_absent(SINGAPORE, "settings", &row).await.unwrap(), Put::Written);
    assert_eq!(stub.cloud.put_if_absent(SINGAPORE, "settings", &row).await.unwrap(), Put::Present);
    assert!(stub.cloud.contains(SINGAPORE, "settings", &row).await.unwrap());
    assert!(!stub.cloud.contains(SINGAPORE, "settings", &row).await.unwrap());
    let put: serde_json::Value = serde_json::from_str(&stub.asked()[0].body).unwrap();
    assert_eq!(put["ConditionExpression"], "attribute_not_exists(#key)");
    assert_eq!(put["Item"]["version"], json!({ "N": "1" }));
    assert_eq!(put["Item"]["document"], json!({ "S": "{\"base_url\":\"https://memberson.example\"}" }));
}

#[tokio::test]
async fn a_service_short_of_tasks_says_why_the_last_one_stopped() {
    let arn = "arn:aws:ecs:ap-southeast-1:123456789012:service/como-prod/accounts";
    let services = json!({ "services": [{
        "serviceName": "accounts", "status": "ACTIVE", "desiredCount": 2, "runningCount": 1, "pendingCount": 1,
        "deployments": [{ "status": "PRIMARY", "rolloutState": "IN_PROGRESS" }],
        "events": [{ "id": "1", "createdAt": 1_795_000_000, "message": "(service accounts) has started 1 tasks" }],
    }]});
    let tasks = json!({ "tasks": [
        { "stoppedAt": 1, "stoppedReason": "older" },
        { "stoppedAt": 2, "stoppedReason": "Task failed ELB health checks",
          "containers": [{ "name": "service", "exitCode": 137 }] },
    ]});
    let replies = [json(200, &services), json(200, &json!({ "taskArns": ["a", "b"] })), json(200, &tasks)];
    let stub = Stub::start(replies).await;
    let states = stub.cloud.services(SINGAPORE, &[arn.to_owned()]).await.unwrap();
    let state = &states[0];
    assert_eq!((state.desired, state.running, state.cluster.as_str()), (2, 1, "como-prod"));
    assert_eq!(state.rollout.as_deref(), Some("IN_PROGRESS"));
    assert_eq!(state.last_stopped.as_deref(), Some("Task failed ELB health checks; service: exit code 137"));
    let operations: Vec<String> = stub.asked().into_iter().map(|asked| asked.operation).collect();
    assert_eq!(operations, ["DescribeServices", "ListTasks", "DescribeTasks"]);
}
