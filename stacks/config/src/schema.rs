//! The JSON Schema of environment files, for editors.

use schemars::generate::SchemaSettings;

use crate::file::AnyFile;

/// Beside the environment files, which name it in their first line.
pub const SCHEMA_FILE: &str = "schema.json";

/// The text of `environments/schema.json`.
#[must_use]
pub fn schema() -> String {
    let schema = SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<AnyFile>();
    let mut text = format!("{:#}", schema.to_value());
    text.push('\n');
    text
}
