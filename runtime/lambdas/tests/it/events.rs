//! What an invocation does, by function.

use crate::fakes::{FakeRow, FakeStacks, digest, without_tokens};
use como_contract::function::{Function, IMAGE_REPOSITORY};
use como_lambdas::image::{Digest, pushed};
use como_lambdas::invocation::{Done, answer};
use como_lambdas::rollout::WantedImage;
use serde_json::{Value, json};

fn push(repository: &str, result: &str, digest: &str) -> Value {
    json!({
        "version": "0",
        "detail-type": "ECR Image Action",
        "source": "aws.ecr",
        "region": "ap-southeast-1",
        "detail": {
            "result": result,
            "repository-name": repository,
            "image-digest": digest,
            "action-type": "PUSH",
            "image-tag": "build-17",
        },
    })
}

#[test]
fn a_push_of_our_image_is_told_from_everything_else() {
    let own = digest('a');
    assert_eq!(pushed(push(IMAGE_REPOSITORY, "SUCCESS", own.as_str())).unwrap(), Some(own.clone()));
    let mut copied = push(IMAGE_REPOSITORY, "SUCCESS", own.as_str());
    copied["detail-type"] = json!("ECR Replication Action");
    assert_eq!(pushed(copied.clone()).unwrap(), None, "a push is told of otherwise");
    copied["detail"]["action-type"] = json!("REPLICATE");
    assert_eq!(pushed(copied).unwrap(), Some(own.clone()));
    assert_eq!(pushed(push("other/image", "SUCCESS", own.as_str())).unwrap(), None);
    assert_eq!(pushed(push(IMAGE_REPOSITORY, "FAILURE", own.as_str())).unwrap(), None);
    assert!(pushed(push(IMAGE_REPOSITORY, "SUCCESS", "latest")).is_err());
    assert!(pushed(json!({ "detail-type": "Scheduled Event", "detail": {} })).is_err());
    for wrong in ["", "sha256:", "sha256:AA", &own.as_str().to_uppercase()] {
        assert!(Digest::try_from(wrong.to_owned()).is_err(), "{wrong}");
    }
}

async fn rolled(function: Function, takes_every_push: bool, wanted: Option<Digest>) -> (usize, Option<Digest>) {
    let (row, stacks) = (FakeRow::default(), FakeStacks::all(&digest('a')));
    *row.0.lock().unwrap() = wanted;
    let event = push(IMAGE_REPOSITORY, "SUCCESS", digest('b').as_str());
    let none = Default::default();
    let done = answer(function, takes_every_push, without_tokens(&row, &stacks, &none), event).await.unwrap();
    let rollout = if let Done::RolledOut(rollout) = done { Some(rollout) } else { None }.unwrap();
    (rollout.rolling.len(), row.get().await.unwrap())
}

#[tokio::test]
async fn a_push_is_wanted_only_where_the_environment_says_so() {
    assert_eq!(rolled(Function::DeployOnPush, true, None).await, (4, Some(digest('b'))));
    assert_eq!(rolled(Function::DeployOnPush, false, None).await, (0, None));
    assert_eq!(rolled(Function::DeployOnPush, false, Some(digest('b'))).await, (4, Some(digest('b'))));
    assert_eq!(rolled(Function::Reconcile, false, Some(digest('c'))).await, (4, Some(digest('c'))));
    assert_eq!(rolled(Function::Reconcile, true, Some(digest('a'))).await, (0, Some(digest('a'))));
    assert_eq!(rolled(Function::Reconcile, true, None).await, (0, None));
}

#[tokio::test]
async fn a_function_that_comes_later_says_so_and_never_succeeds() {
    assert!(Function::ALL.into_iter().any(Function::comes_later), "then this test can go");
    for function in Function::ALL.into_iter().filter(|function| function.comes_later()) {
        let (row, stacks) = (FakeRow::default(), FakeStacks::all(&digest('a')));
        let none = Default::default();
        let error = answer(function, true, without_tokens(&row, &stacks, &none), json!({})).await.unwrap_err();
        let expected = format!("the function {} is not part of this release: nothing was done", function.handler());
        assert_eq!(error.to_string(), expected);
    }
}
