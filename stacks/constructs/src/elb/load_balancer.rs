//! Load balancers within the VPC.

use crate::ec2::SecurityGroup;
use como_core::resource::Handle;
use como_core::stack::Scope;
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
}

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
        let attributes = attributes.map(|(key, value)| load_balancer::LoadBalancerAttribute {
            key: Some(key.into()),
            value: Some(value.into()),
        });
        let handle = scope.add(
            id,
            elb::LoadBalancer {
                name: Some(props.name.into()),
                r#type: Some(load_balancer::Type::Application.into()),
                scheme: Some(load_balancer::Scheme::Internal.into()),
                ip_address_type: Some(load_balancer::IpAddressType::Ipv4.into()),
                subnets: Some(props.subnets.into()),
                security_groups: Some([props.guard.id()].into()),
                load_balancer_attributes: Some(attributes.into()),
                ..elb::LoadBalancer::new()
            },
        );
        Self { handle }
    }

    /// A listener for plain HTTP that answers 404 to what no rule takes.
    pub fn listen_http(&self, scope: &mut Scope<'_>, id: &str, port: u16) -> Listener {
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
                port: Some(i64::from(port).into()),
                protocol: Some(listener::Protocol::Http.into()),
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
