//! The stacks of an environment, put together.

use crate::primary::primary;
use crate::standby::standby;
use como_config::Environment;
use como_contract::service::Service;
use como_core::app::App;
use como_core::assembly::Assembly;
use como_core::stack::Mistake;

/// The services that are deployed; each takes a line here and a block in the environment's file.
pub const DEPLOYED_SERVICES: [Service; 4] = Service::ALL;

/// The ECR repository of the one image that all services run.
pub const IMAGE_REPOSITORY: &str = "como/runtime";

/// Everything that `environment` has on AWS, its stacks in the order of their deployment.
///
/// # Errors
/// Every mistake in the constructs at once. An environment cannot cause one: what it may say has been checked before.
pub fn app(environment: &Environment) -> Result<Assembly, Vec<Mistake>> {
    with_services(environment, &DEPLOYED_SERVICES)
}

fn with_services(environment: &Environment, deployed: &[Service]) -> Result<Assembly, Vec<Mistake>> {
    let mut app = App::new();
    match environment.standby() {
        None => primary(environment, deployed).stacks.into_iter().for_each(|stack| app.add(stack)),
        Some(role) => {
            let of = primary(role.of(), deployed);
            standby(environment, role, &of, deployed).into_iter().for_each(|stack| app.add(stack));
            of.stacks.into_iter().for_each(|stack| app.add_deployed(stack));
        }
    }
    app.synthesise()
}

#[cfg(test)]
mod tests {
    use super::*;
    use como_core::assembly::StackArtifact;
    use std::collections::BTreeSet;

    /// A service takes a line in [`DEPLOYED_SERVICES`] and its block in the file; this is that line for all of them.
    #[test]
    fn every_service_of_the_contract_can_be_deployed() {
        let text = include_str!("../../environments/prod.yaml");
        let environment = como_config::parse("prod.yaml", text).unwrap_or_else(|mistakes| panic!("{mistakes:?}"));
        let assembly = with_services(&environment, &Service::ALL).unwrap_or_else(|mistakes| panic!("{mistakes:?}"));
        let services: Vec<&StackArtifact> =
            assembly.stacks.iter().filter(|stack| stack.name.starts_with("como-prod-svc-")).collect();
        assert_eq!(services.len(), Service::ALL.len());
        let access = assembly.stack("como-prod-access");
        let property = |resource_type: &str, property: &str| -> BTreeSet<String> {
            let resources = services.iter().copied().chain(access).flat_map(|stack| stack.template.resources.values());
            resources
                .filter(|resource| resource.resource_type == resource_type)
                .filter_map(|resource| resource.properties.get(property))
                .map(ToString::to_string)
                .collect()
        };
        for (resource_type, name) in [
            ("AWS::ElasticLoadBalancingV2::ListenerRule", "Priority"),
            ("AWS::ElasticLoadBalancingV2::TargetGroup", "Name"),
            ("AWS::ECS::Service", "ServiceName"),
            ("AWS::ECS::TaskDefinition", "Family"),
            ("AWS::Logs::LogGroup", "LogGroupName"),
        ] {
            assert_eq!(property(resource_type, name).len(), Service::ALL.len(), "{resource_type} {name}");
        }
        for rule in property("AWS::ElasticLoadBalancingV2::ListenerRule", "Conditions") {
            assert!(rule.matches('*').count() <= 5, "the load balancer allows five wildcards a rule: {rule}");
        }
    }
}
