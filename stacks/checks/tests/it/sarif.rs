//! The log that code hosts read, result by result.

use crate::support::here;
use como_checks::sarif::{Judged, Mistake, log};
use como_checks::{Report, check, rules};
use serde_json::{Value as Json, json};

/// A queue without a name for its key, and a bucket whose missing log is argued: one rule each.
fn report() -> Report {
    let assembly = here(json!({
        "Effects AWS::SQS::Queue": {},
        "Logs AWS::S3::Bucket": {
            "Metadata": { "como": { "suppress": [{ "id": "S3.9", "reason": "a bucket that logs to itself grows for ever" }] } },
        },
    }));
    let mut report = check(&assembly);
    report.findings.retain(|finding| ["SQS.1", "S3.9"].contains(&finding.rule.id()));
    report
}

fn mistake() -> Mistake {
    Mistake {
        code: "unknown-key".to_owned(),
        message: "`memroy` is not a key of a service".to_owned(),
        help: "accepted: cpu, memory. did you mean `memory`?".to_owned(),
        line: 54,
        column: 5,
    }
}

fn results(judged: &[Judged<'_>]) -> (Json, Vec<Json>) {
    let log = log("1.2.3", judged);
    let run = &log["runs"][0];
    let descriptors = run["tool"]["driver"]["rules"].as_array().unwrap();
    let mut results = run["results"].as_array().unwrap().clone();
    for result in &mut results {
        // Every new rule moves the numbers; that each leads to its rule is what counts.
        let index = result.as_object_mut().and_then(|members| members.shift_remove("ruleIndex")).unwrap();
        let descriptor = &descriptors[usize::try_from(index.as_u64().unwrap()).unwrap()];
        assert_eq!(descriptor["id"], result["ruleId"], "a result points at its rule");
    }
    (log.clone(), results)
}

#[test]
fn findings_are_open_or_suppressed_in_the_source() {
    let report = report();
    let judged = Judged { file: "environments/prod.yaml", mistakes: Vec::new(), report: Some(&report) };
    insta::assert_json_snapshot!(results(&[judged]).1);
}

#[test]
fn a_mistake_of_the_file_has_its_line_and_column() {
    let judged = Judged { file: "environments/my prod.yaml", mistakes: vec![mistake()], report: None };
    insta::assert_json_snapshot!(results(&[judged]).1);
}

#[test]
fn a_mistake_of_the_file_as_a_whole_is_on_its_first_line() {
    let whole = Mistake { line: 0, column: 0, ..mistake() };
    let (_, results) = results(&[Judged { file: "prod.yaml", mistakes: vec![whole], report: None }]);
    let region = &results[0]["locations"][0]["physicalLocation"]["region"];
    assert_eq!(*region, json!({ "startLine": 1, "startColumn": 1 }));
}

#[test]
fn every_rule_is_described_once_and_codes_of_mistakes_after_them() {
    let report = report();
    let file = |report| Judged { file: "prod.yaml", mistakes: vec![mistake()], report };
    let (log, results) = results(&[file(Some(&report)), file(None)]);
    let descriptors = log["runs"][0]["tool"]["driver"]["rules"].as_array().unwrap();
    assert_eq!(descriptors.len(), rules().count() + 1);
    assert_eq!(results.len(), 4);
    insta::assert_json_snapshot!(json!([
        descriptors.iter().find(|rule| rule["id"] == "SQS.1"),
        descriptors.last(),
        log["version"],
        log["$schema"],
        log["runs"][0]["columnKind"],
        log["runs"][0]["tool"]["driver"]["semanticVersion"],
    ]));
}

#[test]
fn a_path_becomes_a_reference_that_is_a_uri() {
    let uri = |file: &str| {
        let (_, results) = results(&[Judged { file, mistakes: vec![mistake()], report: None }]);
        results[0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].clone()
    };
    assert_eq!(uri("/srv/como/prod.yaml"), "file:///srv/como/prod.yaml");
    assert_eq!(uri("environments/my prod#1.yaml"), "environments/my%20prod%231.yaml");
    assert_eq!(uri("umgebungen/prüfung.yaml"), "umgebungen/pr%C3%BCfung.yaml");
    assert_eq!(uri("environments\\prod.yaml"), "environments/prod.yaml");
}

/// The standard's own schema stands beside the judges; here it holds for what no environment of ours has together.
#[test]
fn the_log_is_sarif_by_the_standards_schema() {
    let schema = include_str!("../../../../tests/judges/data/sarif-schema-2.1.0.json");
    let validator = jsonschema::validator_for(&serde_json::from_str(schema).unwrap()).unwrap();
    let report = report();
    let whole = Mistake { line: 0, column: 0, help: String::new(), ..mistake() };
    let judged = Judged { file: "prod.yaml", mistakes: vec![mistake(), whole], report: Some(&report) };
    let (log, _) = results(&[judged]);
    let errors: Vec<String> = validator.iter_errors(&log).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{errors:#?}");
}
