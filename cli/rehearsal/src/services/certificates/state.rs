//! Certificates of all regions, and how their names are proven.

use crate::services::route53::Route53;
use crate::services::store::{Store, StoreError};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

pub(crate) struct Certificates {
    pub(super) account: String,
    pub(super) route53: Arc<Route53>,
    /// By ARN.
    pub(super) store: Store<BTreeMap<String, Certificate>>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Certificate {
    /// The stack and logical id that it was made for.
    pub(super) owner: String,
    /// The first is the domain name, the others are the alternative ones.
    pub(super) names: Vec<String>,
    pub(super) by_dns: bool,
    pub(super) created: Timestamp,
    pub(super) issued: Option<Timestamp>,
}

/// The CNAME that proves a name: the same for every certificate of the account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Proof {
    pub(super) name: String,
    pub(super) value: String,
}

impl Certificates {
    pub(crate) fn open(dir: &Path, account: &str, route53: Arc<Route53>) -> Result<Self, StoreError> {
        Ok(Self { account: account.to_owned(), route53, store: Store::open(dir.join("certificates.json"))? })
    }

    /// A wildcard is proven as the name below it.
    pub(super) fn proof(&self, name: &str) -> Proof {
        let name = name.trim_start_matches("*.").to_lowercase();
        let hex = |label: &str| -> String {
            let digest = Sha256::digest(format!("{} {name} {label}", self.account).as_bytes());
            digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
        };
        let zone = hex("zone").get(..10).unwrap_or_default().to_owned();
        Proof {
            name: format!("_{}.{name}.", hex("name")),
            value: format!("_{}.{zone}.acm-validations.aws.", hex("value")),
        }
    }

    /// By its record in a hosted zone. A name that no zone here holds is somebody else's to prove, who has done so.
    pub(super) fn is_proven(&self, name: &str) -> bool {
        let Proof { name: record, value } = self.proof(name);
        !self.route53.holds(&record) || self.route53.has_value(&record, "CNAME", &value)
    }

    /// Whether it is issued, which it is from the moment on at which all names are proven.
    pub(super) fn is_issued(&self, arn: &str) -> Result<bool, StoreError> {
        let Some(certificate) = self.store.read(|all| all.get(arn).cloned()) else { return Ok(false) };
        if certificate.issued.is_some() {
            return Ok(true);
        }
        if certificate.by_dns && !certificate.names.iter().all(|name| self.is_proven(name)) {
            return Ok(false);
        }
        self.store.change(|all| {
            if let Some(certificate) = all.get_mut(arn) {
                certificate.issued = Some(Timestamp::now());
            }
            Ok(true)
        })
    }
}
