//! What an account has once and somebody has made by hand: the account-wide stacks take it over, and leave it when they go.

use crate::support::{FAST, Place};
use crate::wire::Wire;
use serde_json::{Value, json};

const SINGAPORE: &str = "ap-southeast-1";
const PROVIDER: &str = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com";
const ECR: &str = "AmazonEC2ContainerRegistry_V20150921";

async fn rules(wire: &Wire) -> Value {
    let registry = wire.json(SINGAPORE, "ecr", &format!("{ECR}.DescribeRegistry"), json!({})).await;
    registry["replicationConfiguration"]["rules"].clone()
}

/// A stack that keeps what it has made leaves it to nobody.
async fn make_provider_by_hand(wire: &Wire) {
    let template = json!({ "Resources": { "Ours": {
        "Type": "AWS::IAM::OIDCProvider",
        "DeletionPolicy": "Retain",
        "Properties": { "Url": "https://token.actions.githubusercontent.com", "ClientIdList": ["somebody"] },
    } } });
    let template = template.to_string();
    let name = ("StackName", "by-hand");
    let settled = async |expected: &str| loop {
        let shown = wire.query(SINGAPORE, "cloudformation", "DescribeStacks", &[name]).await;
        if shown.contains(expected) {
            break;
        }
        assert!(shown.contains("_IN_PROGRESS") || shown.contains("Throttling"), "{shown}");
        tokio::task::yield_now().await;
    };
    wire.query(SINGAPORE, "cloudformation", "CreateStack", &[name, ("TemplateBody", &template)]).await;
    settled("CREATE_COMPLETE").await;
    wire.query(SINGAPORE, "cloudformation", "DeleteStack", &[name]).await;
    settled("does not exist").await;
}

#[tokio::test]
async fn what_was_made_by_hand_is_taken_over_and_left_again() {
    let place = Place::new();
    place.json(&["rehearsal", "serve", "--speed", FAST]);
    let wire = Wire::to(&place);
    make_provider_by_hand(&wire).await;
    let by_hand = json!({ "replicationConfiguration": { "rules": [{
        "destinations": [{ "region": "ap-northeast-1", "registryId": "123456789012" }],
        "repositoryFilters": [{ "filter": "others/", "filterType": "PREFIX_MATCH" }],
    }] } });
    wire.json(SINGAPORE, "ecr", &format!("{ECR}.PutReplicationConfiguration"), by_hand).await;

    let deployed = place.run(&["deploy", "prod", "--rehearse", "--speed", FAST, "--events", "ndjson"]);
    assert_eq!(deployed.code, 0, "{}", deployed.stderr);
    let told = |line: &&str| line.contains("COMO_RESOURCE_ADOPTED");
    let adopted: Vec<&str> = deployed.stderr.lines().filter(told).collect();
    assert_eq!(adopted.len(), 2, "{adopted:?}");
    assert!(adopted.iter().any(|line| line.contains(PROVIDER)), "{adopted:?}");

    let resources = async |stack: &str| {
        wire.query(SINGAPORE, "cloudformation", "ListStackResources", &[("StackName", stack)]).await
    };
    let trust = resources("como-shared-trust-ap-southeast-1").await;
    assert!(trust.contains(PROVIDER), "{trust}");
    let ours = rules(&wire).await;
    assert_eq!(ours[0]["repositoryFilters"][0]["filter"], "como/", "brought to what the template says: {ours}");
    let again = place.json(&["deploy", "prod", "--rehearse"]);
    assert_eq!(again["report"]["outcome"], "unchanged");

    let destroyed = place.json(&["destroy", "prod", "--rehearse", "--keep-data"]);
    assert_eq!(destroyed["report"]["outcome"], "destroyed");
    assert!(resources("como-shared-trust-ap-southeast-1").await.contains(PROVIDER), "what is account-wide stays");
    assert_eq!(rules(&wire).await, ours);
    // With the last stack the rehearsal ends; what was kept is told, since others of the account may rely on it.
    let gone = place.run(&["destroy", "prod", "--rehearse", "--keep-data", "--account-wide"]);
    assert_eq!(gone.code, 0, "{}", gone.stderr);
    assert!(format!("{}{}", gone.stdout, gone.stderr).contains(PROVIDER), "{}{}", gone.stdout, gone.stderr);
}
