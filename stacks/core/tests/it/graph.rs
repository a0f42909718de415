use como_core::graph::{Dependencies, find_cycle, order, references};
use proptest::prelude::*;
use serde_json::json;
use std::collections::BTreeSet;

fn dependencies(pairs: &[(&str, &[&str])]) -> Dependencies {
    pairs
        .iter()
        .map(|(name, needs)| ((*name).to_owned(), needs.iter().map(|need| (*need).to_owned()).collect()))
        .collect()
}

#[test]
fn the_shortest_way_round_is_named() {
    let graph = dependencies(&[("a", &["b"]), ("b", &["c"]), ("c", &["a", "d"]), ("d", &["e"]), ("e", &["d"])]);
    assert_eq!(find_cycle(&graph).unwrap().to_string(), "circular dependency: d -> e -> d");
    let own = dependencies(&[("a", &["a"])]);
    assert_eq!(order(&own).unwrap_err().to_string(), "circular dependency: a -> a");
}

#[test]
fn references_are_found_wherever_they_stand() {
    let template = json!({
        "A": { "Ref": "One" }, "B": [{ "Fn::GetAtt": ["Two", "Arn"] }], "C": { "Fn::GetAtt": "Three.Arn" },
        "D": { "Fn::Sub": "${Four}-${!Literal}-${Five.Arn}-${AWS::Region}" },
        "E": { "Fn::Sub": ["${Own}-${Six}", { "Own": { "Ref": "Seven" } }] },
        "F": { "Fn::If": ["Condition", { "Ref": "Eight" }, "plain"] },
    });
    let mut found = BTreeSet::new();
    references(&template, &mut found);
    let expected = ["AWS::Region", "Eight", "Five", "Four", "One", "Seven", "Six", "Three", "Two"];
    assert_eq!(found.iter().map(String::as_str).collect::<Vec<_>>(), expected);
}

proptest! {
    #[test]
    fn everything_comes_after_what_it_needs(edges in prop::collection::vec((0u8..30, 0u8..30), 0..80)) {
        let mut graph: Dependencies = (0u8..30).map(|node| (format!("{node:02}"), BTreeSet::new())).collect();
        for (left, right) in edges {
            if right < left {
                graph.entry(format!("{left:02}")).or_default().insert(format!("{right:02}"));
            }
        }
        let ordered = order(&graph).unwrap();
        prop_assert_eq!(ordered.len(), graph.len());
        let position = |name: &str| ordered.iter().position(|other| other == name).unwrap();
        for (name, needs) in &graph {
            for need in needs {
                prop_assert!(position(need) < position(name));
            }
        }
        prop_assert!(find_cycle(&graph).is_none());
    }
}
