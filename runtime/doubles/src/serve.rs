//! All doubles in one process.

use std::io;
use std::path::Path;
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;

use crate::controls::Operated;
use crate::memberson::{Memberson, memberson_router};
use crate::sevenrooms::{SevenRooms, sevenrooms_router};
use crate::stripe::{Stripe, stripe_router};

/// Deadlines are looked at so often, whether anybody calls or not.
const TICK: Duration = Duration::from_secs(1);

/// Bound by the caller, who knows the ports; loopback only, since the switches ask nobody who they are.
#[derive(Debug)]
pub struct Listeners {
    pub memberson: TcpListener,
    pub sevenrooms: TcpListener,
    pub stripe: Option<TcpListener>,
}

/// The doubles of one process, for whoever serves them and looks at them too.
#[derive(Debug, Clone)]
pub struct Doubles {
    pub memberson: Memberson,
    pub sevenrooms: SevenRooms,
    pub stripe: Stripe,
}

impl Doubles {
    #[must_use]
    pub fn seeded() -> Self {
        Self { memberson: Memberson::seeded(), sevenrooms: SevenRooms::seeded(), stripe: Stripe::seeded() }
    }

    /// Goes on where an earlier process ended.
    ///
    /// # Errors
    /// When the directory cannot be read, or holds something else.
    pub fn in_directory(directory: &Path) -> io::Result<Self> {
        Ok(Self {
            memberson: Memberson::in_directory(directory)?,
            sevenrooms: SevenRooms::in_directory(directory)?,
            stripe: Stripe::in_directory(directory)?,
        })
    }

    /// Returns only when serving fails, so the caller drops it to stop.
    ///
    /// # Errors
    /// When a listener breaks, or is not on loopback.
    pub async fn serve(self, listeners: Listeners) -> io::Result<()> {
        let Listeners { memberson, sevenrooms, stripe } = listeners;
        let memberson = served(memberson, memberson_router(self.memberson));
        let sevenrooms = served(sevenrooms, sevenrooms_router(self.sevenrooms));
        let ticking = self.stripe.clone();
        let stripe = async move {
            match stripe {
                Some(listener) => served(listener, stripe_router(self.stripe)).await,
                None => std::future::pending().await,
            }
        };
        let ticks = async move {
            loop {
                tokio::time::sleep(TICK).await;
                ticking.tick();
            }
        };
        tokio::select! {
            ended = async { tokio::try_join!(memberson, sevenrooms, stripe) } => ended.map(drop),
            () = ticks => Ok(()),
        }
    }
}

/// Serves freshly seeded doubles; it returns only when serving fails, so the caller drops it to stop.
///
/// # Errors
/// When a listener breaks, or is not on loopback.
pub async fn serve(listeners: Listeners) -> io::Result<()> {
    Doubles::seeded().serve(listeners).await
}

async fn served(listener: TcpListener, router: Router) -> io::Result<()> {
    if !listener.local_addr()?.ip().is_loopback() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "a double listens on the loopback interface only"));
    }
    axum::serve(listener, router).await
}
