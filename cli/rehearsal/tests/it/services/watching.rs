//! Alarms, health checks, and names that fail over.

use super::cloud::{Cloud, REGION, refused};
use bytes::Bytes;
use como_rehearsal::hosting::Hosted;
use http::Method;
use serde_json::{Value, json};

const ALARM: &str = "AWS::CloudWatch::Alarm";

fn alarm(name: &str) -> Value {
    json!({
        "AlarmName": name, "Namespace": "como", "MetricName": "Errors", "Statistic": "Sum", "Period": 60,
        "EvaluationPeriods": 1, "Threshold": 5, "ComparisonOperator": "GreaterThanThreshold",
        "Dimensions": [{ "Name": "Service", "Value": name }],
    })
}

async fn put(cloud: &Cloud, name: &str, value: f64) {
    let datum = json!({ "MetricName": "Errors", "Value": value, "Dimensions": [{ "Name": "Service", "Value": name }] });
    cloud.ok("monitoring", "PutMetricData", json!({ "Namespace": "como", "MetricData": [datum] })).await;
}

async fn state(cloud: &Cloud, name: &str) -> String {
    let input = json!({ "AlarmNames": [name], "AlarmTypes": ["MetricAlarm", "CompositeAlarm"] });
    let found = cloud.ok("monitoring", "DescribeAlarms", input).await;
    let all = found["MetricAlarms"].as_array().unwrap().iter().chain(found["CompositeAlarms"].as_array().unwrap());
    all.map(|alarm| alarm["StateValue"].as_str().unwrap().to_owned()).collect()
}

/// A call of Route 53: the status and the XML.
pub(super) async fn route53(cloud: &Cloud, method: Method, path: &str, body: &str) -> (u16, String) {
    let request = http::Request::builder().method(method).uri(format!("/2013-04-01/{path}"));
    let request = request.body(Bytes::from(body.to_owned())).unwrap();
    let response = cloud.services.handle(REGION, "route53", request).await;
    (response.status().as_u16(), String::from_utf8(response.body().to_vec()).unwrap())
}

#[tokio::test]
async fn an_alarm_rings_by_its_metric_and_a_composite_by_its_alarms() {
    let cloud = Cloud::new().await;
    for name in ["a", "b"] {
        let created = cloud.create(ALARM, name, alarm(name)).await;
        assert_eq!(created.attributes["Arn"], json!(format!("arn:aws:cloudwatch:{REGION}:123456789012:alarm:{name}")));
    }
    let rule = json!({ "AlarmName": "both", "AlarmRule": "ALARM(a) AND ALARM(\"b\")" });
    cloud.create("AWS::CloudWatch::CompositeAlarm", "Both", rule).await;
    assert_eq!(state(&cloud, "a").await, "INSUFFICIENT_DATA");
    put(&cloud, "a", 3.0).await;
    assert_eq!(state(&cloud, "a").await, "OK");
    put(&cloud, "a", 3.0).await;
    assert_eq!((state(&cloud, "a").await.as_str(), state(&cloud, "both").await.as_str()), ("ALARM", "OK"));
    let set = |name: &str, value: &str| json!({ "AlarmName": name, "StateValue": value, "StateReason": "a drill" });
    cloud.ok("monitoring", "SetAlarmState", set("b", "ALARM")).await;
    assert_eq!(state(&cloud, "both").await, "ALARM");
    let history = cloud.ok("monitoring", "DescribeAlarmHistory", json!({ "AlarmName": "b" })).await;
    let summary = &history["AlarmHistoryItems"][0]["HistorySummary"];
    assert_eq!(summary, &json!("Alarm updated from INSUFFICIENT_DATA to ALARM"));

    // In the older form too.
    let form = "Action=DescribeAlarms&Version=2010-08-01&AlarmNames.member.1=b";
    let request = http::Request::post("/").body(Bytes::from(form)).unwrap();
    let response = cloud.services.handle(REGION, "monitoring", request).await;
    let body = String::from_utf8(response.body().to_vec()).unwrap();
    assert!(body.contains("<MetricAlarms><member>") && body.contains("<StateValue>ALARM</StateValue>"), "{body}");

    let cloud = cloud.restart().await;
    assert_eq!(state(&cloud, "b").await, "ALARM");
    let bad = json!({ "AlarmName": "bad", "AlarmRule": "ALARM(a" });
    refused(cloud.try_create("AWS::CloudWatch::CompositeAlarm", "Bad", bad).await);
    cloud.delete(ALARM, "b", json!({})).await.unwrap();
    assert_eq!(state(&cloud, "b").await, "");
    let (code, _) = cloud.error("monitoring", "PutDashboard", json!({})).await;
    assert_eq!(code, "UnknownOperationException");
    cloud.services.stop().await;
}

/// Two records of one name, of which the first follows an alarm.
pub(super) async fn fail_over_zone(cloud: &Cloud, targets: [&str; 2]) -> String {
    cloud.create(ALARM, "Alarm", alarm("api")).await;
    let zone = cloud.create("AWS::Route53::HostedZone", "Zone", json!({ "Name": "example.com" })).await;
    assert_eq!(zone.attributes["NameServers"].as_array().unwrap().len(), 4);
    let config = json!({ "Type": "CLOUDWATCH_METRIC", "AlarmIdentifier": { "Name": "api", "Region": REGION } });
    let check = cloud.create("AWS::Route53::HealthCheck", "Check", json!({ "HealthCheckConfig": config })).await;
    for (role, target) in ["PRIMARY", "SECONDARY"].into_iter().zip(targets) {
        let mut record = json!({
            "HostedZoneId": zone.physical_id, "Name": "api.example.com", "Type": "A", "SetIdentifier": role,
            "Failover": role, "AliasTarget": { "DNSName": target, "HostedZoneId": "Z1", "EvaluateTargetHealth": true },
        });
        if role == "PRIMARY" {
            record["HealthCheckId"] = json!(check.physical_id);
        }
        cloud.create("AWS::Route53::RecordSet", role, record).await;
    }
    zone.physical_id
}

#[tokio::test]
async fn records_fail_over_when_the_alarm_rings() {
    let cloud = Cloud::new().await;
    let zone = fail_over_zone(&cloud, ["singapore.example.net", "sydney.example.net"]).await;
    let question = format!("testdnsanswer?hostedzoneid={zone}&recordname=api.example.com&recordtype=A");
    for (value, expected) in
        [("OK", "singapore.example.net"), ("ALARM", "sydney.example.net"), ("OK", "singapore.example.net")]
    {
        let input = json!({ "AlarmName": "api", "StateValue": value, "StateReason": "a drill" });
        cloud.ok("monitoring", "SetAlarmState", input).await;
        let (status, answer) = route53(&cloud, Method::GET, &question, "").await;
        assert_eq!(status, 200);
        assert!(answer.contains(&format!("<RecordDataEntry>{expected}</RecordDataEntry>")), "{answer}");
    }
    let (_, checks) = route53(&cloud, Method::GET, "healthcheck", "").await;
    let (_, id) = checks.split_once("<Id>").unwrap();
    let (id, _) = id.split_once("</Id>").unwrap();
    let (_, status) = route53(&cloud, Method::GET, &format!("healthcheck/{id}/status"), "").await;
    assert!(status.contains("<Status>Success: "), "{status}");
    let message = refused(cloud.delete("AWS::Route53::HostedZone", &zone, json!({})).await);
    assert!(message.contains("non-required resource record sets"), "{message}");
    cloud.services.stop().await;
}

#[tokio::test]
async fn records_are_changed_over_the_wire_all_or_none() {
    let cloud = Cloud::new().await;
    let body = "<CreateHostedZoneRequest><Name>example.org</Name><CallerReference>1</CallerReference></CreateHostedZoneRequest>";
    let (status, created) = route53(&cloud, Method::POST, "hostedzone", body).await;
    assert_eq!(status, 201, "{created}");
    let (_, zone) = created.split_once("<Id>/hostedzone/").unwrap();
    let (zone, _) = zone.split_once("</Id>").unwrap();
    let change = |action: &str, name: &str| {
        format!(
            "<Change><Action>{action}</Action><ResourceRecordSet><Name>{name}</Name><Type>A</Type><TTL>60</TTL>\
             <ResourceRecords><ResourceRecord><Value>192.0.2.1</Value></ResourceRecord></ResourceRecords>\
             </ResourceRecordSet></Change>"
        )
    };
    let batch = |changes: &str| {
        format!(
            "<ChangeResourceRecordSetsRequest><ChangeBatch><Changes>{changes}</Changes></ChangeBatch>\
             </ChangeResourceRecordSetsRequest>"
        )
    };
    let path = format!("hostedzone/{zone}/rrset/");
    let (status, answer) = route53(&cloud, Method::POST, &path, &batch(&change("CREATE", "a.example.org"))).await;
    assert!(status == 200 && answer.contains("<Status>INSYNC</Status>"), "{answer}");
    let two = change("CREATE", "b.example.org") + &change("DELETE", "missing.example.org");
    let (status, answer) = route53(&cloud, Method::POST, &path, &batch(&two)).await;
    assert!(status == 400 && answer.contains("InvalidChangeBatch") && answer.contains("it was not found"), "{answer}");
    let (_, listed) = route53(&cloud, Method::GET, &path, "").await;
    assert!(listed.contains("<Name>a.example.org.</Name>") && !listed.contains("b.example.org"), "{listed}");
    let (status, answer) = route53(&cloud, Method::GET, "trafficpolicies", "").await;
    assert!(status == 400 && answer.contains("route53 GET /2013-04-01/trafficpolicies"), "{answer}");
    cloud.services.stop().await;
}
