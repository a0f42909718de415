//! A distribution's configuration, as far as it changes what is served.

use crate::services::property::{Properties, as_number, flag, object, objects, text, texts};
use serde::{Deserialize, Serialize};
use serde_json::Value;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Config {
    pub(super) is_enabled: bool,
    pub(super) aliases: Vec<String>,
    pub(super) root: Option<String>,
    pub(super) origins: Vec<Origin>,
    pub(super) groups: Vec<Group>,
    /// The default behaviour is the last, and fits every path.
    pub(super) behaviours: Vec<Behaviour>,
    pub(super) error_pages: Vec<ErrorPage>,
}

/// A bucket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Origin {
    pub(super) id: String,
    pub(super) bucket: String,
    pub(super) path: String,
    /// Whether CloudFront signs its requests with an origin access control.
    pub(super) is_signed: bool,
}

/// A first origin and what follows when it answers with one of these statuses, or not at all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Group {
    pub(super) id: String,
    pub(super) members: Vec<String>,
    pub(super) statuses: Vec<u16>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Behaviour {
    pub(super) pattern: String,
    pub(super) target: String,
    pub(super) methods: Vec<String>,
    pub(super) headers_policy: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct ErrorPage {
    pub(super) status: u16,
    pub(super) page: Option<String>,
    pub(super) answer: Option<u16>,
}

impl Config {
    /// Of `AWS::CloudFront::Distribution`; the reason of a refusal in CloudFront's words where it has some.
    pub(super) fn parse(properties: &Properties) -> Result<Self, String> {
        let config = object(properties, "DistributionConfig").ok_or("DistributionConfig must be specified")?;
        let origins: Result<Vec<Origin>, String> = objects(config, "Origins").map(Origin::parse).collect();
        let origins = origins?;
        let groups = object(config, "OriginGroups").into_iter().flat_map(|groups| objects(groups, "Items"));
        let groups: Vec<Group> = groups.map(Group::parse).collect();
        let default = object(config, "DefaultCacheBehavior").ok_or("DefaultCacheBehavior must be specified")?;
        let others = objects(config, "CacheBehaviors").map(|one| Behaviour::parse(one, text(one, "PathPattern")));
        let behaviours: Vec<Behaviour> = others.chain([Behaviour::parse(default, None)]).collect();
        let is_origin = |id: &str| origins.iter().any(|origin| origin.id == id);
        let missing_member = groups.iter().flat_map(|group| &group.members).find(|id| !is_origin(id));
        let is_target = |id: &str| is_origin(id) || groups.iter().any(|group| group.id == id);
        let missing = missing_member.or_else(|| behaviours.iter().map(|one| &one.target).find(|id| !is_target(id)));
        if missing.is_some() {
            return Err("One or more of your origins or origin groups do not exist.".to_owned());
        }
        Ok(Self {
            is_enabled: flag(config, "Enabled").unwrap_or(false),
            aliases: texts(config, "Aliases").iter().map(|name| name.to_lowercase()).collect(),
            root: text(config, "DefaultRootObject").filter(|root| !root.is_empty()).map(str::to_owned),
            origins,
            groups,
            behaviours,
            error_pages: objects(config, "CustomErrorResponses").filter_map(ErrorPage::parse).collect(),
        })
    }
}

impl Origin {
    fn parse(origin: &Properties) -> Result<Self, String> {
        let domain = text(origin, "DomainName").unwrap_or_default();
        let (bucket, _) = domain
            .split_once(".s3.")
            .filter(|(_, rest)| rest.ends_with("amazonaws.com"))
            .ok_or_else(|| format!("the rehearsal cloud does not offer origins other than buckets: {domain}"))?;
        Ok(Self {
            id: text(origin, "Id").unwrap_or_default().to_owned(),
            bucket: bucket.to_owned(),
            path: text(origin, "OriginPath").unwrap_or_default().to_owned(),
            is_signed: text(origin, "OriginAccessControlId").is_some_and(|id| !id.is_empty()),
        })
    }
}

impl Group {
    fn parse(group: &Properties) -> Self {
        let members = object(group, "Members").into_iter().flat_map(|members| objects(members, "Items"));
        let statuses = object(group, "FailoverCriteria").and_then(|criteria| object(criteria, "StatusCodes"));
        let statuses = statuses.and_then(|codes| codes.get("Items")).and_then(Value::as_array).into_iter().flatten();
        Self {
            id: text(group, "Id").unwrap_or_default().to_owned(),
            members: members.filter_map(|member| text(member, "OriginId")).map(str::to_owned).collect(),
            statuses: statuses.filter_map(as_number).filter_map(|status| status.try_into().ok()).collect(),
        }
    }
}

impl Behaviour {
    fn parse(behaviour: &Properties, pattern: Option<&str>) -> Self {
        let mut methods = texts(behaviour, "AllowedMethods");
        if methods.is_empty() {
            methods = vec!["GET".to_owned(), "HEAD".to_owned()];
        }
        let pattern = pattern.unwrap_or("*").trim_start_matches('/');
        Self {
            pattern: if pattern == "*" { pattern.to_owned() } else { format!("/{pattern}") },
            target: text(behaviour, "TargetOriginId").unwrap_or_default().to_owned(),
            methods,
            headers_policy: text(behaviour, "ResponseHeadersPolicyId").map(str::to_owned),
        }
    }
}

impl ErrorPage {
    fn parse(page: &Properties) -> Option<Self> {
        let number = |name: &str| page.get(name).and_then(as_number).and_then(|status| u16::try_from(status).ok());
        Some(Self {
            status: number("ErrorCode")?,
            page: text(page, "ResponsePagePath").map(str::to_owned),
            answer: number("ResponseCode"),
        })
    }
}
