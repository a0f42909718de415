//! The table in `docs/topology.md` is made from the templates, so that it cannot say what is not there.

use crate::environments::all_by_name;
use como_core::assembly::StackArtifact;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// What the proposal asks for, and the stacks in which it has its place, by the ids without a region.
const PLACES: [(&str, &[&str]); 22] = [
    ("Infrastructure as code that stands on an account: keys, archives, access logs, logging of APIs", &["bootstrap"]),
    ("Images in ECR, copied to Sydney, scanned, kept to roll back to", &["registry"]),
    (
        "Traffic within a VPC over two zones; NAT for partners; endpoints for AWS services; flow log",
        &["network", "network-active"],
    ),
    ("Encryption at rest, with the same key in both regions", &["keys", "keys-recovery"]),
    ("Configuration store, journal, sessions and the like as global tables; credentials; backups", &["data"]),
    ("Which region may write (ours: the proposal has no fence)", &["lease"]),
    ("Requests queued in order and retried; dead letters", &["messaging"]),
    ("Members known to Memberson only; OAuth 2.0", &["identity"]),
    ("Confirmation e-mails", &["mail"]),
    ("DAX for hot reads, an option", &["cache"]),
    ("The domain in Route 53", &["zone"]),
    ("TLS by ACM", &["certificates"]),
    ("Least privilege for tasks", &["access"]),
    ("Fargate behind a load balancer, reached by API Gateway", &["compute"]),
    ("Four services, autoscaled to what comes and to the calendar", &["svc"]),
    ("API Gateway facade with WAF", &["api", "door"]),
    ("CloudWatch alarms and a budget", &["observability"]),
    ("EventBridge and Lambda: releases, tokens of partners, the beginning of a recovery", &["functions"]),
    ("Releases from GitHub without credentials", &["trust", "pipeline"]),
    ("Who notices that Singapore is lost", &["watch", "watch-global"]),
    ("Static pages by CloudFront with WAF, from either region", &["site", "site-recovery", "edge"]),
    ("Traffic that moves to Sydney when alarms say so", &["switch", "records"]),
];
const BEGIN: &str = "<!-- made by a test: begin -->\n";
const END: &str = "<!-- made by a test: end -->\n";

/// `como-prod-svc-accounts` is `svc`, `como-shared-registry-ap-southeast-1` is `registry`.
fn id(stack: &StackArtifact) -> String {
    let rest = stack.name.splitn(3, '-').nth(2).unwrap();
    if rest.starts_with("svc-") {
        return "svc".to_owned();
    }
    let regions = ["-ap-southeast-1", "-ap-southeast-2", "-ap-northeast-1"];
    regions.iter().find_map(|region| rest.strip_suffix(region)).unwrap_or(rest).to_owned()
}

fn table() -> String {
    let mut types: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut where_to: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (name, assembly) in all_by_name() {
        for stack in &assembly.stacks {
            let kinds = stack.template.resources.values().map(|resource| resource.resource_type.clone());
            types.entry(id(stack)).or_default().extend(kinds);
            let owner = if stack.shared { "account-wide" } else { name };
            where_to.entry(id(stack)).or_default().insert(format!("{owner} ({})", stack.region));
        }
    }
    let mut text =
        "| the proposal asks for | stack | resource types | environments (regions) |\n|---|---|---|---|\n".to_owned();
    for (wish, stacks) in PLACES {
        for stack in stacks {
            let kinds = types.remove(*stack).unwrap_or_else(|| panic!("no environment has a stack {stack}"));
            let kinds: Vec<String> = kinds.iter().map(|kind| kind.replace("AWS::", "").replace("::", " ")).collect();
            let places: Vec<String> = where_to.remove(*stack).unwrap_or_default().into_iter().collect();
            writeln!(text, "| {wish} | `{stack}` | {} | {} |", kinds.join(", "), places.join(", ")).unwrap();
        }
    }
    assert!(types.is_empty(), "stacks without a place in the document: {types:?}");
    text
}

#[test]
fn the_document_says_where_everything_is() {
    let path = format!("{}/../docs/topology.md", env!("CARGO_MANIFEST_DIR"));
    let found = fs_err::read_to_string(&path).unwrap();
    let (before, rest) = found.split_once(BEGIN).expect("the table's beginning");
    let (_, after) = rest.split_once(END).expect("the table's end");
    let expected = format!("{before}{BEGIN}{}{END}{after}", table());
    if std::env::var_os("COMO_BLESS").is_some() {
        fs_err::write(&path, &expected).unwrap();
    }
    assert!(
        found == expected,
        "docs/topology.md is stale: run `COMO_BLESS=1 cargo test -p como-stacks --test it document`"
    );
}
