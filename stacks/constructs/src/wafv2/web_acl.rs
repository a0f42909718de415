//! Web ACLs.

use super::rules::{rules, visible};
use crate::apigateway::RestApi;
use crate::logs::LogGroup;
use como_core::resource::Handle;
use como_core::stack::Scope;
use como_core::value::Value;
use como_resources::wafv2::{self, logging_configuration, web_acl};
use std::collections::BTreeMap;

/// Seven rules: how many requests an address may send, five groups of AWS's own, and a count of where requests come from.
#[derive(Debug, Clone)]
pub struct WebAcl {
    handle: Handle<wafv2::WebAcl>,
}

#[derive(Debug)]
pub struct WebAclProps<'a> {
    pub name: String,
    pub description: &'a str,
    pub defence: Defence<'a>,
    /// Its name begins with [`FIREWALL_LOG_PREFIX`].
    pub log: &'a LogGroup,
}

/// Names of the groups that a web ACL may log into begin so.
/// <https://docs.aws.amazon.com/waf/latest/developerguide/logging-cw-logs.html>
pub const FIREWALL_LOG_PREFIX: &str = "aws-waf-logs-";

/// What differs from one protected thing to the next.
#[derive(Debug)]
pub struct Defence<'a> {
    pub in_front_of: InFrontOf,
    /// Of one address.
    pub requests_per_5_minutes: i64,
    /// Where most members are; requests from elsewhere are counted.
    pub home_countries: Vec<&'static str>,
    /// Paths below this one take bodies of up to 64 KB, from hosting companies too.
    pub webhook_path: Option<&'a str>,
}

/// What a web ACL stands in front of. One of a distribution must be in us-east-1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InFrontOf {
    Api,
    Distribution,
}

impl WebAcl {
    pub fn new(scope: &mut Scope<'_>, id: &str, props: WebAclProps<'_>) -> Self {
        let mut scope = scope.child(id);
        let allow =
            web_acl::DefaultAction { allow: Some(web_acl::AllowAction::new()), ..web_acl::DefaultAction::new() };
        let in_front_of = props.defence.in_front_of;
        let handle = scope.add(
            "Resource",
            wafv2::WebAcl {
                name: Some(props.name.as_str().into()),
                description: Some(props.description.into()),
                association_config: Some(in_front_of.inspect_large_bodies()),
                rules: Some(rules(&props.defence, &props.name)),
                ..wafv2::WebAcl::new(allow, in_front_of.scope(), visible(&props.name))
            },
        );
        let logging = wafv2::LoggingConfiguration {
            redacted_fields: Some(vec![credentials()]),
            ..wafv2::LoggingConfiguration::new([props.log.arn_without_streams()], handle.get(wafv2::WebAcl::ARN))
        };
        scope.add("Logging", logging);
        Self { handle }
    }

    #[must_use]
    pub fn arn(&self) -> Value<String> {
        self.handle.get(wafv2::WebAcl::ARN)
    }

    /// Puts the firewall in front of the stage of `api`. A distribution names its firewall itself.
    pub fn protect(&self, scope: &mut Scope<'_>, id: &str, api: &RestApi) {
        scope.add(id, wafv2::WebAclAssociation::new(api.stage_arn(), self.arn()));
    }
}

impl InFrontOf {
    const fn scope(self) -> web_acl::WebAclScope {
        match self {
            Self::Api => web_acl::WebAclScope::Regional,
            Self::Distribution => web_acl::WebAclScope::Cloudfront,
        }
    }

    /// 64 KB instead of 16, the most that WAF looks at: what is beyond would pass uninspected.
    fn inspect_large_bodies(self) -> web_acl::AssociationConfig {
        let resource = match self {
            Self::Api => "API_GATEWAY",
            Self::Distribution => "CLOUDFRONT",
        };
        let limit = web_acl::RequestBodyAssociatedResourceTypeConfig::new(web_acl::DefaultSizeInspectionLimit::Kb64);
        web_acl::AssociationConfig { request_body: Some(BTreeMap::from([(resource.to_owned(), limit)])) }
    }
}

/// Access tokens do not belong into a log.
fn credentials() -> logging_configuration::FieldToMatch {
    logging_configuration::FieldToMatch {
        single_header: Some(logging_configuration::SingleHeader::new("authorization")),
        ..logging_configuration::FieldToMatch::new()
    }
}
