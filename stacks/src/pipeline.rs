//! What GitHub's workflows may do: show what would change, push an image, release one. They hold no credentials; GitHub's
//! tokens say which workflow of which repository is asking.
//!
//! A release is the row that says which image is wanted, or a change set of a service's stack, which CloudFormation carries out
//! by the role for services. What else there is, people deploy: a role that could make all of it could do anything.

use crate::data::Data;
use crate::functions::{Functions, service_stacks};
use crate::naming;
use crate::topology::IMAGE_REPOSITORY;
use como_config::{Environment, Repository};
use como_constructs::ecr;
use como_constructs::iam::{Condition, GitHub, Permissions, RepositoryIds, SourceRepository, Statement};
use como_constructs::iam::{TrustedService, Workflow, WorkflowRole, WorkflowRoleProps};
use como_contract::configuration::WANTED_IMAGE;
use como_core::stack::Stack;
use como_core::value::Value;

/// The branch that is released from.
const BRANCH: &str = "main";

pub(crate) fn pipeline(
    environment: &Environment,
    repository: &Repository,
    github: &GitHub,
    data: &Data,
    functions: &Functions,
) -> Stack {
    let mut stack = naming::stack(environment, "pipeline", "COMO: what workflows on GitHub may do");
    let mut scope = stack.scope();
    let ids = environment.repository_ids().map(|ids| (ids.owner().to_string(), ids.repository().to_string()));
    let ids = ids.as_ref().map(|(owner, repository)| RepositoryIds { owner, repository });
    let repository = SourceRepository { owner: repository.owner(), name: repository.name(), ids };
    let mut role = |id: &str, what: &str, description: &str, when: Workflow<'_>, permissions| {
        let name = naming::name(environment, &format!("github-{what}"));
        let props = WorkflowRoleProps { name, description, github, repository, when: vec![when], permissions };
        let role = WorkflowRole::new(&mut scope, id, props);
        scope.output(&format!("{id}RoleArn"), description, &role.arn());
    };
    role("Plan", "plan", "Shows what a pull request would change", Workflow::PullRequest, plan(environment));
    role("Build", "build", "Pushes images", Workflow::Branch(BRANCH), build());
    let approved = Workflow::Environment(environment.name().as_str());
    role("Deploy", "deploy", "Releases an image after its approval", approved, deploy(environment, data, functions));
    stack
}

/// Looks at stacks and has change sets made; it can carry out none of them.
fn plan(environment: &Environment) -> Permissions {
    let mut permissions = Permissions::none();
    permissions.add(
        Statement::allow(["cloudformation:DescribeStacks"], ["*".into()])
            .with_wildcard_because("which stacks there are is asked of the whole region"),
    );
    let why = "CloudFormation puts an id of its own behind each stack's name, and one plan is for several regions";
    let stacks = |names: &str| {
        let arn = format!("arn:${{AWS::Partition}}:cloudformation:*:${{AWS::AccountId}}:stack/{names}/*");
        Value::substitute(&arn, [])
    };
    let look = [
        "cloudformation:DescribeChangeSet",
        "cloudformation:DescribeEvents",
        "cloudformation:DescribeStackEvents",
        "cloudformation:GetTemplate",
        "cloudformation:ListStackResources",
    ];
    permissions.add(Statement::allow(look, [stacks("como-*")]).with_wildcard_because(why));
    let propose = ["cloudformation:CreateChangeSet", "cloudformation:DeleteChangeSet"];
    permissions.add(Statement::allow(propose, [stacks(&naming::name(environment, "*"))]).with_wildcard_because(why));
    permissions
}

fn build() -> Permissions {
    let mut permissions = Permissions::none();
    ecr::Repository::named(IMAGE_REPOSITORY).grant_push(&mut permissions);
    permissions
}

fn deploy(environment: &Environment, data: &Data, functions: &Functions) -> Permissions {
    let mut permissions = Permissions::none();
    data.configuration.grant_row(&mut permissions, WANTED_IMAGE);
    let stacks = || service_stacks(environment);
    let why = "the services' stacks; CloudFormation puts an id of its own behind each name";
    let look = [
        "cloudformation:DescribeChangeSet",
        "cloudformation:DescribeStackEvents",
        "cloudformation:DescribeStacks",
        "cloudformation:GetTemplate",
    ];
    permissions.add(Statement::allow(look, [stacks()]).with_wildcard_because(why));
    let only = |operator, key, value: Value<String>| vec![Condition { operator, key, values: vec![value] }];
    permissions.add(Statement {
        conditions: only("StringEquals", "cloudformation:RoleArn", functions.execution.arn()),
        ..Statement::allow(["cloudformation:CreateChangeSet"], [stacks()]).with_wildcard_because(why)
    });
    permissions.add(Statement {
        // Those that were shown before the approval; nobody else's.
        conditions: only("StringLike", "cloudformation:ChangeSetName", "como-*".into()),
        ..Statement::allow(["cloudformation:DeleteChangeSet", "cloudformation:ExecuteChangeSet"], [stacks()])
            .with_wildcard_because(why)
    });
    functions.execution.grant_pass(&mut permissions, TrustedService::CloudFormation);
    permissions
}
