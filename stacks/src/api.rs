//! The public door: one REST API in front of all services.

use crate::compute::{Compute, Door};
use crate::identity::Identity;
use crate::naming;
use crate::network::Network;
use como_config::Environment;
use como_constructs::apigateway::{Authorizer, Document, Operation, PrivateIntegration};
use como_constructs::apigateway::{RestApi, RestApiProps, Throttle};
use como_constructs::logs::{LogGroup, LogGroupProps, Retention};
use como_contract::route::{Access, MEMBER_SCOPE, ROUTES, Route};
use como_contract::service::Service;
use como_core::stack::Stack;

/// The proposal's peak is far below; what is above is a fault or an attack.
const THROTTLE: Throttle = Throttle { requests_per_second: 100.0, burst: 200 };

pub(crate) fn api(
    environment: &Environment,
    deployed: &[Service],
    network: &Network,
    identity: &Identity,
    compute: &Compute,
    door: &Door,
) -> Stack {
    let mut stack = naming::stack(environment, "api", "COMO: the public API");
    let mut scope = stack.scope();
    let access_log = LogGroup::new(
        &mut scope,
        "AccessLog",
        LogGroupProps {
            name: naming::log_group(environment, "api-access"),
            retention: Retention::ThreeMonths,
            key: &network.log_key,
        },
    );
    let description = "Experiences and rewards for COMO's members";
    let document = Document {
        title: "COMO middleware",
        description,
        version: "1",
        authorizer: Authorizer { name: "member", user_pool: &identity.members },
        integration: PrivateIntegration { link: &compute.link, load_balancer: &door.load_balancer },
        operations: ROUTES.iter().filter(|route| deployed.contains(&route.service)).map(operation).collect(),
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
            access_log: &access_log,
            after: None,
        },
    );
    scope.output("ApiUrl", "Where the API answers", &api.url());
    stack
}

fn operation(route: &Route) -> Operation<'_> {
    let scopes = match route.access {
        Access::Public => None,
        Access::Member => Some(vec![MEMBER_SCOPE]),
    };
    Operation { method: route.method, path: route.path, scopes }
}
