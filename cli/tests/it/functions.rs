//! The functions of a rehearsed deployment: they run, and what calls them does.

use crate::support::{FAST, Place};
use crate::wire::Wire;
use como_contract::function::{Function, IMAGE_REPOSITORY};
use serde_json::{Value, json};

const SINGAPORE: &str = "ap-southeast-1";
const SYDNEY: &str = "ap-southeast-2";
const VIRGINIA: &str = "us-east-1";

#[tokio::test]
async fn each_function_answers_and_one_that_comes_later_never_with_success() {
    let place = Place::new();
    for environment in ["prod", "sydney"] {
        let deployed = place.json(&["deploy", environment, "--rehearse", "--speed", FAST]);
        assert_eq!(deployed["report"]["outcome"], "deployed", "{environment}");
    }
    let wire = Wire::to(&place);
    let arrival = json!({
        "source": "aws.ecr",
        "detail-type": "ECR Image Action",
        "detail": {
            "action-type": "PUSH", "result": "SUCCESS", "repository-name": IMAGE_REPOSITORY,
            "image-digest": format!("sha256:{}", "a".repeat(64)),
        },
    });
    for (environment, region) in [("prod", SINGAPORE), ("sydney", SYDNEY)] {
        let functions = Function::ALL.into_iter();
        let is_there = |function: &Function| match function {
            Function::RecoveryTrigger => environment == "sydney",
            // The stand-in's secrets are replicas: nobody calls it there.
            Function::TokenRefresh => environment == "prod",
            Function::DeployOnPush | Function::Reconcile => true,
        };
        for function in functions.filter(is_there) {
            let name = function.name(environment);
            let (failed, answer) = wire.invoke(region, &name, arrival.clone()).await;
            assert_eq!(failed, function.comes_later(), "{name}: {answer}");
            if function.comes_later() {
                let expected =
                    format!("the function {} is not part of this release: nothing was done", function.handler());
                assert_eq!(answer["errorMessage"], expected.as_str());
                assert_eq!(answer["errorType"], "NotInThisRelease");
            } else if function == Function::TokenRefresh {
                assert_eq!(answer["renewed"], json!(["memberson-token", "sevenrooms-token"]), "{answer}");
            } else {
                assert_eq!(answer["rolling"], json!([]), "nobody has said which image is wanted: {answer}");
            }
        }
    }
    // What the token refresh bought is in the secrets.
    for label in ["memberson-token", "sevenrooms-token"] {
        let id = json!({ "SecretId": format!("como/prod/{label}") });
        let secret = wire.json(SINGAPORE, "secretsmanager", "secretsmanager.GetSecretValue", id).await;
        let kept: Value = serde_json::from_str(secret["SecretString"].as_str().unwrap()).unwrap();
        assert!(kept["token"].as_str().is_some_and(|token| 8 <= token.len()), "{label}");
        assert!(kept["expires_at"].as_str().is_some_and(|at| at.ends_with('Z')), "{label}");
    }
    // Singapore is lost: the alarm in us-east-1 turns, the trigger in Sydney is called, fails, and is buried.
    let turn =
        json!({ "AlarmName": "como-sydney-prod-down", "StateValue": "ALARM", "StateReason": "as the test says" });
    wire.json(VIRGINIA, "monitoring", "GraniteServiceVersion20100801.SetAlarmState", turn).await;
    let queue = format!("https://sqs.{SYDNEY}.amazonaws.com/123456789012/como-sydney-recovery-trigger-dead");
    let mut letters = json!([]);
    for _ in 0..3 {
        let wait = json!({ "QueueUrl": queue, "WaitTimeSeconds": 20, "MessageAttributeNames": ["All"] });
        letters = wire.json(SYDNEY, "sqs", "AmazonSQS.ReceiveMessage", wait).await["Messages"].clone();
        if letters[0].is_object() {
            break;
        }
    }
    let why =
        letters[0]["MessageAttributes"]["ErrorMessage"]["StringValue"].as_str().unwrap_or_else(|| panic!("{letters}"));
    assert!(why.contains("recovery-trigger is not part of this release"), "{why}");
    let event = letters[0]["Body"].as_str().unwrap();
    assert!(event.contains("como-sydney-prod-down"), "{event}");
}
