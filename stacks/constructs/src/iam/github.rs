//! Roles for workflows on GitHub, which hold no credentials.

use crate::iam::{Condition, Permissions, Principal, Statement, policy_document};
use como_core::resource::{Handle, Options, RemovalPolicy};
use como_core::stack::Scope;
use como_core::value::Value;
use como_resources::iam;

/// The account's trust in GitHub's tokens. There is one in an account, so it is kept when the stack that made it goes.
#[derive(Debug, Clone)]
pub struct GitHub {
    handle: Handle<iam::OidcProvider>,
}

/// A role that workflows of one repository take on.
#[derive(Debug, Clone)]
pub struct WorkflowRole {
    handle: Handle<iam::Role>,
}

#[derive(Debug)]
pub struct WorkflowRoleProps<'a> {
    /// Workflows name their role, so it has a name.
    pub name: String,
    pub description: &'a str,
    pub github: &'a GitHub,
    pub repository: SourceRepository<'a>,
    pub when: Vec<Workflow<'a>>,
    pub permissions: Permissions,
}

/// A repository as GitHub names it in its tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SourceRepository<'a> {
    pub owner: &'a str,
    pub name: &'a str,
    /// Without them a repository of the same name, made after this one is gone, would be taken for it.
    pub ids: Option<RepositoryIds<'a>>,
}

/// The numbers that GitHub never gives twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RepositoryIds<'a> {
    pub owner: &'a str,
    pub repository: &'a str,
}

/// Which of a repository's workflows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Workflow<'a> {
    PullRequest,
    /// On a branch, after review.
    Branch(&'a str),
    /// Bound to an environment of GitHub's, whose rules (approval, branches) are checked before it starts.
    Environment(&'a str),
}

const ISSUER: &str = "token.actions.githubusercontent.com";

impl GitHub {
    pub fn new(scope: &mut Scope<'_>, id: &str) -> Self {
        let provider = iam::OidcProvider {
            url: Some(format!("https://{ISSUER}").into()),
            client_id_list: Some(["sts.amazonaws.com"].into()),
            ..iam::OidcProvider::new()
        };
        let kept = Options { removal: Some(RemovalPolicy::Retain), ..Options::default() };
        Self { handle: scope.add_with(id, &provider, kept) }
    }

    #[must_use]
    pub fn arn(&self) -> Value<String> {
        self.handle.get(iam::OidcProvider::ARN)
    }
}

impl WorkflowRole {
    pub fn new(scope: &mut Scope<'_>, id: &str, props: WorkflowRoleProps<'_>) -> Self {
        let is = |key, values| Condition { operator: "StringEquals", key, values };
        let repositories = props.repository.written();
        let subjects = props.when.iter().flat_map(|workflow| {
            repositories.iter().map(|repository| workflow.subject(repository).into()).collect::<Vec<_>>()
        });
        let mut conditions = vec![
            is("token.actions.githubusercontent.com:aud", vec!["sts.amazonaws.com".into()]),
            is("token.actions.githubusercontent.com:sub", subjects.collect()),
        ];
        if let Some(ids) = props.repository.ids {
            conditions.push(is("token.actions.githubusercontent.com:repository_id", vec![ids.repository.into()]));
        }
        let trust = policy_document(&[Statement {
            principal: Some(Principal::Federated(props.github.arn())),
            conditions,
            ..Statement::allow(["sts:AssumeRoleWithWebIdentity"], [])
        }]);
        let policy = iam::role::Policy::new(policy_document(props.permissions.statements()), "Permissions");
        let suppressions = props.permissions.suppressions();
        let role = iam::Role {
            role_name: Some(props.name.into()),
            description: Some(props.description.into()),
            policies: Some(vec![policy]),
            ..iam::Role::new(trust)
        };
        Self { handle: scope.add_with(id, &role, Options { suppressions, ..Options::default() }) }
    }

    #[must_use]
    pub fn arn(&self) -> Value<String> {
        self.handle.get(iam::Role::ARN)
    }
}

impl SourceRepository<'_> {
    /// As subjects have it: by names and, for repositories that are new, renamed or switched over, by names and numbers. No
    /// name can have an `@`, so nobody can register the second form as a name.
    /// <https://docs.github.com/actions/concepts/security/openid-connect>
    fn written(self) -> Vec<String> {
        let Self { owner, name, ids } = self;
        let numbered = ids.map(|ids| format!("{owner}@{}/{name}@{}", ids.owner, ids.repository));
        std::iter::once(format!("{owner}/{name}")).chain(numbered).collect()
    }
}

impl Workflow<'_> {
    /// The whole subject, never a pattern: `repo:owner/name*` would be everybody's whose name begins so.
    fn subject(self, repository: &str) -> String {
        match self {
            Self::PullRequest => format!("repo:{repository}:pull_request"),
            Self::Branch(branch) => format!("repo:{repository}:ref:refs/heads/{branch}"),
            Self::Environment(environment) => format!("repo:{repository}:environment:{environment}"),
        }
    }
}
