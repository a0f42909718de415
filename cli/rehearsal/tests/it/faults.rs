//! What goes wrong on cue.

use crate::support::{Cloud, REGION, authorization};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use como_rehearsal::faults::Script;
use como_rehearsal::status::TaskSummary;
use serde_json::{Value, json};

fn one_topic(id: &str) -> Value {
    json!({"Resources": {id: {"Type": "AWS::SNS::Topic"}}})
}

async fn add(cloud: &Cloud, faults: Value) -> Value {
    cloud.admin("faults", json!({"seed": 7, "faults": faults})).await
}

/// Whether the call came back at all.
async fn is_answered(cloud: &Cloud, region: &str, service: &str, target: &str) -> bool {
    let request = reqwest::Client::new().post(&cloud.endpoint).header("x-amz-target", target);
    request.header("authorization", authorization(region, service)).send().await.is_ok()
}

#[tokio::test]
async fn the_nth_resource_of_a_type_fails_and_no_other() {
    let cloud = Cloud::start().await;
    add(&cloud, json!([{"do": "fail", "type": "AWS::SNS::Topic", "nth": 2, "message": "no room"}])).await;
    for (name, status) in [("one", "CREATE_COMPLETE"), ("two", "ROLLBACK_COMPLETE"), ("three", "CREATE_COMPLETE")] {
        let stack = cloud.create_and_wait(name, &one_topic("Topic"), &[]).await;
        assert_eq!(stack.one("StackStatus"), status, "{name}");
    }
    let failed = cloud.events("two").await.into_iter().find(|event| event.contains("CREATE_FAILED")).unwrap();
    assert_eq!(
        failed,
        "Topic CREATE_FAILED (Resource handler returned message: \"no room\" (RequestToken: …, HandlerErrorCode: \
         InvalidRequest))"
    );
    let faults = cloud.status().await["faults"].clone();
    assert_eq!(faults[0]["state"], "spent");
    assert_eq!(faults[0]["struck"], 1);
}

#[tokio::test]
async fn deletions_and_stabilisations_fail_too() {
    let cloud = Cloud::start().await;
    add(
        &cloud,
        json!([
            {"do": "fail", "type": "AWS::SNS::Topic", "on": "delete", "stack": "goes"},
            {"do": "fail", "logical-id": "Never", "on": "stabilise"},
        ]),
    )
    .await;
    cloud.create_and_wait("goes", &one_topic("Topic"), &[]).await;
    cloud.call("DeleteStack", &[("StackName", "goes")]).await;
    assert_eq!(cloud.settled("goes").await.one("StackStatus"), "DELETE_FAILED");
    let stack = cloud.create_and_wait("never", &one_topic("Never"), &[]).await;
    assert_eq!(stack.one("StackStatus"), "ROLLBACK_COMPLETE");
}

#[tokio::test]
async fn calls_are_throttled_and_refused_in_their_protocols_words() {
    let cloud = Cloud::start().await;
    add(
        &cloud,
        json!([
            {"do": "throttle", "operation": "cloudformation:ListStacks", "nth": 2, "times": 2},
            {"do": "refuse", "operation": "dynamodb:PutItem", "code": "InternalServerError", "status": 500},
        ]),
    )
    .await;
    let mut statuses = Vec::new();
    for _ in 0..4 {
        let answer = cloud.call("ListStacks", &[]).await;
        statuses.push(if answer.status == 200 { "served".to_owned() } else { answer.one("Code") });
    }
    assert_eq!(statuses, ["served", "Throttling", "Throttling", "served"]);
    let request = reqwest::Client::new().post(&cloud.endpoint).header("x-amz-target", "DynamoDB_20120810.PutItem");
    let refused = request.header("authorization", authorization(REGION, "dynamodb")).send().await.unwrap();
    assert_eq!(refused.status(), 500);
    assert_eq!(refused.json::<Value>().await.unwrap()["__type"], "InternalServerError");
}

#[tokio::test]
async fn a_lost_reply_leaves_the_effect_and_a_lost_call_none() {
    let cloud = Cloud::start().await;
    add(&cloud, json!([{"do": "lose-call", "operation": "CreateStack"}])).await;
    add(&cloud, json!([{"do": "lose-reply", "operation": "CreateStack", "nth": 2}])).await;
    let body = one_topic("Topic").to_string();
    for (name, exists) in [("unheard", false), ("unanswered", true)] {
        let form = [("Action", "CreateStack"), ("StackName", name), ("TemplateBody", body.as_str())];
        let request = reqwest::Client::new().post(&cloud.endpoint).form(&form);
        let answer = request.header("authorization", authorization(REGION, "cloudformation")).send().await;
        assert!(answer.is_err(), "{name}");
        let found = cloud.call("DescribeStacks", &[("StackName", name)]).await;
        assert_eq!(found.status == 200, exists, "{name}");
    }
}

#[tokio::test]
async fn a_dead_region_answers_nothing_on_the_plane_that_died() {
    let cloud = Cloud::start().await;
    let put = "DynamoDB_20120810.PutItem";
    let describe = "DynamoDB_20120810.DescribeTable";
    add(&cloud, json!([{"do": "kill-region", "region": REGION, "plane": "data"}])).await;
    assert!(!is_answered(&cloud, REGION, "dynamodb", put).await);
    assert!(is_answered(&cloud, REGION, "dynamodb", describe).await);
    assert!(is_answered(&cloud, "ap-southeast-2", "dynamodb", put).await);
    add(&cloud, json!([{"do": "kill-region", "region": REGION}])).await;
    assert!(!is_answered(&cloud, REGION, "dynamodb", describe).await);
    let cloud = cloud.restart().await;
    assert!(!is_answered(&cloud, REGION, "dynamodb", describe).await, "a region stays dead over a restart");
    assert_eq!(cloud.status().await["outages"][REGION], json!({"control": true, "data": true}));
    cloud.admin("faults/clear", json!({})).await;
    assert!(is_answered(&cloud, REGION, "dynamodb", put).await);
}

/// Method, path, header and body of calls that carry no signature, all for one region.
fn unsigned(region: &str) -> Vec<(&'static str, String, (&'static str, String), String)> {
    let password = STANDARD.encode(json!({"region": region, "type": "DATA_KEY"}).to_string());
    let registry = format!("Basic {}", STANDARD.encode(format!("AWS:{password}")));
    let client = format!("client-of-{region}");
    let program = format!("Basic {}", STANDARD.encode(format!("{client}:secret")));
    let claims = json!({"iss": format!("https://cognito-idp.{region}.amazonaws.com/{region}_Pool")}).to_string();
    let token = format!("header.{}.signature", URL_SAFE_NO_PAD.encode(claims));
    let target = |operation: &str| ("x-amz-target", format!("AWSCognitoIdentityProviderService.{operation}"));
    let none = ("accept", "*/*".to_owned());
    vec![
        ("POST", "/".to_owned(), target("InitiateAuth"), json!({"ClientId": client}).to_string()),
        ("POST", "/".to_owned(), target("GetUser"), json!({"AccessToken": token}).to_string()),
        ("POST", "/oauth2/token".to_owned(), ("authorization", program), "grant_type=client_credentials".to_owned()),
        ("GET", format!("/{region}_Pool/.well-known/jwks.json"), none, String::new()),
        ("GET", "/v2/images/tags/list".to_owned(), ("authorization", registry), String::new()),
    ]
}

#[tokio::test]
async fn a_dead_region_answers_no_call_without_a_signature_either() {
    let cloud = Cloud::start().await;
    let client = reqwest::Client::new();
    let answered = async |region: &str| {
        let mut answered = Vec::new();
        for (method, path, (name, value), body) in unsigned(region) {
            let request = client.request(method.parse().unwrap(), format!("{}{path}", cloud.endpoint));
            answered.push(request.header(name, value).body(body).send().await.is_ok());
        }
        answered
    };
    let other = "ap-southeast-2";
    add(&cloud, json!([{"do": "kill-region", "region": REGION, "plane": "control"}])).await;
    assert_eq!(answered(REGION).await, [true; 5], "they belong to the data plane");
    add(&cloud, json!([{"do": "kill-region", "region": REGION}])).await;
    assert_eq!((answered(REGION).await, answered(other).await), (vec![false; 5], vec![true; 5]));
    cloud.admin("faults/clear", json!({})).await;
    assert_eq!(answered(REGION).await, [true; 5]);
}

#[tokio::test]
async fn a_stack_waits_while_its_regions_control_plane_is_dead() {
    let cloud = Cloud::start().await;
    let when = json!({"resource": {"logical-id": "Second"}});
    add(&cloud, json!([{"do": "kill-region", "region": REGION, "plane": "control", "when": when}])).await;
    let template = json!({"Resources": {
        "First": {"Type": "AWS::SNS::Topic"},
        "Second": {"Type": "AWS::SNS::Topic", "DependsOn": "First"},
        "Third": {"Type": "AWS::SNS::Topic", "DependsOn": "Second"},
    }});
    cloud.create("cut", &template, &[]).await;
    while cloud.status().await["outages"][REGION].is_null() {}
    assert!(!cloud.made_up.asked.borrow().contains("Third"));
    add(&cloud, json!([{"do": "revive-region", "region": REGION}])).await;
    assert_eq!(cloud.settled("cut").await.one("StackStatus"), "CREATE_COMPLETE");
}

#[tokio::test]
async fn faults_wait_for_steps_times_and_calls() {
    let cloud = Cloud::start().await;
    let throttle = |when: Value| json!({"do": "throttle", "operation": "ListStacks", "when": when});
    for (when, armed_by) in [
        (json!({"step": "freeze"}), Some("step")),
        (json!({"call": {"operation": "DescribeStacks"}}), Some("call")),
        (json!({"after": 0}), None),
        (json!({"after-simulated": 3600}), None),
    ] {
        add(&cloud, json!([throttle(when.clone())])).await;
        if let Some(armed_by) = armed_by {
            assert_eq!(cloud.call("ListStacks", &[]).await.status, 200, "{when}");
            match armed_by {
                "step" => drop(cloud.admin("step", json!({"step": "freeze"})).await),
                _ => drop(cloud.call("DescribeStacks", &[]).await),
            }
        }
        // An hour at the tests' speed has passed in a few microseconds.
        assert_eq!(cloud.call("ListStacks", &[]).await.status, 400, "{when}");
        assert_eq!(cloud.call("ListStacks", &[]).await.status, 200, "{when}");
    }
}

#[tokio::test]
async fn chance_is_the_same_for_the_same_seed() {
    let mut runs = Vec::new();
    for _ in 0..2 {
        let cloud = Cloud::start().await;
        let fault = json!({"do": "throttle", "operation": "ListStacks", "times": "always", "chance": 0.5});
        add(&cloud, json!([fault])).await;
        let mut run = String::new();
        for _ in 0..32 {
            run.push(if cloud.call("ListStacks", &[]).await.status == 200 { '.' } else { 'x' });
        }
        runs.push(run);
    }
    assert_eq!(runs[0], runs[1]);
    assert!(runs[0].contains('.') && runs[0].contains('x'), "{}", runs[0]);
}

#[tokio::test]
async fn a_paused_task_stands_still_until_it_is_taken_back() {
    let cloud = Cloud::start().await;
    let mut process = tokio::process::Command::new("/bin/sh")
        .args(["-c", "while read line; do :; done"])
        .stdin(std::process::Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let pid = process.id().unwrap();
    let state = || {
        let stat = fs_err::read_to_string(format!("/proc/{pid}/stat")).unwrap();
        stat.rsplit_once(") ").unwrap().1.chars().next().unwrap()
    };
    cloud.made_up.tasks.lock().unwrap().push(TaskSummary {
        region: REGION.to_owned(),
        cluster: "cluster".to_owned(),
        service: "api".to_owned(),
        task_id: "one".to_owned(),
        pid: Some(pid),
        address: "127.0.0.1:1".to_owned(),
        status: "RUNNING".to_owned(),
        health: "HEALTHY".to_owned(),
    });
    let missing = add(&cloud, json!([{"do": "kill-task", "service": "other"}])).await;
    add(&cloud, json!([{"do": "pause-task", "service": "api"}])).await;
    while state() != 'T' {
        cloud.status().await;
    }
    cloud.admin("faults/clear", json!({"id": 2})).await;
    while state() == 'T' {
        cloud.status().await;
    }
    assert_eq!(cloud.status().await["faults"][0]["problem"], "no running task matches", "{missing}");
    add(&cloud, json!([{"do": "kill-task", "service": "api", "when": {"step": "now"}}])).await;
    cloud.admin("step", json!({"step": "now"})).await;
    assert!(!process.wait().await.unwrap().success());
}

#[test]
fn a_script_says_all_that_is_wrong_with_it() {
    let text = "seed: 3\nfaults:\n- {do: throttle}\n- {do: explode}\n- {do: fail, nth: 0}\n- {do: kill-region, region: x, nth: 2}\n- {do: delay, operation: PutItem, seconds: -1, colour: red}\n";
    let problems = Script::parse(text).unwrap_err().to_string();
    insta::assert_snapshot!(problems);
    let good = Script::parse("faults:\n- {do: delay, operation: PutItem, seconds: 1.5, spread-seconds: 1, times: always}\n- {do: pause-task, task: all, when: {after: 30}}\n").unwrap();
    let again: Script = serde_json::from_value(serde_json::to_value(&good).unwrap()).unwrap();
    assert_eq!(again, good);
    insta::assert_snapshot!(good.faults.iter().map(|fault| format!("{fault}\n")).collect::<String>());
}
