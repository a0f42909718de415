//! Calls without an SDK: buckets, content delivery, security groups.

use crate::stub::{Stub, bare, document, xml_error};
use como_engine::error::CloudError;
use como_engine::port::{Buckets, Distributions, GroupRule, SecurityGroups};
use como_engine::step::Object;

const SYDNEY: &str = "ap-southeast-2";

#[tokio::test]
async fn a_fingerprint_is_read_from_an_objects_metadata() {
    let found = bare(200, Some(("x-amz-meta-como-fingerprint", "abc")));
    let stub = Stub::start([found, bare(200, None), bare(404, None), bare(403, None)]).await;
    assert_eq!(stub.cloud.fingerprint(SYDNEY, "site", "a/b.css").await.unwrap().as_deref(), Some("abc"));
    assert_eq!(stub.cloud.fingerprint(SYDNEY, "site", "others").await.unwrap(), None);
    assert_eq!(stub.cloud.fingerprint(SYDNEY, "site", "none").await.unwrap(), None);
    assert!(stub.cloud.fingerprint(SYDNEY, "site", "denied").await.is_err());
    let asked = stub.asked();
    assert_eq!((asked[0].line.as_str(), asked[0].region.as_str()), ("HEAD /site/a/b.css", SYDNEY));
}

#[tokio::test]
async fn an_object_is_put_with_what_it_is_served_by() {
    let stub = Stub::start([bare(200, None), xml_error(503, "SlowDown", "Please reduce your request rate.")]).await;
    let object = Object::new("index.html", "text/html; charset=utf-8", "no-cache", b"<p>".to_vec());
    stub.cloud.put_object(SYDNEY, "site", &object).await.unwrap();
    let error = stub.cloud.put_object(SYDNEY, "site", &object).await.unwrap_err();
    assert!(matches!(error, CloudError::Throttled(_)), "{error:?}");
    let asked = &stub.asked()[0];
    assert_eq!((asked.line.as_str(), asked.body.as_str()), ("PUT /site/index.html", "<p>"));
    for (header, value) in [
        ("content-type", "text/html; charset=utf-8"),
        ("cache-control", "no-cache"),
        ("x-amz-meta-como-fingerprint", object.fingerprint.as_str()),
        // printf '<p>' | sha256sum
        ("x-amz-content-sha256", "33f2799467177287a29260780a107ac98ea63dd6165f67fcc0d74767d0a82090"),
    ] {
        assert_eq!(asked.headers[header], value, "{header}");
    }
    let signed = asked.headers["authorization"].to_str().unwrap();
    assert!(signed.contains("/ap-southeast-2/s3/aws4_request"), "{signed}");
    assert!(signed.contains("cache-control;content-type;host;x-amz-content-sha256"), "{signed}");
}

#[tokio::test]
async fn a_distribution_is_asked_to_forget_everything() {
    let missing = xml_error(404, "NoSuchDistribution", "The specified distribution does not exist.");
    let stub = Stub::start([document("<Invalidation/>"), missing]).await;
    stub.cloud.invalidate("E123", "attempt-1").await.unwrap();
    let asked = &stub.asked()[0];
    assert_eq!(asked.line, "POST /2020-05-31/distribution/E123/invalidation");
    assert_eq!(asked.region, "us-east-1");
    assert!(asked.body.contains("<Path>/*</Path>") && asked.body.contains("<CallerReference>attempt-1<"));
    let error = stub.cloud.invalidate("E123", "attempt-1").await.unwrap_err();
    assert_eq!(error.failure().message.as_deref(), Some("The specified distribution does not exist."));
    assert!(matches!(error, CloudError::NotFound(_)), "{error:?}");
}

#[tokio::test]
async fn a_groups_rules_are_revoked_by_their_direction() {
    let rules = "<DescribeSecurityGroupRulesResponse><securityGroupRuleSet>\
        <item><securityGroupRuleId>sgr-1</securityGroupRuleId><isEgress>false</isEgress><tagSet><item/></tagSet></item>\
        <item><securityGroupRuleId>sgr-2</securityGroupRuleId><isEgress>true</isEgress><tagSet/></item>\
        </securityGroupRuleSet></DescribeSecurityGroupRulesResponse>";
    let gone = "<Response><Errors><Error><Code>InvalidSecurityGroupRuleId.NotFound</Code><Message>gone</Message></Error>\
        </Errors><RequestID>request-1</RequestID></Response>";
    let empty = "<DescribeSecurityGroupRulesResponse><securityGroupRuleSet/></DescribeSecurityGroupRulesResponse>";
    let refused = document(gone).with_status(400);
    let stub = Stub::start([document(rules), document("<ok/>"), refused, document(empty)]).await;
    let found = stub.cloud.rules(SYDNEY, "sg-1").await.unwrap();
    assert_eq!(found, [GroupRule::Ingress("sgr-1".to_owned()), GroupRule::Egress("sgr-2".to_owned())]);
    stub.cloud.revoke(SYDNEY, "sg-1", &found).await.unwrap();
    assert_eq!(stub.cloud.rules(SYDNEY, "sg-1").await.unwrap(), []);
    let asked = stub.asked();
    assert_eq!(asked[0].form["Filter.1.Value.1"], "sg-1");
    let revoked = |index: usize| (asked[index].operation.as_str(), asked[index].form["SecurityGroupRuleId.1"].as_str());
    assert_eq!(revoked(1), ("RevokeSecurityGroupIngress", "sgr-1"));
    assert_eq!(revoked(2), ("RevokeSecurityGroupEgress", "sgr-2"));
}
