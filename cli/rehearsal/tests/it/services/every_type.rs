//! Each type of the topology is created, asked for again, and deleted.

use super::cloud::Cloud;
use como_rehearsal::hosting::Hosted as _;
use como_rehearsal::provision::Provisioned;
use como_resources::facts;
use serde_json::Value;
use std::collections::BTreeMap;

const TYPES: &str = include_str!("../../../../../stacks/resources/types.txt");
/// Logical id, type and properties, in an order in which they can be created. A text that is a logical id, alone or with
/// an attribute, stands for that resource's identifier or attribute.
const RESOURCES: &str = include_str!("every_type.json");

fn resolve(value: &Value, made: &BTreeMap<String, Provisioned>) -> Value {
    match value {
        Value::String(text) => {
            let (name, attribute) = text.split_once('.').unwrap_or((text, ""));
            match made.get(name) {
                Some(one) if attribute.is_empty() => Value::String(one.physical_id.clone()),
                Some(one) => one.attributes[attribute].clone(),
                None => value.clone(),
            }
        }
        Value::Array(items) => items.iter().map(|item| resolve(item, made)).collect(),
        Value::Object(fields) => {
            Value::Object(fields.iter().map(|(name, value)| (name.clone(), resolve(value, made))).collect())
        }
        other => other.clone(),
    }
}

/// A replica needs a primary key in another region.
async fn key_elsewhere(cloud: &Cloud) -> Provisioned {
    let request = http::Request::post("/").header("x-amz-target", "TrentService.CreateKey");
    let request = request.body(r#"{ "MultiRegion": true }"#.into()).unwrap();
    let response = cloud.services.handle("us-east-1", "kms", request).await;
    let key: Value = serde_json::from_slice(response.body()).unwrap();
    let arn = key["KeyMetadata"]["Arn"].as_str().unwrap().to_owned();
    Provisioned { physical_id: arn, attributes: BTreeMap::new() }
}

#[tokio::test]
async fn every_type_of_the_topology_is_created() {
    let resources: Vec<(String, String, Value)> = serde_json::from_str(RESOURCES).unwrap();
    let mut given: Vec<&str> = resources.iter().map(|(_, resource_type, _)| resource_type.as_str()).collect();
    given.sort_unstable();
    let wanted: Vec<&str> = TYPES.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
    assert_eq!(given, wanted, "a type added later brings its resource here");

    let cloud = Cloud::new().await;
    let mut made = BTreeMap::from([("KeyElsewhere".to_owned(), key_elsewhere(&cloud).await)]);
    let (mut deletions, mut lacking) = (Vec::new(), Vec::new());
    for (name, resource_type, properties) in &resources {
        let properties = resolve(properties, &made);
        assert_eq!(facts::check(resource_type, &properties), [], "{resource_type}");
        let created = cloud.try_create(resource_type, name, properties.clone()).await;
        let created = created.unwrap_or_else(|error| panic!("{resource_type}: {error}"));
        assert!(!created.physical_id.is_empty() && !created.physical_id.contains('{'), "{created:?}");
        for attribute in facts::of(resource_type).unwrap().attributes().filter(|name| !name.contains('*')) {
            let value = created.attributes.get(attribute);
            if value.is_none_or(Value::is_null) {
                lacking.push(format!("{resource_type} {attribute}"));
            }
        }
        cloud.stabilise(resource_type, &created).await.unwrap();
        let again = cloud.try_create(resource_type, name, properties.clone()).await.unwrap();
        assert_eq!(again.physical_id, created.physical_id, "{resource_type} asked for again");
        deletions.push((resource_type, created.physical_id.clone(), properties));
        made.insert(name.clone(), created);
    }
    assert_eq!(lacking, Vec::<String>::new(), "attributes that nobody can refer to");
    for (resource_type, id, properties) in deletions.into_iter().rev() {
        cloud.delete(resource_type, &id, properties).await.unwrap_or_else(|error| panic!("{resource_type}: {error}"));
    }
    cloud.services.stop().await;
}
