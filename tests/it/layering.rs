//! The walls between crates, held against `cargo metadata`.

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

/// Who may import whom; a new arrow is a decision, made here and in ARCHITECTURE.md together.
const ALLOWED: &[(&str, &[&str])] = &[
    (
        "como",
        &[
            "como-aws",
            "como-checks",
            "como-config",
            "como-contract",
            "como-core",
            "como-cost",
            "como-diagram",
            "como-doubles",
            "como-engine",
            "como-lambdas",
            "como-local",
            "como-rehearsal",
            "como-resources",
            "como-runtime",
            "como-site",
            "como-stacks",
        ],
    ),
    ("como-adapters", &["como-contract", "como-domain"]),
    ("como-aws", &["como-engine"]),
    ("como-checks", &["como-core", "como-resources"]),
    // Which services there are, so that a block of the file is known by the same name as its tasks.
    ("como-config", &["como-contract"]),
    ("como-constructs", &["como-core", "como-resources"]),
    ("como-contract", &[]),
    ("como-core", &[]),
    ("como-cost", &["como-config", "como-core"]),
    ("como-diagram", &["como-core"]),
    ("como-domain", &["como-contract"]),
    ("como-doubles", &["como-contract"]),
    ("como-engine", &["como-contract", "como-core", "como-resources"]),
    ("como-lambdas", &["como-adapters", "como-contract"]),
    // What plays AWS and the partners, and the services themselves, in one process.
    ("como-local", &["como-contract", "como-doubles", "como-rehearsal", "como-runtime"]),
    ("como-rehearsal", &["como-contract", "como-core", "como-resources"]),
    ("como-resources", &["como-core"]),
    ("como-resources-generate", &[]),
    ("como-runtime", &["como-adapters", "como-contract", "como-domain"]),
    ("como-site", &["como-contract"]),
    ("como-stacks", &["como-config", "como-constructs", "como-contract", "como-core", "como-resources"]),
];

/// Libraries that only some crates may use directly.
const CONFINED: &[(&str, &[&str])] = &[
    ("aws-sdk-", &["como-aws", "como-adapters", "como-lambdas"]),
    ("aws-config", &["como-aws", "como-adapters", "como-lambdas"]),
    ("indicatif", &["como"]),
    ("miette", &["como"]),
    ("serde-saphyr", &["como-config"]),
    ("axum", &["como-doubles", "como-local", "como-rehearsal", "como-runtime"]),
    ("dynoxide-rs", &["como-rehearsal"]),
];

/// Crates that do no IO: none of what reads files, opens sockets or asks the clock.
const PURE: &[&str] = &[
    "como-checks",
    "como-core",
    "como-contract",
    "como-cost",
    "como-diagram",
    "como-domain",
    "como-constructs",
    "como-stacks",
    "como-resources",
];
const IO: &[&str] = &["tokio", "reqwest", "axum", "fs-err", "aws-config", "rustix", "hyper"];

#[test]
fn crates_import_only_what_the_architecture_allows() {
    let direct = direct_dependencies();
    let mut broken = Vec::new();
    for (name, dependencies) in &direct {
        let Some((_, allowed)) = ALLOWED.iter().find(|(other, _)| other == name) else {
            if name != "como-tests" {
                broken.push(format!("{name} is not in the list of this test"));
            }
            continue;
        };
        for dependency in dependencies {
            if direct.contains_key(dependency) && !allowed.contains(&dependency.as_str()) {
                broken.push(format!("{name} must not import {dependency}"));
            }
            for (library, users) in CONFINED {
                if dependency.starts_with(library) && !users.contains(&name.as_str()) {
                    broken.push(format!("{name} must not use {dependency}; {} may", users.join(", ")));
                }
            }
            if PURE.contains(&name.as_str()) && IO.contains(&dependency.as_str()) {
                broken.push(format!("{name} does no IO but uses {dependency}"));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

/// Normal (not dev or build) dependencies of each crate of the workspace.
fn direct_dependencies() -> BTreeMap<String, BTreeSet<String>> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    packages
        .iter()
        .map(|package| {
            let dependencies = package["dependencies"].as_array().unwrap();
            let normal = dependencies.iter().filter(|dependency| dependency["kind"].is_null());
            let names = normal.map(|dependency| dependency["name"].as_str().unwrap().to_owned()).collect();
            (package["name"].as_str().unwrap().to_owned(), names)
        })
        .collect()
}
