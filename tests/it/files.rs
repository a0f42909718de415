//! A file has one reason to exist, so it stays short.

use std::path::{Path, PathBuf};

const LIMIT: usize = 400;
/// Folders of generated code or of no code.
const EXEMPT: &[&str] = &["generated", "target", ".git", ".como", "como.out", "node_modules"];

#[test]
fn no_source_file_is_longer_than_four_hundred_lines() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut long = Vec::new();
    let mut seen = 0;
    let mut folders: Vec<PathBuf> = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs_err::read_dir(&folder).unwrap() {
            let entry = entry.unwrap();
            let path = entry.path();
            let name = entry.file_name().to_string_lossy().into_owned();
            if path.is_dir() {
                if !EXEMPT.contains(&name.as_str()) {
                    folders.push(path);
                }
            } else if [".rs", ".py", ".sh"].iter().any(|ending| name.ends_with(ending)) {
                seen += 1;
                let lines = fs_err::read_to_string(&path).unwrap().lines().count();
                if LIMIT < lines {
                    long.push(format!("{}: {lines} lines", path.strip_prefix(root).unwrap().display()));
                }
            }
        }
    }
    assert!(100 < seen, "only {seen} files were looked at");
    assert!(long.is_empty(), "over {LIMIT} lines:\n{}", long.join("\n"));
}
