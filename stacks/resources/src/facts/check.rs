//! Judges the properties of a resource as CloudFormation would, before it is asked.

use super::catalogue::of;
use super::finding::{Finding, FindingKind};
use super::intrinsic::{Presence, is_intrinsic, literals, presence};
use super::model::{Object, Range, Shape, TypeFacts};
use serde_json::{Map, Value as Json};

/// Everything that is wrong with `properties`, the `Properties` of a resource in a template.
///
/// Intrinsic functions pass as any type, and both branches of `Fn::If` are judged. Numbers and booleans may be written
/// as texts and the reverse, as CloudFormation has it.
#[must_use]
pub fn check(resource_type: &str, properties: &Json) -> Vec<Finding> {
    let Some(facts) = of(resource_type) else {
        let message = format!("resource type {resource_type} is not known");
        return vec![Finding { path: String::new(), kind: FindingKind::UnknownType, message }];
    };
    let mut check = Check { facts, path: Vec::new(), findings: Vec::new() };
    match properties {
        Json::Null => check.object(&facts.root, &Map::new()),
        Json::Object(object) if !is_intrinsic(properties) => check.object(&facts.root, object),
        Json::Object(_) => {}
        other => check.wrong_type("JSONObject", other),
    }
    check.findings
}

struct Check<'a> {
    facts: &'a TypeFacts,
    path: Vec<String>,
    findings: Vec<Finding>,
}

impl<'a> Check<'a> {
    fn object(&mut self, rules: &'a Object, json: &Map<String, Json>) {
        for name in rules.required.iter().filter(|name| presence_in(json, name) == Presence::Absent) {
            self.report(FindingKind::MissingRequired, format!("required key [{name}] not found"));
        }
        for (name, value) in json {
            let Some(shape) = rules.properties.get(name) else {
                self.report(FindingKind::UnknownProperty, format!("extraneous key [{name}] is not permitted"));
                continue;
            };
            self.below(name, |check| {
                if check.facts.is_read_only(&check.path.join(".")) {
                    check.report(FindingKind::ReadOnly, format!("read-only key [{name}] is not permitted"));
                } else {
                    check.value(shape, value);
                }
            });
        }
        self.alternatives(rules, json);
        self.companions(rules, json);
        self.conflicts(rules, json);
    }

    fn alternatives(&mut self, rules: &Object, json: &Map<String, Json>) {
        let all = |group: &[String], accepted: &[Presence]| {
            group.iter().all(|name| accepted.contains(&presence_in(json, name)))
        };
        for groups in [&rules.any_of, &rules.one_of].into_iter().filter(|groups| !groups.is_empty()) {
            if !groups.iter().any(|group| all(group, &[Presence::Given, Presence::Possible])) {
                self.report(FindingKind::WrongAlternatives, format!("one of [{}] is required", list(groups)));
            }
        }
        if 1 < rules.one_of.iter().filter(|group| all(group, &[Presence::Given])).count() {
            self.report(FindingKind::WrongAlternatives, format!("only one of [{}] is permitted", list(&rules.one_of)));
        }
    }

    fn companions(&mut self, rules: &Object, json: &Map<String, Json>) {
        let given = rules.needs.iter().filter(|(name, _)| presence_in(json, name) == Presence::Given);
        for (name, others) in given {
            for other in others.iter().filter(|other| presence_in(json, other) == Presence::Absent) {
                self.report(FindingKind::MissingCompanion, format!("property [{name}] needs property [{other}]"));
            }
        }
    }

    fn conflicts(&mut self, rules: &Object, json: &Map<String, Json>) {
        let is_given = |name: &String| presence_in(json, name) == Presence::Given;
        for (name, others) in rules.excludes.iter().filter(|(name, _)| is_given(name)) {
            for other in others.iter().filter(|other| is_given(other)) {
                // The schema often says it in both directions; once is enough to hear of it.
                let is_said_again = rules.excludes.get(other).is_some_and(|back| back.contains(name));
                if name < other || !is_said_again {
                    let message = format!("properties [{name}] and [{other}] exclude each other");
                    self.report(FindingKind::Conflict, message);
                }
            }
        }
    }

    fn value(&mut self, shape: &'a Shape, json: &Json) {
        for literal in literals(json) {
            self.literal(shape, literal);
        }
    }

    fn literal(&mut self, shape: &'a Shape, json: &Json) {
        match (shape, json) {
            (Shape::Boolean, _) if is_boolean(json) => {}
            (Shape::Boolean, _) => self.wrong_type("Boolean", json),
            (Shape::Integer { values, range }, _) => match number(json).filter(|number| number.fract() == 0.0) {
                None => self.wrong_type("Integer", json),
                Some(number) => {
                    let is_known =
                        values.is_empty() || values.iter().any(|value| value.to_string() == number.to_string());
                    self.enumerated(is_known, &text(json).unwrap_or_default());
                    self.bounded(range, number, &Measure::Value);
                }
            },
            (Shape::Number { range }, _) => match number(json) {
                None => self.wrong_type("Number", json),
                Some(number) => self.bounded(range, number, &Measure::Value),
            },
            (Shape::String { values, any_case, range }, _) => match text(json) {
                None => self.wrong_type("String", json),
                Some(text) => {
                    let is_it = |value: &String| {
                        if *any_case { value.eq_ignore_ascii_case(&text) } else { *value == text }
                    };
                    self.enumerated(values.is_empty() || values.iter().any(is_it), &text);
                    self.bounded(range, count(text.chars()), &Measure::Length);
                }
            },
            (Shape::Json, Json::Object(_) | Json::String(_)) => {}
            (Shape::List { items, range }, Json::Array(elements)) => self.elements(items, range, elements),
            (Shape::List { .. }, _) => self.wrong_type("JSONArray", json),
            (Shape::Map { values }, Json::Object(map)) => {
                for (name, value) in map {
                    self.below(name, |check| check.value(values, value));
                }
            }
            (Shape::Object { of, .. }, Json::Object(object)) => {
                if let Some(rules) = self.facts.definitions.get(of) {
                    self.object(rules, object);
                }
            }
            (Shape::Object { or_text: true, .. }, Json::String(_)) => {}
            (Shape::Json | Shape::Map { .. } | Shape::Object { .. }, _) => self.wrong_type("JSONObject", json),
        }
    }

    fn elements(&mut self, shape: &'a Shape, range: &Range, elements: &[Json]) {
        for (index, element) in elements.iter().enumerate() {
            self.below(&index.to_string(), |check| check.value(shape, element));
        }
        // An element that a condition takes away leaves the count open.
        if elements.iter().all(|element| presence(element) == Presence::Given) {
            self.bounded(range, count(elements.iter()), &Measure::Items);
        }
    }

    fn enumerated(&mut self, is_known: bool, value: &str) {
        if !is_known {
            self.report(FindingKind::NotInEnum, format!("{value} is not a valid enum value"));
        }
    }

    fn bounded(&mut self, Range(least, most): &Range, found: f64, measure: &Measure) {
        let beyond =
            |bound: Option<f64>, is_beyond: fn(f64, f64) -> bool| bound.filter(|bound| is_beyond(found, *bound));
        if let Some(least) = beyond(least.as_ref().and_then(serde_json::Number::as_f64), |found, least| found < least) {
            self.report(FindingKind::OutOfRange, measure.too_little(least, found));
        }
        if let Some(most) = beyond(most.as_ref().and_then(serde_json::Number::as_f64), |found, most| most < found) {
            self.report(FindingKind::OutOfRange, measure.too_much(most, found));
        }
    }

    fn wrong_type(&mut self, expected: &str, found: &Json) {
        let found = match found {
            Json::Null => "Null",
            Json::Bool(_) => "Boolean",
            Json::Number(number) if number.is_f64() => "Number",
            Json::Number(_) => "Integer",
            Json::String(_) => "String",
            Json::Array(_) => "JSONArray",
            Json::Object(_) => "JSONObject",
        };
        self.report(FindingKind::WrongType, format!("expected type: {expected}, found: {found}"));
    }

    fn report(&mut self, kind: FindingKind, message: String) {
        self.findings.push(Finding { path: self.path.join("/"), kind, message });
    }

    fn below(&mut self, name: &str, judge: impl FnOnce(&mut Self)) {
        self.path.push(name.to_owned());
        judge(self);
        self.path.pop();
    }
}

/// What a range is about.
enum Measure {
    Items,
    Length,
    Value,
}

impl Measure {
    fn too_little(&self, least: f64, found: f64) -> String {
        match self {
            Self::Items => format!("expected minimum item count: {least}, found: {found}"),
            Self::Length => format!("expected minLength: {least}, actual: {found}"),
            Self::Value => format!("{found} is not greater or equal to {least}"),
        }
    }

    fn too_much(&self, most: f64, found: f64) -> String {
        match self {
            Self::Items => format!("expected maximum item count: {most}, found: {found}"),
            Self::Length => format!("expected maxLength: {most}, actual: {found}"),
            Self::Value => format!("{found} is not less or equal to {most}"),
        }
    }
}

fn presence_in(json: &Map<String, Json>, name: &str) -> Presence {
    json.get(name).map_or(Presence::Absent, presence)
}

fn list(groups: &[Vec<String>]) -> String {
    groups.iter().map(|group| group.join(" and ")).collect::<Vec<_>>().join(", ")
}

fn is_boolean(json: &Json) -> bool {
    match json {
        Json::Bool(_) => true,
        Json::String(text) => text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false"),
        Json::Null | Json::Number(_) | Json::Array(_) | Json::Object(_) => false,
    }
}

fn number(json: &Json) -> Option<f64> {
    match json {
        Json::Number(number) => number.as_f64(),
        Json::String(text) => text.parse().ok().filter(|number: &f64| number.is_finite()),
        Json::Null | Json::Bool(_) | Json::Array(_) | Json::Object(_) => None,
    }
}

fn text(json: &Json) -> Option<String> {
    match json {
        Json::String(text) => Some(text.clone()),
        Json::Bool(_) | Json::Number(_) => Some(json.to_string()),
        Json::Null | Json::Array(_) | Json::Object(_) => None,
    }
}

/// Counts of a template fit a float without loss.
#[expect(clippy::cast_precision_loss, reason = "no template has 2^52 of anything")]
fn count<T>(things: impl Iterator<Item = T>) -> f64 {
    things.count() as f64
}
