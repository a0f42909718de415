//! Templates of the repository's own environments.

use como_config::{Contents, Siblings};
use como_core::assembly::Assembly;
use como_core::template::Resource;
use std::path::Path;

/// The templates of an environment, with `changes` made to its file.
pub(crate) fn assembly(environment: &str, changes: &[(&str, &str)]) -> Assembly {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../environments");
    let read = |name: &str| fs_err::read_to_string(folder.join(format!("{name}.yaml"))).unwrap();
    let siblings = Siblings::default().with("prod", read("prod"));
    let mut text = read(environment);
    for (from, to) in changes {
        assert!(text.contains(from), "{environment}.yaml has no {from}");
        text = text.replace(from, to);
    }
    let contents = como_config::read(environment, text.as_bytes(), &siblings).unwrap();
    let Contents::Environment(environment) = contents else { panic!("{environment} is a proposal") };
    como_stacks::app(&environment).unwrap()
}

pub(crate) fn of_type<'a>(assembly: &'a Assembly, resource_type: &'a str) -> impl Iterator<Item = &'a Resource> {
    let resources = assembly.stacks.iter().flat_map(|stack| stack.template.resources.values());
    resources.filter(move |resource| resource.resource_type == resource_type)
}
