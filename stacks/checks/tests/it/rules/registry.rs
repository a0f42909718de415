//! Images in their repository.

use crate::support::{Case, breaks, here, here_and_there, judge, one};
use como_core::assembly::Assembly;
use serde_json::{Value as Json, json};

pub(super) fn cases() -> Vec<Case> {
    let repository = |properties: Json| one("AWS::ECR::Repository", properties);
    let encrypted =
        |configuration: Json| -> Assembly { repository(json!({ "EncryptionConfiguration": configuration })) };
    vec![
        breaks(
            "ECR.1 CKV_AWS_163",
            repository(json!({ "ImageScanningConfiguration": { "ScanOnPush": false } })),
            &["Repository ImageScanningConfiguration/ScanOnPush"],
        )
        .but_not(repository(json!({ "ImageScanningConfiguration": { "ScanOnPush": true } })))
        .but_not(here(json!({
            "Images AWS::ECR::Repository": {},
            "Scans AWS::ECR::RegistryScanningConfiguration": { "ScanType": "ENHANCED" },
        }))),
        // The registry of another region scans that region's images.
        breaks(
            "ECR.1",
            here_and_there(
                json!({ "Images AWS::ECR::Repository": {} }),
                "ap-southeast-2",
                json!({ "Scans AWS::ECR::RegistryScanningConfiguration": {} }),
            ),
            &["Images ImageScanningConfiguration/ScanOnPush"],
        ),
        breaks(
            "ECR.2 CKV_AWS_51",
            repository(json!({ "ImageTagMutability": "MUTABLE" })),
            &["Repository ImageTagMutability"],
        )
        .but_not(repository(json!({ "ImageTagMutability": "IMMUTABLE" }))),
        breaks("ECR.3", repository(json!({})), &["Repository LifecyclePolicy/LifecyclePolicyText"])
            .but_not(repository(json!({ "LifecyclePolicy": { "LifecyclePolicyText": "{}" } }))),
        breaks(
            "ECR.5 CKV_AWS_136",
            encrypted(json!({ "EncryptionType": "AES256", "KmsKey": "arn" })),
            &["Repository EncryptionConfiguration/EncryptionType"],
        )
        .but_not(encrypted(json!({ "EncryptionType": "KMS", "KmsKey": { "Ref": "Key" } }))),
        breaks(
            "ECR.5",
            encrypted(json!({ "EncryptionType": "KMS", "KmsKey": "alias/aws/ecr" })),
            &["Repository EncryptionConfiguration/KmsKey"],
        ),
    ]
}

#[test]
fn hold() {
    judge(&cases());
}
