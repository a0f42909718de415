//! What a template gives a task is what the task reads, and what the API offers is what the services serve.

use crate::support::{assembly, resources, strings};
use como_contract::route::{Access, MEMBER_SCOPE, READINESS_PATH, ROUTES, SETTLE_SCOPE, WEBHOOKS};
use como_contract::secret::{Secret, secrets_of};
use como_contract::service::Service;
use como_contract::setting::settings_of;
use como_contract::{table, task};
use como_core::assembly::{Assembly, StackArtifact};
use serde_json::{Value as Json, json};

fn container(assembly: &Assembly, service: Service) -> (&StackArtifact, &Json) {
    let name = format!("como-prod-svc-{}", service.name());
    let found = resources(assembly, "AWS::ECS::TaskDefinition").find(|(stack, ..)| stack.name == name);
    let (stack, _, definition) = found.expect("a task definition");
    let containers = definition.properties["ContainerDefinitions"].as_array().unwrap();
    assert_eq!(containers.len(), 1);
    (stack, &containers[0])
}

#[test]
fn the_command_has_the_contracts_arguments() {
    let assembly = assembly();
    for service in Service::ALL {
        let (stack, container) = container(&assembly, service);
        let expected = json!([
            task::SERVE,
            task::SERVICE,
            service.name(),
            task::ENVIRONMENT,
            "prod",
            task::REGION,
            { "Ref": "AWS::Region" },
            task::USER_POOL_ID,
            { "Ref": "IdentityUserPoolId" },
            task::USER_POOL_CLIENT_ID,
            { "Ref": "IdentityUserPoolClientId" },
            task::PORT,
            task::CONTAINER_PORT.to_string(),
            task::ORIGINS,
            "https://como.example,https://app.como.example",
        ]);
        assert_eq!(container["Command"], expected);
        assert_eq!(stack.bindings["IdentityUserPoolId"].output, "UserPoolId");
        assert_eq!(stack.bindings["IdentityUserPoolClientId"].output, "UserPoolClientId");
    }
}

#[test]
fn a_task_gets_its_secrets_and_nothing_in_plain_variables() {
    let assembly = assembly();
    for service in Service::ALL {
        let (stack, container) = container(&assembly, service);
        assert!(container.get("Environment").is_none() && container.get("EnvironmentFiles").is_none());
        let given: Vec<(&str, &str)> = container["Secrets"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|given| Secret::ALL.iter().any(|secret| given["Name"] == secret.variable()))
            .map(|secret| {
                let parameter = secret["ValueFrom"]["Ref"].as_str().unwrap();
                (secret["Name"].as_str().unwrap(), stack.bindings[parameter].output.as_str())
            })
            .collect();
        let expected: Vec<(&str, &str)> =
            secrets_of(service).iter().map(|secret| (secret.variable(), output(*secret).unwrap())).collect();
        assert_eq!(given, expected);
        let names: Vec<&str> =
            container["Secrets"].as_array().unwrap().iter().map(|given| given["Name"].as_str().unwrap()).collect();
        let settings = settings_of(service).iter().map(|setting| setting.variable());
        assert!(settings.clone().all(|setting| names.contains(&setting)), "{names:?}");
        assert_eq!(names.len(), expected.len() + settings.count(), "{names:?}");
    }
}

const fn output(secret: Secret) -> Option<&'static str> {
    match secret {
        Secret::MembersonCredentials => Some("MembersonCredentialsArn"),
        Secret::SevenRoomsCredentials => Some("SevenroomsCredentialsArn"),
        Secret::SessionKey => Some("SessionKeyArn"),
        Secret::MemberPasswordKey => Some("MemberPasswordKeyArn"),
        _ => None,
    }
}

#[test]
fn secrets_and_tables_have_the_contracts_names() {
    let assembly = assembly();
    let names = |resource_type: &str, property: &str| -> Vec<String> {
        resources(&assembly, resource_type)
            .map(|(_, _, resource)| resource.properties[property].as_str().unwrap().to_owned())
            .collect()
    };
    let secrets: Vec<String> = Secret::ALL.iter().map(|secret| secret.name("prod")).collect();
    assert_eq!(names("AWS::SecretsManager::Secret", "Name"), secrets);
    let tables = [
        table::configuration("prod"),
        table::sessions("prod"),
        table::journal("prod"),
        table::idempotency("prod"),
        table::webhook_events("prod"),
        table::manual_actions("prod"),
    ];
    let named: Vec<String> = names("AWS::DynamoDB::GlobalTable", "TableName")
        .into_iter()
        .filter(|name| *name != table::lease("prod"))
        .collect();
    assert_eq!(named, tables);
    for (_, _, secret) in resources(&assembly, "AWS::SecretsManager::Secret") {
        let named = Secret::ALL.iter().find(|known| secret.properties["Name"] == known.name("prod")).unwrap();
        assert_eq!(secret.properties.get("GenerateSecretString").is_some(), named.is_generated());
        assert!(secret.properties.get("SecretString").is_none(), "no template holds a secret's value");
    }
}

#[test]
fn the_api_offers_the_contracts_routes_and_no_others() {
    let assembly = assembly();
    let (_, _, api) = resources(&assembly, "AWS::ApiGateway::RestApi").next().unwrap();
    let mut offered: Vec<(String, String, Json)> = Vec::new();
    for (path, methods) in api.properties["Body"]["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            if method == "options" {
                assert_eq!(operation["x-amazon-apigateway-integration"]["type"], "mock");
                continue;
            }
            offered.push((method.clone(), path.clone(), operation["security"].clone()));
            let integration = &operation["x-amazon-apigateway-integration"];
            assert_eq!(integration["uri"], format!("https://services.como.example{path}"));
            assert_eq!(integration["httpMethod"], method.to_ascii_uppercase());
            assert_eq!(integration["connectionType"], "VPC_LINK");
            assert_eq!(integration["integrationTarget"], json!({ "Ref": "ComputeLoadBalancerArn" }));
        }
    }
    let deployed = ROUTES.iter().filter(|route| Service::ALL.contains(&route.service));
    let expected: Vec<(String, String, Json)> = deployed
        .map(|route| {
            let security = match route.access {
                Access::Public => json!([]),
                Access::Member => json!([{ "member": [MEMBER_SCOPE] }]),
                Access::Operator => json!([{ "member": [SETTLE_SCOPE] }]),
            };
            (route.method.to_owned(), route.path.to_owned(), security)
        })
        .chain(WEBHOOKS.iter().map(|webhook| ("post".to_owned(), webhook.path.to_owned(), json!([]))))
        .collect();
    assert_eq!(offered, expected);
}

/// As the load balancer compares: `*` is any characters, slashes included, or none.
fn matches(pattern: &str, path: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == path,
        Some((start, rest)) => path.strip_prefix(start).is_some_and(|path| {
            path.char_indices().map(|(at, _)| at).chain([path.len()]).any(|at| matches(rest, &path[at..]))
        }),
    }
}

#[test]
fn every_route_leads_to_its_service_and_to_no_other() {
    let assembly = assembly();
    for route in ROUTES {
        let path = route.path.replace("{id}", "some-id").replace("{asset}", "some.js");
        for path in [path.clone(), format!("/prod{path}")] {
            let takers: Vec<&str> = resources(&assembly, "AWS::ElasticLoadBalancingV2::ListenerRule")
                .filter(|(_, _, rule)| {
                    let condition = &rule.properties["Conditions"][0];
                    assert_eq!(condition["Field"], "path-pattern");
                    let patterns = strings(&condition["PathPatternConfig"]["Values"]);
                    let stars: usize = patterns.iter().map(|pattern| pattern.matches('*').count()).sum();
                    assert!(patterns.len() <= 5 && stars <= 5, "the load balancer allows five of each a rule");
                    patterns.iter().any(|pattern| matches(pattern, &path))
                })
                .map(|(stack, ..)| stack.name.as_str())
                .collect();
            assert_eq!(takers, [format!("como-prod-svc-{}", route.service.name())], "{path}");
        }
    }
}

#[test]
fn the_load_balancer_asks_for_readiness_where_the_task_listens() {
    for (_, _, group) in resources(&assembly(), "AWS::ElasticLoadBalancingV2::TargetGroup") {
        assert_eq!(group.properties["HealthCheckPath"], READINESS_PATH);
        assert_eq!(group.properties["Port"], task::CONTAINER_PORT);
    }
}
