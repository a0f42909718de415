//! What an account has once in each region, whichever environments are in it: keys, the registry of images, and API
//! Gateway's right to write logs.
//!
//! The stacks follow from the environment that owns them alone, so that every environment of the account makes the same.

use crate::naming;
use crate::topology::IMAGE_REPOSITORY;
use como_config::{Environment, Region};
use como_constructs::apigateway::LoggingAccount;
use como_constructs::ecr::{self, Repository, RepositoryProps};
use como_constructs::kms::{Key, KeyProps, ReplicaKeyProps, Replication};
use como_core::stack::Stack;

/// Every repository of como's begins so.
const REPOSITORIES: &str = "como/";
const KEY_ALIAS: &str = "como-shared";
const KEY_DESCRIPTION: &str = "Encrypts images and archives of all environments";

/// The stacks of the account, those of the owner's own region first.
pub(crate) fn shared(environment: &Environment) -> Vec<Stack> {
    let owner = environment.owner();
    let recovery = owner.recovery().map(|recovery| recovery.region());
    let (home_stack, home_key) = home(owner);
    let mut stacks = vec![home_stack, registry(owner, &home_key, recovery)];
    if let Some(region) = recovery {
        let (stack, key) = elsewhere(owner, region, &home_key);
        stacks.extend([stack, replicated_registry(owner, region, &key)]);
    }
    stacks
}

fn home(owner: &Environment) -> (Stack, Key) {
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
    scope.share("KeyArn", KEY_DESCRIPTION, &key.arn());
    LoggingAccount::new(&mut scope, "LoggingAccount");
    (stack, key)
}

fn elsewhere(owner: &Environment, region: Region, primary: &Key) -> (Stack, Key) {
    let mut stack = empty(owner, region);
    let mut scope = stack.scope();
    let props =
        ReplicaKeyProps { description: KEY_DESCRIPTION, alias: KEY_ALIAS.to_owned(), primary, services: Vec::new() };
    let key = Key::replica(&mut scope, "Key", props);
    scope.share("KeyArn", KEY_DESCRIPTION, &key.arn());
    LoggingAccount::new(&mut scope, "LoggingAccount");
    (stack, key)
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
