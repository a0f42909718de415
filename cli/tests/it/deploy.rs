//! Production in a rehearsal: up, used, unchanged, refused, down.

use crate::support::{FAST, Place, is_alive};
use serde_json::{Value, json};

async fn post(url: String, body: Value) -> (u16, Value) {
    let response = reqwest::Client::new().post(url).json(&body).send().await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap())
}

async fn get(url: String, token: &str) -> (u16, Value) {
    let response = reqwest::Client::new().get(url).bearer_auth(token).send().await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap())
}

/// Where the site is, as the deployment says it.
fn site(deployed: &Value) -> &str {
    let endpoints = deployed["rehearsal"]["endpoints"].as_array().unwrap();
    endpoints.iter().find(|one| one["kind"] == "site").unwrap_or_else(|| panic!("{deployed}"))["url"].as_str().unwrap()
}

/// What a browser does for a page of the site: it reads where the API is, asks whether it may, asks, and looks whether the page
/// may read the answer.
async fn check_that_a_page_may_call_the_api(site: &str) {
    let client = reqwest::Client::new();
    let settings = client.get(format!("{site}/settings.json")).send().await.unwrap();
    let policy = settings.headers()["content-security-policy"].to_str().unwrap().to_owned();
    let settings: Value = settings.json().await.unwrap();
    let api = settings["api_url"].as_str().unwrap();
    assert!(policy.contains(&format!("connect-src 'self' {api}")), "{policy}");
    let preflight = client.request(reqwest::Method::OPTIONS, format!("{api}/v1/accounts/login"));
    let preflight = preflight.header("access-control-request-method", "POST");
    let login = client.post(format!("{api}/v1/accounts/login")).json(&json!({ "login": "", "password": "" }));
    // The service answers, the gateway answers, the gateway refuses.
    let asked = [
        (preflight, 204),
        (login, 400),
        (client.get(format!("{api}/v1/openapi.json")), 200),
        (client.get(format!("{api}/v1/experiences")), 401),
    ];
    for (request, status) in asked {
        let answer = request.header("origin", site).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), status, "{answer:?}");
        assert_eq!(answer.headers()["access-control-allow-origin"], site, "{answer:?}");
    }
    let stranger = client.get(format!("{api}/v1/openapi.json")).header("origin", "https://elsewhere.example");
    assert!(!stranger.send().await.unwrap().headers().contains_key("access-control-allow-origin"));
}

/// What was done after the stack of the network: AWS's own group of the VPC has rules at first and none afterwards.
fn emptied_groups(deployed: &Value) -> Vec<(&str, u64)> {
    let stacks = deployed["report"]["stacks"].as_array().unwrap();
    let steps = stacks.iter().flat_map(|stack| stack["steps"].as_array().into_iter().flatten());
    let emptied = steps.filter(|step| step["kind"] == "group_emptied");
    emptied.map(|step| (step["group"].as_str().unwrap(), step["rules"].as_u64().unwrap())).collect()
}

#[tokio::test]
async fn production_comes_up_and_a_member_views_an_experience() {
    let place = Place::new();
    let deploy = ["deploy", "prod", "--rehearse", "--speed", FAST, "--events", "ndjson", "--output", "json"];
    let ended = place.run(&deploy);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    let deployed: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(deployed["report"]["outcome"], "deployed");
    let api = deployed["rehearsal"]["endpoints"][0]["url"].as_str().unwrap().to_owned();
    let emptied = emptied_groups(&deployed);
    assert!(matches!(emptied[..], [(group, 2)] if group.starts_with("sg-")), "{emptied:?}");
    let events = ended.stderr.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let events: Vec<Value> = events.filter(|event| event["code"] == "COMO_GROUP_EMPTIED").collect();
    assert!(matches!(&events[..], [event] if event["stack"] == "como-prod-network"), "{events:?}");
    check_that_a_page_may_call_the_api(site(&deployed)).await;

    let login = json!({ "login": "mei.tan@example.com", "password": "correct-horse-battery" });
    let (status, session) = post(format!("{api}/v1/accounts/login"), login).await;
    assert_eq!(status, 200, "{session}");
    let token = session["access_token"].as_str().unwrap();
    let wrong = json!({ "login": "mei.tan@example.com", "password": "wrong" });
    let (status, refused) = post(format!("{api}/v1/accounts/login"), wrong).await;
    assert_eq!((status, refused["code"].as_str()), (401, Some("login.wrong_credentials")), "{refused}");

    let (status, list) = get(format!("{api}/v1/experiences"), token).await;
    assert_eq!(status, 200, "{list}");
    let id = list["experiences"][0]["id"].as_str().unwrap_or_else(|| panic!("{list}")).to_owned();
    let (status, experience) = get(format!("{api}/v1/experiences/{id}"), token).await;
    assert_eq!(status, 200, "{experience}");
    assert_eq!(experience["id"], id.as_str());
    let (status, _) = get(format!("{api}/v1/experiences"), "not.a.token").await;
    assert_eq!(status, 401, "the gateway lets nobody in without a token");

    let status = place.json(&["status", "prod", "--rehearse"]);
    for stack in status["report"]["stacks"].as_array().unwrap() {
        assert_eq!(stack["status"], "CREATE_COMPLETE", "{stack}");
        for service in stack["services"].as_array().into_iter().flatten() {
            assert_eq!(service["running"], service["desired"], "{service}");
        }
    }

    let again = place.json(&["deploy", "prod", "--rehearse"]);
    assert_eq!(again["report"]["outcome"], "unchanged");

    place.edit("prod", "memory: 512", "memory: 1024");
    let status = place.json(&["status", "prod", "--rehearse"]);
    let changed = |stack: &&Value| stack["template"]["kind"] == "changed";
    let changed: Vec<&Value> = status["report"]["stacks"].as_array().unwrap().iter().filter(changed).collect();
    assert_eq!(changed.len(), 1, "{changed:?}");
    assert_eq!(changed[0]["name"], "como-prod-svc-accounts");
    let updated = place.json(&["deploy", "prod", "--rehearse"]);
    assert_eq!(updated["report"]["outcome"], "deployed");
    let updated = updated["report"]["stacks"].as_array().unwrap();
    let updated: Vec<&Value> = updated.iter().filter(|stack| stack["outcome"] == "updated").collect();
    assert_eq!(updated.len(), 1, "{updated:?}");
    let changes = updated[0]["changes"].as_array().unwrap();
    let task = changes.iter().find(|change| change["resource_type"] == "AWS::ECS::TaskDefinition").unwrap();
    assert_eq!(task["replacement"], "always", "a new revision: {task}");
    let memory = task["details"].as_array().unwrap().iter().find(|detail| detail["path"] == "Properties/Memory");
    let memory = memory.unwrap_or_else(|| panic!("{task}"));
    assert_eq!((memory["before"].as_str(), memory["after"].as_str()), (Some("512"), Some("1024")));
    let unchanged = place.json(&["deploy", "prod", "--rehearse"]);
    assert_eq!(unchanged["report"]["outcome"], "unchanged");

    place.edit("prod", "public: 10.20.0.0/24", "public: 10.20.2.0/24");
    let moved = place.json(&["deploy", "prod", "--rehearse"]);
    assert_eq!(moved["report"]["outcome"], "deployed");
    let network = moved["report"]["stacks"].as_array().unwrap().iter().find(|stack| stack["outcome"] == "updated");
    let changes = network.unwrap_or_else(|| panic!("{moved}"))["changes"].as_array().unwrap();
    let replaced =
        |kind: &str| changes.iter().any(|one| one["resource_type"] == kind && one["replacement"] == "always");
    assert!(replaced("AWS::EC2::Subnet") && !replaced("AWS::EC2::VPC"), "{changes:?}");
    let (status, experience) = get(format!("{api}/v1/experiences/{id}"), token).await;
    assert_eq!(status, 200, "nobody noticed: {experience}");

    let running = place.json(&["rehearsal", "status"]);
    let last = &running["last_operations"]["ap-southeast-1 como-prod-network"];
    assert_eq!((last["operation"].as_str(), last["is_running"].as_bool()), (Some("UPDATE"), Some(false)), "{running}");
    assert!(60.0 < last["took"]["simulated_seconds"].as_f64().unwrap(), "NAT gateways take minutes: {last}");
    let mut pids: Vec<i64> =
        running["tasks"].as_array().unwrap().iter().filter_map(|task| task["pid"].as_i64()).collect();
    assert!(8 <= pids.len(), "four services of two tasks, and more in a peak: {running}");
    pids.push(running["pid"].as_i64().unwrap());
    assert!(pids.iter().all(|pid| is_alive(*pid)));
    let ended = place.run(&["destroy", "prod", "--rehearse"]);
    assert_eq!(ended.code, 0, "{}{}", ended.stdout, ended.stderr);
    assert!(ended.stderr.contains("deleted too"), "what happened to kept data is said: {}", ended.stderr);
    let left: Vec<&i64> = pids.iter().filter(|pid| is_alive(**pid)).collect();
    assert!(left.is_empty(), "{left:?} live on");

    let anew = place.json(&["deploy", "prod", "--rehearse", "--speed", FAST]);
    assert_eq!(anew["report"]["outcome"], "deployed");
}

#[test]
fn kept_data_outlives_a_demolition_that_is_asked_to_keep_it() {
    let place = Place::new();
    place.json(&["deploy", "prod", "--rehearse", "--speed", FAST]);
    let destroyed = place.json(&["destroy", "prod", "--rehearse", "--keep-data"]);
    assert_eq!(destroyed["report"]["outcome"], "destroyed");
    let again = place.run(&["deploy", "prod", "--rehearse", "--speed", FAST]);
    assert_eq!(again.code, 1, "what was kept is in the way, as on AWS");
    assert!(again.stderr.contains("already exists"), "{}", again.stderr);
}

#[test]
fn any_client_is_told_how_to_use_the_rehearsal_cloud() {
    let place = Place::new();
    let served = place.run(&["rehearsal", "serve"]);
    let exports = place.run(&["rehearsal", "serve", "--exports"]);
    let endpoint = place.json(&["rehearsal", "status"])["endpoint"].as_str().unwrap().to_owned();
    for said in ["provider \"aws\"", "cdk deploy", "export AWS_DEFAULT_REGION=", &endpoint] {
        assert!(served.stderr.contains(said), "{said}: {}", served.stderr);
    }
    let shell = format!("{}\nprintf '%s %s' \"$AWS_ENDPOINT_URL\" \"$AWS_REGION\"", exports.stdout);
    let output = std::process::Command::new("sh").args(["-c", &shell]).output().unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), format!("{endpoint} ap-southeast-1"));
}

#[test]
fn aws_is_not_changed_without_a_terminal_or_a_yes() {
    let place = Place::new();
    place.json(&["rehearsal", "serve", "--speed", FAST]);
    let endpoint = place.json(&["rehearsal", "status"])["endpoint"].as_str().unwrap().to_owned();
    // The environment variable alone turns `deploy prod` to any cloud that speaks AWS's protocols.
    let aws = |arguments: &[&str]| {
        let output = place
            .command(arguments)
            .env("AWS_ENDPOINT_URL", &endpoint)
            .env("AWS_ACCESS_KEY_ID", "somebody")
            .env("AWS_SECRET_ACCESS_KEY", "something")
            .output();
        crate::support::Ended::of(&output.unwrap())
    };
    // The functions' program is a file; which one, is of no consequence here.
    let program = ["--functions", "environments/prod.yaml"];
    let refused = aws(&[&["deploy", "prod"][..], &program[..]].concat());
    assert_eq!(refused.code, 3, "{}", refused.stderr);
    assert!(refused.stderr.contains("nothing was changed"), "{}", refused.stderr);
    assert_eq!(place.json(&["rehearsal", "status"])["stacks"], json!([]));
    // Real pace would take minutes; consent is what this test is about, so it stops once stacks begin.
    place.edit("prod", "account: \"123456789012\"", "account: \"999999999999\"");
    let wrong = aws(&[&["deploy", "prod", "--yes"][..], &program[..]].concat());
    assert_eq!(wrong.code, 3, "{}", wrong.stderr);
    assert!(wrong.stderr.contains("999999999999"), "{}", wrong.stderr);
}

#[test]
fn the_three_environments_live_beside_each_other() {
    let place = Place::new();
    for environment in ["prod", "dev", "sydney"] {
        let deployed = place.json(&["deploy", environment, "--rehearse", "--speed", FAST]);
        assert_eq!(deployed["report"]["outcome"], "deployed", "{environment}");
    }
    for environment in ["prod", "dev", "sydney"] {
        let again = place.json(&["deploy", environment, "--rehearse"]);
        assert_eq!(again["report"]["outcome"], "unchanged", "{environment}");
    }
    let running = place.json(&["rehearsal", "status"]);
    let stacks = running["stacks"].as_array().unwrap();
    let unsettled: Vec<&Value> = stacks.iter().filter(|stack| stack["status"] != "CREATE_COMPLETE").collect();
    assert!(unsettled.is_empty(), "{unsettled:?}");
    // A stand-in of Singapore has no task before it is needed.
    let of = |region: &str| running["tasks"].as_array().unwrap().iter().filter(|task| task["region"] == region).count();
    assert!(8 <= of("ap-southeast-1") && of("ap-southeast-2") == 0, "{running}");
    for environment in ["sydney", "dev", "prod"] {
        let destroyed = place.json(&["destroy", environment, "--rehearse"]);
        assert_eq!(destroyed["report"]["outcome"], "destroyed", "{environment}");
    }
    let ended = place.run(&["rehearsal", "status"]);
    assert!(ended.stderr.contains("No rehearsal cloud is running."), "{}", ended.stderr);
}
