//! What must outlive everything else: tables, secrets, and the key that encrypts both.
//!
//! Partners' credentials are created without a value. Until somebody has put one in, ECS refuses to start the tasks that
//! ask for it, so a first deploy on AWS has to stop between this stack and the services.

use crate::naming;
use como_config::Environment;
use como_constructs::dynamodb::{Encryption, Table, TableProps};
use como_constructs::kms::{Key, KeyProps, Replication};
use como_constructs::secretsmanager::{self, Content, SecretProps};
use como_contract::secret::Secret;
use como_contract::table;
use como_core::stack::{Scope, Stack};
use std::collections::BTreeMap;

/// What other stacks take from the data.
pub(crate) struct Data {
    pub(crate) configuration: Table,
    pub(crate) sessions: Table,
    secrets: BTreeMap<Secret, secretsmanager::Secret>,
}

impl Data {
    /// The secrets that `wanted` names, in its order.
    pub(crate) fn secrets<'a>(
        &'a self,
        wanted: &'a [Secret],
    ) -> impl Iterator<Item = (Secret, &'a secretsmanager::Secret)> {
        wanted.iter().filter_map(|secret| Some((*secret, self.secrets.get(secret)?)))
    }
}

pub(crate) fn data(environment: &Environment) -> (Stack, Data) {
    let mut stack = naming::stack(environment, "data", "COMO: tables, secrets and their key");
    let mut scope = stack.scope();
    let key = Key::new(
        &mut scope,
        "DataKey",
        KeyProps {
            description: "Encrypts the tables and secrets of the environment",
            alias: naming::name(environment, "data"),
            // Sydney's replicas of tables and secrets need a replica of the key, and this cannot be changed later.
            replication: Replication::MultiRegion,
            services: Vec::new(),
        },
    );
    let configuration = Table::new(
        &mut scope,
        "Configuration",
        &TableProps {
            name: table::configuration(environment.name().as_str()),
            partition_key: table::configuration_attribute::NAME,
            sort_key: None,
            time_to_live: None,
            indexes: &[],
            encryption: Encryption::Key(&key),
            replicas: &[],
        },
    );
    let sessions = Table::new(
        &mut scope,
        "Sessions",
        &TableProps {
            name: table::sessions(environment.name().as_str()),
            partition_key: table::session_attribute::MEMBER_ID,
            sort_key: None,
            time_to_live: Some(table::session_attribute::TIME_TO_LIVE),
            indexes: &[],
            encryption: Encryption::Key(&key),
            replicas: &[],
        },
    );
    let secrets: BTreeMap<Secret, secretsmanager::Secret> =
        Secret::ALL.into_iter().map(|secret| (secret, add_secret(&mut scope, environment, secret, &key))).collect();
    scope.share("KeyArn", "The key of the tables and secrets", &key.arn());
    scope.share("ConfigurationTableArn", "Partner endpoints and settings", &configuration.arn());
    scope.share("SessionsTableArn", "Members' sessions with Memberson", &sessions.arn());
    for (secret, construct) in &secrets {
        scope.share(&format!("{}Arn", pascal_case(secret.label())), secret.purpose(), &construct.arn());
    }
    (stack, Data { configuration, sessions, secrets })
}

fn add_secret(scope: &mut Scope<'_>, environment: &Environment, secret: Secret, key: &Key) -> secretsmanager::Secret {
    let props = SecretProps {
        name: secret.name(environment.name().as_str()),
        description: secret.purpose(),
        content: if secret.is_generated() { Content::Generated } else { Content::ByHand },
        key,
        replicas: &[],
    };
    secretsmanager::Secret::new(scope, &pascal_case(secret.label()), props)
}

/// `memberson-credentials` becomes `MembersonCredentials`.
fn pascal_case(label: &str) -> String {
    label
        .split('-')
        .map(|word| {
            let mut letters = word.chars();
            letters.next().map(|first| first.to_ascii_uppercase().to_string() + letters.as_str()).unwrap_or_default()
        })
        .collect()
}
