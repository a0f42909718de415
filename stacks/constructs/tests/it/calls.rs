use crate::support::{key, log_group, only, template};
use como_constructs::events::{BusOfRegion, Rule, RuleProps, Trigger};
use como_constructs::iam::{GitHub, Permissions, RepositoryIds, SourceRepository, Statement};
use como_constructs::iam::{Workflow, WorkflowRole, WorkflowRoleProps};
use como_constructs::lambda::{Archive, Function, FunctionProps};
use como_constructs::sqs::{DeadLetters, DeadLettersProps};
use serde_json::json;
use std::collections::BTreeMap;

#[test]
fn a_function_is_called_by_its_rule_and_by_nothing_else() {
    let template = template(|scope| {
        let key = key(scope);
        let logs = log_group(scope, &key);
        let dead_letters =
            DeadLetters::new(scope, "DeadLetters", DeadLettersProps { name: "test-dead".to_owned(), key: &key });
        let props = FunctionProps {
            name: "test-work".to_owned(),
            description: "Works",
            handler: "work",
            archive: Archive { bucket: &"assets".into(), key: &"functions/1.zip".into() },
            timeout_s: 60,
            concurrency: 1,
            variables: BTreeMap::from([("WHERE", "test".into())]),
            key: &key,
            logs: &logs,
            dead_letters: &dead_letters,
            permissions: Permissions::none(),
        };
        let function = Function::new(scope, "Function", props);
        let often = RuleProps {
            name: "test-often".to_owned(),
            description: "Every five minutes",
            trigger: Trigger::Schedule("rate(5 minutes)"),
        };
        Rule::calling(scope, "Often", often, &function);
    });
    let types = ["AWS::Events::Rule", "AWS::IAM::Role", "AWS::Lambda::Function", "AWS::Lambda::Permission"];
    insta::assert_snapshot!(only(&template, &types));
}

#[test]
fn events_are_passed_on_to_another_region() {
    let template = template(|scope| {
        let props = RuleProps {
            name: "test-elsewhere".to_owned(),
            description: "Alarms",
            trigger: Trigger::Pattern(json!({ "source": ["aws.cloudwatch"] })),
        };
        Rule::forwarding(scope, "Elsewhere", props, BusOfRegion { region: "ap-southeast-2" });
    });
    insta::assert_snapshot!(only(&template, &["AWS::Events::Rule", "AWS::IAM::Role"]));
}

#[test]
fn a_workflow_takes_on_a_role_by_whole_subjects() {
    let template = template(|scope| {
        let github = GitHub::new(scope, "GitHub");
        let mut permissions = Permissions::none();
        permissions.add(Statement::allow(["s3:GetObject"], ["arn:aws:s3:::bucket/key".into()]));
        let props = WorkflowRoleProps {
            name: "test-deploy".to_owned(),
            description: "Deploys",
            github: &github,
            repository: SourceRepository {
                owner: "owner",
                name: "name",
                ids: Some(RepositoryIds { owner: "12", repository: "345" }),
            },
            when: vec![Workflow::PullRequest, Workflow::Branch("main"), Workflow::Environment("prod")],
            permissions,
        };
        WorkflowRole::new(scope, "Deploy", props);
    });
    insta::assert_snapshot!(only(&template, &["AWS::IAM::OIDCProvider", "AWS::IAM::Role"]));
}
