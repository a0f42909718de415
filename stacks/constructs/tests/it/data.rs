use crate::support::{key, only, template};
use como_constructs::backup::{DailyBackupProps, daily_backup};
use como_constructs::dynamodb::{Encryption, Index, Replica, Table, TableProps};
use como_constructs::ecr::{Repository, RepositoryProps, replicate, replicated_repositories, scan_on_push};
use como_constructs::kms::{Key, KeyProps, ReplicaKeyProps, Replication};
use como_constructs::logs::let_logs_use_key;
use como_constructs::secretsmanager::{Content, Secret, SecretProps, SecretReplica};
use como_constructs::sqs::{DeadLetters, DeadLettersProps, FifoQueueProps, Queue};
use como_constructs::ssm::{Parameter, ParameterProps};
use como_core::stack::Scope;

fn far_key(scope: &mut Scope<'_>) -> Key {
    let primary = key(scope);
    let props = ReplicaKeyProps {
        description: "A replica",
        alias: "test-far".to_owned(),
        primary: &primary,
        services: Vec::new(),
    };
    Key::replica(scope, "FarKey", props)
}

#[test]
fn a_key_turns_and_lets_in_the_services_that_it_is_for() {
    let template = template(|scope| {
        let props = KeyProps {
            description: "A key",
            alias: "test".to_owned(),
            replication: Replication::MultiRegion,
            services: vec![let_logs_use_key("/test/")],
        };
        Key::new(scope, "Key", props);
    });
    insta::assert_snapshot!(serde_json::to_string_pretty(&template.resources).unwrap());
}

#[test]
fn a_replica_of_a_key_has_a_policy_and_an_alias_of_its_own() {
    let template = template(|scope| {
        far_key(scope);
    });
    insta::assert_snapshot!(only(&template, &["AWS::KMS::ReplicaKey", "AWS::KMS::Alias"]));
}

#[test]
fn a_table_is_encrypted_recoverable_and_protected() {
    let template = template(|scope| {
        let key = key(scope);
        for (id, time_to_live) in [("Plain", None), ("Expiring", Some("expires"))] {
            let props = TableProps {
                name: format!("test-{id}"),
                partition_key: "id",
                sort_key: None,
                time_to_live,
                indexes: &[],
                encryption: Encryption::Key(&key),
                replicas: &[],
            };
            Table::new(scope, id, &props);
        }
    });
    insta::assert_snapshot!(only(&template, &["AWS::DynamoDB::GlobalTable"]));
}

#[test]
fn every_replica_of_a_table_is_as_safe_as_the_first() {
    let template = template(|scope| {
        let (key, index) = (far_key(scope), Index { name: "open", partition_key: "kind", sort_key: "since" });
        let props = TableProps {
            name: "test".to_owned(),
            partition_key: "id",
            sort_key: Some("since"),
            time_to_live: None,
            indexes: &[index],
            encryption: Encryption::Key(&key),
            replicas: &[Replica { region: "ap-southeast-2", key: &key }],
        };
        Table::new(scope, "Replicated", &props);
        let lease =
            TableProps { name: "test-lease".to_owned(), encryption: Encryption::DynamoDb, replicas: &[], ..props };
        Table::new(scope, "Lease", &lease);
    });
    insta::assert_snapshot!(only(&template, &["AWS::DynamoDB::GlobalTable"]));
}

#[test]
fn a_secrets_value_is_generated_or_put_in_by_hand_never_written_here() {
    let template = template(|scope| {
        let (key, far) = (key(scope), "ap-southeast-2");
        for (id, content) in [("Generated", Content::Generated), ("ByHand", Content::ByHand)] {
            let props = SecretProps {
                name: format!("test/{id}"),
                description: "A secret",
                content,
                key: &key,
                replicas: &[SecretReplica { region: far, key: &key }],
            };
            Secret::new(scope, id, props);
        }
    });
    insta::assert_snapshot!(only(&template, &["AWS::SecretsManager::Secret"]));
}

#[test]
fn an_ordered_queue_has_dead_letters_and_takes_nothing_in_the_clear() {
    let template = template(|scope| {
        let key = key(scope);
        let props = FifoQueueProps {
            name: "test.fifo".to_owned(),
            dead_letters: "test-dead.fifo".to_owned(),
            key: &key,
            attempts: 5,
            visibility_s: 60,
        };
        Queue::fifo(scope, "Work", props);
        DeadLetters::new(scope, "Lost", DeadLettersProps { name: "test-lost".to_owned(), key: &key });
    });
    insta::assert_snapshot!(only(&template, &["AWS::SQS::Queue", "AWS::SQS::QueuePolicy"]));
}

#[test]
fn tables_are_backed_up_by_a_role_for_them_alone() {
    let template = template(|scope| {
        let key = key(scope);
        let table = Table::replica("test", &key, &[]);
        let props = DailyBackupProps { name: "test".to_owned(), key: &key, tables: &[&table], keep_days: 35 };
        daily_backup(scope, "Backup", &props);
    });
    let types =
        ["AWS::Backup::BackupVault", "AWS::Backup::BackupPlan", "AWS::Backup::BackupSelection", "AWS::IAM::Role"];
    insta::assert_snapshot!(only(&template, &types));
}

#[test]
fn images_are_immutable_scanned_and_copied() {
    let template = template(|scope| {
        let key = key(scope);
        Repository::new(scope, "Repository", RepositoryProps { name: "test/web".to_owned(), key: &key });
        replicate(scope, "Replication", "test/", "ap-southeast-2");
        scan_on_push(scope, "Scanning");
        replicated_repositories(scope, "Replicated", "test/", &key);
    });
    let own: Vec<_> = template.resources.iter().filter(|(id, _)| !id.starts_with("Key")).collect();
    insta::assert_snapshot!(serde_json::to_string_pretty(&own).unwrap());
}

#[test]
fn a_parameter_has_a_name_that_others_know() {
    let template = template(|scope| {
        let props = ParameterProps { name: "/test/value".to_owned(), description: "A value", value: "some".into() };
        Parameter::new(scope, "Parameter", props);
    });
    insta::assert_snapshot!(serde_json::to_string_pretty(&template.resources).unwrap());
}
