//! Every AWS operation that como and the middleware call is in the capability table of `docs/rehearsal.md`.
//!
//! What is called is found in the sources: the operations of an SDK by the methods that begin a call, those that are signed
//! by hand by their names. What reads or calls nothing of AWS has no such dependency.

use crate::capabilities::{Capabilities, OPERATIONS, documented};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The crates that talk to AWS.
const CRATES: [&str; 3] = ["cli/aws", "runtime/adapters", "runtime/lambdas"];
/// SDKs whose names are not those of their services in signatures.
const SIGNING_NAMES: [(&str, &str); 2] = [("cloudwatch", "monitoring"), ("cognitoidentityprovider", "cognito-idp")];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn sources(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs_err::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else {
            found.push(fs_err::read_to_string(&path).unwrap());
        }
    }
    found
}

/// Names of the services whose SDKs a crate depends on, as in signatures.
fn sdks(manifest: &str) -> BTreeSet<String> {
    let names = manifest.lines().filter_map(|line| line.strip_prefix("aws-sdk-")?.split(['.', ' ']).next());
    let signing = |name: &str| {
        SIGNING_NAMES.iter().find(|(sdk, _)| *sdk == name).map_or(name, |(_, signing)| *signing).to_owned()
    };
    names.map(signing).collect()
}

/// `DescribeStacks` is `describe_stacks`.
fn method_of(operation: &str) -> String {
    let mut name = String::new();
    let letters: Vec<char> = operation.chars().collect();
    for (index, letter) in letters.iter().enumerate() {
        let before = index.checked_sub(1).map(|before| letters[before]);
        let follows_small = before.is_some_and(|before| !before.is_ascii_uppercase());
        let begins_word = before.is_some() && letters.get(index + 1).is_some_and(char::is_ascii_lowercase);
        if letter.is_ascii_uppercase() && (follows_small || begins_word) {
            name.push('_');
        }
        name.push(letter.to_ascii_lowercase());
    }
    name
}

/// The services that are called without an SDK: variant of the enum and name in signatures.
fn signed_services(text: &str) -> Vec<(String, String)> {
    let (_, body) = text.split_once("const fn name(self)").unwrap();
    let (body, _) = body.split_once("fn host").unwrap();
    let arm = |line: &str| {
        let (variant, name) = line.trim().strip_prefix("Self::")?.split_once(" => ")?;
        Some((variant.to_owned(), name.trim_matches(['"', ',']).to_owned()))
    };
    body.lines().filter_map(arm).collect()
}

fn called() -> Capabilities {
    let root = root();
    let by_hand = signed_services(&fs_err::read_to_string(root.join("cli/aws/src/signed.rs")).unwrap());
    let mut found = Capabilities::new();
    for name in CRATES {
        let sdks = sdks(&fs_err::read_to_string(root.join(name).join("Cargo.toml")).unwrap());
        for text in sources(&root.join(name).join("src")) {
            let code: String = text.split_whitespace().collect();
            for line in OPERATIONS.lines() {
                let fields: Vec<&str> = line.split('\t').collect();
                let (service, operation) = (fields[0], fields[2]);
                let by_sdk = sdks.contains(service) && code.contains(&format!(".{}()", method_of(operation)));
                let is_signed = by_hand.iter().any(|(variant, name)| {
                    name == service
                        && text.contains(&format!("Service::{variant},"))
                        && text.contains(&format!("\"{operation}\""))
                });
                if by_sdk || is_signed {
                    found.entry(service.to_owned()).or_default().insert(operation.to_owned());
                }
            }
        }
    }
    found
}

#[test]
fn what_is_called_is_listed() {
    let (called, documented) = (called(), documented());
    let mut missing = Vec::new();
    for (service, operations) in &called {
        let listed = documented.get(service).cloned().unwrap_or_default();
        missing.extend(operations.difference(&listed).map(|operation| format!("{service} {operation}")));
    }
    assert!(missing.is_empty(), "called, and not in the table of docs/rehearsal.md: {missing:?}");
}

/// The search misses nothing that the code names: each call of `cli/aws` says its operation for its errors.
#[test]
fn what_names_itself_is_found() {
    let called = called();
    let all: BTreeSet<&str> = called.values().flatten().map(String::as_str).collect();
    let mut named = BTreeSet::new();
    for text in sources(&root().join("cli/aws/src")) {
        let (production, _) = text.split_once("#[cfg(test)]").unwrap_or((&text, ""));
        let after = production.split("operation: \"").skip(1).filter_map(|rest| rest.split('"').next());
        named.extend(after.map(str::to_owned));
    }
    let lost: Vec<&String> = named.iter().filter(|name| !all.contains(name.as_str())).collect();
    assert!(lost.is_empty() && 12 < named.len(), "not found in the sources: {lost:?} of {named:?}");
    for (service, operation) in [
        ("cloudformation", "DescribeEvents"),
        ("cloudformation", "UpdateStack"),
        ("cognito-idp", "AdminInitiateAuth"),
        ("dynamodb", "PutItem"),
        ("ec2", "RevokeSecurityGroupEgress"),
        ("s3", "HeadObject"),
        ("sts", "GetCallerIdentity"),
    ] {
        assert!(called.get(service).is_some_and(|found| found.contains(operation)), "{service} {operation}");
    }
}
