//! Route 53's operations: XML over paths.

use super::checks::offered;
use super::provisioning::{remove_check, remove_zone};
use super::records::apply;
use super::state::{Check, Route53, Zone, name_servers, whole};
use super::xml::{many, parse, render};
use crate::services::wire::{self, Request, Response, ServiceError};
use http::Method;
use serde_json::{Value, json};

type Answer = Result<(&'static str, Value), ServiceError>;

const NAMESPACE: &str = "https://route53.amazonaws.com/doc/2013-04-01/";

impl Route53 {
    pub(crate) fn handle(&self, request: &Request) -> Response {
        let path = request.uri().path().trim_start_matches("/2013-04-01/").trim_end_matches('/').to_owned();
        let parts: Vec<&str> = path.split('/').collect();
        let answer = self.run(request, &parts).unwrap_or_else(|| {
            let what = format!("{} {}", request.method(), request.uri().path());
            Err(ServiceError::unknown_operation("route53", &what))
        });
        match answer {
            Ok((name, output)) => {
                let body = format!("<{name} xmlns=\"{NAMESPACE}\">{}</{name}>", render(&output));
                let is_new =
                    request.method() == Method::POST && matches!(parts.as_slice(), ["hostedzone"] | ["healthcheck"]);
                let mut response = wire::with_content_type(if is_new { 201 } else { 200 }, "text/xml", body);
                if let Ok(location) = http::HeaderValue::from_str(&format!("{NAMESPACE}{path}")) {
                    response.headers_mut().insert(http::header::LOCATION, location);
                }
                response
            }
            Err(error) => wire::query_error_response(&error),
        }
    }

    fn run(&self, request: &Request, parts: &[&str]) -> Option<Answer> {
        let body = || {
            let text = std::str::from_utf8(request.body()).unwrap_or_default();
            parse(text).ok_or_else(|| ServiceError::new("InvalidInput", "the body is not XML"))
        };
        let query = |name: &str| {
            let query = request.uri().query().unwrap_or_default();
            form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
        };
        Some(match (request.method().as_str(), parts) {
            ("POST", ["hostedzone"]) => body().and_then(|input| self.create_zone(&input)),
            ("GET", ["hostedzone"]) => Ok(("ListHostedZonesResponse", self.list_zones(None))),
            ("GET", ["hostedzonesbyname"]) => {
                Ok(("ListHostedZonesByNameResponse", self.list_zones(query("dnsname").as_deref())))
            }
            ("GET", ["hostedzone", id]) => self.zone(id, |zone| ("GetHostedZoneResponse", shown_zone(id, zone))),
            ("DELETE", ["hostedzone", id]) => self.store.change(|state| {
                if !state.zones.contains_key(*id) {
                    return Err(no_zone(id));
                }
                remove_zone(state, id)?;
                Ok(("DeleteHostedZoneResponse", change_info()))
            }),
            ("POST", ["hostedzone", id, "rrset"]) => body().and_then(|input| self.change_records(id, &input)),
            ("GET", ["hostedzone", id, "rrset"]) => {
                let (name, kind) = (query("name").map(|name| whole(&name)), query("type"));
                self.zone(id, |zone| {
                    let sets = zone.records.iter().map(|record| &record.set);
                    let from = sets.skip_while(|set| match (&name, set["Name"].as_str()) {
                        (Some(name), Some(own)) => own < name.as_str() || (own == name && kind.as_deref().is_some_and(|kind| set["Type"].as_str() < Some(kind))),
                        _ => false,
                    });
                    let sets: Vec<&Value> = from.collect();
                    let output = json!({ "ResourceRecordSets": { "ResourceRecordSet": sets }, "IsTruncated": false, "MaxItems": "300" });
                    ("ListResourceRecordSetsResponse", output)
                })
            }
            ("GET", ["change", _]) => Ok(("GetChangeResponse", change_info())),
            ("GET", ["testdnsanswer"]) => {
                let text = |name: &str| query(name).unwrap_or_default();
                let zone = text("hostedzoneid");
                let (name, kind) = (text("recordname"), text("recordtype"));
                self.zone(&zone, |_| ()).map(|()| {
                    let data = self.answer(Some(&zone), &name, &kind);
                    let code = if self.knows(&zone, &name) { "NOERROR" } else { "NXDOMAIN" };
                    let output = json!({
                        "Nameserver": name_servers(&zone).first(), "RecordName": whole(&name), "RecordType": kind,
                        "RecordData": { "RecordDataEntry": data }, "ResponseCode": code, "Protocol": "UDP",
                    });
                    ("TestDNSAnswerResponse", output)
                })
            }
            _ => return self.run_on_checks(request.method().as_str(), parts, &body),
        })
    }

    fn run_on_checks(
        &self,
        method: &str,
        parts: &[&str],
        body: &dyn Fn() -> Result<Value, ServiceError>,
    ) -> Option<Answer> {
        Some(match (method, parts) {
            ("POST", ["healthcheck"]) => body().and_then(|input| self.create_check(&input)),
            ("POST", ["healthcheck", id]) => body().and_then(|input| self.update_check(id, &input)),
            ("GET", ["healthcheckcount"]) => {
                let count = self.store.read(|state| state.checks.len());
                Ok(("GetHealthCheckCountResponse", json!({ "HealthCheckCount": count })))
            }
            ("GET", ["healthcheck"]) => {
                let checks = self
                    .store
                    .read(|state| state.checks.iter().map(|(id, check)| shown_check(id, check)).collect::<Vec<_>>());
                Ok((
                    "ListHealthChecksResponse",
                    json!({ "HealthChecks": { "HealthCheck": checks }, "IsTruncated": false, "MaxItems": "100" }),
                ))
            }
            ("GET", ["healthcheck", id]) => {
                self.check(id, |check| ("GetHealthCheckResponse", json!({ "HealthCheck": shown_check(id, check) })))
            }
            ("GET", ["healthcheck", id, "status"]) => {
                self.check(id, |_| ()).map(|()| ("GetHealthCheckStatusResponse", observed(self.words(id))))
            }
            ("GET", ["healthcheck", id, "lastfailurereason"]) => {
                let last = self.last_failure(id).unwrap_or_else(|| "No failure has been seen".to_owned());
                self.check(id, |_| ()).map(|()| ("GetHealthCheckLastFailureReasonResponse", observed(Some(last))))
            }
            ("DELETE", ["healthcheck", id]) => self.store.change(|state| {
                if remove_check(state, id) { Ok(("DeleteHealthCheckResponse", json!({}))) } else { Err(no_check(id)) }
            }),
            _ => return None,
        })
    }

    fn zone<R>(&self, id: &str, look: impl FnOnce(&Zone) -> R) -> Result<R, ServiceError> {
        self.store.read(|state| state.zones.get(id).map(look)).ok_or_else(|| no_zone(id))
    }

    fn check<R>(&self, id: &str, look: impl FnOnce(&Check) -> R) -> Result<R, ServiceError> {
        self.store.read(|state| state.checks.get(id).map(look)).ok_or_else(|| no_check(id))
    }

    fn create_zone(&self, input: &Value) -> Answer {
        let id = format!(
            "Z{}",
            uuid::Uuid::new_v4().simple().to_string().to_uppercase().chars().take(20).collect::<String>()
        );
        let zone = Zone {
            owner: input["CallerReference"].as_str().unwrap_or_default().to_owned(),
            name: whole(input["Name"].as_str().unwrap_or_default()),
            is_private: !input["VPC"].is_null(),
            records: Vec::new(),
        };
        let mut output = shown_zone(&id, &zone);
        output["ChangeInfo"] = change_info()["ChangeInfo"].clone();
        self.store.change(|state| {
            if state.zones.values().any(|known| known.owner == zone.owner) {
                let message = format!(
                    "A hosted zone has already been created with the specified caller reference: {}",
                    zone.owner
                );
                return Err(ServiceError { status: 409, code: "HostedZoneAlreadyExists".to_owned(), message });
            }
            state.zones.insert(id, zone);
            Ok(())
        })?;
        Ok(("CreateHostedZoneResponse", output))
    }

    fn list_zones(&self, from: Option<&str>) -> Value {
        let from = from.map(whole);
        let zones: Vec<Value> = self.store.read(|state| {
            let zones = state.zones.iter().filter(|(_, zone)| from.as_ref().is_none_or(|from| zone.name == *from));
            zones.map(|(id, zone)| shown_zone(id, zone)["HostedZone"].clone()).collect()
        });
        json!({ "HostedZones": { "HostedZone": zones }, "IsTruncated": false, "MaxItems": "100" })
    }

    /// All changes of a batch or none.
    fn change_records(&self, id: &str, input: &Value) -> Answer {
        self.store.change(|state| {
            let zone = state.zones.get_mut(id).ok_or_else(|| no_zone(id))?;
            for change in many(&input["ChangeBatch"]["Changes"]["Change"]) {
                apply(zone, change["Action"].as_str().unwrap_or_default(), &change["ResourceRecordSet"], None)?;
            }
            Ok(("ChangeResourceRecordSetsResponse", change_info()))
        })
    }

    fn create_check(&self, input: &Value) -> Answer {
        let id = uuid::Uuid::new_v4().to_string();
        let owner = input["CallerReference"].as_str().unwrap_or_default().to_owned();
        let config = input["HealthCheckConfig"].clone();
        offered(&config)?;
        self.store.change(|state| {
            // The same call again is the same check; another one with its reference is refused.
            if let Some((id, known)) = state.checks.iter().find(|(_, known)| known.owner == owner) {
                if known.config == config {
                    return Ok(("CreateHealthCheckResponse", json!({ "HealthCheck": shown_check(id, known) })));
                }
                let message = format!("A health check has already been created with the caller reference {owner}.");
                return Err(ServiceError { status: 409, code: "HealthCheckAlreadyExists".to_owned(), message });
            }
            let check = Check::new(owner, config);
            let shown = shown_check(&id, &check);
            state.checks.insert(id, check);
            Ok(("CreateHealthCheckResponse", json!({ "HealthCheck": shown })))
        })
    }

    /// What is not given stays as it is.
    fn update_check(&self, id: &str, input: &Value) -> Answer {
        self.store.change(|state| {
            let check = state.checks.get_mut(id).ok_or_else(|| no_check(id))?;
            let shown = shown_check(id, check);
            let version = &input["HealthCheckVersion"];
            if !version.is_null() && version.as_str() != Some(&shown["HealthCheckVersion"].to_string()) {
                let message =
                    "The value of HealthCheckVersion in the request doesn't match the value in the health check.";
                let code = "HealthCheckVersionMismatch".to_owned();
                return Err(ServiceError { status: 409, code, message: message.to_owned() });
            }
            let mut config = check.config.clone();
            for (name, value) in input.as_object().into_iter().flatten() {
                match name.as_str() {
                    "HealthCheckVersion" => {}
                    "ResetElements" => {
                        for element in many(&value["ResettableElementName"]).iter().filter_map(|one| one.as_str()) {
                            config[element] = Value::Null;
                        }
                    }
                    other => config[other] = value.clone(),
                }
            }
            check.change(config);
            Ok(("UpdateHealthCheckResponse", json!({ "HealthCheck": shown_check(id, check) })))
        })
    }
}

/// As one checker reports.
fn observed(words: Option<String>) -> Value {
    let report = json!({ "CheckedTime": jiff::Timestamp::now().to_string(), "Status": words });
    let observation = json!({ "Region": "ap-southeast-1", "IPAddress": "127.0.0.1", "StatusReport": report });
    json!({ "HealthCheckObservations": { "HealthCheckObservation": [observation] } })
}

fn shown_zone(id: &str, zone: &Zone) -> Value {
    json!({
        "HostedZone": {
            "Id": format!("/hostedzone/{id}"), "Name": zone.name, "CallerReference": zone.owner,
            "Config": { "PrivateZone": zone.is_private }, "ResourceRecordSetCount": zone.records.len(),
        },
        "DelegationSet": { "NameServers": { "NameServer": name_servers(id) } },
    })
}

fn shown_check(id: &str, check: &Check) -> Value {
    let mut config = check.config.clone();
    if let Some(children) = config["ChildHealthChecks"].as_array().cloned() {
        config["ChildHealthChecks"] = json!({ "ChildHealthCheck": children });
    }
    json!({
        "Id": id, "CallerReference": check.owner, "HealthCheckConfig": config, "HealthCheckVersion": 1 + check.changes,
    })
}

/// Every change is everywhere at once.
fn change_info() -> Value {
    let id = uuid::Uuid::new_v4().simple().to_string().to_uppercase();
    json!({ "ChangeInfo": {
        "Id": format!("/change/C{}", id.chars().take(20).collect::<String>()), "Status": "INSYNC",
        "SubmittedAt": jiff::Timestamp::now().to_string(),
    } })
}

fn no_zone(id: &str) -> ServiceError {
    ServiceError {
        status: 404,
        code: "NoSuchHostedZone".to_owned(),
        message: format!("No hosted zone found with ID: {id}"),
    }
}

fn no_check(id: &str) -> ServiceError {
    let message = format!("No health check exists with the specified ID: {id}");
    ServiceError { status: 404, code: "NoSuchHealthCheck".to_owned(), message }
}
