use super::cloud::{Cloud, REGION, refused};
use bytes::Bytes;
use como_rehearsal::hosting::Hosted as _;
use serde_json::json;

const TYPE: &str = "AWS::S3::Bucket";
type Response = http::Response<Bytes>;

/// One call: the method and path, headers, and a body.
async fn call(cloud: &Cloud, line: &str, headers: &[(&str, &str)], body: impl Into<Bytes>) -> Response {
    call_in(cloud, REGION, line, headers, body).await
}

async fn call_in(
    cloud: &Cloud,
    region: &str,
    line: &str,
    headers: &[(&str, &str)],
    body: impl Into<Bytes>,
) -> Response {
    let (method, path) = line.split_once(' ').unwrap();
    let mut request = http::Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    cloud.services.handle(region, "s3", request.body(body.into()).unwrap()).await
}

fn text(response: &Response) -> String {
    String::from_utf8_lossy(response.body()).into_owned()
}

fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    response.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

/// The contents of each element of a name.
fn all(response: &Response, name: &str) -> Vec<String> {
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    let text = text(response);
    text.split(&open).skip(1).map(|rest| rest.split(&close).next().unwrap().to_owned()).collect()
}

async fn bucket(cloud: &Cloud) {
    cloud.create(TYPE, "Bucket", json!({ "BucketName": "como-test" })).await;
}

#[tokio::test]
async fn an_object_comes_back_as_it_was_written_also_after_a_restart() {
    let cloud = Cloud::new().await;
    bucket(&cloud).await;
    let headers = [("content-type", "text/plain"), ("x-amz-meta-kind", "test")];
    let put = call(&cloud, "PUT /como-test/a%20folder/b+c", &headers, "hello").await;
    assert_eq!((put.status().as_u16(), header(&put, "etag")), (200, "\"5d41402abc4b2a76b9719d911017c592\""));
    let cloud = cloud.restart().await;
    let got = call(&cloud, "GET /como-test/a%20folder/b%2Bc?x-id=GetObject", &[], "").await;
    assert_eq!((got.status().as_u16(), text(&got).as_str()), (200, "hello"));
    assert_eq!((header(&got, "content-type"), header(&got, "x-amz-meta-kind")), ("text/plain", "test"));
    let part = call(&cloud, "GET /como-test/a%20folder/b+c", &[("range", "bytes=1-3")], "").await;
    assert_eq!((part.status().as_u16(), text(&part).as_str()), (206, "ell"));
    assert_eq!(header(&part, "content-range"), "bytes 1-3/5");
    let head = call(&cloud, "HEAD /como-test/a%20folder/b+c", &[], "").await;
    assert_eq!((header(&head, "content-length"), head.body().len()), ("5", 0));
    let etag = header(&got, "etag").to_owned();
    let unchanged = call(&cloud, "GET /como-test/a%20folder/b+c", &[("if-none-match", &etag)], "").await;
    assert_eq!(unchanged.status().as_u16(), 304);
    let none = call(&cloud, "GET /como-test/none", &[], "").await;
    assert_eq!((none.status().as_u16(), all(&none, "Code")), (404, vec!["NoSuchKey".to_owned()]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_racing_conditional_writes_one_wins() {
    let cloud = Cloud::new().await;
    bucket(&cloud).await;
    for round in 0..4 {
        let line = format!("PUT /como-test/lock-{round}");
        let attempts = (0..16).map(|number| {
            let (services, line) = (std::sync::Arc::clone(&cloud.services), line.clone());
            tokio::spawn(async move {
                let (method, path) = line.split_once(' ').unwrap();
                let request = http::Request::builder().method(method).uri(path).header("if-none-match", "*");
                let request = request.body(Bytes::from(number.to_string())).unwrap();
                services.handle(REGION, "s3", request).await.status().as_u16()
            })
        });
        let mut statuses = Vec::new();
        for attempt in attempts.collect::<Vec<_>>() {
            statuses.push(attempt.await.unwrap());
        }
        statuses.sort_unstable();
        assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
        assert_eq!(statuses.iter().filter(|status| **status == 412).count(), 15, "{statuses:?}");
    }
}

#[tokio::test]
async fn a_write_with_a_stale_etag_is_refused() {
    let cloud = Cloud::new().await;
    bucket(&cloud).await;
    let first = call(&cloud, "PUT /como-test/journal", &[], "1").await;
    let etag = header(&first, "etag").to_owned();
    let second = call(&cloud, "PUT /como-test/journal", &[("if-match", &etag)], "2").await;
    assert_eq!(second.status().as_u16(), 200);
    let stale = call(&cloud, "PUT /como-test/journal", &[("if-match", &etag)], "3").await;
    assert_eq!((stale.status().as_u16(), all(&stale, "Code")), (412, vec!["PreconditionFailed".to_owned()]));
    let nothing = call(&cloud, "PUT /como-test/none", &[("if-match", &etag)], "3").await;
    assert_eq!(nothing.status().as_u16(), 404);
    assert_eq!(text(&call(&cloud, "GET /como-test/journal", &[], "").await), "2");
}

#[tokio::test]
async fn a_versioned_bucket_forgets_nothing() {
    let cloud = Cloud::new().await;
    let properties = json!({ "BucketName": "como-test", "VersioningConfiguration": { "Status": "Enabled" } });
    cloud.create(TYPE, "Bucket", properties).await;
    let first = call(&cloud, "PUT /como-test/a", &[], "1").await;
    let version = header(&first, "x-amz-version-id").to_owned();
    call(&cloud, "PUT /como-test/a", &[], "2").await;
    let gone = call(&cloud, "DELETE /como-test/a", &[], "").await;
    assert_eq!((gone.status().as_u16(), header(&gone, "x-amz-delete-marker")), (204, "true"));
    assert_eq!(call(&cloud, "GET /como-test/a", &[], "").await.status().as_u16(), 404);
    assert_eq!(text(&call(&cloud, &format!("GET /como-test/a?versionId={version}"), &[], "").await), "1");
    let listed = call(&cloud, "GET /como-test?versions", &[], "").await;
    assert_eq!((all(&listed, "Version").len(), all(&listed, "DeleteMarker").len()), (2, 1));
    let message = refused(cloud.delete(TYPE, "como-test", json!({})).await);
    assert_eq!(message, "The bucket you tried to delete is not empty");
    call(&cloud, &format!("DELETE /como-test/a?versionId={}", header(&gone, "x-amz-version-id")), &[], "").await;
    assert_eq!(text(&call(&cloud, "GET /como-test/a", &[], "").await), "2");
    cloud.delete_kept(TYPE, "como-test").await.unwrap();
}

#[tokio::test]
async fn lists_come_in_pages_and_folders() {
    let cloud = Cloud::new().await;
    bucket(&cloud).await;
    for key in ["a/1", "a/2", "b", "c/1", "d"] {
        call(&cloud, &format!("PUT /como-test/{key}"), &[], key).await;
    }
    let listed = call(&cloud, "GET /como-test?list-type=2&delimiter=%2F", &[], "").await;
    assert_eq!(all(&listed, "Key"), ["b", "d"]);
    assert_eq!(all(&listed, "CommonPrefixes"), ["<Prefix>a/</Prefix>", "<Prefix>c/</Prefix>"]);
    let mut seen = Vec::new();
    let mut token = String::new();
    loop {
        let line = format!("GET /como-test?list-type=2&max-keys=2{token}");
        let page = call(&cloud, &line, &[], "").await;
        seen.extend(all(&page, "Key"));
        let Some(next) = all(&page, "NextContinuationToken").pop() else { break };
        token = format!("&continuation-token={}", next.replace('=', "%3D"));
    }
    assert_eq!(seen, ["a/1", "a/2", "b", "c/1", "d"]);
    let body = "<Delete><Object><Key>a/1</Key></Object><Object><Key>b</Key></Object></Delete>";
    let deleted = call(&cloud, "POST /como-test?delete", &[], body).await;
    assert_eq!(all(&deleted, "Deleted").len(), 2);
    let rest = call(&cloud, "GET /como-test?list-type=2&prefix=a", &[], "").await;
    assert_eq!(all(&rest, "Key"), ["a/2"]);
}

#[tokio::test]
async fn parts_become_one_object() {
    let cloud = Cloud::new().await;
    bucket(&cloud).await;
    let id = all(&call(&cloud, "POST /como-test/big?uploads", &[], "").await, "UploadId").remove(0);
    let large = vec![7_u8; 5 * 1024 * 1024];
    let first = call(&cloud, &format!("PUT /como-test/big?partNumber=1&uploadId={id}"), &[], large.clone()).await;
    let second = call(&cloud, &format!("PUT /como-test/big?partNumber=2&uploadId={id}"), &[], "end").await;
    let cloud = cloud.restart().await;
    let part = |number: u32, part: &Response| {
        format!("<Part><PartNumber>{number}</PartNumber><ETag>{}</ETag></Part>", header(part, "etag"))
    };
    let body = format!(
        "<CompleteMultipartUpload>{}{}</CompleteMultipartUpload>",
        part(1, &first),
        part(2, &second).replace('"', "&quot;")
    );
    let done = call(&cloud, &format!("POST /como-test/big?uploadId={id}"), &[("if-none-match", "*")], body).await;
    assert_eq!(done.status().as_u16(), 200, "{}", text(&done));
    assert!(header(&done, "etag").ends_with("-2\""), "{}", header(&done, "etag"));
    let got = call(&cloud, "GET /como-test/big", &[("range", "bytes=-4")], "").await;
    assert_eq!(got.body().as_ref(), b"\x07end");
    let copied = call(&cloud, "PUT /como-test/copy", &[("x-amz-copy-source", "/como-test/big")], "").await;
    assert_eq!(copied.status().as_u16(), 200, "{}", text(&copied));
    let gone = call(&cloud, &format!("DELETE /como-test/big?uploadId={id}"), &[], "").await;
    assert_eq!(all(&gone, "Code"), ["NoSuchUpload"]);
}

#[tokio::test]
async fn a_body_in_chunks_is_joined_and_a_wrong_checksum_refused() {
    let cloud = Cloud::new().await;
    bucket(&cloud).await;
    let chunked = [
        ("x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"),
        ("content-encoding", "aws-chunked"),
        ("x-amz-trailer", "x-amz-checksum-crc32"),
    ];
    let body = "5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n";
    let put = call(&cloud, "PUT /como-test/a", &chunked, body).await;
    assert_eq!(put.status().as_u16(), 200, "{}", text(&put));
    let got = call(&cloud, "GET /como-test/a", &[("x-amz-checksum-mode", "ENABLED")], "").await;
    assert_eq!((text(&got).as_str(), header(&got, "x-amz-checksum-crc32")), ("hello", "NhCmhg=="));
    assert_eq!(header(&got, "content-encoding"), "");
    let wrong = call(&cloud, "PUT /como-test/a", &[("x-amz-checksum-crc32", "AAAAAA==")], "hello").await;
    assert_eq!(all(&wrong, "Code"), ["BadDigest"]);
}

#[tokio::test]
async fn a_bucket_answers_in_its_region_and_names_what_it_lacks() {
    let cloud = Cloud::new().await;
    bucket(&cloud).await;
    let elsewhere = call_in(&cloud, "us-east-1", "HEAD /como-test", &[], "").await;
    assert_eq!((elsewhere.status().as_u16(), header(&elsewhere, "x-amz-bucket-region")), (301, REGION));
    let location = call_in(&cloud, "us-east-1", "GET /como-test?location", &[], "").await;
    assert!(text(&location).contains(REGION));
    let taken = call_in(&cloud, "us-east-1", "PUT /como-test", &[], "").await;
    assert_eq!(all(&taken, "Code"), ["BucketAlreadyOwnedByYou"]);
    let lacking = call(&cloud, "GET /como-test?acl", &[], "").await;
    assert_eq!(all(&lacking, "Message"), ["the rehearsal cloud does not offer S3 GET of a bucket's acl"]);
    let missing = call(&cloud, "GET /como-test?policy", &[], "").await;
    assert_eq!(all(&missing, "Code"), ["NoSuchBucketPolicy"]);
    let policy = json!({ "Bucket": "como-test", "PolicyDocument": { "Statement": [] } });
    cloud.create("AWS::S3::BucketPolicy", "Policy", policy).await;
    assert_eq!(text(&call(&cloud, "GET /como-test?policy", &[], "").await), "{\"Statement\":[]}");
    let presigned = "GET /como-test/a?X-Amz-Date=20200101T000000Z&X-Amz-Expires=60";
    assert_eq!(all(&call(&cloud, presigned, &[], "").await, "Message"), ["Request has expired"]);
    assert_eq!(
        refused(cloud.try_create(TYPE, "B", json!({ "BucketName": "como-test" })).await),
        "como-test already exists"
    );
}
