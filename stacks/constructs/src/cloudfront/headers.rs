//! What every page says of itself to the browser.

use como_core::resource::Handle;
use como_core::stack::Scope;
use como_core::value::Value;
use como_resources::cloudfront::{self, response_headers_policy as policy};

/// Headers that keep a browser from what the pages never ask for.
#[derive(Debug, Clone)]
pub struct ResponseHeaders {
    handle: Handle<cloudfront::ResponseHeadersPolicy>,
}

#[derive(Debug)]
pub struct ResponseHeadersProps {
    pub name: String,
    /// From where the pages may load what, directive by directive.
    pub content_security_policy: String,
}

/// Two years, which is what browsers' own lists ask for.
const TLS_ONLY_SECONDS: i64 = 63_072_000;

impl ResponseHeaders {
    pub fn new(scope: &mut Scope<'_>, id: &str, props: ResponseHeadersProps) -> Self {
        let security = policy::SecurityHeadersConfig {
            content_security_policy: Some(policy::ContentSecurityPolicy::new(props.content_security_policy, true)),
            content_type_options: Some(policy::ContentTypeOptions::new(true)),
            frame_options: Some(policy::FrameOptions::new("DENY", true)),
            referrer_policy: Some(policy::ReferrerPolicy::new(true, "strict-origin-when-cross-origin")),
            strict_transport_security: Some(policy::StrictTransportSecurity {
                include_subdomains: Some(true.into()),
                ..policy::StrictTransportSecurity::new(TLS_ONLY_SECONDS, true)
            }),
            ..policy::SecurityHeadersConfig::new()
        };
        let headers = [
            ("Cross-Origin-Opener-Policy", "same-origin"),
            ("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()"),
        ];
        let custom = headers.map(|(name, value)| policy::CustomHeader::new(name, true, value));
        let config = policy::ResponseHeadersPolicyConfig {
            security_headers_config: Some(security),
            custom_headers_config: Some(policy::CustomHeadersConfig::new(custom.into())),
            ..policy::ResponseHeadersPolicyConfig::new(props.name)
        };
        Self { handle: scope.add(id, cloudfront::ResponseHeadersPolicy::new(config)) }
    }

    #[must_use]
    pub fn id(&self) -> Value<String> {
        self.handle.reference()
    }
}
