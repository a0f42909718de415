//! Load balancers within the VPC.

use crate::acm::Certificate;
use crate::ec2::SecurityGroup;
use crate::s3::LogBucket;
use como_core::resource::{Handle, Options};
use como_core::stack::Scope;
use como_core::suppression::Suppression;
use como_core::value::Value;
use como_resources::elasticloadbalancingv2::{self as elb, listener, load_balancer};

/// An Application Load Balancer that only the VPC reaches.
#[derive(Debug, Clone)]
pub struct LoadBalancer {
    handle: Handle<elb::LoadBalancer>,
}

#[derive(Debug)]
pub struct LoadBalancerProps<'a> {
    pub name: String,
    /// In two zones at least.
    pub subnets: Vec<Value<String>>,
    pub guard: &'a SecurityGroup,
    /// Of the same region; one that load balancers may write into.
    pub access_log: &'a LogBucket,
}

/// The port of the listener.
pub const HTTPS: u16 = 443;
/// TLS 1.3, and 1.2 with forward secrecy and authenticated ciphers only.
/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html>
const SECURITY_POLICY: &str = "ELBSecurityPolicy-TLS13-1-2-2021-06";

/// Where the load balancer takes requests; rules say where they go.
#[derive(Debug, Clone)]
pub struct Listener {
    handle: Handle<elb::Listener>,
}

impl LoadBalancer {
    pub fn new(scope: &mut Scope<'_>, id: &str, props: LoadBalancerProps<'_>) -> Self {
        let attributes = [
            // Requests whose headers two parsers read differently are how one caller's request becomes another's.
            ("routing.http.drop_invalid_header_fields.enabled", "true"),
            ("routing.http.desync_mitigation_mode", "strictest"),
            ("idle_timeout.timeout_seconds", "60"),
        ];
        let attribute = |key: &str, value: Value<String>| load_balancer::LoadBalancerAttribute {
            key: Some(key.into()),
            value: Some(value),
        };
        let mut attributes: Vec<_> = attributes.into_iter().map(|(key, value)| attribute(key, value.into())).collect();
        attributes.push(attribute("access_logs.s3.enabled", "true".into()));
        attributes.push(attribute("access_logs.s3.bucket", props.access_log.name()));
        attributes.push(attribute("access_logs.s3.prefix", format!("elb/{}", props.name).into()));
        let can_go = Suppression::new(
            ["ELB.6"],
            "It holds nothing; its stack is protected, and CloudFormation has to be able to replace it",
        );
        let handle = scope.add_with(
            id,
            &elb::LoadBalancer {
                name: Some(props.name.into()),
                r#type: Some(load_balancer::Type::Application.into()),
                scheme: Some(load_balancer::Scheme::Internal.into()),
                ip_address_type: Some(load_balancer::IpAddressType::Ipv4.into()),
                subnets: Some(props.subnets.into()),
                security_groups: Some([props.guard.id()].into()),
                load_balancer_attributes: Some(attributes),
                ..elb::LoadBalancer::new()
            },
            Options { suppressions: vec![can_go], ..Options::default() },
        );
        Self { handle }
    }

    /// A listener for TLS 1.3 and 1.2 that answers 404 to what no rule takes.
    pub fn listen(&self, scope: &mut Scope<'_>, id: &str, certificate: &Certificate) -> Listener {
        let nothing = listener::Action {
            fixed_response_config: Some(listener::FixedResponseConfig {
                // The load balancer takes five content types, and `application/problem+json` is none of them.
                content_type: Some("application/json".into()),
                message_body: Some(r#"{"title":"no such route","status":404}"#.into()),
                ..listener::FixedResponseConfig::new("404")
            }),
            ..listener::Action::new(listener::Type::FixedResponse)
        };
        let handle = scope.add(
            id,
            elb::Listener {
                port: Some(i64::from(HTTPS).into()),
                protocol: Some(listener::Protocol::Https.into()),
                ssl_policy: Some(SECURITY_POLICY.into()),
                certificates: Some(vec![listener::Certificate { certificate_arn: Some(certificate.arn()) }]),
                ..elb::Listener::new(vec![nothing], self.arn())
            },
        );
        Listener { handle }
    }

    #[must_use]
    pub fn arn(&self) -> Value<String> {
        self.handle.reference()
    }

    #[must_use]
    pub fn dns_name(&self) -> Value<String> {
        self.handle.get(elb::LoadBalancer::DNS_NAME)
    }

    /// What its metrics call it, for example `app/como-prod/50dc6c495c0c9188`.
    #[must_use]
    pub fn full_name(&self) -> Value<String> {
        self.handle.get(elb::LoadBalancer::LOAD_BALANCER_FULL_NAME)
    }
}

impl Listener {
    #[must_use]
    pub fn arn(&self) -> Value<String> {
        self.handle.reference()
    }
}
