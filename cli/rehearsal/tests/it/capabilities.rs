//! The capability table of `docs/rehearsal.md` says exactly what the gateway answers.

use crate::support::{ACCOUNT, REGION};
use como_rehearsal::launcher;
use como_rehearsal::options::{Seeds, SupervisorOptions, TaskProgram};
use como_rehearsal::supervisor;
use como_rehearsal::timings;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

/// Every operation that botocore knows of the services at hand, written by `tests/judges/operations.py`.
const OPERATIONS: &str = include_str!("data/operations.tsv");

/// Service in a signature, then operations.
type Capabilities = BTreeMap<String, BTreeSet<String>>;

fn documentation() -> String {
    fs_err::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/rehearsal.md")).unwrap()
}

/// The words between backticks.
fn quoted(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('`').skip(1).step_by(2)
}

fn documented() -> Capabilities {
    let text = documentation();
    let (_, table) = text.split_once("## What it can do").unwrap();
    let (table, _) = table.split_once("\n## ").unwrap();
    let mut found = Capabilities::new();
    for line in table.lines().filter(|line| line.starts_with("| ")) {
        let cells: Vec<&str> = line.split('|').collect();
        let Some(service) = quoted(cells[1]).next() else { continue };
        let operations = quoted(cells[2]).chain(quoted(cells[3])).map(str::to_owned);
        found.entry(service.to_owned()).or_default().extend(operations);
    }
    found
}

/// One operation as a client would send it, with nothing in it.
async fn is_offered(client: &reqwest::Client, endpoint: &str, line: &str) -> bool {
    let [service, protocol, operation, method, path, last] = line.split('\t').collect::<Vec<_>>().try_into().unwrap();
    let mut filled = String::new();
    for (index, piece) in path.split(['{', '}']).enumerate() {
        filled.push_str(if index % 2 == 0 { piece } else { "x" });
    }
    let request = client.request(method.parse().unwrap(), format!("{endpoint}{filled}")).header(
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
        let [service, _, operation, method] = line.splitn(5, '\t').take(4).collect::<Vec<_>>().try_into().unwrap();
        // The answer to HEAD has no body that could name anything, and these are told from their neighbours by a header or
        // a host alone.
        let is_hidden = method == "HEAD" || matches!(operation, "ListDirectoryBuckets" | "UploadPartCopy");
        if !is_hidden && is_offered(&client, endpoint, line).await {
            found.entry(service.to_owned()).or_default().insert(operation.to_owned());
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn the_documentation_lists_the_operations_that_are_answered() {
    let dir = TempDir::new().unwrap();
    let options = SupervisorOptions {
        dir: dir.path().to_owned(),
        account: ACCOUNT.to_owned(),
        speed: 1e9,
        api_port: 0,
        router_port: 0,
        program: TaskProgram { executable: "/bin/false".into(), arguments_prefix: Vec::new() },
        seeds: Seeds::default(),
        doubles: Vec::new(),
    };
    let stop = CancellationToken::new();
    let mut serving = tokio::spawn(supervisor::run_until(options, stop.clone()));
    let running = loop {
        tokio::select! {
            ended = &mut serving => panic!("the supervisor ended: {ended:?}"),
            found = launcher::connect(dir.path()) => if let Some(running) = found { break running },
        }
    };
    let (documented, mut offered) = (documented(), offered(running.endpoint()).await);
    stop.cancel();
    serving.await.unwrap().unwrap();
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
        count += 1;
    }
    assert_eq!(count, timings::listed().count(), "types in docs/rehearsal.md");
}
