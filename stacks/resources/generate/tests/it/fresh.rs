//! Nothing below `src/generated` was edited by hand or left behind.

use como_resources_generate::directory;
use como_resources_generate::generate::generate;
use como_resources_generate::text;
use std::path::{Path, PathBuf};

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).with_file_name("").join(name)
}

#[test]
fn the_generated_code_is_what_the_facts_make() {
    let expected = generate(&directory::parse_facts(&folder("facts")).unwrap()).unwrap();
    let present = directory::read(&folder("src/generated")).unwrap();
    let stale: Vec<&String> =
        present.keys().chain(expected.keys()).filter(|name| present.get(*name) != expected.get(*name)).collect();
    assert_eq!(stale, Vec::<&String>::new(), "run `cargo run -p como-resources-generate -- generate`");
}

#[test]
fn the_facts_are_as_an_import_writes_them() {
    let present = directory::read(&folder("facts")).unwrap();
    for facts in directory::parse_facts(&folder("facts")).unwrap() {
        let name = directory::facts_file(&facts.name);
        assert_eq!(present.get(&name), Some(&text::facts(&facts).unwrap()), "{name}");
    }
}

#[test]
fn the_list_of_types_is_complete() {
    let list = fs_err::read_to_string(folder("types.txt")).unwrap();
    let mut imported: Vec<String> =
        directory::parse_facts(&folder("facts")).unwrap().into_iter().map(|facts| facts.name).collect();
    imported.sort();
    assert_eq!(list.lines().collect::<Vec<_>>(), imported);
}
