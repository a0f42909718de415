//! CloudFront over the wire: XML over paths.

use super::state::{CloudFront, Distribution, Invalidation};
use crate::services::route53::xml::{many, parse, render};
use crate::services::wire::{self, Request, Response, ServiceError};
use jiff::Timestamp;
use serde_json::{Value, json};

const NAMESPACE: &str = "http://cloudfront.amazonaws.com/doc/2020-05-31/";
/// Invalidations that are remembered for each distribution.
const REMEMBERED: usize = 100;

type Answer = Result<(u16, &'static str, Value), ServiceError>;

impl CloudFront {
    pub(crate) fn handle(&self, request: &Request) -> Response {
        let path = request.uri().path().trim_start_matches("/2020-05-31/").trim_end_matches('/').to_owned();
        let parts: Vec<&str> = path.split('/').collect();
        let answer = match (request.method().as_str(), parts.as_slice()) {
            ("GET", ["distribution"]) => Ok((200, "DistributionList", self.list())),
            ("GET", ["distribution", id]) => self.of(id, |one| self.shown(id, one)).map(|it| (200, "Distribution", it)),
            ("GET", ["distribution", id, "invalidation"]) => {
                self.of(id, listed).map(|it| (200, "InvalidationList", it))
            }
            ("GET", ["distribution", id, "invalidation", wanted]) => self.invalidation(id, wanted),
            ("POST", ["distribution", id, "invalidation"]) => self.invalidate(id, request),
            (method, _) => {
                let what = format!("{method} {}", request.uri().path());
                Err(ServiceError::unknown_operation("CloudFront", &what))
            }
        };
        match answer {
            Ok((status, name, output)) => {
                let body = format!("<{name} xmlns=\"{NAMESPACE}\">{}</{name}>", render(&output));
                wire::with_content_type(status, "text/xml", body)
            }
            Err(error) => wire::query_error_response(&error),
        }
    }

    fn of<T>(&self, id: &str, read: impl FnOnce(&Distribution) -> T) -> Result<T, ServiceError> {
        self.store.read(|all| all.get(id).map(read)).ok_or_else(no_distribution)
    }

    fn list(&self) -> Value {
        let summaries = self.store.read(|all| {
            let shown = all.iter().map(|(id, one)| {
                let mut shown = self.shown(id, one);
                shown["Aliases"] = shown["DistributionConfig"]["Aliases"].clone();
                shown["Enabled"] = json!(one.config.is_enabled);
                shown["DistributionConfig"] = Value::Null;
                shown
            });
            shown.collect::<Vec<_>>()
        });
        json!({
            "Marker": "", "MaxItems": 100, "IsTruncated": false, "Quantity": summaries.len(),
            "Items": { "DistributionSummary": summaries },
        })
    }

    /// What changes nothing that is served is not told.
    fn shown(&self, id: &str, distribution: &Distribution) -> Value {
        let aliases = &distribution.config.aliases;
        let origins = distribution.config.origins.iter().map(|origin| {
            json!({ "Id": origin.id, "DomainName": format!("{}.s3.amazonaws.com", origin.bucket), "OriginPath": origin.path })
        });
        let origins: Vec<Value> = origins.collect();
        json!({
            "Id": id, "ARN": self.arn(id), "Status": "Deployed", "DomainName": distribution.domain,
            "InProgressInvalidationBatches": 0, "LastModifiedTime": Timestamp::UNIX_EPOCH.to_string(),
            "DistributionConfig": {
                "CallerReference": distribution.owner, "Enabled": distribution.config.is_enabled, "Comment": "",
                "Aliases": { "Quantity": aliases.len(), "Items": { "CNAME": aliases } },
                "DefaultRootObject": distribution.config.root.clone().unwrap_or_default(),
                "Origins": { "Quantity": origins.len(), "Items": { "Origin": origins } },
            },
        })
    }

    /// The same reference with the same paths is the same invalidation.
    fn invalidate(&self, id: &str, request: &Request) -> Answer {
        let malformed = || ServiceError::new("MalformedXML", "The body is not an InvalidationBatch");
        let input = std::str::from_utf8(request.body()).ok().and_then(parse).ok_or_else(malformed)?;
        let reference = input["CallerReference"].as_str().filter(|text| !text.is_empty()).ok_or_else(malformed)?;
        let paths = many(&input["Paths"]["Items"]["Path"]);
        let paths: Vec<String> = paths.into_iter().filter_map(Value::as_str).map(str::to_owned).collect();
        if paths.is_empty() || paths.iter().any(|path| !path.starts_with('/')) {
            let message = "Your request contains one or more invalid invalidation paths.";
            return Err(ServiceError::new("InvalidArgument", message));
        }
        let made = self.store.change(|all| {
            let distribution = all.get_mut(id).ok_or_else(no_distribution)?;
            if let Some(known) = distribution.invalidations.iter().find(|one| one.reference == reference) {
                if known.paths != paths {
                    let message =
                        "Your request contains a caller reference that was used for a previous invalidation batch.";
                    return Err(ServiceError::new("InvalidArgument", message));
                }
                return Ok(known.clone());
            }
            let made = Invalidation {
                id: format!("I{}", uuid::Uuid::new_v4().simple().to_string().to_uppercase().split_at(13).0),
                reference: reference.to_owned(),
                paths: paths.clone(),
                created: Timestamp::now(),
            };
            distribution.invalidations.insert(0, made.clone());
            distribution.invalidations.truncate(REMEMBERED);
            Ok(made)
        })?;
        self.cache.forget(id, &paths);
        Ok((201, "Invalidation", shown_invalidation(&made)))
    }

    fn invalidation(&self, id: &str, wanted: &str) -> Answer {
        let found = self.of(id, |one| one.invalidations.iter().find(|known| known.id == wanted).cloned())?;
        let missing = || ServiceError {
            status: 404,
            code: "NoSuchInvalidation".to_owned(),
            message: "The specified invalidation does not exist.".to_owned(),
        };
        Ok((200, "Invalidation", shown_invalidation(&found.ok_or_else(missing)?)))
    }
}

fn listed(distribution: &Distribution) -> Value {
    let summaries = distribution.invalidations.iter();
    let summaries =
        summaries.map(|one| json!({ "Id": one.id, "CreateTime": one.created.to_string(), "Status": "Completed" }));
    let summaries: Vec<Value> = summaries.collect();
    json!({
        "Marker": "", "MaxItems": 100, "IsTruncated": false, "Quantity": summaries.len(),
        "Items": { "InvalidationSummary": summaries },
    })
}

fn shown_invalidation(invalidation: &Invalidation) -> Value {
    let paths = &invalidation.paths;
    json!({
        "Id": invalidation.id, "Status": "Completed", "CreateTime": invalidation.created.to_string(),
        "InvalidationBatch": {
            "Paths": { "Quantity": paths.len(), "Items": { "Path": paths } }, "CallerReference": invalidation.reference,
        },
    })
}

fn no_distribution() -> ServiceError {
    let message = "The specified distribution does not exist.".to_owned();
    ServiceError { status: 404, code: "NoSuchDistribution".to_owned(), message }
}
