//! Price lists over HTTPS. They are public: no credentials, no signature.

use crate::price_list::read::{Attributes, PriceList, read};
use reqwest::Client;
use std::io::Read;
use std::time::Duration;
use tokio::sync::mpsc::{Receiver, Sender, channel};

const ROOT: &str = "https://pricing.us-east-1.amazonaws.com";
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// The largest list takes minutes on a slow line, so only a silence ends it.
const SILENCE: Duration = Duration::from_secs(60);
/// Pieces that wait to be read; the network waits for the reader, not the memory.
const WAITING: usize = 16;

#[derive(Debug, thiserror::Error)]
pub enum PriceListError {
    #[error("no HTTP client can be made on this machine")]
    Client { source: reqwest::Error },
    #[error("reading {url}")]
    Unreachable { url: String, source: reqwest::Error },
    #[error("{url} answered {status}")]
    Answered { url: String, status: u16 },
    #[error("{url} is no price list of AWS")]
    Unreadable { url: String, source: serde_json::Error },
    #[error("reading {url} was given up")]
    GivenUp { url: String },
}

/// Where the lists are.
#[derive(Debug, Clone)]
pub struct PriceLists {
    client: Client,
    root: String,
}

/// Of an offer's current list below the root; of all regions without one.
#[must_use]
pub fn path(offer: &str, region: Option<&str>) -> String {
    let region = region.map(|region| format!("{region}/")).unwrap_or_default();
    format!("offers/v1.0/aws/{offer}/current/{region}index.json")
}

impl PriceLists {
    /// AWS's own, or those of another server.
    ///
    /// # Errors
    /// When the machine has no trusted certificates.
    pub fn new(root: Option<&str>) -> Result<Self, PriceListError> {
        let root = root.unwrap_or(ROOT).trim_end_matches('/').to_owned();
        let mut builder = Client::builder().connect_timeout(CONNECT_TIMEOUT).read_timeout(SILENCE);
        if root.starts_with("http://") {
            // A server near by: nothing to prove to it, and no proxy on the way.
            builder = builder.no_proxy().tls_certs_only([]);
        }
        let client = builder.build().map_err(|source| PriceListError::Client { source })?;
        Ok(Self { client, root })
    }

    /// The wanted products of one list, read while it arrives.
    ///
    /// # Errors
    /// What kept the list from being read to its end.
    pub async fn fetch(
        &self,
        offer: &str,
        region: Option<&str>,
        wanted: impl Fn(&Attributes) -> bool + Send + 'static,
    ) -> Result<PriceList, PriceListError> {
        let url = format!("{}/{}", self.root, path(offer, region));
        let unreachable =
            |source: reqwest::Error| PriceListError::Unreachable { url: url.clone(), source: source.without_url() };
        let mut response = self.client.get(&url).send().await.map_err(unreachable)?;
        if !response.status().is_success() {
            return Err(PriceListError::Answered { url, status: response.status().as_u16() });
        }
        let (sender, receiver) = channel(WAITING);
        let reader = tokio::task::spawn_blocking(move || read(Pieces { receiver, piece: Vec::new(), at: 0 }, &wanted));
        let sent = send(&mut response, &sender).await;
        drop(sender);
        let list = reader.await.map_err(|_cancelled| PriceListError::GivenUp { url: url.clone() })?;
        // A line that broke is the cause of a list that ends early.
        sent.map_err(unreachable)?;
        list.map_err(|source| PriceListError::Unreadable { url, source })
    }
}

async fn send(response: &mut reqwest::Response, sender: &Sender<Vec<u8>>) -> Result<(), reqwest::Error> {
    while let Some(piece) = response.chunk().await? {
        if sender.send(piece.to_vec()).await.is_err() {
            // The reader has found a mistake, and needs no more.
            break;
        }
    }
    Ok(())
}

/// Pieces of an answer as one source.
struct Pieces {
    receiver: Receiver<Vec<u8>>,
    piece: Vec<u8>,
    at: usize,
}

impl Read for Pieces {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        while self.at == self.piece.len() {
            match self.receiver.blocking_recv() {
                None => return Ok(0),
                Some(piece) => (self.piece, self.at) = (piece, 0),
            }
        }
        let mut rest = self.piece.get(self.at..).unwrap_or_default();
        let read = rest.read(buffer)?;
        self.at += read;
        Ok(read)
    }
}
