//! Bad files, one by one: which mistakes are found, where, and what the reader is told.

use como_config::{Mistake, parse};

use crate::{PRODUCTION, production_with};

/// Each file's mistakes, in one snapshot a group.
fn check(group: &str, cases: &[(&str, String)]) {
    let case = |(name, text): &(&str, String)| {
        let mistakes = parse("prod.yaml", text).expect_err(name);
        let found: Vec<String> = mistakes.into_iter().map(summary).collect();
        format!("## {name}\n{}\n", found.join("\n"))
    };
    insta::assert_snapshot!(group, cases.iter().map(case).collect::<Vec<_>>().join("\n"));
}

/// Place, code, path, what is marked, message; then what is accepted and the hint.
fn summary(mistake: &Mistake) -> String {
    let Mistake { code, path, message, line, column, snippet, accepted, hint } = mistake;
    let marked: String = snippet.text.chars().skip(snippet.start).take(snippet.length).collect();
    let accepted = match accepted.as_slice() {
        [] => String::new(),
        accepted if 12 < accepted.len() => format!("\n    accepted: {} values", accepted.len()),
        accepted => format!("\n    accepted: {}", accepted.join(", ")),
    };
    let hint = hint.as_ref().map(|hint| format!("\n    hint: {hint}")).unwrap_or_default();
    format!("{line}:{column} {code} at {path:?}, `{marked}`: {message}{accepted}{hint}")
}

#[test]
fn files_that_are_no_environment() {
    let cases = [
        ("empty", "".to_owned()),
        ("only comments", "# nothing\n\n# here\n".to_owned()),
        ("null", "~\n".to_owned()),
        ("only a document mark", "---\n".to_owned()),
        ("a list", "- name: prod\n".to_owned()),
        ("a word", "prod\n".to_owned()),
        ("two documents", format!("{PRODUCTION}---\nname: dev\n")),
        ("json of something else", "{\"Resources\": {}}".to_owned()),
    ];
    check("files that are no environment", &cases);
}

#[test]
fn yaml_that_is_broken() {
    let cases = [
        ("tab as indentation", production_with("  cidr: 10.20", "\tcidr: 10.20")),
        ("tab after spaces", production_with("    cpu: 256", "  \tcpu: 256")),
        ("unclosed quote", production_with("account: \"123456789012\"", "account: \"123456789012")),
        ("unclosed bracket", production_with("network:", "network: {")),
        ("missing colon", production_with("region: ap-southeast-1", "region ap-southeast-1")),
        ("wrong indentation", production_with("  nat_gateways: 2", "   nat_gateways: 2")),
        ("control character", production_with("name: prod", "name: pr\u{1}od")),
        ("unknown anchor", production_with("name: prod", "name: *prod")),
    ];
    check("yaml that is broken", &cases);
}

#[test]
fn yaml_that_is_not_used() {
    let cases = [
        (
            "alias",
            production_with("  experiences:\n    cpu: 256", "  experiences:\n    cpu: &units 256\n    cpus: *units"),
        ),
        ("merge key", production_with("  bookings:\n", "  bookings: &b\n    <<: *b\n")),
        ("tag", production_with("name: prod", "name: !secret prod")),
        ("complex key", production_with("name: prod", "name: prod\n? [a, b]\n: 1")),
    ];
    check("yaml that is not used", &cases);
}

#[test]
fn keys() {
    let cases = [
        ("unknown key with a near one", production_with("    memory: 512", "    memroy: 512")),
        ("unknown key far from all", production_with("name: prod", "name: prod\ncolour: green")),
        ("unknown key that doubles a known one", production_with("    tasks: 2", "    tasks: 2\n    task: 3")),
        ("unknown service", production_with("services:\n", "services:\n  payments: {}\n")),
        ("duplicate key", production_with("    tasks: 2", "    tasks: 2\n    tasks: 3")),
        ("duplicate block", production_with("tags:", "network: {}\ntags:")),
        ("missing key", production_with("    memory: 512\n", "")),
        ("missing block", production_with("  nat_gateways: 2\n", "")),
        ("missing service", production_with("  redemptions:", "  refunds:")),
        ("a block under a slip is read too", production_with("  accounts:\n    cpu: 256", "  acounts:\n    cpu: 250")),
        ("missing subnet", production_with("      public: 10.20.1.0/24\n", "")),
        ("only a name", "name: prod\n".to_owned()),
    ];
    check("keys", &cases);
}

#[test]
fn types() {
    let cases = [
        ("account as a number", production_with("\"123456789012\"", "123456789012")),
        ("number as text", production_with("cpu: 256", "cpu: \"256\"")),
        ("number with a unit", production_with("memory: 512", "memory: 512MB")),
        ("fraction", production_with("cpu: 256", "cpu: 0.25")),
        ("truth value", production_with("kind: production", "kind: true")),
        ("nothing", production_with("region: ap-southeast-1", "region:")),
        (
            "text for a block",
            production_with(
                "  accounts:\n    cpu: 256\n    memory: 512\n    tasks: 2\n    scaling:\n      min: 2\n      max: 6\n",
                "  accounts: small\n",
            ),
        ),
        (
            "list for a block",
            production_with(
                "    a:\n      # A NAT gateway and little else.\n      public: 10.20.0.0/24\n",
                "    a: [1, 2]\n    c:\n      public: 10.20.0.0/24\n",
            ),
        ),
        ("block for text", production_with("name: prod", "name: {first: prod}")),
        (
            "list for text",
            production_with(
                "    endpoint: https://api.sevenrooms.com/2_4",
                "    endpoint: [https://api.sevenrooms.com/2_4]",
            ),
        ),
        ("huge number", production_with("tasks: 2", "tasks: 99999999999999999999999")),
        ("tag that is a number", production_with("owner: como-digital", "owner: 7")),
    ];
    check("types", &cases);
}

#[test]
fn values() {
    let cases = [
        ("kind with a slip", production_with("kind: production", "kind: prodution")),
        ("region with a slip", production_with("region: ap-southeast-1", "region: ap-southeast1")),
        ("name with a capital", production_with("name: prod", "name: Prod")),
        ("short account", production_with("\"123456789012\"", "\"12345\"")),
        ("domain as an address", production_with("domain: como.example", "domain: https://Como.example/")),
        ("image by tag", production_with(&format!("sha256:{}", "0".repeat(64)), "como-runtime:latest")),
        ("endpoint without tls", production_with("https://c21sguat.memgate.com", "http://c21sguat.memgate.com")),
        ("endpoint with a slash", production_with("https://c21sguat.memgate.com", "https://c21sguat.memgate.com/")),
        (
            "endpoint with a password",
            production_with("https://c21sguat.memgate.com", "https://como:hunter2@memgate.com"),
        ),
        ("public addresses", production_with("cidr: 10.20.0.0/16", "cidr: 8.8.0.0/16")),
        ("address inside its block", production_with("cidr: 10.20.0.0/16", "cidr: 10.20.3.0/16")),
        ("no nat gateway", production_with("nat_gateways: 2", "nat_gateways: 0")),
        ("cpu that fargate has not", production_with("cpu: 256", "cpu: 300")),
        ("memory between steps", production_with("memory: 512", "memory: 700")),
        ("negative tasks", production_with("tasks: 2", "tasks: -2")),
        ("zone by its full name", production_with("    b:", "    ap-southeast-1b:")),
        ("tag of aws", production_with("owner: como-digital", "aws:owner: como-digital")),
        ("venue group with a space", production_with("venue_group: como-group-sg", "venue_group: como group")),
    ];
    check("values", &cases);
}

#[test]
fn values_that_do_not_go_together() {
    let tags: String = (0..41).map(|number| format!("  key{number}: value\n")).collect();
    let cases = [
        ("another files name", production_with("name: prod", "name: dev")),
        ("impossible pair", production_with("    memory: 512", "    memory: 4096")),
        ("impossible pair with a large cpu", production_with("    cpu: 256", "    cpu: 4096")),
        (
            "memory that only small tasks have",
            production_with("cpu: 256\n    memory: 512", "cpu: 256\n    memory: 1536"),
        ),
        ("subnets overlap", production_with("public: 10.20.1.0/24", "public: 10.20.16.0/24")),
        ("subnet outside of the network", production_with("public: 10.20.1.0/24", "public: 10.21.1.0/24")),
        ("zone that the region has not", production_with("    b:", "    d:")),
        ("one zone", production_with("    b:\n      public: 10.20.1.0/24\n      private: 10.20.32.0/20\n", "")),
        ("more nat gateways than zones", production_with("nat_gateways: 2", "nat_gateways: 3")),
        ("scaling upside down", production_with("min: 2\n      max: 6", "min: 6\n      max: 2")),
        ("fewer tasks than scaling starts with", production_with("    tasks: 2", "    tasks: 1")),
        ("too many tags", production_with("tags:\n", &format!("tags:\n{tags}"))),
    ];
    check("values that do not go together", &cases);
}

#[test]
fn mistakes_of_every_kind_in_one_run() {
    let text = PRODUCTION
        .replacen("kind: production", "kind: prodution", 1)
        .replacen("\"123456789012\"", "123456789012", 1)
        .replacen("domain: como.example\n", "", 1)
        .replacen("public: 10.20.1.0/24", "public: 10.20.16.0/24", 1)
        .replacen("cpu: 256", "cpus: 256", 1)
        .replacen("experiences:\n    cpu: 256\n    memory: 512", "experiences:\n    cpu: 256\n    memory: 8192", 1)
        .replacen("https://api", "http://api", 1)
        .replacen("owner: como-digital", "application: twice", 1);
    check("mistakes of every kind", &[("all at once", text)]);
}
