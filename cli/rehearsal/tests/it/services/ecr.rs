//! The registry over its own protocol and ECR over AWS's.

use super::cloud::{Cloud, REGION, refused};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use como_rehearsal::hosting::Hosted;
use como_rehearsal::replication::regions::LinkChange;
use http::{HeaderMap, Method};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

const TYPE: &str = "AWS::ECR::Repository";

struct Registry {
    cloud: Cloud,
    authorization: String,
}

impl Registry {
    async fn with(repository: Value) -> Self {
        let cloud = Cloud::new().await;
        cloud.create(TYPE, "Repository", repository).await;
        let token = cloud.ok("ecr", "GetAuthorizationToken", json!({})).await;
        let token = token["authorizationData"][0]["authorizationToken"].as_str().unwrap().to_owned();
        assert!(STANDARD.decode(&token).unwrap().starts_with(b"AWS:"));
        Self { cloud, authorization: format!("Basic {token}") }
    }

    async fn call(
        &self,
        method: Method,
        uri: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> (u16, HeaderMap, Vec<u8>) {
        let mut request = http::Request::builder().method(method).uri(uri).header("authorization", &self.authorization);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Bytes::from(body.to_vec())).unwrap();
        let response = self.cloud.services.handle("", "", request).await;
        (response.status().as_u16(), response.headers().clone(), response.body().to_vec())
    }

    async fn push_layer(&self, content: &[u8]) -> String {
        let digest = digest(content);
        let uri = format!("/v2/como/runtime/blobs/uploads/?digest={digest}");
        let (status, headers, _) = self.call(Method::POST, &uri, &[], content).await;
        assert_eq!((status, headers["docker-content-digest"].to_str().unwrap()), (201, digest.as_str()));
        digest
    }
}

fn digest(content: &[u8]) -> String {
    let hex: String = Sha256::digest(content).iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{hex}")
}

fn manifest(config: &str, layer: &str) -> Vec<u8> {
    let part = |digest: &str| json!({ "mediaType": "application/octet-stream", "digest": digest, "size": 1 });
    let manifest = json!({
        "schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": part(config), "layers": [part(layer)],
    });
    manifest.to_string().into_bytes()
}

#[tokio::test]
async fn an_image_is_pushed_and_pulled() {
    let registry = Registry::with(json!({ "RepositoryName": "como/runtime" })).await;
    assert_eq!(registry.call(Method::GET, "/v2/", &[], b"").await.0, 200);
    let config = registry.push_layer(b"{}").await;

    // In chunks, one of them in the wrong place.
    let (status, headers, _) = registry.call(Method::POST, "/v2/como/runtime/blobs/uploads/", &[], b"").await;
    assert_eq!(status, 202);
    let upload = headers["location"].to_str().unwrap().to_owned();
    let (status, headers, _) = registry.call(Method::PATCH, &upload, &[("content-range", "0-4")], b"layer").await;
    assert_eq!((status, &headers["range"]), (202, &http::HeaderValue::from_static("0-4")));
    assert_eq!(registry.call(Method::PATCH, &upload, &[("content-range", "9-9")], b"!").await.0, 416);
    assert_eq!(registry.call(Method::PATCH, &upload, &[("content-range", "5-5")], b"!").await.0, 202);
    assert_eq!(registry.call(Method::GET, &upload, &[], b"").await.1["range"], "0-5");
    let layer = digest(b"layer!");
    let wrong = format!("/v2/como/runtime/blobs/{layer}");
    assert_eq!(registry.call(Method::HEAD, &wrong, &[], b"").await.0, 404);
    let (status, ..) = registry.call(Method::PUT, &format!("{upload}?digest={layer}"), &[], b"").await;
    assert_eq!(status, 201);
    let (status, headers, body) = registry.call(Method::HEAD, &wrong, &[], b"").await;
    assert_eq!((status, headers["content-length"].to_str().unwrap(), body.len()), (200, "6", 0));

    let manifest = manifest(&config, &layer);
    let media_type = [("content-type", "application/vnd.oci.image.manifest.v1+json")];
    let (status, headers, _) =
        registry.call(Method::PUT, "/v2/como/runtime/manifests/v1", &media_type, &manifest).await;
    assert_eq!((status, headers["docker-content-digest"].to_str().unwrap()), (201, digest(&manifest).as_str()));
    for reference in ["v1", &digest(&manifest)] {
        let uri = format!("/v2/como/runtime/manifests/{reference}");
        let (status, headers, body) = registry.call(Method::GET, &uri, &[], b"").await;
        assert_eq!((status, &body), (200, &manifest));
        assert_eq!(headers["content-type"], "application/vnd.oci.image.manifest.v1+json");
    }
    let (_, _, tags) = registry.call(Method::GET, "/v2/como/runtime/tags/list", &[], b"").await;
    assert_eq!(serde_json::from_slice::<Value>(&tags).unwrap()["tags"], json!(["v1"]));

    let Registry { cloud, .. } = registry;
    let cloud = cloud.restart().await;
    let input = json!({ "repositoryName": "como/runtime", "imageIds": [{ "imageTag": "v1" }] });
    let images = cloud.ok("ecr", "DescribeImages", input.clone()).await;
    assert_eq!(images["imageDetails"][0]["imageDigest"], json!(digest(&manifest)));
    let got = cloud.ok("ecr", "BatchGetImage", input).await;
    assert_eq!(got["images"][0]["imageManifest"].as_str().unwrap().as_bytes(), manifest);
}

#[tokio::test]
async fn what_does_not_fit_is_refused() {
    let repository = json!({ "RepositoryName": "como/runtime", "ImageTagMutability": "IMMUTABLE" });
    let registry = Registry::with(repository).await;
    let code = |body: &[u8]| serde_json::from_slice::<Value>(body).unwrap()["errors"][0]["code"].clone();
    let (status, _, body) = registry.call(Method::POST, "/v2/nothing/blobs/uploads/", &[], b"").await;
    assert_eq!((status, code(&body)), (404, json!("NAME_UNKNOWN")));
    let uri = format!("/v2/como/runtime/blobs/uploads/?digest={}", digest(b"other"));
    let (status, _, body) = registry.call(Method::POST, &uri, &[], b"content").await;
    assert_eq!((status, code(&body)), (400, json!("DIGEST_INVALID")));

    let put = |body: Vec<u8>| {
        let registry = &registry;
        async move { registry.call(Method::PUT, "/v2/como/runtime/manifests/v1", &[], &body).await }
    };
    let (one, two) = (registry.push_layer(b"1").await, registry.push_layer(b"2").await);
    let (status, _, body) = put(manifest(&one, &digest(b"nowhere"))).await;
    assert_eq!((status, code(&body)), (400, json!("MANIFEST_BLOB_UNKNOWN")));
    assert_eq!(put(manifest(&one, &two)).await.0, 201);
    let (status, _, body) = put(manifest(&two, &one)).await;
    assert_eq!((status, code(&body)), (400, json!("TAG_INVALID")));
    let (status, ..) = registry.call(Method::DELETE, "/v2/como/runtime/manifests/v1", &[], b"").await;
    assert_eq!(status, 405);

    let anonymous = http::Request::get("/v2/").body(Bytes::new()).unwrap();
    let response = registry.cloud.services.handle(REGION, "", anonymous).await;
    assert_eq!(response.status().as_u16(), 401);
    let message = refused(registry.cloud.delete(TYPE, "como/runtime", json!({})).await);
    assert!(message.ends_with("cannot be deleted because it still contains images"), "{message}");
    registry.cloud.delete(TYPE, "como/runtime", json!({ "EmptyOnDelete": true })).await.unwrap();
    let (code, _) = registry.cloud.error("ecr", "StartImageScan", json!({})).await;
    assert_eq!(code, "UnknownOperationException");
}

const THERE: &str = "ap-southeast-2";

/// A rule of the other region that sees what happens to images, and its queue's address there.
async fn watched(cloud: &Cloud) -> String {
    let queue = json!({ "QueueName": "news", "Attributes": { "Policy": json!({ "Statement": {
        "Effect": "Allow", "Principal": { "Service": "events.amazonaws.com" }, "Action": "sqs:*", "Resource": "*",
    } }).to_string() } });
    let url = cloud.ok_in(THERE, "sqs", "CreateQueue", queue).await["QueueUrl"].as_str().unwrap().to_owned();
    let pattern = json!({ "source": ["aws.ecr"] }).to_string();
    cloud.ok_in(THERE, "events", "PutRule", json!({ "Name": "news", "EventPattern": pattern })).await;
    let arn = format!("arn:aws:sqs:{THERE}:123456789012:news");
    let targets = json!({ "Rule": "news", "Targets": [{ "Id": "1", "Arn": arn }] });
    cloud.ok_in(THERE, "events", "PutTargets", targets).await;
    url
}

async fn news(cloud: &Cloud, url: &str) -> Value {
    let input = json!({ "QueueUrl": url, "WaitTimeSeconds": 20 });
    let message = cloud.ok_in(THERE, "sqs", "ReceiveMessage", input).await["Messages"][0].clone();
    let receipt = json!({ "QueueUrl": url, "ReceiptHandle": message["ReceiptHandle"] });
    cloud.ok_in(THERE, "sqs", "DeleteMessage", receipt).await;
    serde_json::from_str(message["Body"].as_str().unwrap()).unwrap()
}

fn link(cut: bool) -> LinkChange {
    LinkChange {
        from: REGION.to_owned(),
        to: THERE.to_owned(),
        both_ways: false,
        cut: Some(cut),
        lag_ms: Some(0),
        spread_ms: Some(0),
    }
}

#[tokio::test]
async fn pushed_images_follow_the_link_to_the_other_region() {
    let registry = Registry::with(json!({ "RepositoryName": "como/runtime" })).await;
    let (config, layer) = (registry.push_layer(b"{}").await, registry.push_layer(b"layer").await);
    let manifest = String::from_utf8(manifest(&config, &layer)).unwrap();
    let push = |tag: &str| json!({ "repositoryName": "como/runtime", "imageManifest": manifest, "imageTag": tag });
    registry.cloud.ok("ecr", "PutImage", push("before")).await;
    let rule = json!({
        "Destinations": [{ "Region": THERE, "RegistryId": "123456789012" }],
        "RepositoryFilters": [{ "Filter": "como/", "FilterType": "PREFIX_MATCH" }],
    });
    let properties = json!({ "ReplicationConfiguration": { "Rules": [rule] } });
    registry.cloud.create("AWS::ECR::ReplicationConfiguration", "Replication", properties).await;
    let shown = registry.cloud.ok("ecr", "DescribeRegistry", json!({})).await;
    assert_eq!(shown["replicationConfiguration"]["rules"][0]["destinations"][0]["region"], json!(THERE));
    let url = watched(&registry.cloud).await;
    registry.cloud.regions.change_link(&link(true)).unwrap();
    registry.cloud.ok("ecr", "PutImage", push("v1")).await;
    let asked = json!({ "repositoryName": "como/runtime", "imageId": { "imageTag": "v1" } });
    let status = registry.cloud.ok("ecr", "DescribeImageReplicationStatus", asked.clone()).await;
    assert_eq!(status["replicationStatuses"][0]["status"], json!("IN_PROGRESS"));
    assert_eq!(registry.cloud.services.status().await.waiting[&format!("{REGION} {THERE}")], 1);
    // What waits outlives a kill.
    let cloud = registry.cloud.after_a_kill().await;
    assert_eq!(cloud.call_in(THERE, "ecr", "ListImages", json!({ "repositoryName": "como/runtime" })).await.0, 400);
    cloud.regions.change_link(&link(false)).unwrap();
    let event = news(&cloud, &url).await;
    assert_eq!(event["detail-type"], json!("ECR Replication Action"));
    assert_eq!((&event["detail"]["result"], &event["detail"]["source-region"]), (&json!("SUCCESS"), &json!(REGION)));
    let status = cloud.ok("ecr", "DescribeImageReplicationStatus", asked).await;
    assert_eq!(status["replicationStatuses"][0]["status"], json!("COMPLETE"));
    let there = cloud.ok_in(THERE, "ecr", "ListImages", json!({ "repositoryName": "como/runtime" })).await;
    assert_eq!(there["imageIds"][0]["imageTag"], json!("v1"));
    let layers = json!({ "repositoryName": "como/runtime", "layerDigests": [config, layer] });
    let layers = cloud.ok_in(THERE, "ecr", "BatchCheckLayerAvailability", layers).await;
    assert_eq!(layers["layers"][1]["layerAvailability"], json!("AVAILABLE"));
    // Deleting is not copied, and says so in its own region.
    let gone = json!({ "repositoryName": "como/runtime", "imageIds": [{ "imageTag": "v1" }] });
    cloud.ok_in(THERE, "ecr", "BatchDeleteImage", gone).await;
    let event = news(&cloud, &url).await;
    assert_eq!((&event["detail"]["action-type"], &event["detail"]["image-tag"]), (&json!("DELETE"), &json!("v1")));
    let here = cloud.ok("ecr", "ListImages", json!({ "repositoryName": "como/runtime" })).await;
    assert_eq!(here["imageIds"].as_array().unwrap().len(), 2, "{here}");
    cloud.services.stop().await;
}
