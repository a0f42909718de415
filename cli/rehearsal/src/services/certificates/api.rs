//! Certificates over the wire.

use super::state::{Certificate, Certificates, Proof};
use crate::services::wire::{self, Request, Response, ServiceError};
use jiff::{Timestamp, ToSpan as _};
use serde_json::{Value, json};

/// Amazon's certificates of 2026 are valid for 198 days.
const VALIDITY_HOURS: i64 = 198 * 24;

impl Certificates {
    pub(crate) fn handle(&self, region: &str, request: &Request) -> Response {
        let Some(operation) = wire::operation(request) else { return wire::not_there("acm", request) };
        wire::respond(wire::body(request).and_then(|input| self.run(region, operation, &input)))
    }

    fn run(&self, region: &str, operation: &str, input: &Value) -> Result<Value, ServiceError> {
        match operation {
            "DescribeCertificate" => {
                let arn = input["CertificateArn"].as_str().unwrap_or_default();
                let is_issued = self.is_issued(arn)?;
                let found = self.store.read(|all| all.get(arn).filter(|_| is_in(arn, region)).cloned());
                let found = found.ok_or_else(|| {
                    let message = format!("Could not find certificate {arn}.");
                    ServiceError::new("ResourceNotFoundException", message)
                })?;
                Ok(json!({ "Certificate": self.shown(arn, &found, is_issued) }))
            }
            "ListCertificates" => {
                let here: Vec<(String, Certificate)> = self.store.read(|all| {
                    let here = all.iter().filter(|(arn, _)| is_in(arn, region));
                    here.map(|(arn, one)| (arn.clone(), one.clone())).collect()
                });
                let mut summaries = Vec::new();
                for (arn, certificate) in here {
                    let status = status(self.is_issued(&arn)?);
                    let wanted = input["CertificateStatuses"].as_array();
                    if wanted.is_none_or(|wanted| wanted.iter().any(|one| one == status)) {
                        summaries.push(json!({
                            "CertificateArn": arn, "DomainName": certificate.names.first(), "Status": status,
                            "SubjectAlternativeNameSummaries": certificate.names, "Type": "AMAZON_ISSUED",
                            "CreatedAt": seconds(certificate.created),
                        }));
                    }
                }
                Ok(json!({ "CertificateSummaryList": summaries }))
            }
            other => Err(ServiceError::unknown_operation("Certificate Manager", other)),
        }
    }

    fn shown(&self, arn: &str, certificate: &Certificate, is_issued: bool) -> Value {
        let method = if certificate.by_dns { "DNS" } else { "EMAIL" };
        let validations = certificate.names.iter().map(|name| {
            let Proof { name: record, value } = self.proof(name);
            let is_done = is_issued || !certificate.by_dns || self.is_proven(name);
            let mut shown = json!({
                "DomainName": name, "ValidationDomain": name, "ValidationMethod": method,
                "ValidationStatus": if is_done { "SUCCESS" } else { "PENDING_VALIDATION" },
            });
            if certificate.by_dns {
                shown["ResourceRecord"] = json!({ "Name": record, "Type": "CNAME", "Value": value });
            }
            shown
        });
        let mut shown = json!({
            "CertificateArn": arn, "DomainName": certificate.names.first(), "SubjectAlternativeNames": certificate.names,
            "DomainValidationOptions": validations.collect::<Vec<_>>(), "Status": status(is_issued),
            "Type": "AMAZON_ISSUED", "KeyAlgorithm": "RSA-2048", "InUseBy": [],
            "CreatedAt": seconds(certificate.created),
        });
        let end = certificate.issued.and_then(|issued| issued.checked_add(VALIDITY_HOURS.hours()).ok());
        if let (Some(issued), Some(end)) = (certificate.issued, end) {
            shown["IssuedAt"] = seconds(issued);
            shown["NotBefore"] = seconds(issued);
            shown["NotAfter"] = seconds(end);
        }
        shown
    }
}

fn status(is_issued: bool) -> &'static str {
    if is_issued { "ISSUED" } else { "PENDING_VALIDATION" }
}

fn is_in(arn: &str, region: &str) -> bool {
    arn.split(':').nth(3) == Some(region)
}

fn seconds(at: Timestamp) -> Value {
    json!(at.as_millisecond() as f64 / 1000.0)
}
