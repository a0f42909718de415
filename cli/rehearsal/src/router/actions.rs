//! Listener rules: which requests they fit and what they do.

use crate::services::property::{Properties, number, object, objects, text, texts};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Action {
    Forward { target_groups: Vec<WeightedGroup> },
    FixedResponse { status: u16, content_type: String, body: String },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct WeightedGroup {
    pub(super) arn: String,
    pub(super) weight: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Condition {
    Path(Vec<String>),
    Host(Vec<String>),
    Method(Vec<String>),
    Header { name: String, values: Vec<String> },
}

impl Action {
    pub(super) fn parse(action: &Properties) -> Result<Self, String> {
        match text(action, "Type").unwrap_or_default() {
            "forward" => {
                let configured =
                    object(action, "ForwardConfig").into_iter().flat_map(|config| objects(config, "TargetGroups"));
                let mut target_groups: Vec<WeightedGroup> = configured
                    .filter_map(|group| {
                        let arn = text(group, "TargetGroupArn")?.to_owned();
                        Some(WeightedGroup { arn, weight: number(group, "Weight").unwrap_or(1) })
                    })
                    .collect();
                if let Some(arn) = text(action, "TargetGroupArn")
                    && target_groups.is_empty()
                {
                    target_groups.push(WeightedGroup { arn: arn.to_owned(), weight: 1 });
                }
                if target_groups.is_empty() {
                    return Err("A target group must be specified in the forward action".to_owned());
                }
                Ok(Self::Forward { target_groups })
            }
            "fixed-response" => {
                let config = object(action, "FixedResponseConfig").ok_or("FixedResponseConfig must be specified")?;
                let status = number(config, "StatusCode").and_then(|status| u16::try_from(status).ok());
                Ok(Self::FixedResponse {
                    status: status.ok_or("StatusCode must be specified")?,
                    content_type: text(config, "ContentType").unwrap_or("text/plain").to_owned(),
                    body: text(config, "MessageBody").unwrap_or_default().to_owned(),
                })
            }
            other => Err(format!("the rehearsal cloud does not offer listener actions of type '{other}'")),
        }
    }

    pub(super) fn target_groups(&self) -> impl Iterator<Item = &str> {
        let groups = match self {
            Self::Forward { target_groups } => target_groups.as_slice(),
            Self::FixedResponse { .. } => &[],
        };
        groups.iter().map(|group| group.arn.as_str())
    }
}

impl Condition {
    pub(super) fn parse(condition: &Properties) -> Result<Self, String> {
        let field = text(condition, "Field").unwrap_or_default();
        let values = |config: &str| {
            let nested = object(condition, config).map(|config| texts(config, "Values")).unwrap_or_default();
            if nested.is_empty() { texts(condition, "Values") } else { nested }
        };
        let parsed = match field {
            "path-pattern" => Self::Path(values("PathPatternConfig")),
            "host-header" => Self::Host(values("HostHeaderConfig")),
            "http-request-method" => Self::Method(values("HttpRequestMethodConfig")),
            "http-header" => {
                let config = object(condition, "HttpHeaderConfig");
                let name = config.and_then(|config| text(config, "HttpHeaderName")).unwrap_or_default().to_owned();
                Self::Header { name, values: values("HttpHeaderConfig") }
            }
            other => return Err(format!("the rehearsal cloud does not offer listener conditions on '{other}'")),
        };
        let (Self::Path(values) | Self::Host(values) | Self::Method(values) | Self::Header { values, .. }) = &parsed;
        if values.is_empty() {
            return Err("A condition value must be specified".to_owned());
        }
        if 5 < values.len() {
            return Err("A rule can only have '5' condition values".to_owned());
        }
        Ok(parsed)
    }

    pub(super) fn fits(&self, parts: &http::request::Parts, path: &str) -> bool {
        let header = |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        match self {
            Self::Path(patterns) => patterns.iter().any(|pattern| glob(pattern, path)),
            Self::Host(patterns) => {
                let host = header("host").to_lowercase();
                patterns.iter().any(|pattern| glob(&pattern.to_lowercase(), &host))
            }
            Self::Method(methods) => methods.iter().any(|method| method == parts.method.as_str()),
            Self::Header { name, values } => values.iter().any(|pattern| glob(pattern, header(name))),
        }
    }
}

/// `*` stands for any characters, `?` for one.
pub(super) fn glob(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    // Row by row of the usual table: whether the pattern so far matches the first `n` characters.
    let mut reachable = vec![false; text.len() + 1];
    if let Some(first) = reachable.first_mut() {
        *first = true;
    }
    for sign in pattern {
        let mut next = vec![false; text.len() + 1];
        let mut any_before = false;
        for (index, slot) in next.iter_mut().enumerate() {
            let here = reachable.get(index).copied().unwrap_or(false);
            any_before |= here;
            *slot = if sign == '*' {
                any_before
            } else {
                let before = index.checked_sub(1);
                let matched =
                    before.and_then(|before| text.get(before)).is_some_and(|letter| sign == '?' || *letter == sign);
                matched && before.and_then(|before| reachable.get(before)).copied().unwrap_or(false)
            };
        }
        reachable = next;
    }
    reachable.last().copied().unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::glob;

    #[test]
    fn path_patterns_match_as_the_load_balancer_matches_them() {
        for (pattern, path, expected) in [
            ("/v1/accounts/*", "/v1/accounts/login", true),
            ("/v1/accounts/*", "/v1/accounts", false),
            ("/v1/docs", "/v1/docs", true),
            ("/v1/docs", "/v1/docs/x", false),
            ("*", "/anything", true),
            ("/v?/x", "/v2/x", true),
            ("/v?/x", "/v/x", false),
            ("/*/b/*", "/a/b/c", true),
        ] {
            assert_eq!(glob(pattern, path), expected, "{pattern} against {path}");
        }
    }
}
