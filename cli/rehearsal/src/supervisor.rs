//! The process that is the rehearsal cloud.

use crate::admin::Admin;
use crate::clock::Clock;
use crate::cloudformation::{CloudFormation, StoreError};
use crate::faults::{Faults, FaultyProvisioner};
use crate::gateway::Gateway;
use crate::hosting::{Hosted, HostingOptions};
use crate::options::{SupervisorOptions, create_private_dir};
use crate::replication::regions::Regions;
use crate::seeding::{Seeding, SeedingError};
use crate::services::{OpenServicesError, Services, StoreError as ServiceStoreError};
use fs_err as fs;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use thiserror::Error;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

const LOCK: &str = "lock";
const RECORD: &str = "supervisor.json";
/// Connections that clients keep open are cut after this.
const LAST_ANSWERS: Duration = Duration::from_secs(1);
/// Ports that are tried after the wanted one.
const PORTS: u16 = 50;

#[derive(Debug, Error)]
pub enum SupervisorError {
    #[error("could not use the folder {dir}")]
    Folder {
        dir: PathBuf,
        #[source]
        source: std::io::Error,
    },
    #[error("another supervisor uses the folder {dir}")]
    AlreadyRunning { dir: PathBuf },
    #[error("could not listen on a loopback port from {port} on")]
    Listen {
        port: u16,
        #[source]
        source: std::io::Error,
    },
    #[error("could not load the stacks")]
    Stacks(#[from] StoreError),
    #[error("could not open the services")]
    Services(#[from] OpenServicesError),
    #[error("could not load the faults")]
    Faults(#[source] ServiceStoreError),
    #[error("could not load the state of the regions")]
    Regions(#[source] ServiceStoreError),
    #[error("could not prepare the seeds")]
    Seeding(#[from] SeedingError),
    #[error("could not listen for signals")]
    Signals(#[source] std::io::Error),
    #[error("could not serve")]
    Serve(#[source] std::io::Error),
}

/// Where a supervisor is found; in `supervisor.json` while it answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Record {
    pub pid: u32,
    pub endpoint: String,
}

/// Serves until SIGTERM, SIGINT or `POST /_rehearsal/stop`, then ends every child. Needs a multi-threaded runtime.
pub async fn run(options: SupervisorOptions) -> Result<(), SupervisorError> {
    let stop = CancellationToken::new();
    tokio::spawn(stop_on_signal(stop.clone())?);
    run_until(options, stop).await
}

/// As [`run`], but stops when told rather than by a signal.
pub async fn run_until(options: SupervisorOptions, stop: CancellationToken) -> Result<(), SupervisorError> {
    let folder = |source| SupervisorError::Folder { dir: options.dir.clone(), source };
    create_private_dir(&options.dir).map_err(folder)?;
    // Held until the process ends.
    let Some(_lock) = take_lock(&options.dir).map_err(folder)? else {
        return Err(SupervisorError::AlreadyRunning { dir: options.dir });
    };
    let listener = listen(options.api_port).await?;
    let address = listener.local_addr().map_err(SupervisorError::Serve)?;
    let endpoint = format!("http://{address}");
    let clock = Arc::new(Clock::new(options.speed));
    let seeding =
        Seeding::open(options.seeds, options.program.clone(), options.doubles, options.dir.clone()).map(Arc::new)?;
    let faults = Faults::open(&options.dir, Arc::clone(&clock)).map_err(SupervisorError::Faults)?;
    let regions = Regions::open(&options.dir, faults.outages().clone()).map_err(SupervisorError::Regions)?;
    let regions = Arc::new(regions);
    faults.connect_links(Arc::clone(&regions) as _);
    let services = Services::open(HostingOptions {
        dir: options.dir.join("services"),
        log_dir: options.dir.join("logs"),
        account: options.account.clone(),
        endpoint: endpoint.clone(),
        router_port: options.router_port,
        program: options.program,
        clock: Arc::clone(&clock),
        regions: Arc::clone(&regions),
        seeding: Arc::clone(&seeding),
    })
    .await?;
    let cloudformation = CloudFormation::open(
        options.dir.join("cloudformation"),
        options.account.clone(),
        Arc::new(FaultyProvisioner { inner: Arc::clone(&services) as _, faults: Arc::clone(&faults) }),
        Arc::clone(&clock),
    )?;
    let hosted: Arc<dyn Hosted> = services;
    let admin = Arc::new(Admin {
        endpoint: endpoint.clone(),
        account: options.account,
        started: Timestamp::now(),
        clock,
        cloudformation: Arc::clone(&cloudformation),
        hosted: Arc::clone(&hosted),
        seeding: Arc::clone(&seeding),
        faults: Arc::clone(&faults),
        regions,
        stop: stop.clone(),
    });
    let gateway = Gateway { cloudformation: Arc::clone(&cloudformation), hosted: Arc::clone(&hosted), admin };
    let closing = stop.clone().cancelled_owned();
    let mut server =
        tokio::spawn(axum::serve(listener, gateway.into_router()).with_graceful_shutdown(closing).into_future());
    let striking = tokio::spawn(faults.serve(Arc::clone(&hosted), stop.clone()));
    cloudformation.resume();
    write_record(&options.dir, &Record { pid: std::process::id(), endpoint: endpoint.clone() }).map_err(folder)?;
    tracing::info!(endpoint, "the rehearsal cloud answers on {endpoint}");

    stop.cancelled().await;
    tracing::info!("the rehearsal cloud stops");
    // From here on nobody new should find it.
    let _ = fs::remove_file(options.dir.join(RECORD));
    // Paused tasks go on before they are told to end.
    let _ = striking.await;
    cloudformation.stop().await;
    hosted.stop().await;
    seeding.stop().await;
    match tokio::time::timeout(LAST_ANSWERS, &mut server).await {
        Ok(Ok(result)) => result.map_err(SupervisorError::Serve),
        Ok(Err(_)) => Ok(()),
        Err(_) => {
            server.abort();
            Ok(())
        }
    }
}

pub(crate) fn read_record(dir: &Path) -> Option<Record> {
    serde_json::from_slice(&fs::read(dir.join(RECORD)).ok()?).ok()
}

/// None when somebody else holds it.
pub(crate) fn take_lock(dir: &Path) -> std::io::Result<Option<std::fs::File>> {
    let file = fs::OpenOptions::new().create(true).truncate(false).write(true).open(dir.join(LOCK))?.into_file();
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(std::fs::TryLockError::WouldBlock) => Ok(None),
        Err(std::fs::TryLockError::Error(error)) => Err(error),
    }
}

fn write_record(dir: &Path, record: &Record) -> std::io::Result<()> {
    let new = dir.join(RECORD).with_extension("new");
    fs::write(&new, serde_json::to_vec(record)?)?;
    fs::rename(&new, dir.join(RECORD))
}

async fn listen(wanted: u16) -> Result<TcpListener, SupervisorError> {
    if wanted == 0 {
        let bound = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await;
        return bound.map_err(|source| SupervisorError::Listen { port: wanted, source });
    }
    let mut refusal = std::io::Error::from(std::io::ErrorKind::AddrInUse);
    for port in wanted..wanted.saturating_add(PORTS) {
        match TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await {
            Ok(listener) => return Ok(listener),
            Err(error) => refusal = error,
        }
    }
    Err(SupervisorError::Listen { port: wanted, source: refusal })
}

/// A closed terminal is no reason to go, so SIGHUP is taken and passed over.
fn stop_on_signal(stop: CancellationToken) -> Result<impl Future<Output = ()> + Send, SupervisorError> {
    let mut terminate = signal(SignalKind::terminate()).map_err(SupervisorError::Signals)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(SupervisorError::Signals)?;
    let mut hang_up = signal(SignalKind::hangup()).map_err(SupervisorError::Signals)?;
    Ok(async move {
        loop {
            tokio::select! {
                _ = terminate.recv() => break,
                _ = interrupt.recv() => break,
                _ = hang_up.recv() => {}
            }
        }
        stop.cancel();
    })
}
