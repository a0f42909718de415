//! Two resource types and a stack to put them into.

use como_core::resource::{Attribute, ResourceType};
use como_core::stack::{Protection, Stack, StackProps};
use como_core::value::Value;
use serde::Serialize;
use std::collections::BTreeMap;

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Topic {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) display_name: Option<Value<String>>,
}

impl ResourceType for Topic {
    const TYPE: &'static str = "AWS::SNS::Topic";
}

impl Topic {
    pub(crate) const TOPIC_NAME: Attribute<Self> = Attribute::new("TopicName");

    pub(crate) fn called(name: impl Into<Value<String>>) -> Self {
        Self { display_name: Some(name.into()) }
    }
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Bucket {}

impl ResourceType for Bucket {
    const TYPE: &'static str = "AWS::S3::Bucket";
}

pub(crate) fn stack(id: &str) -> Stack {
    Stack::new(StackProps {
        id: id.to_owned(),
        name: format!("como-test-{id}"),
        account: "123456789012".to_owned(),
        region: "ap-southeast-1".to_owned(),
        description: format!("the {id} stack"),
        termination_protection: Protection::Unprotected,
        tags: BTreeMap::from([("como:environment".to_owned(), "test".to_owned())]),
    })
}
