//! SDK errors, recognised by the service's code.

use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_cloudformation::config::http::HttpResponse;
use aws_sdk_cloudformation::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_cloudformation::operation::RequestId;
use como_engine::error::{CloudError, Failure};
use std::error::Error as StdError;

/// A call, for whoever reads of its failure.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Call<'a> {
    pub(crate) operation: &'static str,
    pub(crate) region: &'a str,
}

impl Call<'_> {
    pub(crate) fn failed<E>(&self, error: SdkError<E, HttpResponse>) -> CloudError
    where
        E: StdError + ProvideErrorMetadata + Send + Sync + 'static,
    {
        let code = error.code().map(str::to_owned);
        let mut failure = Box::new(Failure {
            operation: self.operation.to_owned(),
            region: self.region.to_owned(),
            request_id: error.request_id().map(str::to_owned),
            message: error.message().map(str::to_owned),
            code: code.clone(),
            source: None,
        });
        let status = error.raw_response().map(|response| response.status().as_u16());
        let kind = match &error {
            SdkError::ServiceError(_) => by_code(code.as_deref(), failure.message.as_deref(), status),
            error if is_credentials(error) => CloudError::Credentials,
            SdkError::ConstructionFailure(_) => CloudError::Rejected,
            // A reply cut short: the request may have had its effect.
            _ => CloudError::Unreachable,
        };
        if failure.message.is_none() {
            failure.message = Some(innermost(&error));
        }
        failure.source = Some(Box::new(error));
        kind(failure)
    }

    pub(crate) fn unreadable(&self, message: &str) -> CloudError {
        CloudError::Unreadable(self.failure(message))
    }

    /// The request could not even be written.
    pub(crate) fn unmade(&self, message: &str) -> CloudError {
        CloudError::Rejected(self.failure(message))
    }

    pub(crate) fn credentials(&self, message: &str) -> CloudError {
        CloudError::Credentials(self.failure(message))
    }

    /// No answer, or one cut short: the request may have had its effect.
    pub(crate) fn unreachable(&self, error: reqwest::Error) -> CloudError {
        CloudError::Unreachable(Box::new(Failure { source: Some(Box::new(error)), ..*self.failure("no answer") }))
    }

    /// An answer that is no success, of a service that is called without its SDK.
    pub(crate) fn answered(
        &self,
        code: Option<String>,
        message: Option<String>,
        status: u16,
        request_id: Option<String>,
    ) -> CloudError {
        let kind = by_code(code.as_deref(), message.as_deref(), Some(status));
        let message = message.unwrap_or_else(|| format!("HTTP status {status}"));
        kind(Box::new(Failure { code, request_id, ..*self.failure(&message) }))
    }

    fn failure(&self, message: &str) -> Box<Failure> {
        Box::new(Failure {
            operation: self.operation.to_owned(),
            region: self.region.to_owned(),
            code: None,
            request_id: None,
            message: Some(message.to_owned()),
            source: None,
        })
    }
}

type Kind = fn(Box<Failure>) -> CloudError;

fn by_code(code: Option<&str>, message: Option<&str>, status: Option<u16>) -> Kind {
    match code {
        Some(code) if is_throttling(code) => CloudError::Throttled,
        Some(code) if is_bad_credentials(code) => CloudError::Credentials,
        Some(code) if is_denied(code) => CloudError::AccessDenied,
        Some(code) if is_taken(code) => CloudError::AlreadyExists,
        Some(code) if is_missing(code) || is_missing_stack(code, message) => CloudError::NotFound,
        Some("LimitExceeded" | "LimitExceededException" | "ServiceQuotaExceededException") => CloudError::LimitExceeded,
        _ => match status {
            Some(429) => CloudError::Throttled,
            Some(500..) => CloudError::Unavailable,
            _ if code.is_none() => CloudError::Unreadable,
            _ => CloudError::Rejected,
        },
    }
}

/// The codes by which services throttle, as the SDKs know them.
fn is_throttling(code: &str) -> bool {
    matches!(
        code,
        "Throttling"
            | "ThrottlingException"
            | "ThrottledException"
            | "RequestThrottled"
            | "RequestThrottledException"
            | "RequestLimitExceeded"
            | "TooManyRequestsException"
            | "ProvisionedThroughputExceededException"
            | "BandwidthLimitExceeded"
            | "PriorRequestNotComplete"
            | "SlowDown"
            | "TooManyInvalidationsInProgress"
    )
}

fn is_bad_credentials(code: &str) -> bool {
    matches!(
        code,
        "ExpiredToken"
            | "ExpiredTokenException"
            | "InvalidClientTokenId"
            | "InvalidSignatureException"
            | "SignatureDoesNotMatch"
            | "UnrecognizedClientException"
            | "IncompleteSignature"
            | "MissingAuthenticationToken"
    )
}

fn is_denied(code: &str) -> bool {
    matches!(code, "AccessDenied" | "AccessDeniedException" | "UnauthorizedOperation")
}

fn is_taken(code: &str) -> bool {
    matches!(code, "AlreadyExistsException" | "TokenAlreadyExistsException")
}

fn is_missing(code: &str) -> bool {
    matches!(
        code,
        "StackNotFoundException"
            | "ChangeSetNotFound"
            | "ChangeSetNotFoundException"
            | "ResourceNotFoundException"
            | "ClusterNotFoundException"
            | "ServiceNotFoundException"
            | "NotFound"
            | "NoSuchBucket"
            | "NoSuchKey"
            | "NoSuchDistribution"
            | "InvalidGroup.NotFound"
            | "InvalidPermission.NotFound"
            | "InvalidSecurityGroupRuleId.NotFound"
    )
}

/// CloudFormation tells a stack that does not exist from a malformed request by nothing but the text, "Stack with id X
/// does not exist" or "Stack [X] does not exist". This is the one place where a message decides.
fn is_missing_stack(code: &str, message: Option<&str>) -> bool {
    code == "ValidationError"
        && message.is_some_and(|message| message.starts_with("Stack ") && message.ends_with("does not exist"))
}

/// Whether the call failed for want of credentials, before it was sent.
fn is_credentials(error: &(dyn StdError + 'static)) -> bool {
    chain(error).any(|error| error.is::<CredentialsError>())
}

fn innermost(error: &(dyn StdError + 'static)) -> String {
    chain(error).last().map(ToString::to_string).unwrap_or_default()
}

fn chain<'e>(error: &'e (dyn StdError + 'static)) -> impl Iterator<Item = &'e (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |error: &&'e (dyn StdError + 'static)| <dyn StdError>::source(*error))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(code: &str, message: &str, status: u16, expected: &str) {
        let failure = Failure {
            operation: "Operation".to_owned(),
            region: "region".to_owned(),
            code: None,
            request_id: None,
            message: None,
            source: None,
        };
        let error = by_code(Some(code), Some(message), Some(status))(Box::new(failure));
        assert_eq!(error.code(), expected, "{code} {message}");
    }

    #[test]
    fn errors_are_recognised_by_code() {
        check("Throttling", "Rate exceeded", 400, "COMO_CLOUD_THROTTLED");
        check("ValidationError", "Stack with id como does not exist", 400, "COMO_CLOUD_NOT_FOUND");
        check("ValidationError", "Stack [como] does not exist", 400, "COMO_CLOUD_NOT_FOUND");
        check("ValidationError", "Template format error: no resources", 400, "COMO_CLOUD_REJECTED");
        check("ValidationError", "Role arn:x does not exist", 400, "COMO_CLOUD_REJECTED");
        check("ChangeSetNotFound", "ChangeSet [como] does not exist", 404, "COMO_CLOUD_NOT_FOUND");
        check("InvalidChangeSetStatus", "ChangeSet [como] cannot be executed", 400, "COMO_CLOUD_REJECTED");
        check("AlreadyExistsException", "Stack [como] already exists", 400, "COMO_CLOUD_ALREADY_EXISTS");
        check("InsufficientCapabilitiesException", "Requires capabilities", 400, "COMO_CLOUD_REJECTED");
        check("AccessDenied", "User is not authorized", 403, "COMO_CLOUD_ACCESS_DENIED");
        check("ExpiredToken", "The security token is expired", 403, "COMO_CLOUD_CREDENTIALS");
        check("LimitExceededException", "Limit for stack has been exceeded", 400, "COMO_CLOUD_LIMIT_EXCEEDED");
        check("InternalFailure", "", 500, "COMO_CLOUD_UNAVAILABLE");
        check("Anything", "", 429, "COMO_CLOUD_THROTTLED");
    }
}
