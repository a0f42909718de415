//! The functions of each environment, and what calls them.

use crate::environments::all_by_name;
use crate::support::resources;
use como_contract::function::{Function, IMAGE_REPOSITORY, WANTED_VARIABLE};
use como_core::assembly::Assembly;
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;

fn each() -> BTreeMap<&'static str, Assembly> {
    all_by_name().into_iter().collect()
}

fn named<'a>(
    assembly: &'a Assembly,
    resource_type: &'static str,
    property: &'static str,
) -> BTreeMap<String, &'a Json> {
    let found = assembly.stacks.iter().flat_map(|stack| stack.template.resources.values());
    let found = found.filter(|resource| resource.resource_type == resource_type);
    // What AWS names has a name only when it is there.
    found.filter_map(|one| Some((one.properties[property].as_str()?.to_owned(), &one.properties))).collect()
}

#[test]
fn every_environment_has_its_functions_and_the_stand_in_one_more() {
    for (environment, assembly) in each() {
        let found = named(&assembly, "AWS::Lambda::Function", "FunctionName");
        let wanted = Function::ALL
            .into_iter()
            .filter(|function| *function != Function::RecoveryTrigger || environment == "sydney");
        let wanted: Vec<Function> = wanted.collect();
        assert_eq!(found.len(), wanted.len(), "{environment}: {:?}", found.keys());
        for function in wanted {
            let properties = found[&function.name(environment)];
            assert_eq!(properties["Handler"], function.handler());
            assert_eq!(properties["ReservedConcurrentExecutions"], 1);
            assert!(properties["DeadLetterConfig"]["TargetArn"].is_object() && properties["KmsKeyArn"].is_object());
            let group = format!("/como/{environment}/{}", function.handler());
            let group = named(&assembly, "AWS::Logs::LogGroup", "LogGroupName")[&group];
            assert_eq!(group["RetentionInDays"], 90);
            let alarm = format!("como-{environment}-{}-dead", function.handler());
            assert!(named(&assembly, "AWS::CloudWatch::Alarm", "AlarmName").contains_key(&alarm), "{alarm}");
        }
    }
}

#[test]
fn an_image_calls_the_function_of_the_region_where_it_arrives() {
    let expected = |kind: &str, action: &str| {
        json!({
            "source": ["aws.ecr"],
            "detail-type": [kind],
            "detail": { "action-type": [action], "result": ["SUCCESS"], "repository-name": [IMAGE_REPOSITORY] },
        })
    };
    for (environment, assembly) in each() {
        let rule = named(&assembly, "AWS::Events::Rule", "Name")[&format!("como-{environment}-deploy-on-push")].clone();
        let (kind, action, wanted) = match environment {
            "prod" => ("ECR Image Action", "PUSH", "approved"),
            "dev" => ("ECR Image Action", "PUSH", "every-push"),
            _ => ("ECR Replication Action", "REPLICATE", "approved"),
        };
        assert_eq!(rule["EventPattern"], expected(kind, action), "{environment}");
        let function =
            named(&assembly, "AWS::Lambda::Function", "FunctionName")[&format!("como-{environment}-deploy-on-push")];
        assert_eq!(function["Environment"]["Variables"][WANTED_VARIABLE], wanted, "{environment}");
    }
}

/// It would only fail, and call a person each time: it comes later, or the secrets are replicas that nobody here may write.
#[test]
fn no_schedule_calls_a_function_that_can_only_fail() {
    for (environment, assembly) in each() {
        let rules = named(&assembly, "AWS::Events::Rule", "Name");
        for function in [Function::Reconcile, Function::TokenRefresh] {
            let rule = rules[&function.name(environment)];
            let is_idle = function == Function::TokenRefresh && environment == "sydney";
            let state = if function.comes_later() || is_idle { "DISABLED" } else { "ENABLED" };
            assert_eq!(rule["State"], state, "{environment} {}", function.handler());
        }
        assert_eq!(rules[&Function::Reconcile.name(environment)]["ScheduleExpression"], "rate(5 minutes)");
        assert_eq!(rules[&Function::TokenRefresh.name(environment)]["ScheduleExpression"], "rate(30 minutes)");
    }
}

#[test]
fn the_loss_of_singapore_calls_the_trigger_in_sydney() {
    let sydney = &each()["sydney"];
    let (stack, _, check) = resources(sydney, "AWS::Route53::HealthCheck").next().unwrap();
    assert_eq!((stack.name.as_str(), stack.region.as_str()), ("como-sydney-watch-global", "us-east-1"));
    let config = &check.properties["HealthCheckConfig"];
    // Not the name that moves to Sydney in a fail-over.
    assert_eq!(config["FullyQualifiedDomainName"], "ap-southeast-1.api.como.example");
    assert_eq!(config["ResourcePath"], "/v1/openapi.json");
    let alarms = named(sydney, "AWS::CloudWatch::Alarm", "AlarmName");
    let down = alarms["como-sydney-prod-down"];
    assert_eq!((&down["DatapointsToAlarm"], &down["EvaluationPeriods"]), (&json!(4), &json!(5)));
    assert_eq!(down["TreatMissingData"], "breaching");
    let rules = named(sydney, "AWS::Events::Rule", "Name");
    let (there, here) = (rules["como-sydney-pass-on"], rules["como-sydney-recovery"]);
    assert_eq!(there["EventPattern"], here["EventPattern"]);
    assert_eq!(here["EventPattern"]["detail"]["alarmName"][0], "como-sydney-prod-down");
    let target = there["Targets"][0]["Arn"]["Fn::Sub"].as_str().unwrap();
    assert!(target.ends_with(":events:ap-southeast-2:${AWS::AccountId}:event-bus/default"), "{target}");
    let watch = sydney.stack("como-sydney-watch").unwrap();
    assert_eq!(watch.bindings[here["Targets"][0]["Arn"]["Ref"].as_str().unwrap()].output, "RecoveryTriggerArn");
    let parameters = named(sydney, "AWS::SSM::Parameter", "Name");
    for control in ["/como/prod/dr/mode", "/como/prod/dr/armed", "/como/prod/dr/epoch"] {
        assert!(parameters.contains_key(control), "{control}");
    }
}

/// They are about what is in the base: a queue that nobody empties, mail that comes back, functions that fail.
#[test]
fn a_stand_in_that_is_not_up_has_its_alarms() {
    for (posture, assembly) in crate::environments::other_postures() {
        let alarms = named(&assembly, "AWS::CloudWatch::Alarm", "AlarmName");
        for alarm in
            ["effects-old", "effects-dead", "mail-bounces", "mail-complaints", "recovery-called", "reconcile-dead"]
        {
            let alarm = alarms.get(&format!("como-sydney-{alarm}")).unwrap_or_else(|| panic!("{posture}: {alarm}"));
            assert!(alarm["AlarmActions"][0].is_object(), "{posture}: somebody hears of it");
        }
    }
}
