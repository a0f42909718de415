use como_core::path::ConstructPath;
use proptest::prelude::*;
use std::collections::BTreeMap;

fn check(path: &[&str], expected: &str) {
    let path = path.iter().fold(ConstructPath::root(), |path, id| path.child(id));
    assert_eq!(path.logical_id(), expected, "{path}");
}

#[test]
fn an_id_is_the_readable_path_and_a_hash() {
    check(&["Vpc"], "Vpc8C928324");
    check(&["Service", "TaskRole", "Resource"], "ServiceTaskRole023ED894");
    check(&["Service", "TaskRole"], "ServiceTaskRole7D3900D3");
    check(&["Nat", "Nat", "Gateway"], "NatGateway91FA2EEB");
    check(&["svc-accounts"], "svcaccounts9E3BC8FB");
}

#[test]
fn paths_that_read_alike_keep_apart() {
    let ids = [vec!["A-B"], vec!["AB"], vec!["A", "B"], vec!["A/B"], vec!["A", "B", "Resource"], vec!["A", "A", "B"]]
        .map(|path| path.iter().fold(ConstructPath::root(), |path, id| path.child(id)).logical_id());
    let distinct: std::collections::BTreeSet<_> = ids.iter().collect();
    assert_eq!(distinct.len(), ids.len(), "{ids:?}");
}

proptest! {
    #[test]
    fn ids_are_legal_and_differ_when_paths_do(paths in prop::collection::vec(prop::collection::vec("[A-Za-z0-9_./ -]{1,60}", 1..8), 2..20)) {
        let mut seen: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for components in paths {
            let path = components.iter().fold(ConstructPath::root(), |path, id| path.child(id));
            let id = path.logical_id();
            prop_assert!(id.len() <= 255 && id.chars().all(|letter| letter.is_ascii_alphanumeric()), "{id}");
            if let Some(other) = seen.insert(id, components.clone()) {
                prop_assert_eq!(other, components);
            }
        }
    }
}
