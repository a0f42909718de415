//! The functions of the topology: one archive holds them all, and the handler's name says which one runs.

/// A function of the environment. Its archive's [`ENTRY`] answers for all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Function {
    /// An image was pushed: the services roll over to it, where the environment wants every push.
    DeployOnPush,
    /// Every few minutes: services that do not run the wanted image roll over to it, since events of ECR are best effort.
    Reconcile,
    /// Before they expire, tokens of the partners are renewed.
    TokenRefresh,
    /// Singapore is lost, or looks so: the recovery in Sydney begins.
    RecoveryTrigger,
}

impl Function {
    pub const ALL: [Self; 4] = [Self::DeployOnPush, Self::Reconcile, Self::TokenRefresh, Self::RecoveryTrigger];

    /// The handler in Lambda's settings, and the last part of the function's name.
    #[must_use]
    pub const fn handler(self) -> &'static str {
        match self {
            Self::DeployOnPush => "deploy-on-push",
            Self::Reconcile => "reconcile",
            Self::TokenRefresh => "token-refresh",
            Self::RecoveryTrigger => "recovery-trigger",
        }
    }

    /// For example `como-prod-reconcile`.
    #[must_use]
    pub fn name(self, environment: &str) -> String {
        format!("como-{environment}-{}", self.handler())
    }

    /// Whether its work is not part of this release yet. It is deployed all the same, answers every invocation with an error
    /// that names it, and no schedule calls it: only what happens does, since then somebody has to hear of it.
    #[must_use]
    pub const fn comes_later(self) -> bool {
        match self {
            Self::DeployOnPush | Self::Reconcile | Self::TokenRefresh => false,
            Self::RecoveryTrigger => true,
        }
    }

    #[must_use]
    pub fn from_handler(handler: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|function| function.handler() == handler)
    }
}

/// The file of the archive that Lambda starts (`provided.al2023`).
pub const ENTRY: &str = "bootstrap";
/// In which Lambda tells the program its handler.
pub const HANDLER_VARIABLE: &str = "_HANDLER";
/// In which Lambda tells the program its region.
pub const REGION_VARIABLE: &str = "AWS_REGION";
/// The environment that a function works for, for example `prod`.
pub const ENVIRONMENT_VARIABLE: &str = "COMO_ENVIRONMENT";
/// The environment whose tables it works with: a stand-in has none of its own.
pub const DATA_ENVIRONMENT_VARIABLE: &str = "COMO_DATA_ENVIRONMENT";
/// [`EVERY_PUSH`] or [`APPROVED`]: which images [`Function::DeployOnPush`] makes the wanted one.
pub const WANTED_VARIABLE: &str = "COMO_WANTED";
/// Whatever is pushed is wanted: development.
pub const EVERY_PUSH: &str = "every-push";
/// Only what the deployment workflow has written after its approval is wanted; see
/// [`WANTED_IMAGE`](crate::configuration::WANTED_IMAGE).
pub const APPROVED: &str = "approved";

/// The role through which functions let CloudFormation change stacks; without it they need its rights themselves.
pub const EXECUTION_ROLE_VARIABLE: &str = "COMO_EXECUTION_ROLE";

/// The stack parameter that names the archive in the bucket of assets. A deployer supplies its value: the key holds the
/// archive's hash, so that CloudFormation sees when the code has changed.
pub const ARCHIVE_PARAMETER: &str = "FunctionsArchiveKey";

/// Where archives lie in the bucket of assets, for example `functions/<sha256>.zip`.
#[must_use]
pub fn archive_key(sha256: &str) -> String {
    format!("functions/{sha256}.zip")
}

/// The ECR repository of the one image that all services run.
pub const IMAGE_REPOSITORY: &str = "como/runtime";
