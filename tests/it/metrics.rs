//! What alarms read is what the services write, and the other way round: the runtime's own lines on one side, the synthesised
//! alarms on the other.

use crate::templates::{assembly, of_type};
use como_contract::metric;
use como_core::assembly::Assembly;
use como_runtime::metrics::{Measurement, line};
use jiff::Timestamp;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// A name with its dimensions.
type Series = (String, BTreeMap<String, String>);

/// What CloudWatch makes of a line in its embedded metric format.
fn read(line: &str) -> Series {
    let line: Value = serde_json::from_str(line).unwrap();
    assert!(line["_aws"]["Timestamp"].is_i64());
    let directives = line["_aws"]["CloudWatchMetrics"].as_array().unwrap();
    assert_eq!(directives.len(), 1);
    assert_eq!(directives[0]["Namespace"], metric::NAMESPACE);
    let name = directives[0]["Metrics"][0]["Name"].as_str().unwrap();
    assert!(line[name].is_u64(), "the value stands under the metric's name");
    let dimensions = directives[0]["Dimensions"][0].as_array().unwrap().iter().map(|name| name.as_str().unwrap());
    let valued = dimensions.map(|name| (name.to_owned(), line[name].as_str().unwrap().to_owned()));
    (name.to_owned(), valued.collect())
}

/// Everything that tasks of `environment` can write.
fn written(environment: &str) -> BTreeSet<Series> {
    let of = |metric: &str, partner: Option<&str>| {
        let measurement = Measurement { metric: metric.to_owned(), value: 1, partner: partner.map(str::to_owned) };
        read(&line(environment, Timestamp::UNIX_EPOCH, &measurement))
    };
    let failures = metric::PARTNERS.map(|partner| of(metric::PARTNER_ERRORS, Some(partner)));
    failures.into_iter().chain([of(metric::OPEN_ACTIONS, None)]).collect()
}

fn watched(assembly: &Assembly) -> BTreeSet<Series> {
    let alarms = of_type(assembly, "AWS::CloudWatch::Alarm").map(|alarm| &alarm.properties);
    let own = alarms.filter(|alarm| alarm.get("Namespace").is_some_and(|namespace| namespace == metric::NAMESPACE));
    let series = own.map(|alarm| {
        let dimensions = alarm["Dimensions"].as_array().unwrap().iter();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let valued = dimensions.map(|dimension| (text(&dimension["Name"]), text(&dimension["Value"])));
        (text(&alarm["MetricName"]), valued.collect())
    });
    series.collect()
}

#[test]
fn alarms_watch_what_the_services_write() {
    assert_eq!(watched(&assembly("prod", &[])), written("prod"));
    assert_eq!(watched(&assembly("dev", &[])), written("dev"));
    // The tasks of a stand-in are started with the name of whose data they work with.
    let sydney = assembly("sydney", &[("posture: pilot-light", "posture: warm")]);
    assert_eq!(watched(&sydney), written("prod"));
}
