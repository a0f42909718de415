//! From CloudFormation's resource schemas to `como-resources`, in two steps:
//! `import` turns the schemas that ship with cfn-lint into compact facts (`stacks/resources/facts`), and
//! `generate` turns the facts into Rust types (`stacks/resources/src/generated`).
//!
//! After a change of `types.txt` or of the pinned cfn-lint: `pip download --no-deps cfn-lint==1.58.0`, unpack the wheel,
//! then `cargo run -p como-resources-generate -- import --schemas WHEEL/cfnlint/data/schemas` and
//! `cargo run -p como-resources-generate -- generate`. A new type also wants its line in `types.txt`, in order.
//!
//! Invariants:
//! - both steps are deterministic: the same input gives the same bytes, on any machine;
//! - facts carry no descriptions, only what a machine acts on;
//! - `generate` needs nothing but the facts, so the generated code can be proven fresh without the schemas.
//!
//! Must not know: the generated types themselves, COMO's topology.

pub mod directory;
pub mod generate;
pub mod import;
#[path = "../../src/facts/model.rs"]
pub mod model;
mod names;
mod normalise;
mod plan;
mod render;
pub mod text;
