//! Floats are banned here by a `clippy.toml` of the crate's own, which must not forget what the workspace's bans.

#[test]
fn the_crates_bans_are_the_workspaces_and_floats() {
    let own = include_str!("../../clippy.toml");
    let workspace = include_str!("../../../../clippy.toml");
    assert!(own.starts_with(workspace), "copy the workspace's clippy.toml to the beginning of cli/cost/clippy.toml");
    for float in ["f32", "f64"] {
        assert!(own.contains(&format!("path = \"{float}\"")), "{float}");
    }
}
