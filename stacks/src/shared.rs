//! What an account has once in each region, whichever environments are in it: keys, buckets for archives and access logs, the
//! registry of images, and API Gateway's right to write logs. And once in all: the trust in GitHub's tokens.
//!
//! The stacks follow from the environment that owns them alone, so that every environment of the account makes the same.

use crate::naming;
use crate::topology::IMAGE_REPOSITORY;
use como_config::{Environment, Region};
use como_constructs::apigateway::LoggingAccount;
use como_constructs::ecr::{self, Repository, RepositoryProps};
use como_constructs::iam::GitHub;
use como_constructs::kms::{Key, KeyProps, ReplicaKeyProps, Replication};
use como_constructs::s3::{Bucket, BucketProps, Encryption, LogBucket, LogBucketProps, LogWriter};
use como_contract::output::ASSET_BUCKET;
use como_core::stack::{Scope, Stack};

/// Every repository of como's begins so.
const REPOSITORIES: &str = "como/";
const KEY_ALIAS: &str = "como-shared";
const KEY_DESCRIPTION: &str = "Encrypts images and archives of all environments";

const OLD_VERSION_DAYS: i64 = 90;
const LOG_DAYS: i64 = 365;

/// What the account has in every region that an environment runs in.
pub(crate) struct Shared {
    pub(crate) stacks: Vec<Stack>,
    pub(crate) home: AccountRegion,
    pub(crate) recovery: Option<AccountRegion>,
    /// Where the owner has a repository.
    pub(crate) github: Option<GitHub>,
}

/// What the account has in one region.
pub(crate) struct AccountRegion {
    pub(crate) key: Key,
    /// Access logs of buckets and load balancers.
    pub(crate) logs: LogBucket,
    /// Functions' archives.
    pub(crate) assets: Bucket,
}

/// The stacks of the account, those of the owner's own region first.
pub(crate) fn shared(environment: &Environment) -> Shared {
    let owner = environment.owner();
    let recovery = owner.recovery().map(|recovery| recovery.region());
    let (home_stack, home) = home(owner);
    let mut stacks = vec![home_stack, registry(owner, &home.key, recovery)];
    let recovery = recovery.map(|region| {
        let (stack, there) = elsewhere(owner, region, &home.key);
        stacks.extend([stack, replicated_registry(owner, region, &there.key)]);
        there
    });
    let (trust_stack, github) = owner.repository().map(|_| trust(owner)).unzip();
    stacks.extend(trust_stack);
    Shared { stacks, home, recovery, github }
}

/// IAM is one for all regions; the stack stands with the owner's others.
fn trust(owner: &Environment) -> (Stack, GitHub) {
    let mut stack = naming::shared_stack(owner, owner.region(), "trust", "COMO: the trust in GitHub's tokens");
    let mut scope = stack.scope();
    let github = GitHub::new(&mut scope, "GitHub");
    scope.share("GitHubProviderArn", "Whose tokens workflows show", &github.arn());
    (stack, github)
}

fn home(owner: &Environment) -> (Stack, AccountRegion) {
    let mut stack = empty(owner, owner.region());
    let mut scope = stack.scope();
    let key = Key::new(
        &mut scope,
        "Key",
        KeyProps {
            description: KEY_DESCRIPTION,
            alias: KEY_ALIAS.to_owned(),
            replication: Replication::MultiRegion,
            services: Vec::new(),
        },
    );
    let there = account_region(&mut scope, owner, owner.region(), key);
    (stack, there)
}

fn account_region(scope: &mut Scope<'_>, owner: &Environment, region: Region, key: Key) -> AccountRegion {
    scope.share("KeyArn", KEY_DESCRIPTION, &key.arn());
    LoggingAccount::new(scope, "LoggingAccount");
    let name = |what: &str| format!("como-shared-{what}-{}-{region}", owner.account());
    let writers = vec![LogWriter::S3, LogWriter::LoadBalancing];
    let logs = LogBucket::new(scope, "Logs", &LogBucketProps { name: name("logs"), keep_days: LOG_DAYS, writers });
    let assets = Bucket::new(
        scope,
        "Assets",
        &BucketProps {
            name: name("assets"),
            encryption: Encryption::Key(&key),
            access_log: &logs,
            old_version_days: OLD_VERSION_DAYS,
            readers: Vec::new(),
        },
    );
    scope.share("AccessLogBucketName", "Takes access logs", &logs.name());
    scope.share("AccessLogBucketArn", "Takes access logs", &logs.arn());
    scope.share(ASSET_BUCKET, "Takes functions' archives", &assets.name());
    scope.share("AssetBucketArn", "Takes functions' archives", &assets.arn());
    AccountRegion { key, logs, assets }
}

fn elsewhere(owner: &Environment, region: Region, primary: &Key) -> (Stack, AccountRegion) {
    let mut stack = empty(owner, region);
    let mut scope = stack.scope();
    let props =
        ReplicaKeyProps { description: KEY_DESCRIPTION, alias: KEY_ALIAS.to_owned(), primary, services: Vec::new() };
    let key = Key::replica(&mut scope, "Key", props);
    let there = account_region(&mut scope, owner, region, key);
    (stack, there)
}

fn empty(owner: &Environment, region: Region) -> Stack {
    naming::shared_stack(owner, region, "bootstrap", "COMO: what every environment of the account stands on")
}

/// One repository: all services run the same image.
fn registry(owner: &Environment, key: &Key, recovery: Option<Region>) -> Stack {
    let mut stack = naming::shared_stack(owner, owner.region(), "registry", "COMO: images and how they are copied");
    let mut scope = stack.scope();
    Repository::new(&mut scope, "Runtime", RepositoryProps { name: IMAGE_REPOSITORY.to_owned(), key });
    if let Some(region) = recovery {
        ecr::replicate(&mut scope, "Replication", REPOSITORIES, region.as_str());
    }
    ecr::scan_on_push(&mut scope, "Scanning");
    stack
}

/// Replication makes the repositories themselves; this says how.
fn replicated_registry(owner: &Environment, region: Region, key: &Key) -> Stack {
    let mut stack = naming::shared_stack(owner, region, "registry", "COMO: how copied images are kept");
    let mut scope = stack.scope();
    ecr::replicated_repositories(&mut scope, "Replicated", REPOSITORIES, key);
    ecr::scan_on_push(&mut scope, "Scanning");
    stack
}
