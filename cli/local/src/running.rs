//! From a plan to a process that answers.

use crate::desk::Desk;
use crate::door::{self, Door};
use crate::folder::Folder;
use crate::secrets;
use crate::serving::{self, Told};
use crate::templates::{self, MakeError};
use axum::Router;
use como_contract::route::WEBHOOK_PREFIX;
use como_contract::table::{self, configuration_attribute};
use como_doubles::seeds;
use como_doubles::serve::{Doubles, Listeners};
use como_rehearsal::stores::{OpenStoresError, Stores, StoresOptions};
use como_runtime::serve::{Background, Nearby, ServeError};
use serde::Serialize;
use serde_json::{Value, json};
use std::io;
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use thiserror::Error;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// Output of the templates.
const USER_POOL_ARN: &str = "UserPoolArn";
/// Of its events, below the prefix of all webhooks.
const STRIPE: &str = "stripe";
/// Requests that go on longer than this after the stop are cut off.
const LAST_ANSWERS: Duration = Duration::from_secs(2);

/// What is to be brought up.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Its name, which tables carry.
    pub environment: String,
    pub account: String,
    pub region: String,
    /// Of the API and its pages; 0 takes any free one.
    pub port: u16,
    /// Where data is kept; in memory without one.
    pub keep: Option<PathBuf>,
    /// Names and templates of its stacks in this region, in the order of their dependencies.
    pub stacks: Vec<(String, Value)>,
}

/// Where everything answers, for example `http://127.0.0.1:8080`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Addresses {
    pub api: String,
    pub memberson: String,
    pub sevenrooms: String,
    pub stripe: String,
    /// Every service of AWS that is hosted here.
    pub aws: String,
}

#[derive(Debug, Error)]
pub enum StartError {
    #[error("could not listen on port {port}")]
    Listen {
        port: u16,
        #[source]
        source: io::Error,
    },
    #[error("could not use the folder of the data")]
    Folder(#[source] io::Error),
    #[error("another process keeps its data in {}", dir.display())]
    InUse { dir: PathBuf },
    #[error("could not open the stores")]
    Stores(#[from] OpenStoresError),
    #[error(transparent)]
    Make(#[from] MakeError),
    #[error("the templates have no output {name}")]
    NoOutput { name: &'static str },
    #[error("could not write the partners' addresses into the configuration table: {message}")]
    Configure { message: String },
    #[error("could not start the partners' doubles")]
    Doubles(#[source] io::Error),
    #[error("could not start the services")]
    Services(#[from] ServeError),
}

/// A process that answers.
pub struct Running {
    addresses: Addresses,
    is_kept: bool,
    stop: CancellationToken,
    servers: JoinSet<io::Result<()>>,
    backgrounds: Vec<Background>,
    stores: Arc<Stores>,
    /// The last to go.
    _folder: Folder,
}

/// Brings everything up; what is returned answers already.
///
/// # Errors
/// When a port is taken, the folder is used, or a template is at fault.
pub async fn start(plan: Plan) -> Result<Running, StartError> {
    let folder = match &plan.keep {
        Some(dir) => Folder::kept(dir).map_err(StartError::Folder)?.ok_or(StartError::InUse { dir: dir.clone() })?,
        None => Folder::passing().map_err(StartError::Folder)?,
    };
    let listen = |port| async move {
        let bound = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await;
        bound.map_err(|source| StartError::Listen { port, source })
    };
    let api = listen(plan.port).await?;
    let port = local_port(&api)?;
    // The ports after it where they are free, so that they are the same tomorrow.
    let near = |offset: u16| async move {
        match plan.port.checked_add(offset).filter(|_| plan.port != 0) {
            Some(port) => match listen(port).await {
                Ok(listener) => Ok(listener),
                Err(_) => listen(0).await,
            },
            None => listen(0).await,
        }
    };
    let (memberson, sevenrooms, stripe, aws) = (near(1).await?, near(2).await?, near(3).await?, near(4).await?);
    let addresses = Addresses {
        api: origin(&api)?,
        memberson: origin(&memberson)?,
        sevenrooms: origin(&sevenrooms)?,
        stripe: origin(&stripe)?,
        aws: origin(&aws)?,
    };
    let options = StoresOptions {
        dir: folder.path().to_owned(),
        account: plan.account.clone(),
        region: plan.region.clone(),
        endpoint: addresses.aws.clone(),
    };
    let stores = Arc::new(Stores::open(options).await?);
    let made = templates::make(&stores, &plan.account, &plan.region, &plan.stacks).await?;
    let pool = made.output(USER_POOL_ARN).ok_or(StartError::NoOutput { name: USER_POOL_ARN })?.to_owned();
    configure(&stores, &plan.environment, &addresses).await?;
    let doubles = match &plan.keep {
        Some(dir) => Doubles::in_directory(&dir.join("partners")).map_err(StartError::Doubles)?,
        None => Doubles::seeded(),
    };
    doubles.stripe.set_webhooks(json!({
        "endpoints": [{ "url": format!("{}{WEBHOOK_PREFIX}{STRIPE}", addresses.api), "secrets": [seeds::STRIPE_WEBHOOK_SECRET] }],
    }));
    let desk = Desk::new(Arc::clone(&stores), &doubles, &addresses);
    let stop = CancellationToken::new();
    let mut servers = JoinSet::new();
    servers.spawn(answer(aws, stores.router(), stop.clone()));
    let listeners = Listeners { memberson, sevenrooms, stripe: Some(stripe) };
    let ending = stop.clone();
    servers.spawn(async move {
        tokio::select! {
            ended = doubles.serve(listeners) => ended,
            () = ending.cancelled() => Ok(()),
        }
    });
    let secrets = secrets::of_folder(folder.path()).map_err(StartError::Folder)?;
    let nearby = Nearby::at(&addresses.aws, &plan.region).await;
    let told = Told {
        environment: &plan.environment,
        region: &plan.region,
        origin: &addresses.api,
        port,
        secrets: &secrets,
        made: &made,
    };
    let (services, backgrounds) = serving::services(&nearby, &told, &stop).await?;
    let door = Door { services, stores: Arc::clone(&stores), pool, port };
    servers.spawn(answer(api, door::router(door, desk), stop.clone()));
    Ok(Running { addresses, is_kept: folder.is_kept(), stop, servers, backgrounds, stores, _folder: folder })
}

impl Running {
    #[must_use]
    pub const fn addresses(&self) -> &Addresses {
        &self.addresses
    }

    /// Whether the data outlives the process.
    #[must_use]
    pub const fn is_kept(&self) -> bool {
        self.is_kept
    }

    /// Answers until `ended` returns, or until a listener breaks; nothing is left when this returns.
    ///
    /// # Errors
    /// What a listener broke of.
    pub async fn until(mut self, ended: impl Future<Output = ()> + Send) -> io::Result<()> {
        let broken = tokio::select! {
            () = ended => None,
            first = self.servers.join_next() => first,
        };
        self.stop.cancel();
        for background in self.backgrounds {
            background.drained().await;
        }
        let all = async { while self.servers.join_next().await.is_some() {} };
        // A long poll or a browser's connection must not hold up the end.
        let _ = tokio::time::timeout(LAST_ANSWERS, all).await;
        self.servers.shutdown().await;
        self.stores.stop().await;
        match broken {
            Some(Ok(result)) => result,
            Some(Err(error)) => Err(io::Error::other(error)),
            None => Ok(()),
        }
    }
}

async fn answer(listener: TcpListener, router: Router, stop: CancellationToken) -> io::Result<()> {
    axum::serve(listener, router).with_graceful_shutdown(stop.cancelled_owned()).await
}

/// Tells the services where the partners are; the ports may be others than the last time.
async fn configure(stores: &Stores, environment: &str, addresses: &Addresses) -> Result<(), StartError> {
    let mut rows = seeds::configuration_rows(&addresses.memberson, &addresses.sevenrooms);
    rows.push(seeds::stripe_configuration_row(&addresses.stripe));
    for (name, document) in rows {
        let item = json!({
            configuration_attribute::NAME: { "S": name },
            configuration_attribute::VERSION: { "N": "1" },
            configuration_attribute::DOCUMENT: { "S": document.to_string() },
        });
        let put = stores.put_item(&table::configuration(environment), item).await;
        put.map_err(|error| StartError::Configure { message: error.message })?;
    }
    Ok(())
}

fn local_port(listener: &TcpListener) -> Result<u16, StartError> {
    let address = listener.local_addr().map_err(|source| StartError::Listen { port: 0, source })?;
    Ok(address.port())
}

fn origin(listener: &TcpListener) -> Result<String, StartError> {
    Ok(format!("http://127.0.0.1:{}", local_port(listener)?))
}
