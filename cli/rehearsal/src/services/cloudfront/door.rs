//! A distribution's listener on loopback. It speaks HTTP, where CloudFront would speak HTTPS.

use super::state::CloudFront;
use crate::provision::ProvisionError;
use axum::extract::{Request, State};
use axum::response::Response;
use std::net::Ipv4Addr;
use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// How many ports after the first choice are tried.
const PORTS: u16 = 200;

pub(super) struct Door {
    port: u16,
    closing: CancellationToken,
    serving: JoinHandle<()>,
}

/// The distribution that a door belongs to.
#[derive(Clone)]
struct Behind {
    cloudfront: Weak<CloudFront>,
    id: String,
}

impl CloudFront {
    pub(super) async fn open_door(self: &Arc<Self>, id: &str) -> Result<(), ProvisionError> {
        let Some(known) = self.store.read(|all| all.get(id).map(|one| one.port)) else { return Ok(()) };
        let mut doors = self.doors.lock().await;
        if doors.contains_key(id) {
            return Ok(());
        }
        let listener = bind(known.unwrap_or(self.surroundings.first_port)).await.map_err(refused)?;
        let port = listener.local_addr().map_err(refused)?.port();
        self.store.change(|all| {
            if let Some(distribution) = all.get_mut(id) {
                distribution.port = Some(port);
            }
            Ok::<_, ProvisionError>(())
        })?;
        let closing = CancellationToken::new();
        let closed = closing.clone().cancelled_owned();
        let behind = Behind { cloudfront: Arc::downgrade(self), id: id.to_owned() };
        let router = axum::Router::new().fallback(answer).with_state(behind);
        let serving = tokio::spawn(async move {
            if let Err(error) = axum::serve(listener, router).with_graceful_shutdown(closed).await {
                tracing::error!(port, %error, "the distribution's door on port {port} has broken down");
            }
        });
        doors.insert(id.to_owned(), Door { port, closing, serving });
        tracing::info!(distribution = id, port, "distribution {id} answers on port {port}");
        Ok(())
    }

    pub(super) async fn close_door(&self, id: &str) {
        if let Some(door) = self.doors.lock().await.remove(id) {
            door.close().await;
        }
    }
}

impl Door {
    /// Lets running requests finish for a moment.
    pub(super) async fn close(mut self) {
        tracing::debug!(port = self.port, "closing the door on port {}", self.port);
        self.closing.cancel();
        if tokio::time::timeout(Duration::from_secs(1), &mut self.serving).await.is_err() {
            self.serving.abort();
            let _ = self.serving.await;
        }
    }
}

async fn bind(first_choice: u16) -> std::io::Result<TcpListener> {
    let mut port = first_choice;
    loop {
        match TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await {
            Err(error) if error.kind() == std::io::ErrorKind::AddrInUse && port - first_choice < PORTS => {
                port = port.checked_add(1).ok_or(error)?;
            }
            result => return result,
        }
    }
}

async fn answer(State(behind): State<Behind>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    let answered = behind.cloudfront.upgrade().map(|cloudfront| cloudfront.serve(&behind.id, &parts));
    let gone = || {
        let mut gone = http::Response::new(bytes::Bytes::new());
        *gone.status_mut() = http::StatusCode::SERVICE_UNAVAILABLE;
        gone
    };
    answered.unwrap_or_else(gone).map(axum::body::Body::from)
}

fn refused(error: std::io::Error) -> ProvisionError {
    ProvisionError::Refused { message: format!("no loopback port for the distribution: {error}") }
}
