//! The port between the gateway and the services that it hosts beside CloudFormation.

use crate::clock::Clock;
use crate::options::TaskProgram;
use crate::provision::Provisioner;
use crate::replication::regions::Regions;
use crate::seeding::Seeding;
use crate::status::HostedStatus;
use async_trait::async_trait;
use bytes::Bytes;
use std::path::PathBuf;
use std::sync::Arc;

/// What `services::Services::open` is given; the supervisor has bound its listener before.
#[derive(Clone)]
pub struct HostingOptions {
    /// Own folder for the services' state: `<dir>/services`.
    pub dir: PathBuf,
    /// Tasks write their output to `<dir>/logs/<task>.log`.
    pub log_dir: PathBuf,
    pub account: String,
    /// For example `http://127.0.0.1:4566`.
    pub endpoint: String,
    pub router_port: u16,
    pub program: TaskProgram,
    pub clock: Arc<Clock>,
    /// Between which things replicate.
    pub regions: Arc<Regions>,
    /// Asked whenever a secret or a table is created.
    pub seeding: Arc<Seeding>,
}

/// Hosted services as the gateway and the supervisor see them; implemented by `services::Services`.
#[async_trait]
pub trait Hosted: Provisioner {
    /// Answers one call. `service` is the signing name (`dynamodb`, `secretsmanager`, `cognito-idp`, `ecs`, …); the
    /// request's URI is as received. A service or operation that is not there is an error that names it, in that
    /// protocol's form. Paths outside AWS (`/<pool>/.well-known/jwks.json`) come with service `""`.
    async fn handle(&self, region: &str, service: &str, request: http::Request<Bytes>) -> http::Response<Bytes>;

    /// Where the user pool with this client is; None where no pool has it.
    fn region_of_client(&self, client: &str) -> Option<String>;

    /// What `como rehearsal status` shows of them.
    async fn status(&self) -> HostedStatus;

    /// Ends every process and listener, and leaves the state on disk.
    async fn stop(&self);
}
