//! Facts → Rust source, one module per AWS service.

use crate::directory::{Files, facts_file};
use crate::model::TypeFacts;
use crate::plan::{self, Resource};
use crate::render;
use std::collections::BTreeMap;

#[derive(Debug, thiserror::Error)]
pub enum GenerateError {
    #[error("{0} is not of the form AWS::Service::Type")]
    Name(String),
    #[error("{resource_type}: two definitions would both be called {name}")]
    Clash { resource_type: String, name: String },
    #[error("{resource_type}: no definition is called {name}")]
    Dangling { resource_type: String, name: String },
}

/// The files of `src/generated/`.
pub fn generate(types: &[TypeFacts]) -> Result<Files, GenerateError> {
    let mut services: BTreeMap<String, Vec<Resource>> = BTreeMap::new();
    let mut embedded: BTreeMap<&str, String> = BTreeMap::new();
    for facts in types {
        let (service, resource) = plan::resource(facts)?;
        services.entry(service).or_default().push(resource);
        embedded.insert(&facts.name, facts_file(&facts.name));
    }
    let mut files = Files::from([
        ("mod.rs".to_owned(), render::modules(services.keys())),
        ("embedded.rs".to_owned(), render::embedded(&embedded)),
    ]);
    for (service, resources) in services {
        files.insert(format!("{service}.rs"), render::service(&resources));
    }
    Ok(files)
}
