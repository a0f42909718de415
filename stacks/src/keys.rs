//! The keys that encrypt an environment's data: one in its own region, and a replica of it where the data is copied to.
//!
//! In stacks of their own: tables and secrets of one stack name the keys of both regions, and each must be there first.

use crate::naming;
use como_config::{Environment, Region};
use como_constructs::iam::Statement;
use como_constructs::kms::{Key, KeyProps, ReplicaKeyProps, Replication};
use como_constructs::sns::{Publisher, let_topics_use_key};
use como_core::stack::Stack;

pub(crate) struct Keys {
    pub(crate) home: Key,
    /// Where the data is copied to.
    pub(crate) recovery: Option<RecoveryKey>,
}

pub(crate) struct RecoveryKey {
    pub(crate) region: Region,
    pub(crate) key: Key,
}

/// Who publishes on the topics of an environment.
pub(crate) const PUBLISHERS: [Publisher; 3] = [Publisher::Backup, Publisher::CloudWatch, Publisher::Ses];

pub(crate) fn keys(environment: &Environment) -> (Vec<Stack>, Keys) {
    let mut stack = naming::stack(environment, "keys", "COMO: the key of the data");
    let mut scope = stack.scope();
    let home = Key::new(
        &mut scope,
        "DataKey",
        KeyProps {
            description: "Encrypts the data of the environment",
            alias: naming::name(environment, "data"),
            // Copies of tables and secrets in another region need a replica of the key, and this cannot be changed later.
            replication: Replication::MultiRegion,
            services: services(),
        },
    );
    scope.share("KeyArn", "The key of the data", &home.arn());
    let recovery = environment.recovery().map(|recovery| recovery_key(environment, recovery.region(), &home));
    let (recovery_stack, recovery) = recovery.unzip();
    let stacks = std::iter::once(stack).chain(recovery_stack).collect();
    (stacks, Keys { home, recovery })
}

fn recovery_key(environment: &Environment, region: Region, primary: &Key) -> (Stack, RecoveryKey) {
    let description = "COMO: the key of the data, where it is copied to";
    let mut stack = naming::stack_in(environment, region, "keys-recovery", description);
    let mut scope = stack.scope();
    let key = Key::replica(
        &mut scope,
        "DataKey",
        ReplicaKeyProps {
            description: "Encrypts the copies of the data of the environment",
            alias: naming::name(environment, "data"),
            primary,
            services: services(),
        },
    );
    scope.share("KeyArn", "The key of the data's copies", &key.arn());
    (stack, RecoveryKey { region, key })
}

/// Alarms, bounces and failed backups are told through encrypted topics, also those of a stand-in, which uses this key.
fn services() -> Vec<Statement> {
    let_topics_use_key(&PUBLISHERS, "como-")
}
