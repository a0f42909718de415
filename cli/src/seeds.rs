//! What a rehearsal fills in where a person would on AWS: partners' credentials and where the partners are.

use como_contract::configuration;
use como_contract::secret::Secret;
use como_contract::table::{self, configuration_attribute};
use como_doubles::seeds;
use como_engine::rows::Row;
use como_engine::step::{Step, Task};
use como_rehearsal::options::Seeds;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// The supervisor puts the doubles' addresses in their place once it has started them.
const MEMBERSON: &str = "{memberson}";
const SEVENROOMS: &str = "{sevenrooms}";
const STRIPE: &str = "{stripe}";

/// Seeds for the environments that this rehearsal may come to hold, and the digests of the image that they name: nobody
/// has pushed one, and tasks run this program anyway.
pub(crate) fn for_rehearsal(environments: &[String], images: BTreeSet<String>) -> Seeds {
    let mut secrets = BTreeMap::new();
    let mut rows = BTreeMap::new();
    for environment in environments {
        for secret in Secret::ALL {
            if let Some(value) = seeds::credentials(secret) {
                // A secret that is plain text has no quotes around it.
                let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                secrets.insert(secret.name(environment), text);
            }
        }
        let mut documents = seeds::configuration_rows(MEMBERSON, SEVENROOMS);
        documents.push(seeds::stripe_configuration_row(STRIPE));
        let items = documents.iter().map(|(name, document)| item(name, document)).collect();
        rows.insert(table::configuration(environment), items);
    }
    Seeds { secrets, rows, images: BTreeMap::from([(como_stacks::IMAGE_REPOSITORY.to_owned(), images)]) }
}

/// A configuration row in DynamoDB's JSON.
fn item(name: &str, document: &Value) -> Map<String, Value> {
    [
        (configuration_attribute::NAME, json!({ "S": name })),
        (configuration_attribute::VERSION, json!({ "N": "1" })),
        (configuration_attribute::DOCUMENT, json!({ "S": document.to_string() })),
    ]
    .into_iter()
    .map(|(key, value)| (key.to_owned(), value))
    .collect()
}

/// The configuration rows that a new environment starts with; rows that exist stay as they are.
pub(crate) fn first_configuration(environment: &como_config::Environment) -> Step {
    let partners = environment.partners();
    let memberson = json!({ configuration::BASE_URL: partners.memberson().endpoint().as_str() });
    let sevenrooms = json!({
        configuration::BASE_URL: partners.sevenrooms().endpoint().as_str(),
        configuration::VENUE_GROUP_ID: partners.sevenrooms().venue_group().as_str(),
    });
    let name = environment.name().as_str();
    let rows = vec![
        Row::configuration(configuration::MEMBERSON, &memberson),
        Row::configuration(configuration::SEVENROOMS, &sevenrooms),
        // Where Stripe is needs no telling; the row is there to be changed.
        Row::configuration(configuration::STRIPE, &json!({})),
    ];
    Step { stack: format!("como-{name}-data"), task: Task::Rows { table: table::configuration(name), rows } }
}
