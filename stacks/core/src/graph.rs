//! Order among things that depend on each other, and cycles named by path.

use petgraph::algo::{tarjan_scc, toposort};
use petgraph::graph::{DiGraph, NodeIndex};
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};
use thiserror::Error;

/// Who waits for whom: each name with the names that it needs first.
pub type Dependencies = BTreeMap<String, BTreeSet<String>>;

/// Things that wait for each other: `a -> b -> a`.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("circular dependency: {}", .path.join(" -> "))]
pub struct Cycle {
    /// The way round, its first member repeated at the end.
    pub path: Vec<String>,
}

/// The names in an order in which each comes after all that it needs; ties are broken by name.
pub fn order(dependencies: &Dependencies) -> Result<Vec<String>, Cycle> {
    let mut remaining: BTreeMap<&str, BTreeSet<&str>> = dependencies
        .iter()
        .map(|(name, needs)| {
            let known = needs.iter().filter(|need| dependencies.contains_key(*need));
            (name.as_str(), known.map(String::as_str).collect())
        })
        .collect();
    let mut ordered = Vec::with_capacity(remaining.len());
    while !remaining.is_empty() {
        let ready: Vec<&str> = remaining.iter().filter(|(_, needs)| needs.is_empty()).map(|(name, _)| *name).collect();
        if ready.is_empty() {
            return Err(find_cycle(dependencies).unwrap_or_else(|| Cycle { path: Vec::new() }));
        }
        for name in ready {
            remaining.remove(name);
            for needs in remaining.values_mut() {
                needs.remove(name);
            }
            ordered.push(name.to_owned());
        }
    }
    Ok(ordered)
}

/// A shortest way round one cycle, if there is any.
#[must_use]
pub fn find_cycle(dependencies: &Dependencies) -> Option<Cycle> {
    let mut graph = DiGraph::<&str, ()>::new();
    let nodes: BTreeMap<&str, NodeIndex> =
        dependencies.keys().map(|name| (name.as_str(), graph.add_node(name))).collect();
    for (name, needs) in dependencies {
        for need in needs {
            if let (Some(from), Some(to)) = (nodes.get(name.as_str()), nodes.get(need.as_str())) {
                graph.add_edge(*from, *to, ());
            }
        }
    }
    toposort(&graph, None).err()?;
    let mut components = tarjan_scc(&graph);
    components.retain(|nodes| 1 < nodes.len() || nodes.iter().any(|node| graph.contains_edge(*node, *node)));
    let component = components.into_iter().min_by_key(Vec::len)?;
    let start = component.into_iter().min_by_key(|node| graph[*node])?;
    walk_back_to(&graph, start)
}

fn walk_back_to(graph: &DiGraph<&str, ()>, start: NodeIndex) -> Option<Cycle> {
    let mut came_from: BTreeMap<NodeIndex, NodeIndex> = BTreeMap::new();
    let mut frontier = vec![start];
    while !frontier.is_empty() {
        let mut next = Vec::new();
        for node in frontier {
            let mut neighbours: Vec<NodeIndex> = graph.neighbors(node).collect();
            neighbours.sort_by_key(|neighbour| graph[*neighbour]);
            for neighbour in neighbours {
                if neighbour == start {
                    let mut path = vec![graph[start].to_owned(), graph[node].to_owned()];
                    let mut current = node;
                    while let Some(previous) = came_from.get(&current) {
                        path.push(graph[*previous].to_owned());
                        current = *previous;
                    }
                    if node == start {
                        path.truncate(1);
                        path.push(graph[start].to_owned());
                    }
                    path.reverse();
                    return Some(Cycle { path });
                }
                if let std::collections::btree_map::Entry::Vacant(entry) = came_from.entry(neighbour) {
                    entry.insert(node);
                    next.push(neighbour);
                }
            }
        }
        frontier = next;
    }
    None
}

/// The names that a template's JSON refers to by `Ref`, `Fn::GetAtt` or a placeholder of `Fn::Sub`.
pub fn references(json: &Json, found: &mut BTreeSet<String>) {
    match json {
        Json::Object(object) => {
            for (key, value) in object {
                match (key.as_str(), value) {
                    ("Ref", Json::String(name)) => {
                        found.insert(name.clone());
                    }
                    ("Fn::GetAtt", Json::Array(arguments)) => {
                        found.extend(arguments.first().and_then(Json::as_str).map(str::to_owned));
                    }
                    ("Fn::GetAtt", Json::String(dotted)) => {
                        found.extend(dotted.split('.').next().map(str::to_owned));
                    }
                    ("Fn::Sub", Json::String(text)) => found.extend(placeholders(text)),
                    ("Fn::Sub", Json::Array(arguments)) => {
                        let own = arguments.get(1).and_then(Json::as_object);
                        let text = arguments.first().and_then(Json::as_str).unwrap_or_default();
                        found.extend(placeholders(text).filter(|name| own.is_none_or(|own| !own.contains_key(name))));
                        arguments.iter().skip(1).for_each(|argument| references(argument, found));
                    }
                    _ => references(value, found),
                }
            }
        }
        Json::Array(values) => values.iter().for_each(|value| references(value, found)),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => {}
    }
}

/// The names in `${Name}` and `${Name.Attribute}`; `${!Literal}` is none.
fn placeholders(text: &str) -> impl Iterator<Item = String> + '_ {
    text.split("${").skip(1).filter_map(|rest| {
        let (name, _) = rest.split_once('}')?;
        (!name.starts_with('!')).then(|| name.split('.').next().unwrap_or(name).to_owned())
    })
}
