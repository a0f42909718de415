//! What the validation before a deployment has to say about a resource.
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/validate-stack-deployments.html>

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ValidationFinding {
    pub id: String,
    pub at: Timestamp,
    pub check: Check,
    pub logical_id: String,
    /// Empty for a resource that is not there.
    pub physical_id: String,
    pub resource_type: String,
    pub reason: String,
    /// Within the template, for example `/Resources/Bucket/Properties/Tags/0`.
    pub path: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Check {
    Property,
    NameConflict,
    BucketEmptiness,
    RepositoryDeletion,
    ServiceQuota,
}

impl Check {
    /// `ValidationName`. The last two are not in the user guide; they stand in AWS's agent toolkit.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Property => "PROPERTY_VALIDATION",
            Self::NameConflict => "NAME_CONFLICT_VALIDATION",
            Self::BucketEmptiness => "BUCKET_EMPTINESS_VALIDATION",
            Self::RepositoryDeletion => "ECR_REPOSITORY_DELETE_READINESS",
            Self::ServiceQuota => "SERVICE_QUOTA",
        }
    }

    /// Whether what it finds stops the operation; else it is a warning.
    pub(crate) const fn stops(self) -> bool {
        matches!(self, Self::Property | Self::NameConflict)
    }

    /// As the status reason of a change set names it.
    pub(crate) const fn hook(self) -> &'static str {
        match self {
            Self::Property => "AWS::EarlyValidation::PropertyValidation",
            Self::NameConflict => "AWS::EarlyValidation::ResourceExistenceCheck",
            Self::BucketEmptiness => "AWS::EarlyValidation::S3BucketEmptinessCheck",
            Self::RepositoryDeletion => "AWS::EarlyValidation::ECRRepositoryDeleteReadinessCheck",
            Self::ServiceQuota => "AWS::EarlyValidation::ServiceQuotaCheck",
        }
    }
}

impl ValidationFinding {
    pub(crate) fn new(check: Check, logical_id: &str, resource_type: &str, reason: String, within: &str) -> Self {
        let mut path = format!("/Resources/{logical_id}");
        if check == Check::Property {
            path.push_str("/Properties");
        }
        if !within.is_empty() {
            path.push('/');
            path.push_str(within);
        }
        Self {
            id: uuid::Uuid::new_v4().to_string(),
            at: Timestamp::now(),
            check,
            logical_id: logical_id.to_owned(),
            physical_id: String::new(),
            resource_type: resource_type.to_owned(),
            reason,
            path,
        }
    }
}
