//! Resources that exist and get another owner: what an import of CloudFormation comes to.
//!
//! A resource is found by the name that its properties give, and keeps everything that it holds.

use super::cloud::Services;
use super::owners::Owner;
use crate::provision::{CreateRequest, ProvisionError, Provisioned};

/// What is done about a resource that is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Claim {
    Look,
    /// It is the request's from now on.
    Take,
}

pub(super) async fn claim(
    services: &Services,
    request: &CreateRequest,
    claim: Claim,
) -> Result<Option<Provisioned>, ProvisionError> {
    match Owner::of(&request.resource_type) {
        Owner::Declared => services.declared.claim(request, claim),
        Owner::DynamoDb => services.dynamodb.claim(request, claim),
        Owner::Ecr => services.ecr.claim(request, claim),
        Owner::Messaging => services.messaging.claim(request, claim),
        Owner::Parameters => services.parameters.claim(request, claim),
        Owner::Secrets => services.secrets.claim(request, claim),
        Owner::AutoScaling
        | Owner::Certificates
        | Owner::CloudFront
        | Owner::Cognito
        | Owner::Ecs
        | Owner::LoadBalancers
        | Owner::RestApis
        | Owner::Watching => Err(ProvisionError::not_importable(&request.resource_type)),
    }
}
