//! Where a host name leads: through Route 53 to a distribution, or to a custom domain and by its mapping to a stage.

use super::cloudfront::CloudFront;
use super::declared::Declared;
use super::route53::Route53;
use crate::services::property::text;
use std::sync::Arc;

pub(crate) struct Names {
    pub(crate) route53: Arc<Route53>,
    pub(crate) declared: Arc<Declared>,
    pub(crate) cloudfront: Arc<CloudFront>,
}

/// What answers for a name.
pub(crate) enum Destination {
    Stage {
        api: String,
        stage: String,
        /// Without the mapping's base path.
        path: String,
    },
    /// The loopback port of a distribution.
    Distribution(u16),
}

impl Names {
    pub(crate) fn destination(&self, host: &str, path: &str) -> Option<Destination> {
        let host = host.split(':').next().unwrap_or_default().to_lowercase();
        let is_of_aws = host.contains(".execute-api.") || host.ends_with(".cloudfront.net");
        let target = if is_of_aws { host.clone() } else { self.route53.resolve(&host)? };
        if target.ends_with(".cloudfront.net") {
            // A distribution answers under its own name and its aliases alone, whoever leads to it.
            return self.cloudfront.port(&host).map(Destination::Distribution);
        }
        let domains = self.declared.all("AWS::ApiGateway::DomainName");
        let (region, domain) = domains.into_iter().find_map(|(region, properties, attributes)| {
            let own = attributes.get("RegionalDomainName")?.as_str()?;
            (own == target).then(|| Some((region, text(&properties, "DomainName")?.to_owned())))?
        })?;
        let mut mappings = self.declared.all("AWS::ApiGateway::BasePathMapping");
        mappings.retain(|(here, mapping, _)| *here == region && text(mapping, "DomainName") == Some(&domain));
        // The longest base path that fits.
        let fitting = mappings.iter().filter_map(|(_, mapping, _)| {
            let base = text(mapping, "BasePath").filter(|base| *base != "(none)").unwrap_or_default();
            let rest = if base.is_empty() { path } else { path.strip_prefix('/')?.strip_prefix(base)? };
            (rest.is_empty() || rest.starts_with('/')).then_some((base.len(), rest, mapping))
        });
        let (_, rest, mapping) = fitting.max_by_key(|(length, ..)| *length)?;
        Some(Destination::Stage {
            api: text(mapping, "RestApiId")?.to_owned(),
            stage: text(mapping, "Stage")?.to_owned(),
            path: if rest.is_empty() { "/".to_owned() } else { rest.to_owned() },
        })
    }
}
