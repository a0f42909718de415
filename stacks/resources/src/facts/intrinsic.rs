//! Intrinsic functions, as far as they matter to somebody who cannot evaluate them.

use serde_json::Value as Json;

/// Whether a property will be there once CloudFormation has worked out its functions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Presence {
    Absent,
    /// A condition decides.
    Possible,
    Given,
}

/// The function's name and argument, when `json` is a call of an intrinsic function.
fn call(json: &Json) -> Option<(&str, &Json)> {
    let object = json.as_object().filter(|object| object.len() == 1)?;
    let (name, argument) = object.iter().next()?;
    (name == "Ref" || name.starts_with("Fn::")).then_some((name, argument))
}

fn is_no_value(json: &Json) -> bool {
    call(json).is_some_and(|(name, argument)| name == "Ref" && argument == "AWS::NoValue")
}

/// Both outcomes of `Fn::If`.
fn branches(json: &Json) -> Option<(&Json, &Json)> {
    let (_, argument) = call(json).filter(|(name, _)| *name == "Fn::If")?;
    let [_, when_true, when_false] = argument.as_array()?.as_slice() else { return None };
    Some((when_true, when_false))
}

pub(super) fn is_intrinsic(json: &Json) -> bool {
    call(json).is_some()
}

pub(super) fn presence(json: &Json) -> Presence {
    if is_no_value(json) {
        return Presence::Absent;
    }
    match branches(json).map(|(when_true, when_false)| (presence(when_true), presence(when_false))) {
        None => Presence::Given,
        Some((one, other)) if one == other => one,
        Some(_) => Presence::Possible,
    }
}

/// The literals that `json` can turn out to be; what only the deployment knows is left out.
pub(super) fn literals(json: &Json) -> Vec<&Json> {
    match branches(json) {
        Some((when_true, when_false)) => [literals(when_true), literals(when_false)].concat(),
        None if is_intrinsic(json) => Vec::new(),
        None => vec![json],
    }
}
