//! Files that no environment comes out of: each refused with a place, whatever its bytes, within bounded memory.

use crate::support::{Ended, Place};
use serde_json::Value;

/// What is done to a sound file, the code of the first mistake, and the text at its place; none for the whole file.
struct Bad {
    what: &'static str,
    environment: &'static str,
    bytes: Vec<u8>,
    code: &'static str,
    at: Option<&'static str>,
}

fn original(environment: &str) -> String {
    let place = Place::new();
    fs_err::read_to_string(place.path(&format!("environments/{environment}.yaml"))).unwrap()
}

/// A sound file with one thing changed.
fn changed(what: &'static str, (from, to): (&str, &str), code: &'static str, at: &'static str) -> Bad {
    let text = original("prod");
    assert!(text.contains(from), "{what}: {from}");
    let bytes = text.replacen(from, to, 1).into_bytes();
    Bad { what, environment: "prod", bytes, code, at: Some(at) }
}

fn whole(what: &'static str, bytes: Vec<u8>, code: &'static str) -> Bad {
    Bad { what, environment: "prod", bytes, code, at: None }
}

/// Nine to the twentieth values, if anybody believed it.
fn alias_bomb() -> Vec<u8> {
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..20 {
        let aliases = vec![format!("*a{}", level - 1); 9].join(", ");
        bomb.push_str(&format!("a{level}: &a{level} [{aliases}]\n"));
    }
    bomb.into_bytes()
}

fn fifty_megabytes() -> Vec<u8> {
    "key: value\n".repeat((50 << 20) / 11 + 1).into_bytes()
}

fn bad_files() -> Vec<Bad> {
    let no_utf8 = [original("prod").as_bytes(), b"# caf\xE9\n"].concat();
    let nobody = original("sydney").replacen("recovers: prod", "recovers: nowhere", 1).into_bytes();
    let cached = "region: ap-northeast-2\ncache:\n  node: dax.r5.large\n  nodes: 3\n";
    vec![
        changed("unknown key", ("    memory: 512", "    memroy: 512"), "unknown-key", "memroy"),
        changed("duplicate key", ("    tasks: 2", "    tasks: 2\n    tasks: 3"), "duplicate-key", "tasks: 3"),
        changed("wrong type", ("\"123456789012\"", "123456789012"), "wrong-type", "123456789012"),
        changed("overlapping networks", ("10.20.1.0/24", "10.20.16.0/24"), "conflict", "10.20.16.0/24"),
        changed("impossible pair", ("    memory: 512", "    memory: 4096"), "conflict", "4096"),
        changed("region without a type", ("region: ap-southeast-1\n", cached), "schema-region", "ap-northeast-2"),
        Bad { what: "recovers nothing", environment: "sydney", bytes: nobody, code: "conflict", at: Some("nowhere") },
        changed("tab", ("  cidr: 10.20", "\tcidr: 10.20"), "syntax", "cidr: 10.20"),
        whole("empty", Vec::new(), "empty"),
        whole("50 MB", fifty_megabytes(), "too-large"),
        Bad { what: "no UTF-8", environment: "prod", bytes: no_utf8, code: "not-utf8", at: Some("\u{FFFD}") },
        Bad { what: "alias bomb", environment: "prod", bytes: alias_bomb(), code: "unsupported", at: Some("*a0") },
    ]
}

/// Line and column of the first place where the text stands, as editors count.
fn position(bytes: &[u8], at: Option<&str>) -> (u64, u64) {
    let Some(at) = at else { return (1, 1) };
    let text = String::from_utf8_lossy(bytes);
    let before = text.split_once(at).unwrap_or_else(|| panic!("{at} is not in the file")).0;
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap().chars().count() + 1;
    (u64::try_from(line).unwrap(), u64::try_from(column).unwrap())
}

fn first_mistake(said: &Value) -> &Value {
    &said[0]["mistakes"][0]
}

fn written(bad: &Bad) -> Place {
    let place = Place::new();
    fs_err::write(place.path(&format!("environments/{}.yaml", bad.environment)), &bad.bytes).unwrap();
    place
}

fn assert_refused(what: &str, ended: &Ended) {
    assert_eq!(ended.code, 3, "{what}: {}{}", ended.stdout, ended.stderr);
    let said = format!("{}{}", ended.stdout, ended.stderr);
    assert!(!said.contains("panicked") && !said.contains("RUST_BACKTRACE"), "{what}: {said}");
}

#[test]
fn every_bad_file_is_refused_with_its_place() {
    for bad in bad_files() {
        let place = written(&bad);
        let (line, column) = position(&bad.bytes, bad.at);
        let ended = place.run(&["validate", bad.environment, "--output", "json"]);
        assert_refused(bad.what, &ended);
        let said: Value = serde_json::from_str(&ended.stdout).unwrap();
        let mistake = first_mistake(&said);
        assert_eq!(mistake["code"], bad.code, "{}: {said}", bad.what);
        let found = (mistake["line"].as_u64().unwrap(), mistake["column"].as_u64().unwrap());
        assert_eq!(found, (line, column), "{}: {mistake}", bad.what);

        let ended = place.run(&["validate", bad.environment]);
        assert_refused(bad.what, &ended);
        let shown = format!("{}.yaml:{line}:{column}", bad.environment);
        assert!(ended.stdout.contains(&shown), "{}: {shown} is not in {}", bad.what, ended.stdout);
    }
}

#[test]
fn a_region_without_a_type_is_shown_where_the_file_names_it_and_which_would_do() {
    let place = Place::new();
    place.edit("prod", "region: ap-southeast-1", "region: ap-northeast-2\ncache:\n  node: dax.r5.large\n  nodes: 3");
    let ended = place.run(&["validate", "prod", "--output", "json"]);
    assert_refused("json", &ended);
    let said: Value = serde_json::from_str(&ended.stdout).unwrap();
    let mistake = first_mistake(&said);
    assert_eq!(mistake["path"], "region");
    assert_eq!(mistake["snippet"]["text"], "region: ap-northeast-2");
    assert!(mistake["message"].as_str().unwrap().contains("AWS::DAX::Cluster"), "{mistake}");
    let accepted: Vec<&str> = mistake["accepted"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert!(accepted.contains(&"ap-southeast-1") && !accepted.contains(&"ap-northeast-2"), "{accepted:?}");
    assert_eq!(said[0]["findings"], Value::Array(Vec::new()), "it is said once");

    let ended = place.run(&["validate", "prod", "--format", "sarif"]);
    assert_refused("sarif", &ended);
    let log: Value = serde_json::from_str(&ended.stdout).unwrap();
    let results = log["runs"][0]["results"].as_array().unwrap();
    let open: Vec<&Value> = results.iter().filter(|result| result["suppressions"] == serde_json::json!([])).collect();
    let [result] = open.as_slice() else { panic!("{open:?}") };
    assert_eq!(result["ruleId"], "schema-region");
    let region = &result["locations"][0]["physicalLocation"]["region"];
    assert_eq!(region["startLine"], mistake["line"]);
    assert_eq!(region["startColumn"], mistake["column"]);

    // Whatever else is made of the file refuses it too, and says where to look.
    for command in [["synth", "prod"].as_slice(), &["deploy", "prod", "--rehearse"]] {
        let ended = place.run(command);
        assert_refused(command[0], &ended);
        assert!(ended.stderr.contains("como validate"), "{}", ended.stderr);
    }
    assert!(!place.path("como.out").exists() && !place.path(".como").exists());
}

/// Of the data that the kernel counts against a process: heaps, stacks of threads, private memory.
#[cfg(target_os = "linux")]
const LIMIT_KIB: u32 = 40 << 10;

#[cfg(target_os = "linux")]
fn within_limit(place: &Place, arguments: &[&str]) -> Ended {
    let plain = place.command(arguments);
    let mut limited = std::process::Command::new("sh");
    limited.args(["-c", &format!("ulimit -d {LIMIT_KIB} && exec \"$0\" \"$@\"")]).arg(plain.get_program());
    limited.args(plain.get_args()).current_dir(place.path("")).stdin(std::process::Stdio::null());
    for (name, value) in plain.get_envs() {
        match value {
            Some(value) => limited.env(name, value),
            None => limited.env_remove(name),
        };
    }
    // A thread for each processor would have a stack each.
    limited.env("TOKIO_WORKER_THREADS", "1");
    Ended::of(&limited.output().unwrap())
}

#[test]
#[cfg(target_os = "linux")]
fn hostile_files_cost_bounded_memory() {
    for bad in bad_files().into_iter().filter(|bad| ["50 MB", "alias bomb"].contains(&bad.what)) {
        let place = written(&bad);
        let ended = within_limit(&place, &["validate", bad.environment]);
        assert_refused(bad.what, &ended);
        assert!(ended.stdout.contains(bad.code), "{}: {}", bad.what, ended.stdout);
    }
}

/// The limit is one that a program feels: whoever holds the 50 MB ends badly.
#[test]
#[cfg(target_os = "linux")]
fn the_bound_on_memory_is_in_force() {
    let script = format!("ulimit -d {LIMIT_KIB} && head -c 52428800 /dev/zero | tail -c 52428800 >/dev/null");
    let ended = std::process::Command::new("sh").args(["-c", &script]).output().unwrap();
    assert!(!ended.status.success());
}
