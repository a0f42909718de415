//! REST APIs, their deployments and stages; a stage has an open door.

use super::balancer::LoadBalancers;
use super::door::{Door, Elsewhere, NameAt, Stage};
use super::openapi;
use crate::provision::{CreateRequest, DeleteRequest, ProvisionError, Provisioned, UpdateRequest};
use crate::replication::regions::Regions;
use crate::services::cognito::Cognito;
use crate::services::identifiers::{fill, generated_name};
use crate::services::names::{Destination, Names};
use crate::services::property::text;
use crate::services::store::{Store, StoreError};
use crate::status::{EndpointKind, PublicEndpoint};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use thiserror::Error;

#[derive(Debug, Error)]
pub enum OpenRestApisError {
    #[error("could not load the REST APIs")]
    Load(#[source] StoreError),
    #[error("could not make an HTTP client")]
    Client(#[source] reqwest::Error),
    #[error("could not open the public door of a stage again")]
    Door(#[source] ProvisionError),
}

pub(crate) struct RestApis {
    store: Arc<Store<State>>,
    behind: Behind,
    regions: Arc<Regions>,
    client: reqwest::Client,
    first_port: u16,
    /// By API and stage. Held while a door opens, so that two do not choose the same port.
    doors: tokio::sync::Mutex<BTreeMap<String, Door>>,
}

/// What stands behind every door.
#[derive(Clone)]
pub(crate) struct Behind {
    pub(crate) balancers: Arc<LoadBalancers>,
    pub(crate) cognito: Arc<Cognito>,
    pub(crate) names: Arc<Names>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct State {
    apis: BTreeMap<String, Api>,
    deployments: BTreeMap<String, Deployment>,
    /// By API and stage, with a slash between.
    stages: BTreeMap<String, StageRecord>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Api {
    name: String,
    region: String,
    document: Value,
}

/// The API as it was when it was deployed.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Deployment {
    api: String,
    document: Value,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct StageRecord {
    api: String,
    name: String,
    deployment: String,
    region: String,
    stack: String,
    /// The door's, once it has been open; taken again if it is free.
    port: Option<u16>,
}

impl RestApis {
    /// Opens the doors of all stages.
    pub(crate) async fn open(
        dir: &Path,
        first_port: u16,
        behind: Behind,
        regions: Arc<Regions>,
    ) -> Result<Self, OpenRestApisError> {
        let store: Store<State> = Store::open(dir.join("rest-apis.json")).map_err(OpenRestApisError::Load)?;
        let store = Arc::new(store);
        // No proxy: tasks are on loopback. No roots: nothing here speaks TLS, and a machine may have none.
        let client = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .tls_certs_only([])
            .build()
            .map_err(OpenRestApisError::Client)?;
        let doors = tokio::sync::Mutex::default();
        let apis = Self { store, behind, regions, client, first_port, doors };
        let keys: Vec<String> = apis.store.read(|state| state.stages.keys().cloned().collect());
        for key in keys {
            apis.open_door(&key).await.map_err(OpenRestApisError::Door)?;
        }
        Ok(apis)
    }

    pub(crate) async fn create(&self, request: &CreateRequest) -> Result<Provisioned, ProvisionError> {
        match request.resource_type.as_str() {
            "AWS::ApiGateway::RestApi" => self.create_api(request),
            "AWS::ApiGateway::Deployment" => self.create_deployment(request).await,
            "AWS::ApiGateway::Stage" => self.create_stage(request).await,
            other => Err(refused(format!("the rehearsal cloud does not offer {other}"))),
        }
    }

    pub(crate) async fn update(&self, request: &UpdateRequest) -> Result<Provisioned, ProvisionError> {
        let (wanted, id) = (&request.wanted, request.physical_id.as_str());
        match wanted.resource_type.as_str() {
            "AWS::ApiGateway::RestApi" => {
                self.create_api(wanted)?;
            }
            "AWS::ApiGateway::Stage" => {
                let given = |name| text(&wanted.properties, name).unwrap_or_default();
                self.move_stage(&format!("{}/{id}", given("RestApiId")), given("DeploymentId")).await?;
            }
            // What a deployment says beside its stage changes nothing that is served.
            _ => {}
        }
        Ok(Provisioned { physical_id: id.to_owned(), attributes: request.attributes.clone() })
    }

    /// Serves another deployment on the same port.
    async fn move_stage(&self, key: &str, deployment: &str) -> Result<(), ProvisionError> {
        let moved = self.store.change(|state| {
            let record = state.stages.get_mut(key).ok_or_else(|| refused("Invalid stage identifier".to_owned()))?;
            if state.deployments.get(deployment).is_none_or(|known| known.api != record.api) {
                return Err(refused("Deployment id does not exist".to_owned()));
            }
            let moved = record.deployment != deployment;
            deployment.clone_into(&mut record.deployment);
            Ok(moved)
        })?;
        if moved && let Some(door) = self.doors.lock().await.remove(key) {
            door.close().await;
        }
        self.open_door(key).await
    }

    pub(crate) async fn delete(&self, request: &DeleteRequest) -> Result<(), ProvisionError> {
        let id = request.physical_id.as_str();
        let api = text(&request.properties, "RestApiId").unwrap_or_default();
        let stage = format!("{api}/{id}");
        let closing: Vec<String> = self.store.read(|state| {
            let keys = state.stages.iter().filter(|(key, record)| match request.resource_type.as_str() {
                "AWS::ApiGateway::RestApi" => record.api == id,
                "AWS::ApiGateway::Stage" => **key == stage,
                _ => false,
            });
            keys.map(|(key, _)| key.clone()).collect()
        });
        let held = self.store.read(|state| state.stages.values().any(|record| record.deployment == id));
        if request.resource_type == "AWS::ApiGateway::Deployment" && held {
            return Err(refused("Active stages pointing to this deployment must be moved or deleted".to_owned()));
        }
        for key in &closing {
            if let Some(door) = self.doors.lock().await.remove(key) {
                door.close().await;
            }
        }
        self.store.change(|state| {
            state.stages.retain(|key, _| !closing.contains(key));
            match request.resource_type.as_str() {
                "AWS::ApiGateway::RestApi" => {
                    state.apis.remove(id);
                    state.deployments.retain(|_, deployment| deployment.api != id);
                }
                "AWS::ApiGateway::Deployment" => {
                    state.deployments.remove(id);
                }
                _ => {}
            }
            Ok(())
        })
    }

    pub(crate) async fn endpoints(&self) -> Vec<PublicEndpoint> {
        let doors = self.doors.lock().await;
        self.store.read(|state| {
            let open = doors.iter().filter_map(|(key, door)| Some((state.stages.get(key)?, door.port)));
            open.map(|(record, port)| PublicEndpoint {
                kind: EndpointKind::Api,
                region: record.region.clone(),
                stack: record.stack.clone(),
                url: format!("http://127.0.0.1:{port}"),
                stands_in_for: format!(
                    "https://{}.execute-api.{}.amazonaws.com/{}",
                    record.api, record.region, record.name
                ),
            })
            .collect()
        })
    }

    /// Where requests under other names go: the port of the stage that their name leads to now, and the path there.
    fn elsewhere(&self) -> Elsewhere {
        let (store, names) = (Arc::clone(&self.store), Arc::clone(&self.behind.names));
        Arc::new(move |host, path| match names.destination(host, path)? {
            Destination::Distribution(port) => Some((port, path.to_owned())),
            Destination::Stage { api, stage, path } => {
                let key = format!("{api}/{stage}");
                Some((store.read(|state| state.stages.get(&key)?.port)?, path))
            }
        })
    }

    fn name_at(&self) -> NameAt {
        let names = Arc::clone(&self.behind.names);
        Arc::new(move |port| names.cloudfront.name_at(port))
    }

    /// The loopback port and the path there of a request under a name of API Gateway's or of Route 53's.
    pub(crate) fn leads_to(&self, host: &str, path: &str) -> Option<(u16, String)> {
        let own = self.port(host).map(|port| (port, path.to_owned()));
        own.or_else(|| (self.elsewhere())(host, path))
    }

    /// The loopback port of the stage that a host name of API Gateway leads to.
    fn port(&self, host: &str) -> Option<u16> {
        let (api, rest) = host.split_once(".execute-api.")?;
        self.store.read(|state| {
            let mut stages = state.stages.values();
            stages.find(|stage| stage.api == api && rest.starts_with(&stage.region)).and_then(|stage| stage.port)
        })
    }

    pub(crate) async fn stop(&self) {
        let doors = std::mem::take(&mut *self.doors.lock().await);
        for door in doors.into_values() {
            door.close().await;
        }
    }

    fn create_api(&self, request: &CreateRequest) -> Result<Provisioned, ProvisionError> {
        let document = request.properties.get("Body").cloned().unwrap_or_else(|| json!({}));
        openapi::parse(&document).map_err(|reason| refused(format!("Errors found during import:\n\t{reason}")))?;
        let title = document.pointer("/info/title").and_then(Value::as_str);
        let name = text(&request.properties, "Name").or(title);
        let name = name.map_or_else(|| generated_name(request), str::to_owned);
        let id = fill("{letters:10}", request, "");
        self.store.change(|state| {
            state.apis.insert(id.clone(), Api { name, region: request.region.clone(), document });
            Ok::<_, ProvisionError>(())
        })?;
        let attributes = [("RestApiId", id.clone()), ("RootResourceId", fill("{letters:10:root}", request, ""))];
        let attributes = attributes.map(|(name, value)| (name.to_owned(), json!(value)));
        Ok(Provisioned { physical_id: id, attributes: BTreeMap::from(attributes) })
    }

    async fn create_deployment(&self, request: &CreateRequest) -> Result<Provisioned, ProvisionError> {
        let api = text(&request.properties, "RestApiId").unwrap_or_default().to_owned();
        let id = fill("{letters:6}", request, "");
        self.store.change(|state| {
            let document = state.apis.get(&api).ok_or_else(no_api)?.document.clone();
            let has_methods = openapi::parse(&document).is_ok_and(|routes| !routes.operations.is_empty());
            if !has_methods {
                return Err(refused("The REST API doesn't contain any methods".to_owned()));
            }
            state.deployments.insert(id.clone(), Deployment { api: api.clone(), document });
            Ok(())
        })?;
        if let Some(stage) = text(&request.properties, "StageName") {
            self.add_stage(request, &api, stage, &id).await?;
        }
        let attributes = BTreeMap::from([("DeploymentId".to_owned(), json!(id))]);
        Ok(Provisioned { physical_id: id, attributes })
    }

    async fn create_stage(&self, request: &CreateRequest) -> Result<Provisioned, ProvisionError> {
        let given = |name| text(&request.properties, name).unwrap_or_default();
        let (api, stage) = (given("RestApiId"), given("StageName"));
        self.add_stage(request, api, stage, given("DeploymentId")).await?;
        Ok(Provisioned { physical_id: stage.to_owned(), attributes: BTreeMap::new() })
    }

    async fn add_stage(
        &self,
        request: &CreateRequest,
        api: &str,
        name: &str,
        deployment: &str,
    ) -> Result<(), ProvisionError> {
        let key = format!("{api}/{name}");
        self.store.change(|state| {
            if !state.apis.contains_key(api) {
                return Err(no_api());
            }
            if state.deployments.get(deployment).is_none_or(|known| known.api != api) {
                return Err(refused("Deployment id does not exist".to_owned()));
            }
            if let Some(known) = state.stages.get(&key) {
                // The same stage, asked for again.
                if known.deployment == deployment && known.stack == request.stack_name {
                    return Ok(());
                }
                return Err(ProvisionError::AlreadyExists { identifier: format!("Stage {name}") });
            }
            let record = StageRecord {
                api: api.to_owned(),
                name: name.to_owned(),
                deployment: deployment.to_owned(),
                region: request.region.clone(),
                stack: request.stack_name.clone(),
                port: None,
            };
            state.stages.insert(key.clone(), record);
            Ok(())
        })?;
        self.open_door(&key).await
    }

    async fn open_door(&self, key: &str) -> Result<(), ProvisionError> {
        let found = self.store.read(|state| {
            let record = state.stages.get(key)?;
            Some((record.clone(), state.deployments.get(&record.deployment)?.document.clone()))
        });
        let Some((record, document)) = found else { return Err(refused("Deployment id does not exist".to_owned())) };
        let stage = Stage {
            api_id: record.api.clone(),
            name: record.name.clone(),
            routes: openapi::parse(&document).map_err(refused)?,
            balancers: Arc::clone(&self.behind.balancers),
            cognito: Arc::clone(&self.behind.cognito),
            elsewhere: self.elsewhere(),
            name_at: self.name_at(),
            region: record.region.clone(),
            regions: Arc::clone(&self.regions),
            client: self.client.clone(),
        };
        let mut doors = self.doors.lock().await;
        if doors.contains_key(key) {
            return Ok(());
        }
        let door = Door::open(stage, record.port.unwrap_or(self.first_port)).await;
        let door = door.map_err(|error| refused(format!("no loopback port for the API's stage: {error}")))?;
        self.store.change(|state| {
            if let Some(record) = state.stages.get_mut(key) {
                record.port = Some(door.port);
            }
            Ok::<_, ProvisionError>(())
        })?;
        tracing::info!(api.id = record.api, port = door.port, "API {} answers on port {}", record.api, door.port);
        doors.insert(key.to_owned(), door);
        Ok(())
    }
}

fn no_api() -> ProvisionError {
    refused("Invalid API identifier specified".to_owned())
}

fn refused(message: String) -> ProvisionError {
    ProvisionError::Refused { message }
}
