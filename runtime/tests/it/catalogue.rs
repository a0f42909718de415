//! The published list of errors is the code's.

use std::collections::BTreeSet;
use std::path::Path;

use como_runtime::catalogue;

#[test]
fn the_catalogue_is_fresh() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/api-errors.md");
    if std::env::var_os("COMO_BLESS").is_some() {
        fs_err::write(&path, catalogue::page()).unwrap();
    }
    let found = fs_err::read_to_string(&path).unwrap_or_default();
    assert!(found == catalogue::page(), "run `COMO_BLESS=1 cargo test -p como-runtime --test it catalogue`");
}

#[test]
fn routes_name_no_code_that_is_not_in_it() {
    let known: BTreeSet<&str> = catalogue::codes().into_iter().collect();
    assert_eq!(known.len(), catalogue::codes().len(), "each code is there once");
    let document = serde_json::to_value(como_runtime::openapi::document()).unwrap();
    for (path, item) in document["paths"].as_object().unwrap() {
        for operation in item.as_object().unwrap().values() {
            for (status, response) in operation["responses"].as_object().unwrap() {
                if !response["content"]["application/problem+json"].is_object() {
                    continue;
                }
                let description = response["description"].as_str().unwrap();
                let named: Vec<&str> = description.split('`').skip(1).step_by(2).collect();
                assert!(!named.is_empty(), "{path} {status}");
                for code in named {
                    assert!(known.contains(code), "{path} {status}: {code}");
                }
            }
        }
    }
}
