//! The capability table of `docs/rehearsal.md` says exactly what the gateway answers.

use crate::supervised::Supervised;
use crate::support::REGION;
use como_rehearsal::faults::{Plane, plane_of};
use como_rehearsal::timings;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Every operation that botocore knows of the services at hand, written by `tests/judges/operations.py`.
pub(crate) const OPERATIONS: &str = include_str!("data/operations.tsv");

/// Service in a signature, then operations.
pub(crate) type Capabilities = BTreeMap<String, BTreeSet<String>>;

fn documentation() -> String {
    fs_err::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/rehearsal.md")).unwrap()
}

/// The words between backticks.
fn quoted(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('`').skip(1).step_by(2)
}

/// The columns of the control plane and of the data plane.
const COLUMNS: [(usize, Plane); 2] = [(2, Plane::Control), (3, Plane::Data)];

/// Service, operation and the plane in whose column it stands.
fn documented_planes() -> Vec<(String, String, Plane)> {
    let text = documentation();
    let (_, table) = text.split_once("## What it can do").unwrap();
    let (table, _) = table.split_once("\n## ").unwrap();
    let mut found = Vec::new();
    for line in table.lines().filter(|line| line.starts_with("| ")) {
        let cells: Vec<&str> = line.split('|').collect();
        let Some(service) = quoted(cells[1]).next() else { continue };
        for (column, plane) in COLUMNS {
            let operations = quoted(cells[column]);
            found.extend(operations.map(|operation| (service.to_owned(), operation.to_owned(), plane)));
        }
    }
    found
}

pub(crate) fn documented() -> Capabilities {
    let mut found = Capabilities::new();
    for (service, operation, _) in documented_planes() {
        found.entry(service).or_default().insert(operation);
    }
    found
}

/// The path as a client would send it.
fn filled(path: &str) -> String {
    path.split(['{', '}']).enumerate().map(|(index, piece)| if index % 2 == 0 { piece } else { "x" }).collect()
}

/// One operation as a client would send it, with nothing in it.
async fn is_offered(client: &reqwest::Client, endpoint: &str, line: &str) -> bool {
    let [service, protocol, operation, method, path, last] = line.split('\t').collect::<Vec<_>>().try_into().unwrap();
    let path = filled(path);
    let request = client.request(method.parse().unwrap(), format!("{endpoint}{path}")).header(
        "authorization",
        format!(
            "AWS4-HMAC-SHA256 Credential=r/20261123/{REGION}/{service}/aws4_request, SignedHeaders=host, Signature=0"
        ),
    );
    let request = match protocol {
        "json" => request.header("x-amz-target", last).header("content-type", "application/x-amz-json-1.1").body("{}"),
        "query" => request.form(&[("Action", operation), ("Version", last)]),
        _ => request,
    };
    let answer = request.send().await.unwrap();
    if method == "HEAD" {
        // No body could name anything.
        return answer.status() != reqwest::StatusCode::NOT_IMPLEMENTED;
    }
    let failed = !answer.status().is_success();
    let text = answer.text().await.unwrap();
    let refused =
        text.contains("does not offer") || text.contains(&format!("{operation} of CloudFormation is not there"));
    assert!(failed || !refused, "{service} {operation} is refused with a success: {text}");
    !refused
}

async fn offered(endpoint: &str) -> Capabilities {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let mut found = Capabilities::new();
    for line in OPERATIONS.lines() {
        let [service, _, operation] = line.splitn(4, '\t').take(3).collect::<Vec<_>>().try_into().unwrap();
        // These are told from their neighbours by a header or a host alone.
        let is_hidden = matches!(operation, "ListDirectoryBuckets" | "UploadPartCopy");
        if !is_hidden && is_offered(&client, endpoint, line).await {
            found.entry(service.to_owned()).or_default().insert(operation.to_owned());
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn the_documentation_lists_the_operations_that_are_answered() {
    let cloud = Supervised::start().await;
    let (documented, mut offered) = (documented(), offered(&cloud.endpoint).await);
    cloud.stop().await;
    let mut wrong = Vec::new();
    for (service, operations) in &documented {
        let answered = offered.remove(service).unwrap_or_default();
        wrong.extend(operations.difference(&answered).map(|name| format!("{service} {name} is listed, not answered")));
        wrong.extend(answered.difference(operations).map(|name| format!("{service} {name} is answered, not listed")));
    }
    for (service, operations) in offered {
        wrong.extend(operations.iter().map(|name| format!("{service} {name} is answered, and the service not listed")));
    }
    assert!(wrong.is_empty(), "the table in docs/rehearsal.md is wrong:\n{}", wrong.join("\n"));
}

#[test]
fn the_documentation_divides_the_planes_as_faults_do() {
    let mut wrong = Vec::new();
    for (service, operation, plane) in documented_planes() {
        let line = OPERATIONS.lines().map(|line| line.split('\t').collect::<Vec<_>>());
        let line = line.into_iter().find(|line| line[0] == service && line[2] == operation);
        let Some(line) = line else { panic!("botocore knows no {service} {operation}") };
        let path = filled(line[4]);
        let (path, query) = path.split_once('?').unwrap_or((&path, ""));
        let name = if line[1] == "rest" { format!("{} {path}", line[3]) } else { operation.clone() };
        if plane_of(&service, &name, query) != plane {
            wrong.push(format!("{service} {operation} stands in the column {plane:?}"));
        }
    }
    assert!(wrong.is_empty(), "a dead plane takes other operations than docs/rehearsal.md says:\n{}", wrong.join("\n"));
}

#[test]
fn the_documentation_lists_the_timings() {
    let text = documentation();
    let (_, table) = text.split_once("| type | create | delete | source |").unwrap();
    let mut count = 0;
    for line in table.lines().filter(|line| line.starts_with("| `")) {
        let [_, resource_type, create, delete, source] =
            line.split('|').map(str::trim).take(5).collect::<Vec<_>>().try_into().unwrap();
        let timing = timings::of(resource_type.trim_matches('`'));
        let expected = (timing.create_seconds.to_string(), timing.delete_seconds.to_string(), timing.source);
        assert_eq!((create.to_owned(), delete.to_owned(), source), expected, "{resource_type}");
        let is_dated = source.match_indices("20").any(|(at, _)| {
            let date: Vec<char> = source[at..].chars().take(7).collect();
            let is_digit = |place: usize| date[place].is_ascii_digit();
            date.len() == 7 && date[4] == '-' && [2, 3, 5, 6].into_iter().all(is_digit)
        });
        assert!(is_dated, "{resource_type} has no year and month in its source: {source}");
        count += 1;
    }
    assert_eq!(count, timings::listed().count(), "types in docs/rehearsal.md");
}
