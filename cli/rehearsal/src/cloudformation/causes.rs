//! Why a resource changes: by its own template, or by something that it refers to.

use super::change_set::{Detail, Source};
use super::changes::{Fate, Sides, change_type, is_unknown};
use super::difference::{Difference, replacement};
use super::graph::{Reference, references};
use super::template::ResourceDeclaration;
use como_resources::facts::Replacement;
use serde_json::Value;

impl Sides<'_> {
    /// One for each cause.
    pub(super) fn details(
        &self,
        declaration: &ResourceDeclaration,
        old: Option<&ResourceDeclaration>,
        difference: &Difference,
    ) -> Vec<Detail> {
        let property = difference.path.first().cloned().unwrap_or_default();
        let expression = declaration.properties.get(&property);
        let is_known = !difference.after.as_ref().is_some_and(is_unknown);
        let mut causes: Vec<(Source, bool)> = Vec::new();
        for source in self.causes(expression) {
            let is_static = match &source {
                Source::Resource(name) => self.fates.get(name) == Some(&Fate::Replaced),
                Source::Attribute(_) => false,
                _ => is_known,
            };
            causes.push((source, is_static));
        }
        if causes.is_empty() || old.and_then(|old| old.properties.get(&property)) != expression {
            causes.push((Source::Direct, is_known));
        }
        let recreation = match replacement(&declaration.resource_type, difference) {
            Replacement::Always => "Always",
            Replacement::Conditional => "Conditionally",
            Replacement::Never => "Never",
        };
        let detail = |(source, is_static): (Source, bool)| Detail {
            attribute: "Properties".to_owned(),
            name: Some(property.clone()),
            path: Some(format!("/Properties/{}", difference.path.join("/"))),
            recreation: recreation.to_owned(),
            before: difference.before.as_ref().map(|value| self.shown(value)),
            after: difference.after.as_ref().map(|value| self.shown(value)),
            change_type: Some(change_type(difference.before.as_ref(), difference.after.as_ref()).to_owned()),
            is_static,
            source,
        };
        causes.into_iter().map(detail).collect()
    }

    /// What may change because a resource that is referred to changes, though its value is the same so far.
    pub(super) fn hanging(&self, declaration: &ResourceDeclaration, found: &[Difference]) -> Vec<Detail> {
        let mut details = Vec::new();
        for (property, expression) in &declaration.properties {
            if found.iter().any(|difference| difference.path.first() == Some(property)) {
                continue;
            }
            for source in self.causes(Some(expression)) {
                if matches!(source, Source::Parameter(_)) {
                    continue;
                }
                let path = vec![property.clone()];
                let difference = Difference { path, before: None, after: Some(expression.clone()) };
                let recreation = match replacement(&declaration.resource_type, &difference) {
                    Replacement::Always => "Always",
                    Replacement::Conditional => "Conditionally",
                    Replacement::Never => "Never",
                };
                details.push(Detail {
                    attribute: "Properties".to_owned(),
                    name: Some(property.clone()),
                    path: Some(format!("/Properties/{property}")),
                    recreation: recreation.to_owned(),
                    before: None,
                    after: None,
                    change_type: Some("Modify".to_owned()),
                    is_static: false,
                    source,
                });
            }
        }
        details
    }

    /// Everything that an expression refers to and that changes.
    fn causes(&self, expression: Option<&Value>) -> Vec<Source> {
        let mut found = Vec::new();
        let Some(expression) = expression else { return found };
        let old = self.old.as_ref().map(|(definition, _)| &definition.values);
        for reference in references(expression, Some(&self.new.conditions)) {
            match reference {
                Reference::Name(name) => match self.fates.get(&name) {
                    Some(Fate::Replaced | Fate::MayBeReplaced | Fate::Added) => found.push(Source::Resource(name)),
                    Some(_) => {}
                    None if old.is_some_and(|old| old.get(&name) != self.new.values.get(&name)) => {
                        found.push(Source::Parameter(name));
                    }
                    None => {}
                },
                Reference::Attribute { resource, attribute } => {
                    let is_own = self.template.resources.get(&resource).is_some_and(|declaration| {
                        declaration.properties.contains_key(attribute.split('.').next().unwrap_or_default())
                    });
                    match self.fates.get(&resource) {
                        None | Some(Fate::Unchanged) => {}
                        // The attribute is one of its properties, whose new value is known.
                        Some(Fate::Modified) if is_own => {}
                        Some(_) => found.push(Source::Attribute(format!("{resource}.{attribute}"))),
                    }
                }
                Reference::Condition(_) | Reference::Function(_) => {}
            }
        }
        found
    }

    /// Whether the value is sure to differ, be it known or not.
    pub(super) fn is_certain(&self, declaration: &ResourceDeclaration, difference: &Difference) -> bool {
        if !difference.after.as_ref().is_some_and(is_unknown) {
            return true;
        }
        let expression = difference.path.first().and_then(|property| declaration.properties.get(property));
        let causes = self.causes(expression);
        causes.iter().any(|cause| match cause {
            Source::Resource(name) => matches!(self.fates.get(name), Some(Fate::Replaced | Fate::Added)),
            _ => false,
        })
    }
}
