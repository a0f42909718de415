//! Distributions of the account; there is one CloudFront for all regions.

use super::cache::Cache;
use super::config::Config;
use super::door::Door;
use crate::replication::regions::Regions;
use crate::services::declared::Declared;
use crate::services::s3::S3;
use crate::services::store::{Store, StoreError};
use crate::status::{EndpointKind, PublicEndpoint};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, OnceLock};

pub(crate) struct CloudFront {
    pub(super) store: Store<BTreeMap<String, Distribution>>,
    pub(super) surroundings: Surroundings,
    /// By distribution. Held while a door opens, so that two do not choose the same port.
    pub(super) doors: tokio::sync::Mutex<BTreeMap<String, Door>>,
    pub(super) cache: Cache,
    /// Of what is behind names, once it is there; see [`Self::show_doors`].
    pub(super) ports: OnceLock<Ports>,
}

/// From a name to the loopback port to which it leads.
pub(crate) type Ports = Box<dyn Fn(&str) -> Option<u16> + Send + Sync>;

/// What a distribution needs of others.
pub(crate) struct Surroundings {
    pub(crate) account: String,
    pub(crate) s3: Arc<S3>,
    /// Response headers policies have no data plane of their own.
    pub(crate) declared: Arc<Declared>,
    pub(crate) regions: Arc<Regions>,
    /// Where doors look for a free port; 0 for any.
    pub(crate) first_port: u16,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Distribution {
    /// The stack and logical id that it was made for.
    pub(super) owner: String,
    pub(super) stack: String,
    pub(super) region: String,
    /// `d….cloudfront.net`.
    pub(super) domain: String,
    pub(super) config: Config,
    /// The door's, once it has been open; taken again if it is free.
    pub(super) port: Option<u16>,
    /// Newest first.
    pub(super) invalidations: Vec<Invalidation>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Invalidation {
    pub(super) id: String,
    pub(super) reference: String,
    pub(super) paths: Vec<String>,
    pub(super) created: Timestamp,
}

impl CloudFront {
    pub(crate) async fn open(dir: &Path, surroundings: Surroundings) -> Result<Arc<Self>, StoreError> {
        let store = Store::open(dir.join("cloudfront.json"))?;
        let cloudfront = Arc::new(Self {
            store,
            surroundings,
            doors: tokio::sync::Mutex::default(),
            cache: Cache::default(),
            ports: OnceLock::new(),
        });
        let known: Vec<String> = cloudfront.store.read(|all| all.keys().cloned().collect());
        for id in known {
            if let Err(error) = cloudfront.open_door(&id).await {
                tracing::error!(distribution = id, %error, "distribution {id} cannot be reached");
            }
        }
        Ok(cloudfront)
    }

    pub(super) fn arn(&self, id: &str) -> String {
        format!("arn:aws:cloudfront::{}:distribution/{id}", self.surroundings.account)
    }

    /// The loopback port of the distribution that answers under a name: its own, or one of its aliases.
    pub(crate) fn port(&self, host: &str) -> Option<u16> {
        self.store.read(|all| {
            let mut all = all.values().filter(|one| one.config.is_enabled);
            let is_meant =
                |one: &Distribution| one.domain == host || one.config.aliases.iter().any(|name| name == host);
            all.find(|one| is_meant(one))?.port
        })
    }

    /// The name under which the distribution on this loopback port answers on AWS.
    pub(crate) fn name_at(&self, port: u16) -> Option<String> {
        self.store.read(|all| {
            let one = all.values().find(|one| one.port == Some(port))?;
            Some(one.config.aliases.first().unwrap_or(&one.domain).clone())
        })
    }

    /// From now on, the names that `ports` knows are shown to browsers as the doors to which they lead.
    pub(crate) fn show_doors(&self, ports: Ports) {
        // A second call would be for the same cloud.
        let _known = self.ports.set(ports);
    }

    pub(crate) fn endpoints(&self) -> Vec<PublicEndpoint> {
        self.store.read(|all| {
            let open = all.values().filter_map(|one| Some((one, one.port?)));
            let shown = open.map(|(one, port)| PublicEndpoint {
                kind: EndpointKind::Site,
                region: one.region.clone(),
                stack: one.stack.clone(),
                url: format!("http://127.0.0.1:{port}"),
                stands_in_for: format!("https://{}", one.config.aliases.first().unwrap_or(&one.domain)),
            });
            shown.collect()
        })
    }

    pub(crate) async fn stop(&self) {
        let doors = std::mem::take(&mut *self.doors.lock().await);
        for door in doors.into_values() {
            door.close().await;
        }
    }
}
