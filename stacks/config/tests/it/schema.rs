//! The schema is generated, and it says what the reader says.

use como_config::{SCHEMA_FILE, parse, schema};
use jsonschema::Validator;
use serde_json::Value;

use crate::{PRODUCTION, production_with};

#[test]
fn the_checked_in_schema_is_fresh() {
    let path = format!("{}/../../environments/{SCHEMA_FILE}", env!("CARGO_MANIFEST_DIR"));
    if std::env::var_os("COMO_BLESS").is_some() {
        fs_err::write(&path, schema()).unwrap();
    }
    let found = fs_err::read_to_string(&path).unwrap_or_default();
    assert!(found == schema(), "{SCHEMA_FILE} is stale: run `COMO_BLESS=1 cargo test -p como-config fresh`");
}

#[test]
fn production_names_the_schema_for_editors() {
    assert_eq!(PRODUCTION.lines().next(), Some("# yaml-language-server: $schema=schema.json"));
}

#[test]
fn production_follows_the_schema() {
    assert_eq!(findings(PRODUCTION), Vec::<String>::new());
}

#[test]
fn every_key_is_described() {
    fn check(path: &str, schema: &Value, root: &Value) {
        let schema = schema["$ref"].as_str().map_or(schema, |name| &root["$defs"][name.trim_start_matches("#/$defs/")]);
        for (key, property) in schema["properties"].as_object().into_iter().flatten() {
            assert!(property["description"].is_string(), "{path}.{key} has no description");
            check(&format!("{path}.{key}"), property, root);
        }
    }
    let root: Value = serde_json::from_str(&schema()).unwrap();
    let shapes = root["anyOf"].as_array().unwrap();
    assert_eq!(shapes.len(), 4, "an environment of its own, a stand-in, a proposal, one on this machine");
    for shape in shapes {
        check("", shape, &root);
    }
}

/// What one value can be is said twice, in Rust and in the schema's patterns: they must agree.
#[test]
fn schema_and_reader_agree_on_single_values() {
    let check = |from: &str, to: &str, sound: bool| {
        let text = production_with(from, to);
        assert_eq!(parse("<test>", &text).is_ok(), sound, "the reader on {to:?}");
        assert_eq!(findings(&text).is_empty(), sound, "the schema on {to:?}");
    };
    for (name, sound) in [("dev", true), ("prod2", true), ("Prod", false), ("a-b", false), ("thirteenchars", false)] {
        check("name: prod", &format!("name: {name}"), sound);
    }
    for (account, sound) in [("\"000000000000\"", true), ("123456789012", false), ("\"12345678901\"", false)] {
        check("\"123456789012\"", account, sound);
    }
    for (domain, sound) in [
        ("club.como.example", true),
        ("a.io", true),
        ("xn--a.xn--p1ai", true),
        ("como", false),
        ("Como.example", false),
        ("-a.example", false),
        ("a.example.", false),
        ("a..example", false),
        ("a.1", false),
    ] {
        check("como.example", domain, sound);
    }
    let long = format!("{}.example", ["a"; 90].join("."));
    check("como.example", &long, false);
    for (region, sound) in [("ap-southeast-3", true), ("ap-southeast-9", false)] {
        check("region: ap-southeast-1", &format!("region: {region}"), sound);
    }
    for (digest, sound) in [("sha256:0", false), ("sha512:0000", false), ("latest", false)] {
        check(&format!("sha256:{}", "0".repeat(64)), digest, sound);
    }
    for (endpoint, sound) in [
        ("https://a.example", true),
        ("https://a.example:8443/v1/x_y", true),
        ("http://a.example", false),
        ("https://a.example/", false),
        ("https://a", false),
        ("https://user:word@a.example", false),
        ("https://a.example?x=1", false),
        ("https://10.0.0.1", false),
        ("https://a.example:0", false),
        ("https://a.example//b", false),
    ] {
        check("https://c21sguat.memgate.com", endpoint, sound);
    }
    for (group, sound) in [("ahNzfnNldmVucm9vbXM", true), ("a b", false), ("\"\"", false)] {
        check("venue_group: como-group-sg", &format!("venue_group: {group}"), sound);
    }
    for (cidr, sound) in [("10.20.0.0/15", false), ("10.20.0.0/29", false), ("8.8.0.0/16", false), ("10.20.0.0", false)]
    {
        check("cidr: 10.20.0.0/16", &format!("cidr: {cidr}"), sound);
    }
    for (number, sound) in [("1", true), ("0", false), ("-1", false), ("7", false), ("1.5", false), ("two", false)] {
        check("nat_gateways: 2", &format!("nat_gateways: {number}"), sound);
    }
    for (cpu, sound) in [("256", true), ("300", false), ("\"256\"", false)] {
        check("cpu: 256", &format!("cpu: {cpu}"), sound);
    }
    for (memory, sound) in [("1024", true), ("600", false), ("0", false), ("999999", false)] {
        check("memory: 512", &format!("memory: {memory}"), sound);
    }
    for (most, sound) in [("100", true), ("101", false), ("0", false)] {
        check("max: 6", &format!("max: {most}"), sound);
    }
    for (tag, sound) in
        [("a: b", true), ("\"a b\": \"\"", true), ("aws:x: y", false), ("como:x: y", false), ("a: ü", false)]
    {
        check("owner: como-digital", tag, sound);
    }
    for (key, sound) in [("kind: development", true), ("kind: prodution", false)] {
        check("kind: production", key, sound);
    }
    for (email, sound) in
        [("a@b.example", true), ("a b@c.example", false), ("a@example", false), ("\"@b.example\"", false)]
    {
        check("operations@como.example", email, sound);
    }
    for (budget, sound) in [("1", true), ("0", false), ("1000001", false), ("9.5", false)] {
        check("monthly_budget: 650", &format!("monthly_budget: {budget}"), sound);
    }
    for (origin, sound) in [
        ("https://a.example", true),
        ("https://a.example:8443", true),
        ("http://localhost:5173", true),
        ("http://127.0.0.1", true),
        ("http://a.example", false),
        ("https://a.example/", false),
        ("https://localhost", false),
        ("\"*\"", false),
    ] {
        check("https://app.como.example", origin, sound);
    }
    for (repository, sound) in [("a/b", true), ("a-b/c.d_e", true), ("a", false), ("a/b/c", false), ("-a/b", false)] {
        check("como-group/como-middleware", repository, sound);
    }
    for (ids, sound) in [
        ("owner: 9919\n  repository: 1296269", true),
        ("owner: 9919", false),
        ("owner: 0\n  repository: 1296269", false),
        ("owner: \"9919\"\n  repository: 1296269", false),
        ("owner: 9919\n  repository: 1296269\n  name: x", false),
    ] {
        check("\ntags:", &format!("\nrepository_ids:\n  {ids}\ntags:"), sound);
    }
    for (schedule, sound) in [("0 8 1 * ? *", true), ("0 8 * * *", false), ("at noon", false)] {
        check("45 16 ? * FRI *", schedule, sound);
    }
    for (cache, sound) in [
        ("node: dax.t3.small\n  nodes: 1", true),
        ("node: dax.r5.24xlarge\n  nodes: 11", true),
        ("node: dax.t3.tiny\n  nodes: 1", false),
        ("node: dax.t3.small\n  nodes: 12", false),
    ] {
        check("\ntags:", &format!("\ncache:\n  {cache}\ntags:"), sound);
    }
    check("tags:", "tag:", false);
    check("\nregion: ap-southeast-1", "", false);
    check("    b:\n", "    g:\n", false);
}

#[test]
fn the_other_files_follow_the_schema() {
    assert_eq!(findings(crate::DEVELOPMENT), Vec::<String>::new());
    assert_eq!(findings(crate::SYDNEY), Vec::<String>::new());
    assert_eq!(findings(crate::PROPOSAL), Vec::<String>::new());
    assert_ne!(findings(&crate::SYDNEY.replace("posture: pilot-light", "posture: lukewarm")), Vec::<String>::new());
}

fn findings(text: &str) -> Vec<String> {
    let schema: Value = serde_json::from_str(&schema()).unwrap();
    let validator = Validator::new(&schema).unwrap();
    let instance: Value = serde_yaml::from_str(text).unwrap();
    validator.iter_errors(&instance).map(|error| error.to_string()).collect()
}
