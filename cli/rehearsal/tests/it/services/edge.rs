//! A distribution before two buckets.

use super::cloud::{ACCOUNT, Cloud, REGION, request};
use como_rehearsal::hosting::Hosted as _;
use como_rehearsal::provision::{Provisioned, Provisioner as _};
use serde_json::{Value, json};

const SYDNEY: &str = "ap-southeast-2";
const EDGE: &str = "us-east-1";

async fn put(cloud: &Cloud, region: &str, bucket: &str, key: &str, text: &str, cache: &str) {
    let request = http::Request::put(format!("/{bucket}/{key}"))
        .header("content-type", "text/html")
        .header("cache-control", cache)
        .body(bytes::Bytes::from(text.to_owned()))
        .unwrap();
    assert_eq!(cloud.services.handle(region, "s3", request).await.status(), 200);
}

/// A private bucket that lets the distribution read, and nobody list.
async fn bucket(cloud: &Cloud, region: &str, name: &str) -> Provisioned {
    let made = cloud.create_in(region, "AWS::S3::Bucket", "Site", json!({ "BucketName": name })).await;
    let condition = json!({ "StringEquals": { "AWS:SourceAccount": ACCOUNT } });
    let statement = json!({
        "Effect": "Allow", "Principal": { "Service": "cloudfront.amazonaws.com" }, "Action": "s3:GetObject",
        "Resource": format!("arn:aws:s3:::{name}/*"), "Condition": condition,
    });
    let policy = json!({ "Bucket": name, "PolicyDocument": { "Statement": [statement] } });
    cloud.create_in(region, "AWS::S3::BucketPolicy", "Policy", policy).await;
    made
}

fn origin(id: &str, bucket: &Provisioned) -> Value {
    json!({ "Id": id, "DomainName": bucket.attributes["RegionalDomainName"], "OriginAccessControlId": "E1", "S3OriginConfig": {} })
}

async fn distribution(cloud: &Cloud, first: &Provisioned, second: &Provisioned) -> Provisioned {
    let headers = json!({ "ResponseHeadersPolicyConfig": { "Name": "site", "SecurityHeadersConfig": {
        "ContentSecurityPolicy": { "ContentSecurityPolicy": "default-src 'self'", "Override": true },
        "StrictTransportSecurity": { "AccessControlMaxAgeSec": 31536000, "IncludeSubdomains": true, "Override": true },
        "ContentTypeOptions": { "Override": true },
    } } });
    let headers = cloud.create_in(EDGE, "AWS::CloudFront::ResponseHeadersPolicy", "Headers", headers).await;
    let group = json!({
        "Id": "both", "Members": { "Quantity": 2, "Items": [{ "OriginId": "first" }, { "OriginId": "second" }] },
        "FailoverCriteria": { "StatusCodes": { "Quantity": 2, "Items": [500, 503] } },
    });
    let config = json!({ "DistributionConfig": {
        "Enabled": true, "Aliases": ["www.example.com"], "DefaultRootObject": "index.html",
        "Origins": [origin("first", first), origin("second", second)],
        "OriginGroups": { "Quantity": 1, "Items": [group] },
        "DefaultCacheBehavior": {
            "TargetOriginId": "both", "ViewerProtocolPolicy": "redirect-to-https",
            "ResponseHeadersPolicyId": headers.physical_id,
        },
        "CustomErrorResponses": [{ "ErrorCode": 403, "ResponseCode": 404, "ResponsePagePath": "/404.html" }],
    } });
    cloud.create_in(EDGE, "AWS::CloudFront::Distribution", "Edge", config).await
}

async fn address(cloud: &Cloud) -> String {
    let endpoints = cloud.services.status().await.endpoints;
    let found = endpoints.into_iter().find(|endpoint| endpoint.stands_in_for == "https://www.example.com");
    found.unwrap().url
}

async fn invalidate(cloud: &Cloud, id: &str, path: &str) -> String {
    let body = format!(
        "<InvalidationBatch xmlns=\"http://cloudfront.amazonaws.com/doc/2020-05-31/\"><Paths><Quantity>1</Quantity>\
         <Items><Path>{path}</Path></Items></Paths><CallerReference>{path}</CallerReference></InvalidationBatch>"
    );
    let request = http::Request::post(format!("/2020-05-31/distribution/{id}/invalidation")).body(body.into()).unwrap();
    let answer = cloud.services.handle(EDGE, "cloudfront", request).await;
    String::from_utf8(answer.body().to_vec()).unwrap()
}

#[tokio::test]
async fn a_site_is_served_kept_and_fails_over() {
    let cloud = Cloud::new().await;
    let first = bucket(&cloud, REGION, "site-first").await;
    let second = bucket(&cloud, SYDNEY, "site-second").await;
    for (region, name) in [(REGION, "site-first"), (SYDNEY, "site-second")] {
        put(&cloud, region, name, "index.html", name, "max-age=60").await;
        put(&cloud, region, name, "live.html", name, "no-cache").await;
        put(&cloud, region, name, "404.html", "lost", "no-cache").await;
    }
    let made = distribution(&cloud, &first, &second).await;
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let cloud = cloud.restart().await;
    let url = address(&cloud).await;
    let get = async |path: &str| {
        let answer = client.get(format!("{url}{path}")).send().await.unwrap();
        let header = |name: &str| answer.headers().get(name).map_or("", |value| value.to_str().unwrap()).to_owned();
        let (status, kept, kind) = (answer.status().as_u16(), header("x-cache"), header("content-type"));
        assert_eq!(header("content-security-policy"), "default-src 'self'");
        assert_eq!(header("strict-transport-security"), "max-age=31536000; includeSubDomains");
        (status, kept, kind, answer.text().await.unwrap())
    };
    let served = |status: u16, kept: &str, text: &str| {
        (status, format!("{kept} from cloudfront"), "text/html".to_owned(), text.to_owned())
    };
    assert_eq!(get("/").await, served(200, "Miss", "site-first"));
    assert_eq!(get("/index.html").await, served(200, "Hit", "site-first"));
    assert_eq!(get("/live.html").await, served(200, "Miss", "site-first"));
    assert_eq!(get("/live.html").await, served(200, "Miss", "site-first"));
    // Who may not list is not told that a page is missing, but that it is forbidden; the site has a page for that.
    assert_eq!(get("/nobody.html").await, served(404, "Error", "lost"));
    let answer = client.post(&url).send().await.unwrap();
    assert_eq!(answer.status(), 403);

    put(&cloud, REGION, "site-first", "index.html", "changed", "max-age=60").await;
    assert_eq!(get("/").await, served(200, "Hit", "site-first"));
    let made_invalid = invalidate(&cloud, &made.physical_id, "/*").await;
    assert!(made_invalid.contains("<Status>Completed</Status>"), "{made_invalid}");
    assert_eq!(get("/").await, served(200, "Miss", "changed"));
    assert!(invalidate(&cloud, "E0", "/*").await.contains("<Code>NoSuchDistribution</Code>"));

    cloud.fault(json!({ "do": "kill-region", "region": REGION, "plane": "data" }));
    assert_eq!(get("/live.html").await, served(200, "Miss", "site-second"));
    cloud.services.stop().await;
}

#[tokio::test]
async fn an_alias_of_a_distribution_has_one_owner() {
    let cloud = Cloud::new().await;
    let only = bucket(&cloud, REGION, "site-only").await;
    distribution(&cloud, &only, &only).await;
    let config = json!({ "DistributionConfig": {
        "Enabled": true, "Aliases": ["www.example.com"], "Origins": [origin("o", &only)],
        "DefaultCacheBehavior": { "TargetOriginId": "o" },
    } });
    let refused = cloud.services.create(request("AWS::CloudFront::Distribution", "Other", config)).await.unwrap_err();
    assert!(refused.to_string().contains("already associated with a different resource"), "{refused}");
    cloud.services.stop().await;
}
