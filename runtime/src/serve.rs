//! One task from start to end.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use como_adapters::aws::AwsClients;
use como_adapters::credentials::CredentialsError;
use como_adapters::encryption::EncryptionError;
use como_adapters::http::HttpClientError;
use como_adapters::settings::{Configuration, ConfigurationSource};
use thiserror::Error;
use tokio::net::TcpListener;
use tokio::task::{JoinHandle, JoinSet};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::arguments::ServeArgs;
use crate::environment::{EnvironmentError, TaskEnvironment};
use crate::sagas::{Driver, Votes, sweep_until, work_until};
use crate::wiring::{Wired, wire};
use crate::{manual_actions, shutdown, telemetry};

/// Less than the 30 s that ECS leaves between SIGTERM and SIGKILL.
const DRAIN_DEADLINE: Duration = Duration::from_secs(20);
/// After the requests: together less than those 30 s.
const EFFECTS_DEADLINE: Duration = Duration::from_secs(8);
/// While the first configuration is missing, waiting the usual time would only delay the start.
const FIRST_CONFIGURATION_RETRY: Duration = Duration::from_millis(500);

#[derive(Debug, Error)]
pub enum ServeError {
    #[error("cannot use the task's environment")]
    Environment(#[from] EnvironmentError),
    #[error("cannot use a partner's credentials")]
    Credentials(#[from] CredentialsError),
    #[error("cannot use the key for sessions")]
    SessionKey(#[from] EncryptionError),
    #[error("the service {service} needs the argument {argument}")]
    MissingArgument { service: &'static str, argument: &'static str },
    #[error("the argument --region is no region's name")]
    Region,
    #[error("cannot talk to partners")]
    HttpClient(#[from] HttpClientError),
    #[error("cannot listen on {address}")]
    Listen {
        address: SocketAddr,
        #[source]
        source: std::io::Error,
    },
    #[error("cannot handle signals")]
    Signals(#[source] std::io::Error),
    #[error("cannot go on serving")]
    Serve(#[source] std::io::Error),
}

/// Serves until SIGTERM, SIGINT or (in a rehearsal) the end of standard input, then drains and returns.
///
/// # Errors
/// When the task cannot start: its environment, its arguments or its address are at fault.
pub async fn serve(args: ServeArgs) -> Result<(), ServeError> {
    telemetry::init(&args.environment);
    let environment = TaskEnvironment::read(args.service, args.port, |name| std::env::var(name).ok())?;
    let aws = AwsClients::connect(&args.region).await;
    let wired = wire(&args, &environment, &aws).await?;
    let address = environment.listen;
    let listener = TcpListener::bind(address).await.map_err(|source| ServeError::Listen { address, source })?;
    let stop = shutdown::requested(environment.exit_with_stdin).map_err(ServeError::Signals)?;
    let (router, background) = begin(wired, &args, &stop);
    info!(
        service.name = args.service.name(),
        service.address = %address,
        "serving {} of {} on {address}",
        args.service.name(),
        args.environment,
    );
    let result = serve_until(listener, router, stop.clone(), DRAIN_DEADLINE).await;
    stop.cancel();
    background.drained().await;
    info!(service.name = args.service.name(), "stopped");
    result
}

/// The AWS of services that share a process with what plays it.
#[derive(Debug, Clone)]
pub struct Nearby(AwsClients);

impl Nearby {
    /// `endpoint` answers for every service of AWS, for example `http://127.0.0.1:4566`.
    pub async fn at(endpoint: &str, region: &str) -> Self {
        Self(AwsClients::connect_to(endpoint, region).await)
    }

    /// One service within another program, ready to answer: the caller has the listener, the signals and the log. What goes on
    /// beside requests begins to end with `stop`.
    ///
    /// # Errors
    /// When the environment or the arguments are at fault.
    pub async fn join(
        &self,
        args: &ServeArgs,
        environment: &TaskEnvironment,
        stop: &CancellationToken,
    ) -> Result<(Router, Background), ServeError> {
        let wired = wire(args, environment, &self.0).await?;
        wired.configuration.refresh(wired.source.as_ref()).await;
        Ok(begin(wired, args, stop))
    }
}

/// What a service does beside answering.
pub struct Background {
    /// They may end at any moment.
    careless: JoinSet<()>,
    workers: Option<Workers>,
}

impl Background {
    /// Once told to stop: lets calls to partners end, within a few seconds.
    pub async fn drained(mut self) {
        if let Some(workers) = self.workers.take() {
            workers.drained().await;
        }
        self.careless.shutdown().await;
    }
}

fn begin(wired: Wired, args: &ServeArgs, stop: &CancellationToken) -> (Router, Background) {
    let Wired { router, configuration, source, sagas, open_actions } = wired;
    let mut careless = JoinSet::new();
    let every = Duration::from_secs(args.configuration_refresh_s);
    careless.spawn(keep_fresh(configuration, source, every, stop.clone()));
    if let Some(actions) = open_actions {
        careless.spawn(manual_actions::count_until(stop.clone(), actions));
    }
    let sweep_every = Duration::from_secs(args.sweep_s);
    let workers = sagas.map(|(driver, votes)| Workers::start(driver, votes, sweep_every, stop.clone()));
    (router, Background { careless, workers })
}

/// What a service that runs sagas does beside answering.
struct Workers {
    driver: Arc<Driver>,
    worker: JoinHandle<()>,
    sweeper: JoinHandle<()>,
    /// Goes on until the last call is over.
    renewing: CancellationToken,
}

impl Workers {
    fn start(driver: Arc<Driver>, votes: Option<Arc<Votes>>, sweep_every: Duration, stop: CancellationToken) -> Self {
        let renewing = CancellationToken::new();
        if let Some(votes) = votes {
            let until = renewing.clone();
            tokio::spawn(async move { votes.renew_until(until).await });
        }
        let worker = tokio::spawn(work_until(stop.clone(), Arc::clone(&driver)));
        let sweeper = tokio::spawn(sweep_until(stop, Arc::clone(&driver), sweep_every));
        Self { driver, worker, sweeper, renewing }
    }

    /// What is under way may end; what does not within the time is found by the next worker.
    async fn drained(self) {
        let Self { driver, worker, sweeper, renewing } = self;
        let ended = async {
            let _ = worker.await;
            let _ = sweeper.await;
            driver.drained().await;
        };
        if tokio::time::timeout(EFFECTS_DEADLINE, ended).await.is_err() {
            warn!("left calls to partners under way at the end of the drain; they will be looked for");
        }
        renewing.cancel();
    }
}

/// Stops accepting when told to, lets running requests end, and returns at the deadline at the latest.
async fn serve_until(
    listener: TcpListener,
    router: Router,
    stop: CancellationToken,
    drain_deadline: Duration,
) -> Result<(), ServeError> {
    let server = axum::serve(listener, router).with_graceful_shutdown(stop.clone().cancelled_owned());
    tokio::select! {
        result = server.into_future() => result.map_err(ServeError::Serve),
        () = async { stop.cancelled().await; tokio::time::sleep(drain_deadline).await } => {
            warn!("gave up on requests that were still running at the end of the drain");
            Ok(())
        }
    }
}

async fn keep_fresh(
    configuration: Arc<Configuration>,
    source: Arc<dyn ConfigurationSource>,
    every: Duration,
    stop: CancellationToken,
) {
    loop {
        configuration.refresh(source.as_ref()).await;
        let wait = if configuration.is_loaded() { every } else { FIRST_CONFIGURATION_RETRY.min(every) };
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(wait) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::routing::get;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpStream;
    use tokio::sync::Notify;

    use super::*;

    struct Server {
        address: SocketAddr,
        stop: CancellationToken,
        entered: Arc<Notify>,
        release: Arc<Notify>,
        ended: tokio::task::JoinHandle<Result<(), ServeError>>,
    }

    /// Its only request waits until it is released.
    async fn server(drain_deadline: Duration) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (entered, release) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let (inner_entered, inner_release) = (Arc::clone(&entered), Arc::clone(&release));
        let router = Router::new().route(
            "/",
            get(async move || {
                inner_entered.notify_one();
                inner_release.notified().await;
                "done"
            }),
        );
        let stop = CancellationToken::new();
        let ended = tokio::spawn(serve_until(listener, router, stop.clone(), drain_deadline));
        Server { address, stop, entered, release, ended }
    }

    async fn ask(address: SocketAddr) -> TcpStream {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await.unwrap();
        stream
    }

    #[tokio::test]
    async fn a_running_request_is_answered_after_the_stop() {
        let server = server(Duration::from_secs(60)).await;
        let mut stream = ask(server.address).await;
        server.entered.notified().await;
        server.stop.cancel();
        server.release.notify_one();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("done"), "{answer}");
        server.ended.await.unwrap().unwrap();
        assert!(TcpStream::connect(server.address).await.is_err());
    }

    #[tokio::test]
    async fn a_stuck_request_cannot_hold_the_task() {
        let server = server(Duration::from_millis(20)).await;
        let _stream = ask(server.address).await;
        server.entered.notified().await;
        server.stop.cancel();
        server.ended.await.unwrap().unwrap();
    }
}
