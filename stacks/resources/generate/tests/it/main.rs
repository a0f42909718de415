//! From a small schema with every quirk of the real ones to facts and code.

mod fresh;

use como_resources_generate::directory;
use como_resources_generate::generate::generate;
use como_resources_generate::import::{ImportError, Imported, import};
use std::path::Path;

const TYPE: &str = "AWS::Example::APIGate";

fn imported(types: &[&str]) -> Result<Imported, ImportError> {
    let schemas = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/schemas");
    let types: Vec<String> = types.iter().map(|&name| name.to_owned()).collect();
    import(&schemas, &types)
}

#[test]
fn a_schema_becomes_compact_facts() {
    let files = directory::facts_files(&imported(&[TYPE]).unwrap()).unwrap();
    assert_eq!(files.keys().collect::<Vec<_>>(), ["example_api_gate.json", "regions.json"]);
    insta::assert_snapshot!(files["example_api_gate.json"]);
}

#[test]
fn facts_are_read_back_as_they_were_written() {
    let imported = imported(&[TYPE]).unwrap();
    let files = directory::facts_files(&imported).unwrap();
    let read: como_resources_generate::model::TypeFacts =
        serde_json::from_str(&files["example_api_gate.json"]).unwrap();
    assert_eq!(read, imported.types[0]);
}

#[test]
fn facts_become_a_rust_type() {
    let files = generate(&imported(&[TYPE]).unwrap().types).unwrap();
    assert_eq!(files.keys().collect::<Vec<_>>(), ["embedded.rs", "example.rs", "mod.rs"]);
    insta::assert_snapshot!(files["example.rs"]);
}

#[test]
fn a_type_without_a_schema_is_named() {
    let error = imported(&["AWS::Example::Unheard"]).unwrap_err();
    assert_eq!(error.to_string(), "AWS::Example::Unheard has no schema in ap-southeast-1");
}
