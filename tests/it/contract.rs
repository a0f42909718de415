//! What a template gives a task or a function is what its program reads, and the other way round, with the runtime's own code on one side
//! and the synthesised templates on the other. Renaming a variable or an argument on either side fails here, even where both
//! sides forgot the constant that they share.

use clap::{Args as _, Command, FromArgMatches as _};
use como_config::{Contents, Siblings};
use como_contract::function::{EVERY_PUSH, Function, HANDLER_VARIABLE, REGION_VARIABLE, WANTED_VARIABLE};
use como_contract::service::Service;
use como_contract::task::{EXIT_WITH_STDIN_VARIABLE, LISTEN_VARIABLE, SERVE};
use como_lambdas::environment::FunctionEnvironment;
use como_runtime::arguments::ServeArgs;
use como_runtime::environment::TaskEnvironment;
use como_stacks::DEPLOYED_SERVICES;
use serde_json::Value;
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::path::Path;

/// The properties of an environment's resources of one type, as the templates have them.
fn resources(environment: &str, resource_type: &str) -> Vec<Value> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../environments");
    let read = |name: &str| fs_err::read_to_string(folder.join(format!("{name}.yaml"))).unwrap();
    let names = ["prod", "dev", "sydney"].into_iter().filter(|name| folder.join(format!("{name}.yaml")).is_file());
    let siblings = names
        .filter(|name| *name != environment)
        .fold(Siblings::default(), |siblings, name| siblings.with(name.to_owned(), read(name)));
    let text = read(environment);
    let contents = como_config::read(environment, text.as_bytes(), &siblings).unwrap();
    let Contents::Environment(environment) = contents else { panic!("{environment} is a proposal") };
    let assembly = como_stacks::app(&environment).unwrap();
    let resources = assembly.stacks.iter().flat_map(|stack| stack.template.resources.values());
    let wanted = resources.filter(|resource| resource.resource_type == resource_type);
    wanted.map(|resource| resource.properties.clone()).collect()
}

fn containers(environment: &str) -> Vec<Value> {
    let definitions = resources(environment, "AWS::ECS::TaskDefinition").into_iter();
    definitions.flat_map(|task| task["ContainerDefinitions"].as_array().unwrap().clone()).collect()
}

/// The command with something in place of each value that only a deployment knows.
fn arguments(container: &Value) -> ServeArgs {
    let words = container["Command"].as_array().unwrap();
    let words = words.iter().map(|word| word.as_str().unwrap_or("known-when-deployed").to_owned());
    let serve = ServeArgs::augment_args(Command::new("como-runtime").no_binary_name(true));
    let words: Vec<String> = words.collect();
    assert_eq!(words[0], SERVE);
    let matches = serve.try_get_matches_from(&words[1..]).unwrap();
    ServeArgs::from_arg_matches(&matches).unwrap()
}

/// The variables that the runtime looks at when it starts as this service.
fn read_by(service: Service) -> BTreeSet<String> {
    let asked = RefCell::new(BTreeSet::new());
    let environment = TaskEnvironment::read(service, 8080, |name| {
        asked.borrow_mut().insert(name.to_owned());
        Some(if name == LISTEN_VARIABLE { "127.0.0.1:8080" } else { "x" }.to_owned())
    });
    assert!(environment.is_ok(), "{environment:?}");
    asked.into_inner()
}

fn check(environment: &str) {
    let of_rehearsals = BTreeSet::from([LISTEN_VARIABLE.to_owned(), EXIT_WITH_STDIN_VARIABLE.to_owned()]);
    let mut served = BTreeSet::new();
    for container in containers(environment) {
        let service = arguments(&container).service;
        served.insert(service);
        assert!(container.get("Environment").is_none() && container.get("EnvironmentFiles").is_none());
        let secrets = container["Secrets"].as_array().unwrap();
        let given: BTreeSet<String> =
            secrets.iter().map(|secret| secret["Name"].as_str().unwrap().to_owned()).collect();
        assert_eq!(given.len(), secrets.len(), "a variable is given twice");
        let read: BTreeSet<String> = read_by(service).difference(&of_rehearsals).cloned().collect();
        assert_eq!(given, read, "{environment} {}", service.name());
    }
    assert_eq!(served, BTreeSet::from(DEPLOYED_SERVICES), "{environment}");
}

#[test]
fn production_gives_each_task_what_it_reads() {
    check("prod");
}

/// The functions of an environment: handler, and the names of the variables that its template gives.
fn functions(environment: &str) -> Vec<(String, BTreeSet<String>)> {
    let found = resources(environment, "AWS::Lambda::Function").into_iter().map(|function| {
        let variables = function["Environment"]["Variables"].as_object().unwrap();
        (function["Handler"].as_str().unwrap().to_owned(), variables.keys().cloned().collect())
    });
    found.collect()
}

/// The variables that the program looks at when Lambda starts it as this function.
fn read_by_function(handler: &str) -> BTreeSet<String> {
    let asked = RefCell::new(BTreeSet::new());
    let environment = FunctionEnvironment::read(|name| {
        asked.borrow_mut().insert(name.to_owned());
        Some(match name {
            HANDLER_VARIABLE => handler.to_owned(),
            WANTED_VARIABLE => EVERY_PUSH.to_owned(),
            _ => "x".to_owned(),
        })
    });
    assert!(environment.is_ok(), "{environment:?}");
    asked.into_inner()
}

#[test]
fn each_function_is_given_what_it_reads() {
    let of_lambda = BTreeSet::from([HANDLER_VARIABLE.to_owned(), REGION_VARIABLE.to_owned()]);
    for environment in ["prod", "dev", "sydney"] {
        let mut handlers = BTreeSet::new();
        for (handler, given) in functions(environment) {
            let read: BTreeSet<String> = read_by_function(&handler).difference(&of_lambda).cloned().collect();
            assert_eq!(given, read, "{environment} {handler}");
            handlers.insert(handler);
        }
        let all = Function::ALL.into_iter();
        let expected: BTreeSet<String> = all
            .filter(|function| *function != Function::RecoveryTrigger || environment == "sydney")
            .map(|function| function.handler().to_owned())
            .collect();
        assert_eq!(handlers, expected, "{environment}");
    }
}
