//! Which requests go to which tasks.

use crate::elb::{Listener, TargetGroup};
use como_core::resource::Dependency;
use como_core::stack::Scope;
use como_resources::elasticloadbalancingv2::{self as elb, listener_rule};

#[derive(Debug)]
pub struct RuleProps<'a> {
    pub listener: &'a Listener,
    /// Unique in the listener; the lowest that matches decides.
    pub priority: u16,
    /// At most five, with at most five `*` in them all; each stands for any characters, slashes included.
    pub path_patterns: Vec<String>,
    /// A first segment that is taken off the path before the request goes on, should it be there.
    pub strip_prefix: &'a str,
    pub targets: &'a TargetGroup,
}

/// Forwards requests by their path. What is returned lets a service wait for the rule.
pub fn forward(scope: &mut Scope<'_>, id: &str, props: &RuleProps<'_>) -> Dependency {
    let patterns: Vec<_> = props.path_patterns.iter().map(|pattern| pattern.as_str().into()).collect();
    let condition = listener_rule::RuleCondition {
        field: Some("path-pattern".into()),
        path_pattern_config: Some(listener_rule::PathPatternConfig {
            values: Some(patterns.into()),
            ..listener_rule::PathPatternConfig::new()
        }),
        ..listener_rule::RuleCondition::new()
    };
    let action = listener_rule::Action {
        target_group_arn: Some(props.targets.arn()),
        ..listener_rule::Action::new(listener_rule::ActionType::Forward)
    };
    let strip = listener_rule::RewriteConfig::new(format!("^/{}/(.*)$", props.strip_prefix), "/$1");
    let transform = listener_rule::Transform {
        url_rewrite_config: Some(listener_rule::RewriteConfigObject::new(vec![strip])),
        ..listener_rule::Transform::new(listener_rule::TransformType::UrlRewrite)
    };
    let rule = scope.add(
        id,
        elb::ListenerRule {
            listener_arn: Some(props.listener.arn()),
            transforms: Some(vec![transform]),
            ..elb::ListenerRule::new(vec![action], vec![condition], i64::from(props.priority))
        },
    );
    rule.dependency()
}
