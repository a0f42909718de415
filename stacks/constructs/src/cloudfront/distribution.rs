//! Distributions.

use crate::acm::Certificate;
use crate::cloudfront::ResponseHeaders;
use crate::iam::{Permissions, Statement};
use crate::route53::AliasTarget;
use crate::s3::{Bucket, LogBucket};
use crate::wafv2::WebAcl;
use como_core::resource::{Handle, Options};
use como_core::stack::Scope;
use como_core::suppression::Suppression;
use como_core::value::Value;
use como_resources::cloudfront::{self, distribution, origin_access_control};

/// Static pages from private buckets: if the first does not answer, the second does, by itself and for each request.
#[derive(Debug, Clone)]
pub struct Distribution {
    handle: Handle<cloudfront::Distribution>,
}

#[derive(Debug)]
pub struct DistributionProps<'a> {
    /// Also names what belongs to the distribution.
    pub name: String,
    /// Under which it answers.
    pub domain: String,
    /// Of us-east-1, with the domain in it.
    pub certificate: &'a Certificate,
    /// Of us-east-1, in front of a distribution.
    pub web_acl: &'a WebAcl,
    pub headers: &'a ResponseHeaders,
    /// One that CloudFront may write into.
    pub log: &'a LogBucket,
    pub first: Origin<'a>,
    pub second: Option<Origin<'a>>,
    /// The page at the root, for example `index.html`.
    pub start_page: &'a str,
    /// Answered with 404 where there is nothing.
    pub not_found_page: &'a str,
}

#[derive(Debug, Clone, Copy)]
pub struct Origin<'a> {
    /// Unique within the distribution.
    pub id: &'a str,
    pub bucket: &'a Bucket,
}

/// Long, by the headers that the objects have; a change is invalidated by whoever uploads it.
/// <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html>
const MANAGED_CACHING_OPTIMIZED: &str = "658327ea-f89d-4fab-a63d-7e88639e58f6";
/// The zone of every distribution's own name.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-route53-recordset-aliastarget.html>
const CLOUDFRONT_ZONE: &str = "Z2FDTNDATAQYW2";
/// What a bucket answers when its region is in trouble. A region that does not answer at all counts too.
const FAILURES: [i64; 4] = [500, 502, 503, 504];

impl Distribution {
    pub fn new(scope: &mut Scope<'_>, id: &str, props: &DistributionProps<'_>) -> Self {
        let mut scope = scope.child(id);
        let access = scope.add(
            "OriginAccess",
            cloudfront::OriginAccessControl::new(origin_access_control::OriginAccessControlConfig::new(
                props.name.as_str(),
                "s3",
                "always",
                "sigv4",
            )),
        );
        let origins = std::iter::once(props.first).chain(props.second);
        let target = props.second.map_or(props.first.id, |_| GROUP);
        let config = distribution::DistributionConfig {
            aliases: Some([props.domain.as_str()].into()),
            comment: Some(props.name.as_str().into()),
            default_root_object: Some(props.start_page.into()),
            origins: Some(origins.map(|origin| origin.with_access(&access)).collect()),
            origin_groups: props.second.map(|second| failover(props.first, second)),
            custom_error_responses: Some(vec![not_found(props.not_found_page)]),
            http_version: Some(distribution::HttpVersion::Http2and3.into()),
            ipv6_enabled: Some(true.into()),
            // The smaller classes leave Australia out, where members are and where the site's second bucket is.
            // <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/PriceClass.html>
            price_class: Some(distribution::PriceClass::PriceClassAll.into()),
            restrictions: Some(distribution::Restrictions::new(distribution::GeoRestriction::new(
                distribution::RestrictionType::None,
            ))),
            viewer_certificate: Some(distribution::ViewerCertificate {
                acm_certificate_arn: Some(props.certificate.arn()),
                minimum_protocol_version: Some(distribution::MinimumProtocolVersion::TLSv1_2_2021.into()),
                ssl_support_method: Some(distribution::SslSupportMethod::SniOnly.into()),
                ..distribution::ViewerCertificate::new()
            }),
            web_acl_id: Some(props.web_acl.arn()),
            logging: Some(distribution::Logging {
                bucket: Some(props.log.domain_name()),
                prefix: Some(format!("cloudfront/{}/", props.name).into()),
                // Cookies have no place in a log.
                include_cookies: Some(false.into()),
            }),
            ..distribution::DistributionConfig::new(behaviour(target, props.headers), true)
        };
        let everywhere = Suppression::new(
            ["AwsSolutions-CFR1"],
            "Members travel; where requests come from is counted by the firewall instead",
        );
        let mut suppressions = vec![everywhere];
        if props.second.is_none() {
            suppressions.push(Suppression::new(
                ["CloudFront.4"],
                "An environment that recovers nowhere has its pages in one region",
            ));
        }
        let handle = scope.add_with(
            "Resource",
            &cloudfront::Distribution::new(config),
            Options { suppressions, ..Options::default() },
        );
        Self { handle }
    }

    #[must_use]
    pub fn id(&self) -> Value<String> {
        self.handle.reference()
    }

    /// For a record that leads the domain here.
    #[must_use]
    pub fn alias(&self) -> AliasTarget {
        AliasTarget {
            dns_name: self.handle.get(cloudfront::Distribution::DOMAIN_NAME),
            hosted_zone_id: CLOUDFRONT_ZONE.into(),
        }
    }

    /// Lets pages be forgotten that have changed.
    pub fn grant_invalidate(&self, permissions: &mut Permissions) {
        let arn = Value::substitute(
            "arn:${AWS::Partition}:cloudfront::${AWS::AccountId}:distribution/${Distribution}",
            [("Distribution", self.id())],
        );
        permissions.add(Statement::allow(["cloudfront:CreateInvalidation", "cloudfront:GetInvalidation"], [arn]));
    }
}

const GROUP: &str = "first-or-second";

impl Origin<'_> {
    fn with_access(self, access: &Handle<cloudfront::OriginAccessControl>) -> distribution::Origin {
        distribution::Origin {
            origin_access_control_id: Some(access.get(cloudfront::OriginAccessControl::ID)),
            // The older way of access, which must be there and empty.
            s3_origin_config: Some(distribution::S3OriginConfig {
                origin_access_identity: Some("".into()),
                ..distribution::S3OriginConfig::new()
            }),
            ..distribution::Origin::new(self.bucket.regional_domain_name(), self.id)
        }
    }
}

fn failover(first: Origin<'_>, second: Origin<'_>) -> distribution::OriginGroups {
    let codes: Vec<Value<i64>> = FAILURES.into_iter().map(Value::from).collect();
    let criteria =
        distribution::OriginGroupFailoverCriteria::new(distribution::StatusCodes::new(codes, quantity(&FAILURES)));
    let members = [first.id, second.id].map(distribution::OriginGroupMember::new);
    let members = distribution::OriginGroupMembers::new(members.into(), 2);
    distribution::OriginGroups {
        items: Some(vec![distribution::OriginGroup::new(criteria, GROUP, members)]),
        ..distribution::OriginGroups::new(1)
    }
}

fn quantity<T>(items: &[T]) -> i64 {
    i64::try_from(items.len()).unwrap_or(i64::MAX)
}

/// A private bucket answers 403 for an object that it does not have, since the reader may not list it.
fn not_found(page: &str) -> distribution::CustomErrorResponse {
    distribution::CustomErrorResponse {
        response_code: Some(404.into()),
        response_page_path: Some(format!("/{page}").into()),
        error_caching_min_ttl: Some(60.0.into()),
        ..distribution::CustomErrorResponse::new(403)
    }
}

fn behaviour(target: &str, headers: &ResponseHeaders) -> distribution::DefaultCacheBehavior {
    distribution::DefaultCacheBehavior {
        // An origin group answers nothing else anyway.
        allowed_methods: Some(["GET", "HEAD", "OPTIONS"].into()),
        cached_methods: Some(["GET", "HEAD"].into()),
        cache_policy_id: Some(MANAGED_CACHING_OPTIMIZED.into()),
        compress: Some(true.into()),
        response_headers_policy_id: Some(headers.id()),
        ..distribution::DefaultCacheBehavior::new(target, distribution::ViewerProtocolPolicy::RedirectToHttps)
    }
}
