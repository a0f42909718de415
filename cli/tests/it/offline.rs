//! What needs no cloud: templates, checks, first files.

use crate::support::Place;

#[test]
fn two_syntheses_are_byte_identical() {
    let place = Place::new();
    let synth = |directory: &str| {
        let ended = place.run(&["synth", "prod", "--directory", directory]);
        assert_eq!(ended.code, 0, "{}", ended.stderr);
        let mut files: Vec<_> =
            fs_err::read_dir(place.path(directory)).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.sort();
        files
            .into_iter()
            .map(|file| (file.file_name().unwrap().to_owned(), fs_err::read(&file).unwrap()))
            .collect::<Vec<_>>()
    };
    let first = synth("one");
    assert!(7 < first.len());
    assert_eq!(first, synth("two"));
    assert_eq!(first, synth("one"), "an earlier assembly is replaced");
}

#[test]
fn templates_are_printed_as_yaml() {
    let place = Place::new();
    let yaml = place.run(&["synth", "prod", "--format", "yaml", "--stack", "network"]).stdout;
    let template: serde_json::Value = serde_yaml::from_str(&yaml).unwrap();
    assert_eq!(template["AWSTemplateFormatVersion"], "2010-09-09");
    let both = place.run(&["synth", "prod", "--format", "yaml"]).stdout;
    assert_eq!(both, place.run(&["synth", "prod", "--format", "yaml"]).stdout);
}

#[test]
fn a_folder_with_other_files_is_left_alone() {
    let place = Place::new();
    let ended = place.run(&["synth", "prod", "--directory", "environments"]);
    assert_eq!(ended.code, 3, "{}", ended.stderr);
    assert!(place.path("environments/prod.yaml").is_file());
}

#[test]
fn every_mistake_of_a_file_is_shown_and_nothing_is_deployed() {
    let place = Place::new();
    place.edit("prod", "region: ap-southeast-1", "region: ap-southeast-11");
    place.edit("prod", "services:", "servces:");
    place.edit("prod", "domain: como.example", "");
    let ended = place.run(&["validate", "prod", "--output", "json"]);
    assert_eq!(ended.code, 3);
    let verdicts: serde_json::Value = serde_json::from_str(&ended.stdout).unwrap();
    let mistakes = verdicts[0]["mistakes"].as_array().unwrap();
    let codes: Vec<&str> = mistakes.iter().map(|mistake| mistake["code"].as_str().unwrap()).collect();
    for code in ["invalid-value", "unknown-key", "missing-key"] {
        assert!(codes.contains(&code), "{codes:?}");
    }
    assert!(mistakes.iter().all(|mistake| 0 < mistake["line"].as_u64().unwrap()));
    let ended = place.run(&["deploy", "prod", "--rehearse"]);
    assert_eq!(ended.code, 3, "{}", ended.stderr);
    assert!(!place.path(".como").exists(), "no rehearsal was started");
}

#[test]
fn first_files_for_another_owner_are_sound() {
    let place = Place::new();
    let arguments = ["init", "--account", "210987654321", "--domain", "api.example.org", "--environments", "mine"];
    let ended = place.run(&arguments);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    let ended = place.run(&["validate", "--environments", "mine"]);
    assert_eq!(ended.code, 0, "{}{}", ended.stdout, ended.stderr);
    let text = fs_err::read_to_string(place.path("mine/prod.yaml")).unwrap();
    assert!(text.contains("210987654321") && text.contains("api.example.org"));
    assert_eq!(place.run(&arguments).code, 3, "files that exist are not replaced unasked");
}

#[test]
fn wrong_use_has_its_own_exit_code() {
    let place = Place::new();
    assert_eq!(place.run(&["deploy"]).code, 64);
    assert_eq!(place.run(&["deploy", "nowhere", "--rehearse"]).code, 64);
    assert_eq!(place.run(&["--help"]).code, 0);
    let unknown = place.run(&["synth", "prod", "--stack", "nothing"]);
    assert_eq!(unknown.code, 64);
    assert!(unknown.stderr.contains("como-prod-network"), "{}", unknown.stderr);
}

#[test]
fn an_architecture_is_drawn_from_its_templates() {
    let place = Place::new();
    let svg = place.run(&["diagram", "prod"]);
    assert_eq!(svg.code, 0, "{}", svg.stderr);
    assert!(svg.stdout.starts_with("<svg") && svg.stdout.trim_end().ends_with("</svg>"), "{}", svg.stdout);
    for said in ["Singapore", "accounts", "data key", "NAT gateway"] {
        assert!(svg.stdout.contains(said), "{said}");
    }
    assert!(!svg.stdout.contains("123456789012"), "no account's number is in a picture");
    let both = place.run(&["diagram", "prod", "--with", "sydney", "-o", "both.svg"]);
    assert_eq!((both.code, both.stdout.as_str()), (0, ""), "{}", both.stderr);
    let drawn = fs_err::read_to_string(place.path("both.svg")).unwrap();
    assert!(drawn.contains("Sydney"));
    assert_eq!(drawn.matches(">WAF, 7 rules</text>").count(), 3, "the site's, Singapore's and Sydney's");
    let mermaid = place.run(&["diagram", "dev", "--file", "dev.mmd"]);
    assert_eq!(mermaid.code, 0, "{}", mermaid.stderr);
    assert!(fs_err::read_to_string(place.path("dev.mmd")).unwrap().contains("flowchart"));
    assert_eq!(place.run(&["diagram", "prod", "-o", "prod.png"]).code, 64, "a format that cannot be drawn");
    assert_eq!(place.run(&["diagram", "nowhere"]).code, 64);
    assert!(!place.path(".como").exists(), "no rehearsal was started");
}
