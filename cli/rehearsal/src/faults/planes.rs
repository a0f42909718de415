//! Which half of a service a call belongs to: the one that makes and describes resources, or the one that uses them.

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Plane {
    Control,
    Data,
}

/// Operations that work on what resources hold, by signing name. Everything else is control plane, as the services'
/// own descriptions divide them:
/// <https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/control-planes-and-data-planes.html>
const DATA: [(&str, &[&str]); 11] = [
    (
        "cognito-idp",
        &[
            "InitiateAuth",
            "AdminInitiateAuth",
            "RespondToAuthChallenge",
            "AdminRespondToAuthChallenge",
            "GetUser",
            "GlobalSignOut",
            "ChangePassword",
            "RevokeToken",
            "SignUp",
            "ConfirmSignUp",
            "ForgotPassword",
            "ConfirmForgotPassword",
            "AdminGetUser",
            "AdminCreateUser",
            "AdminSetUserPassword",
            "GET /*",
        ],
    ),
    ("events", &["PutEvents"]),
    (
        "kms",
        &["Decrypt", "Encrypt", "GenerateDataKey*", "GenerateMac", "ReEncrypt", "Sign", "Verify*", "GenerateRandom"],
    ),
    ("lambda", &["POST /2015-03-31/functions/*"]),
    ("logs", &["PutLogEvents", "GetLogEvents", "FilterLogEvents"]),
    ("monitoring", &["PutMetricData", "GetMetric*"]),
    ("secretsmanager", &["GetSecretValue", "BatchGetSecretValue"]),
    ("ses", &["SendEmail", "SendRawEmail", "SendBulkEmail", "POST /v2/email/outbound*"]),
    ("sns", &["Publish", "PublishBatch"]),
    ("sqs", &["SendMessage*", "ReceiveMessage", "DeleteMessage*", "ChangeMessageVisibility*"]),
    ("ssm", &["GetParameter*"]),
];

pub fn plane_of(service: &str, operation: &str) -> Plane {
    let data = match service {
        // Of DynamoDB, everything on items and streams.
        "dynamodb" => {
            operation.contains("Item")
                || operation.contains("Transact")
                || operation.contains("Statement")
                || ["Query", "Scan", "GetRecords", "GetShardIterator", "DescribeStream", "ListStreams"]
                    .contains(&operation)
        }
        // Paths with an object's key; a bare bucket is control plane.
        "s3" => operation.split_once(" /").is_some_and(|(_, path)| path.trim_end_matches('/').contains('/')),
        // Published keys of user pools, and pushes and pulls of images.
        "" => true,
        _ => DATA
            .iter()
            .filter(|(name, _)| *name == service)
            .flat_map(|(_, operations)| *operations)
            .any(|known| known.strip_suffix('*').map_or(*known == operation, |start| operation.starts_with(start))),
    };
    if data { Plane::Data } else { Plane::Control }
}

#[cfg(test)]
mod tests {
    use super::{Plane, plane_of};

    #[test]
    fn operations_on_what_resources_hold_are_data_plane() {
        for (service, operation, plane) in [
            ("dynamodb", "PutItem", Plane::Data),
            ("dynamodb", "TransactWriteItems", Plane::Data),
            ("dynamodb", "DescribeTable", Plane::Control),
            ("s3", "PUT /bucket/key", Plane::Data),
            ("s3", "PUT /bucket", Plane::Control),
            ("sqs", "SendMessageBatch", Plane::Data),
            ("sqs", "CreateQueue", Plane::Control),
            ("lambda", "POST /2015-03-31/functions/name/invocations", Plane::Data),
            ("cloudformation", "DescribeStacks", Plane::Control),
        ] {
            assert_eq!(plane_of(service, operation), plane, "{service} {operation}");
        }
    }
}
