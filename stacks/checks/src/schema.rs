//! What CloudFormation's own schemas say: types, properties, values, regions.

use crate::rule::{Objection, Rule, Severity};
use crate::subject::Subject;
use como_resources::facts::{self, FindingKind};

const TYPE: usize = 0;
const REGION: usize = 1;
const UNKNOWN: usize = 2;
const REQUIRED: usize = 3;
const WRONG_TYPE: usize = 4;
const ENUM: usize = 5;
const RANGE: usize = 6;
const ALTERNATIVES: usize = 7;
const COMPANION: usize = 8;
const CONFLICT: usize = 9;
const READ_ONLY: usize = 10;

pub(crate) const RULES: &[Rule] = &[
    rule(&["schema-type", "E3006"], "the resource type is one that we have a schema of", IMPORT),
    rule(&["schema-region", "E3006"], "the stack's region offers the resource type", ELSEWHERE),
    rule(&["E3002"], "every property is one of its type", AS_DOCUMENTED),
    rule(&["E3003"], "required properties are there", AS_DOCUMENTED),
    rule(&["E3012"], "every value has the type of its property", AS_DOCUMENTED),
    rule(&["E3030"], "every value is one of those that are accepted", AS_DOCUMENTED),
    rule(&["E3034", "E3032", "E3033"], "numbers, lengths and counts are within bounds", AS_DOCUMENTED),
    rule(&["E3018", "E3017"], "one of several alternatives is chosen", AS_DOCUMENTED),
    rule(&["E3021"], "a property has those beside it that it needs", AS_DOCUMENTED),
    rule(&["E3020"], "properties that exclude each other do not meet", AS_DOCUMENTED),
    rule(&["E3040"], "what only the service sets is left to it", AS_DOCUMENTED),
];

const AS_DOCUMENTED: &str = "change the property as the type's reference documentation says";
const IMPORT: &str = "correct the type's name, or import its schema (`stacks/resources/types.txt`)";
const ELSEWHERE: &str = "put the resource into a stack of another region, or leave it out there";

const fn rule(ids: &'static [&'static str], title: &'static str, remedy: &'static str) -> Rule {
    // These rules come out of one pass over the properties: `of_resource`.
    Rule { ids, title, severity: Severity::Fault, remedy, types: &[], judge: |_| Vec::new() }
}

/// Everything that the facts have against a resource.
pub(crate) fn of_resource(subject: &Subject<'_>) -> Vec<(&'static Rule, Objection)> {
    let resource_type = &subject.resource.resource_type;
    let findings = facts::check(resource_type, &subject.resource.properties);
    let mut objections: Vec<(usize, Objection)> =
        findings.into_iter().map(|found| (position(found.kind), Objection::new(found.path, found.message))).collect();
    let region = &subject.stack.region;
    if facts::of(resource_type).is_some_and(|facts| !facts.supported_in(region)) {
        objections.push((REGION, Objection::new("", format!("{resource_type} is not offered in {region}"))));
    }
    objections.into_iter().filter_map(|(position, objection)| Some((RULES.get(position)?, objection))).collect()
}

const fn position(kind: FindingKind) -> usize {
    match kind {
        FindingKind::UnknownType => TYPE,
        FindingKind::UnknownProperty => UNKNOWN,
        FindingKind::MissingRequired => REQUIRED,
        FindingKind::WrongType => WRONG_TYPE,
        FindingKind::NotInEnum => ENUM,
        FindingKind::OutOfRange => RANGE,
        FindingKind::WrongAlternatives => ALTERNATIVES,
        FindingKind::MissingCompanion => COMPANION,
        FindingKind::Conflict => CONFLICT,
        FindingKind::ReadOnly => READ_ONLY,
    }
}
