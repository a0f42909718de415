use crate::support::{key, only, template};
use como_constructs::dynamodb::{Table, TableProps};
use como_constructs::kms::{Key, KeyProps, Replication};
use como_constructs::logs::let_logs_use_key;
use como_constructs::secretsmanager::{Content, Secret, SecretProps};

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
fn a_table_is_encrypted_recoverable_and_protected() {
    let template = template(|scope| {
        let key = key(scope);
        for (id, time_to_live) in [("Plain", None), ("Expiring", Some("expires"))] {
            let name = format!("test-{id}");
            Table::new(scope, id, &TableProps { name, partition_key: "id", time_to_live, key: &key });
        }
    });
    insta::assert_snapshot!(only(&template, &["AWS::DynamoDB::GlobalTable"]));
}

#[test]
fn a_secrets_value_is_generated_or_put_in_by_hand_never_written_here() {
    let template = template(|scope| {
        let key = key(scope);
        for (id, content) in [("Generated", Content::Generated), ("ByHand", Content::ByHand)] {
            let props = SecretProps { name: format!("test/{id}"), description: "A secret", content, key: &key };
            Secret::new(scope, id, props);
        }
    });
    insta::assert_snapshot!(only(&template, &["AWS::SecretsManager::Secret"]));
}
