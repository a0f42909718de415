//! `AWS::SSM::Parameter` over the hosted Systems Manager.

use crate::provision::{CreateRequest, DeleteRequest, ProvisionError, Provisioned, UpdateRequest};
use crate::services::hosted::{HostedService, OpenHostedError};
use crate::services::identifiers::{fill, generated_name, owner};
use crate::services::property::text;
use crate::services::wire::{self, Request, Response, ServiceError};
use serde_json::json;
use std::collections::BTreeMap;
use std::path::Path;
use winterbaume_ssm::SsmService;

/// The tag by which a parameter is known again that CloudFormation asks for twice.
const OWNER: &str = "como:rehearsal:owner";

/// Of all of Systems Manager, the parameter store; the hosted service answers the rest with empty successes.
const OPERATIONS: [&str; 13] = [
    "AddTagsToResource",
    "DeleteParameter",
    "DeleteParameters",
    "DescribeParameters",
    "GetParameter",
    "GetParameterHistory",
    "GetParameters",
    "GetParametersByPath",
    "LabelParameterVersion",
    "ListTagsForResource",
    "PutParameter",
    "RemoveTagsFromResource",
    "UnlabelParameterVersion",
];

pub(crate) struct Parameters {
    hosted: HostedService<SsmService>,
}

impl Parameters {
    pub(crate) async fn open(dir: &Path) -> Result<Self, OpenHostedError> {
        Ok(Self { hosted: HostedService::open("ssm", "AmazonSSM", SsmService::new(), dir).await? })
    }

    pub(crate) async fn handle(&self, region: &str, request: Request) -> Response {
        match wire::unless_among(&OPERATIONS, "ssm", &request) {
            Some(refusal) => refusal,
            None => self.hosted.handle(region, request).await,
        }
    }

    /// The value of a parameter that a task names by ARN or name.
    pub(crate) async fn value(&self, region: &str, reference: &str) -> Result<String, ServiceError> {
        let name = reference.split_once(":parameter").map_or(reference, |(_, name)| name);
        let input = json!({ "Name": name, "WithDecryption": true });
        let answer = self.hosted.call(region, "GetParameter", &input).await?;
        Ok(answer["Parameter"]["Value"].as_str().unwrap_or_default().to_owned())
    }

    pub(crate) async fn create(&self, request: &CreateRequest) -> Result<Provisioned, ProvisionError> {
        let properties = &request.properties;
        let name = text(properties, "Name").map_or_else(|| generated_name(request), str::to_owned);
        self.put(request, &name, false).await
    }

    pub(crate) async fn update(&self, request: &UpdateRequest) -> Result<Provisioned, ProvisionError> {
        self.put(&request.wanted, &request.physical_id, true).await
    }

    async fn put(&self, request: &CreateRequest, name: &str, overwrite: bool) -> Result<Provisioned, ProvisionError> {
        let properties = &request.properties;
        let mut input = json!({ "Name": name, "Overwrite": overwrite });
        for key in ["Type", "Value", "Description", "AllowedPattern", "Tier", "DataType"] {
            if let Some(value) = properties.get(key) {
                input[key] = value.clone();
            }
        }
        if !overwrite {
            // A parameter that exists is tagged by another operation.
            input["Tags"] = json!([{ "Key": OWNER, "Value": owner(request) }]);
        }
        match self.hosted.call(&request.region, "PutParameter", &input).await {
            Err(error) if error.code == "ParameterAlreadyExists" && self.is_own(request, name).await => {}
            Err(error) if error.code == "ParameterAlreadyExists" => {
                return Err(ProvisionError::AlreadyExists { identifier: name.to_owned() });
            }
            Err(error) => return Err(ProvisionError::Refused { message: error.message }),
            Ok(_) => {}
        }
        let attribute = |key: &str| properties.get(key).cloned().unwrap_or_default();
        let arn = fill("arn:aws:ssm:{region}:{account}:parameter/{ref}", request, name.trim_start_matches('/'));
        let attributes = [("Type", attribute("Type")), ("Value", attribute("Value")), ("Arn", json!(arn))];
        let attributes = attributes.map(|(name, value)| (name.to_owned(), value));
        Ok(Provisioned { physical_id: name.to_owned(), attributes: BTreeMap::from(attributes) })
    }

    /// Whether a parameter was made for this very resource before.
    async fn is_own(&self, request: &CreateRequest, name: &str) -> bool {
        let input = json!({ "ResourceType": "Parameter", "ResourceId": name });
        let answer = self.hosted.call(&request.region, "ListTagsForResource", &input).await.unwrap_or_default();
        let tags = answer["TagList"].as_array().cloned().unwrap_or_default();
        tags.contains(&json!({ "Key": OWNER, "Value": owner(request) }))
    }

    pub(crate) async fn delete(&self, request: &DeleteRequest) -> Result<(), ProvisionError> {
        let input = json!({ "Name": request.physical_id });
        match self.hosted.call(&request.region, "DeleteParameter", &input).await {
            Err(error) if error.code != "ParameterNotFound" => Err(ProvisionError::Refused { message: error.message }),
            _ => Ok(()),
        }
    }
}
