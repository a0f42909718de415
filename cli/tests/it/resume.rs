//! A command that dies half-way: the cloud goes on, and the next one joins.

use crate::support::Place;
use std::io::{BufRead, BufReader};
use std::process::Stdio;

#[test]
fn a_killed_deployment_goes_on_and_is_joined() {
    let place = Place::new();
    // Slow enough that the kill comes while stacks are being created.
    let arguments = ["deploy", "prod", "--rehearse", "--speed", "300", "--events", "ndjson"];
    let mut first = place.command(&arguments).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let lines = BufReader::new(first.stderr.take().unwrap()).lines();
    let begun = lines.map_while(Result::ok).find(|line| line.contains("COMO_RESOURCE_IN_PROGRESS"));
    assert!(begun.is_some(), "the deployment began");
    first.kill().unwrap();
    first.wait().unwrap();

    let running = place.json(&["rehearsal", "status"]);
    let stacks = running["stacks"].as_array().unwrap();
    assert!(!stacks.is_empty(), "the cloud goes on: {running}");

    let joined = place.json(&["deploy", "prod", "--rehearse", "--events", "errors"]);
    assert_eq!(joined["report"]["outcome"], "deployed");
    let outcomes: Vec<&str> =
        joined["report"]["stacks"].as_array().unwrap().iter().map(|stack| stack["outcome"].as_str().unwrap()).collect();
    assert!(outcomes.iter().any(|outcome| *outcome != "created"), "something was begun before: {outcomes:?}");
    assert!(outcomes.contains(&"created"), "something was left to do: {outcomes:?}");
}
