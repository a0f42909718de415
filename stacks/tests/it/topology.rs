//! How the stacks stand on each other, and what they say of availability.

use crate::support::{PRODUCTION, assembly, environment, resources};
use como_core::resource::is_stateful;
use serde_json::json;

#[test]
fn each_stack_follows_what_it_needs() {
    let assembly = assembly();
    let check = |stack: &str, expected: &[&str]| {
        let found = &assembly.stack(&format!("como-prod-{stack}")).unwrap().dependencies;
        let found: Vec<&String> = found.iter().filter(|name| name.starts_with("como-prod-")).collect();
        let expected: Vec<String> = expected.iter().map(|name| format!("como-prod-{name}")).collect();
        assert!(found.iter().copied().eq(&expected), "{stack}: {found:?}");
    };
    check("network", &[]);
    check("keys-recovery", &["keys"]);
    check("data", &["keys", "keys-recovery"]);
    check("identity", &[]);
    check("certificates", &["zone"]);
    check("compute", &["certificates", "network"]);
    check("access", &["data", "identity", "keys", "messaging", "network"]);
    check("functions", &["access", "data", "keys", "messaging", "network"]);
    check("pipeline", &["data", "functions", "keys"]);
    check("svc-accounts", &["access", "compute", "functions", "identity", "network"]);
    check("svc-experiences", &["access", "compute", "functions", "identity", "network"]);
    check(
        "api",
        &[
            "compute",
            "door",
            "identity",
            "network",
            "svc-accounts",
            "svc-bookings",
            "svc-experiences",
            "svc-redemptions",
        ],
    );
}

#[test]
fn cross_stack_parameters_name_existing_outputs() {
    let assembly = assembly();
    for stack in &assembly.stacks {
        for (parameter, binding) in &stack.bindings {
            assert!(stack.template.parameters.contains_key(parameter), "{} {parameter}", stack.name);
            let producer = assembly.stack(&binding.stack).unwrap();
            let output = producer.template.outputs.get(&binding.output);
            let named = output.and_then(|output| output.description.as_deref()).unwrap_or_default();
            // A generated output says "read by"; every value that crosses stacks should have a name that stays.
            assert!(output.is_some() && !named.starts_with("read by"), "{} {parameter}", stack.name);
        }
    }
}

#[test]
fn what_is_stateful_is_kept() {
    for stack in assembly().stacks {
        for (id, resource) in &stack.template.resources {
            if is_stateful(&resource.resource_type) {
                let kept = resource.deletion_policy.is_some() && resource.update_replace_policy.is_some();
                assert!(kept, "{} {id}", stack.name);
            }
        }
    }
}

#[test]
fn production_is_protected_against_deletion() {
    assert!(assembly().stacks.iter().all(|stack| stack.termination_protection));
}

#[test]
fn a_zone_without_its_own_nat_gateway_uses_another_ones() {
    let one = PRODUCTION.replace("nat_gateways: 2", "nat_gateways: 1");
    let assembly = como_stacks::app(&environment(&one)).unwrap();
    assert_eq!(resources(&assembly, "AWS::EC2::NatGateway").count(), 1);
    let through: Vec<_> = resources(&assembly, "AWS::EC2::Route")
        .filter_map(|(_, _, route)| route.properties.get("NatGatewayId").cloned())
        .collect();
    assert_eq!(through.len(), 2);
    assert_eq!(through.first(), through.last());
}

#[test]
fn the_sizes_are_the_environments() {
    let larger = PRODUCTION.replacen("cpu: 256", "cpu: 512", 1).replacen("memory: 512", "memory: 1024", 1);
    let assembly = como_stacks::app(&environment(&larger)).unwrap();
    let sizes: Vec<_> = resources(&assembly, "AWS::ECS::TaskDefinition")
        .map(|(_, _, task)| json!([task.properties["Cpu"], task.properties["Memory"]]))
        .collect();
    let small = || json!(["256", "512"]);
    assert_eq!(sizes, [json!(["512", "1024"]), small(), small(), small()]);
}
