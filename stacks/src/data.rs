//! What must outlive everything else: tables and secrets, copied to the region of recovery, and backups of the tables.
//!
//! Partners' credentials are created without a value. Until somebody has put one in, ECS refuses to start the tasks that
//! ask for it, so a first deploy on AWS has to stop between this stack and the services.

use crate::keys::Keys;
use crate::naming::{self, pascal_case};
use como_config::{Environment, Kind};
use como_constructs::backup::{DailyBackupProps, daily_backup};
use como_constructs::dynamodb::{Encryption, Index, Replica, Table, TableProps};
use como_constructs::kms::Key;
use como_constructs::secretsmanager::{self, Content, SecretProps, SecretReplica};
use como_contract::secret::Secret;
use como_contract::table;
use como_core::stack::{Scope, Stack};
use std::collections::BTreeMap;

/// What other stacks take from the data.
pub(crate) struct Data {
    pub(crate) configuration: Table,
    pub(crate) sessions: Table,
    pub(crate) journal: Table,
    pub(crate) idempotency: Table,
    pub(crate) webhook_events: Table,
    pub(crate) manual_actions: Table,
    pub(crate) secrets: BTreeMap<Secret, secretsmanager::Secret>,
}

/// A table of the middleware, whatever the environment.
struct Definition {
    id: &'static str,
    name: fn(&str) -> String,
    /// Of the ARN that other stacks read.
    purpose: &'static str,
    partition_key: &'static str,
    sort_key: Option<&'static str>,
    time_to_live: Option<&'static str>,
    indexes: &'static [Index],
}

const CONFIGURATION: Definition = Definition {
    id: "Configuration",
    name: table::configuration,
    purpose: "Partner endpoints and settings",
    partition_key: table::configuration_attribute::NAME,
    sort_key: None,
    time_to_live: None,
    indexes: &[],
};
const SESSIONS: Definition = Definition {
    id: "Sessions",
    name: table::sessions,
    purpose: "Members' sessions with Memberson",
    partition_key: table::session_attribute::MEMBER_ID,
    sort_key: None,
    time_to_live: Some(table::session_attribute::TIME_TO_LIVE),
    indexes: &[],
};
const JOURNAL: Definition = Definition {
    id: "Journal",
    name: table::journal,
    purpose: "Transitions of sagas",
    partition_key: table::journal_attribute::SAGA_ID,
    sort_key: Some(table::journal_attribute::POSITION),
    time_to_live: None,
    indexes: &[
        Index {
            name: table::PENDING_EFFECTS_INDEX,
            partition_key: table::journal_attribute::PENDING_FOR,
            sort_key: table::journal_attribute::PENDING_SINCE,
        },
        Index {
            name: table::MEMBER_SAGAS_INDEX,
            partition_key: table::journal_attribute::ACCEPTED_OF,
            sort_key: table::journal_attribute::ACCEPTED_AT,
        },
    ],
};
const IDEMPOTENCY: Definition = Definition {
    id: "Idempotency",
    name: table::idempotency,
    purpose: "Answers by idempotency key",
    partition_key: table::idempotency_attribute::REQUEST_ID,
    sort_key: None,
    time_to_live: Some(table::idempotency_attribute::TIME_TO_LIVE),
    indexes: &[],
};
const WEBHOOK_EVENTS: Definition = Definition {
    id: "WebhookEvents",
    name: table::webhook_events,
    purpose: "Webhook events that were taken",
    partition_key: table::webhook_event_attribute::EVENT_ID,
    sort_key: None,
    time_to_live: Some(table::webhook_event_attribute::TIME_TO_LIVE),
    indexes: &[],
};
const MANUAL_ACTIONS: Definition = Definition {
    id: "ManualActions",
    name: table::manual_actions,
    purpose: "What a person has to settle",
    partition_key: table::manual_action_attribute::ACTION_ID,
    sort_key: None,
    time_to_live: None,
    indexes: &[Index {
        name: table::OPEN_ACTIONS_INDEX,
        partition_key: table::manual_action_attribute::OPEN_KIND,
        sort_key: table::manual_action_attribute::OPENED_AT,
    }],
};

/// As long as point-in-time recovery reaches back; beyond it a backup of production would be of use to nobody.
const PRODUCTION_BACKUP_DAYS: u32 = 35;
const DEVELOPMENT_BACKUP_DAYS: u32 = 7;

impl Data {
    /// Every table with the last part of its name.
    pub(crate) const fn tables(&self) -> [(&'static str, &Table); 6] {
        [
            ("configuration", &self.configuration),
            ("sessions", &self.sessions),
            ("journal", &self.journal),
            ("idempotency", &self.idempotency),
            ("webhook-events", &self.webhook_events),
            ("manual-actions", &self.manual_actions),
        ]
    }

    /// The data as the region of recovery has it: tables and secrets keep the names of `environment`, which makes them.
    pub(crate) fn in_recovery(&self, environment: &Environment, key: &Key) -> Self {
        let name = environment.name().as_str();
        let table = |definition: &Definition| Table::replica(&(definition.name)(name), key, definition.indexes);
        let secrets = self.secrets.iter();
        Self {
            configuration: table(&CONFIGURATION),
            sessions: table(&SESSIONS),
            journal: table(&JOURNAL),
            idempotency: table(&IDEMPOTENCY),
            webhook_events: table(&WEBHOOK_EVENTS),
            manual_actions: table(&MANUAL_ACTIONS),
            secrets: secrets
                .map(|(secret, construct)| (*secret, secretsmanager::Secret::replica(construct, key)))
                .collect(),
        }
    }
}

pub(crate) fn data(environment: &Environment, keys: &Keys) -> (Stack, Data) {
    let mut stack = naming::stack(environment, "data", "COMO: tables, secrets, backups");
    let mut scope = stack.scope();
    let mut table = |definition: &Definition| add_table(&mut scope, environment, definition, keys);
    let (configuration, sessions, journal) = (table(&CONFIGURATION), table(&SESSIONS), table(&JOURNAL));
    let (idempotency, webhook_events) = (table(&IDEMPOTENCY), table(&WEBHOOK_EVENTS));
    let manual_actions = table(&MANUAL_ACTIONS);
    let secrets: BTreeMap<Secret, secretsmanager::Secret> =
        Secret::ALL.into_iter().map(|secret| (secret, add_secret(&mut scope, environment, secret, keys))).collect();
    let data = Data { configuration, sessions, journal, idempotency, webhook_events, manual_actions, secrets };
    let tables = data.tables().map(|(_, table)| table);
    let keep_days = match environment.kind() {
        Kind::Production | Kind::Recovery => PRODUCTION_BACKUP_DAYS,
        Kind::Development => DEVELOPMENT_BACKUP_DAYS,
    };
    let props =
        DailyBackupProps { name: naming::name(environment, "data"), key: &keys.home, tables: &tables, keep_days };
    daily_backup(&mut scope, "Backup", &props);
    (stack, data)
}

fn add_table(scope: &mut Scope<'_>, environment: &Environment, definition: &Definition, keys: &Keys) -> Table {
    let replicas: Vec<Replica<'_>> =
        keys.recovery.iter().map(|far| Replica { region: far.region.as_str(), key: &far.key }).collect();
    let props = TableProps {
        name: (definition.name)(environment.name().as_str()),
        partition_key: definition.partition_key,
        sort_key: definition.sort_key,
        time_to_live: definition.time_to_live,
        indexes: definition.indexes,
        encryption: Encryption::Key(&keys.home),
        replicas: &replicas,
    };
    let table = Table::new(scope, definition.id, &props);
    scope.share(&format!("{}TableArn", definition.id), definition.purpose, &table.arn());
    table
}

fn add_secret(scope: &mut Scope<'_>, environment: &Environment, secret: Secret, keys: &Keys) -> secretsmanager::Secret {
    let replicas: Vec<SecretReplica<'_>> =
        keys.recovery.iter().map(|far| SecretReplica { region: far.region.as_str(), key: &far.key }).collect();
    let props = SecretProps {
        name: secret.name(environment.name().as_str()),
        description: secret.purpose(),
        content: if secret.is_generated() { Content::Generated } else { Content::ByHand },
        key: &keys.home,
        replicas: &replicas,
    };
    let id = pascal_case(secret.label());
    let construct = secretsmanager::Secret::new(scope, &id, props);
    scope.share(&format!("{id}Arn"), secret.purpose(), &construct.arn());
    construct
}
