//! The public door: one REST API in front of all services.

use crate::compute::Compute;
use crate::door;
use crate::identity::Identity;
use crate::naming;
use crate::network::Network;
use como_config::Environment;
use como_constructs::apigateway::{Authorizer, Body, Document, Operation, PrivateIntegration};
use como_constructs::apigateway::{RestApi, RestApiProps, Throttle};
use como_constructs::elb::LoadBalancer;
use como_contract::route::{Access, MEMBER_SCOPE, ROUTES, Route, SETTLE_SCOPE, WEBHOOKS, Webhook};
use como_contract::service::{Definition, Service};
use como_core::stack::Stack;

/// The proposal's peak is far below; what is above is a fault or an attack.
const THROTTLE: Throttle = Throttle { requests_per_second: 100.0, burst: 200 };

/// A partner that says the same thing again and again must not take members' share.
const WEBHOOK_THROTTLE: Throttle = Throttle { requests_per_second: 20.0, burst: 40 };

/// What an API stands between.
#[derive(Clone, Copy)]
pub(crate) struct Between<'a> {
    pub(crate) door: &'a door::Door,
    pub(crate) identity: &'a Identity,
    pub(crate) compute: &'a Compute,
    pub(crate) load_balancer: &'a LoadBalancer,
}

pub(crate) fn api(
    environment: &Environment,
    deployed: &[&'static Definition],
    network: &Network,
    between: Between<'_>,
) -> Stack {
    let mut stack = naming::stack(environment, "api", "COMO: the public API");
    let mut scope = stack.scope();
    let description = "Experiences and rewards for COMO's members";
    let document = Document {
        title: "COMO middleware",
        description,
        version: "1",
        authorizer: Authorizer { name: "member", user_pool: &between.identity.members },
        integration: PrivateIntegration {
            link: &between.compute.link,
            load_balancer: between.load_balancer,
            host: &naming::services_domain(environment),
        },
        cors: naming::cors(environment),
        operations: operations(deployed),
    };
    let api = RestApi::new(
        &mut scope,
        "Api",
        RestApiProps {
            name: naming::name(environment, ""),
            description,
            document: document.to_json(),
            stage: environment.name().as_str().to_owned(),
            throttle: THROTTLE,
            method_throttles: document.method_throttles(),
            access_log: &between.door.access_log,
            log_key: &network.log_key,
            after: None,
        },
    );
    between.door.firewall.protect(&mut scope, "Firewall", &api);
    between.door.domain.lead_to(&mut scope, "Name", &api);
    if let Some(own) = &between.door.own_domain {
        own.lead_to(&mut scope, "OwnName", &api);
    }
    let url = format!("https://{}", naming::api_domain(environment));
    scope.output("ApiUrl", "Where the API answers", &url.into());
    scope.share("ApiId", "The API", &api.id());
    stack
}

fn operations(deployed: &[&'static Definition]) -> Vec<Operation<'static>> {
    let is_deployed = |service: Service| deployed.contains(&service.definition());
    let routes = ROUTES.iter().filter(|route| is_deployed(route.service)).map(operation);
    let webhooks = WEBHOOKS.iter().filter(|webhook| is_deployed(webhook.service)).map(webhook);
    routes.chain(webhooks).collect()
}

/// A partner has no token of ours; the signature is checked by the service.
fn webhook(webhook: &Webhook) -> Operation<'static> {
    Operation {
        method: "post",
        path: webhook.path,
        scopes: None,
        required_headers: webhook.signature_header.into_iter().collect(),
        body: Body::Any,
        throttle: Some(WEBHOOK_THROTTLE),
    }
}

fn operation(route: &Route) -> Operation<'static> {
    let scopes = match route.access {
        Access::Public => None,
        Access::Member => Some(vec![MEMBER_SCOPE]),
        Access::Operator => Some(vec![SETTLE_SCOPE]),
    };
    Operation { method: route.method, path: route.path, scopes, ..Operation::default() }
}
