//! Both doubles in one process.

use std::io;

use tokio::net::TcpListener;

use crate::memberson::{Memberson, memberson_router};
use crate::sevenrooms::{SevenRooms, sevenrooms_router};

/// Bound by the caller, who knows the ports.
#[derive(Debug)]
pub struct Listeners {
    pub memberson: TcpListener,
    pub sevenrooms: TcpListener,
}

/// Serves freshly seeded doubles; it returns only when serving fails, so the caller drops it to stop.
///
/// # Errors
/// When a listener breaks.
pub async fn serve(listeners: Listeners) -> io::Result<()> {
    let memberson = axum::serve(listeners.memberson, memberson_router(Memberson::seeded()));
    let sevenrooms = axum::serve(listeners.sevenrooms, sevenrooms_router(SevenRooms::seeded()));
    tokio::try_join!(memberson.into_future(), sevenrooms.into_future())?;
    Ok(())
}
