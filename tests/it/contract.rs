//! What a template gives a task or a function is what its program reads, and the other way round, with the runtime's own code on one side
//! and the synthesised templates on the other. Renaming a variable or an argument on either side fails here, even where both
//! sides forgot the constant that they share.

use crate::templates::{assembly, of_type};
use clap::{Args as _, Command, FromArgMatches as _};
use como_contract::function::{EVERY_PUSH, Function, HANDLER_VARIABLE, REGION_VARIABLE, WANTED_VARIABLE};
use como_contract::service::Service;
use como_contract::task::{EXIT_WITH_STDIN_VARIABLE, LISTEN_VARIABLE, SERVE};
use como_core::assembly::Assembly;
use como_lambdas::environment::FunctionEnvironment;
use como_runtime::arguments::ServeArgs;
use como_runtime::environment::TaskEnvironment;
use serde_json::Value;
use std::cell::RefCell;
use std::collections::BTreeSet;

/// What a deployment leaves to the runtime's own default: nothing that is known of an environment changes it.
const LEFT_TO_THE_RUNTIME: [&str; 2] = ["--configuration-refresh-s", "--sweep-s"];

/// The containers of the task definitions, as the templates have them.
fn containers(assembly: &Assembly) -> Vec<Value> {
    let definitions = of_type(assembly, "AWS::ECS::TaskDefinition");
    definitions.flat_map(|task| task.properties["ContainerDefinitions"].as_array().unwrap().clone()).collect()
}

/// The command with something in place of each value that only a deployment knows.
fn words(container: &Value) -> Vec<String> {
    let words = container["Command"].as_array().unwrap();
    words.iter().map(|word| word.as_str().unwrap_or("known-when-deployed").to_owned()).collect()
}

fn serve() -> Command {
    ServeArgs::augment_args(Command::new("como-runtime").no_binary_name(true))
}

fn arguments(container: &Value) -> ServeArgs {
    let words = words(container);
    assert_eq!(words[0], SERVE);
    let matches = serve().try_get_matches_from(&words[1..]).unwrap();
    ServeArgs::from_arg_matches(&matches).unwrap()
}

/// Whose pages the API's document lets in: the first stands in every preflight, the others in the template that compares.
fn origins_of_the_document(assembly: &Assembly) -> Option<Vec<String>> {
    let api = of_type(assembly, "AWS::ApiGateway::RestApi").next()?;
    let paths = api.properties["Body"]["paths"].as_object().unwrap();
    let mut found: Option<Vec<String>> = None;
    for methods in paths.values() {
        let answer = &methods["options"]["x-amazon-apigateway-integration"]["responses"]["default"];
        let first = answer["responseParameters"]["method.response.header.Access-Control-Allow-Origin"].as_str();
        let template = answer["responseTemplates"]["application/json"].as_str().unwrap();
        let others = template.split("$origin == \"").skip(1).filter_map(|rest| Some(rest.split_once('"')?.0));
        let origins =
            std::iter::once(first.unwrap().trim_matches('\'')).chain(others.filter(|origin| !origin.is_empty()));
        let origins: Vec<String> = origins.map(str::to_owned).collect();
        assert_eq!(*found.get_or_insert_with(|| origins.clone()), origins, "every path has the same");
    }
    found
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

/// Every option that the runtime has, but for those that are meant for a person's own machine.
fn check_options(container: &Value) {
    let given: BTreeSet<String> = words(container).into_iter().filter(|word| word.starts_with("--")).collect();
    let command = serve();
    let offered = command.get_arguments().filter_map(|argument| argument.get_long()).map(|name| format!("--{name}"));
    let needed: BTreeSet<String> = offered.filter(|name| !LEFT_TO_THE_RUNTIME.contains(&name.as_str())).collect();
    assert_eq!(given, needed);
}

fn check(environment: &str, changes: &[(&str, &str)]) -> Assembly {
    let assembly = assembly(environment, changes);
    let origins = origins_of_the_document(&assembly);
    let of_rehearsals = BTreeSet::from([LISTEN_VARIABLE.to_owned(), EXIT_WITH_STDIN_VARIABLE.to_owned()]);
    let mut served = BTreeSet::new();
    for container in containers(&assembly) {
        let arguments = arguments(&container);
        let service = arguments.service;
        check_options(&container);
        assert_eq!(Some(arguments.origins), origins, "{environment} {}", service.name());
        served.insert(service);
        assert!(container.get("Environment").is_none() && container.get("EnvironmentFiles").is_none());
        let secrets = container["Secrets"].as_array().unwrap();
        let given: BTreeSet<String> =
            secrets.iter().map(|secret| secret["Name"].as_str().unwrap().to_owned()).collect();
        assert_eq!(given.len(), secrets.len(), "a variable is given twice");
        let read: BTreeSet<String> = read_by(service).difference(&of_rehearsals).cloned().collect();
        assert_eq!(given, read, "{environment} {}", service.name());
    }
    assert_eq!(served, BTreeSet::from(Service::ALL), "{environment}");
    assembly
}

#[test]
fn production_gives_each_task_what_it_reads() {
    check("prod", &[]);
}

#[test]
fn development_gives_each_task_what_it_reads() {
    check("dev", &[]);
}

/// The tables and the secrets are production's there, and the pages that call are its own.
#[test]
fn a_warm_stand_in_gives_each_task_what_it_reads() {
    let assembly = check("sydney", &[("posture: pilot-light", "posture: warm")]);
    for container in containers(&assembly) {
        let arguments = arguments(&container);
        assert_eq!((arguments.environment.as_str(), arguments.origins[0].as_str()), ("prod", "https://como.example"));
    }
}

/// The functions of an environment: handler, and the names of the variables that its template gives.
fn functions(environment: &str) -> Vec<(String, BTreeSet<String>)> {
    let assembly = assembly(environment, &[]);
    let found = of_type(&assembly, "AWS::Lambda::Function").map(|function| {
        let variables = function.properties["Environment"]["Variables"].as_object().unwrap();
        (function.properties["Handler"].as_str().unwrap().to_owned(), variables.keys().cloned().collect())
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
