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
///
/// The table in `docs/rehearsal.md` says the same of every operation; a test holds the two together.
const DATA: [(&str, &[&str]); 12] = [
    (
        "cognito-idp",
        &[
            "AdminAddUserToGroup",
            "AdminCreateUser",
            "AdminDeleteUser",
            "AdminDisableUser",
            "AdminEnableUser",
            "AdminGetUser",
            "AdminInitiateAuth",
            "AdminListGroupsForUser",
            "AdminRemoveUserFromGroup",
            "AdminRespondToAuthChallenge",
            "AdminSetUserPassword",
            "AdminUpdateUserAttributes",
            "AdminUserGlobalSignOut",
            "ChangePassword",
            "ConfirmForgotPassword",
            "ConfirmSignUp",
            "ForgotPassword",
            "GetUser",
            "GlobalSignOut",
            "InitiateAuth",
            "ListUsers*",
            "RespondToAuthChallenge",
            "RevokeToken",
            "SignUp",
        ],
    ),
    ("events", &["PutEvents"]),
    (
        "kms",
        &["Decrypt", "Encrypt", "GenerateDataKey*", "GenerateMac", "ReEncrypt", "Sign", "Verify*", "GenerateRandom"],
    ),
    ("logs", &["PutLogEvents", "GetLogEvents", "FilterLogEvents"]),
    ("monitoring", &["PutMetricData", "GetMetric*", "ListMetrics"]),
    ("route53", &["GET /2013-04-01/testdnsanswer"]),
    (
        "secretsmanager",
        &[
            "BatchGetSecretValue",
            "GetRandomPassword",
            "GetSecretValue",
            "ListSecretVersionIds",
            "PutSecretValue",
            "UpdateSecret",
            "UpdateSecretVersionStage",
        ],
    ),
    ("ses", &["SendEmail", "SendRawEmail", "SendBulkEmail", "POST /v2/email/outbound*"]),
    ("sns", &["Publish", "PublishBatch"]),
    (
        "sqs",
        &[
            "CancelMessageMoveTask",
            "ChangeMessageVisibility*",
            "DeleteMessage*",
            "ListMessageMoveTasks",
            "ReceiveMessage",
            "SendMessage*",
            "StartMessageMoveTask",
        ],
    ),
    ("ssm", &["DeleteParameter*", "GetParameter*", "PutParameter"]),
    ("sts", &["GetCallerIdentity"]),
];

/// Questions of S3 that list what is in a bucket; with another one the bucket itself is meant (`?versioning`).
const LISTING: [&str; 15] = [
    "continuation-token",
    "delimiter",
    "encoding-type",
    "fetch-owner",
    "key-marker",
    "list-type",
    "marker",
    "max-keys",
    "max-uploads",
    "prefix",
    "start-after",
    "upload-id-marker",
    "uploads",
    "version-id-marker",
    "versions",
];

/// `operation` is a name, or method and path where the protocol has none; `query` is the address's, without its mark.
pub fn plane_of(service: &str, operation: &str, query: &str) -> Plane {
    let data = match service {
        // Of DynamoDB, everything on items and streams.
        "dynamodb" => {
            operation.contains("Item")
                || operation.contains("Transact")
                || operation.contains("Statement")
                || ["Query", "Scan", "GetRecords", "GetShardIterator", "DescribeStream", "ListStreams"]
                    .contains(&operation)
        }
        "lambda" => operation.starts_with("POST ") && operation.ends_with("/invocations"),
        "s3" => is_of_objects(operation, query),
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

/// Paths with an object's key, and what lists or deletes objects; a bare bucket is control plane.
fn is_of_objects(operation: &str, query: &str) -> bool {
    let Some((method, path)) = operation.split_once(" /") else { return false };
    let bucket = path.trim_end_matches('/');
    if bucket.is_empty() || bucket.contains('/') {
        return !bucket.is_empty();
    }
    let asked = form_urlencoded::parse(query.as_bytes()).map(|(key, _)| key.to_ascii_lowercase());
    let mut asked = asked.filter(|key| !key.starts_with("x-amz-") && key != "x-id");
    match method {
        "GET" => asked.all(|key| LISTING.contains(&key.as_str())),
        "POST" => asked.any(|key| key == "delete"),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::{Plane, plane_of};

    #[test]
    fn operations_on_what_resources_hold_are_data_plane() {
        for (service, operation, query, plane) in [
            ("dynamodb", "PutItem", "", Plane::Data),
            ("dynamodb", "TransactWriteItems", "", Plane::Data),
            ("dynamodb", "DescribeTable", "", Plane::Control),
            ("s3", "PUT /bucket/key", "", Plane::Data),
            ("s3", "PUT /bucket", "", Plane::Control),
            ("s3", "GET /bucket", "list-type=2&prefix=a&x-id=ListObjectsV2", Plane::Data),
            ("s3", "GET /bucket", "versioning", Plane::Control),
            ("s3", "POST /bucket/", "delete", Plane::Data),
            ("s3", "GET /", "", Plane::Control),
            ("sqs", "SendMessageBatch", "", Plane::Data),
            ("sqs", "CreateQueue", "", Plane::Control),
            ("lambda", "POST /2015-03-31/functions/name/invocations", "", Plane::Data),
            ("lambda", "POST /2015-03-31/functions/name/policy", "", Plane::Control),
            ("lambda", "POST /2015-03-31/functions", "", Plane::Control),
            ("cloudformation", "DescribeStacks", "", Plane::Control),
        ] {
            assert_eq!(plane_of(service, operation, query), plane, "{service} {operation} {query}");
        }
    }
}
