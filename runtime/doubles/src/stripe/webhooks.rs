//! Webhooks: signed, at least once, in no order that anybody may rely on.

use std::time::Duration;

use aws_lc_rs::hmac;
use jiff::Timestamp;
use serde::Serialize;

use crate::faults::dice;
use crate::stripe::Stripe;
use crate::stripe::state::{Endpoint, Manner, Order};

/// Stripe's live attempts go on for three days; ours have to end while somebody is looking.
const RETRIES: [Duration; 3] = [Duration::from_secs(1), Duration::from_secs(5), Duration::from_secs(30)];
const TIMEOUT: Duration = Duration::from_secs(20);

/// One attempt to tell one endpoint of one event.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Delivery {
    pub(super) event: String,
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) url: String,
    pub(super) at: Timestamp,
    /// `None` when there was no answer.
    pub(super) status: Option<u16>,
}

impl Stripe {
    /// Tells the endpoints of what is new, in the background, unless events are held.
    pub(super) fn send_events(&self) {
        let (events, manner) =
            self.store.change(|state| match state.webhooks.held || state.webhooks.endpoints.is_empty() {
                true => (Vec::new(), state.webhooks.manner),
                false => (std::mem::take(&mut state.unsent), state.webhooks.manner),
            });
        for (place, event) in arranged(events, manner).into_iter().enumerate() {
            let double = self.clone();
            // Later ones may overtake earlier ones, as they do in life.
            let late = match manner.order {
                Order::Shuffled => dice(manner.seed, place as u64) % (manner.delay_ms + 1),
                Order::AsMade | Order::Reversed => manner.delay_ms + place as u64,
            };
            tokio::spawn(async move {
                tokio::time::sleep(Duration::from_millis(late)).await;
                double.tell_until_taken(&event, manner).await;
            });
        }
    }

    async fn tell_until_taken(&self, event: &str, manner: Manner) {
        for endpoint in self.endpoints() {
            let mut waits = RETRIES.iter();
            while !self.tell(event, &endpoint, manner).await.is_taken() {
                let Some(wait) = waits.next() else { break };
                tokio::time::sleep(*wait).await;
            }
        }
    }

    /// Sends events one after the other, each to every endpoint, and says how it went.
    pub(super) async fn deliver(&self, events: Vec<String>, manner: Manner) -> Vec<Delivery> {
        let mut deliveries = Vec::new();
        tokio::time::sleep(Duration::from_millis(manner.delay_ms)).await;
        for event in arranged(events, manner) {
            for endpoint in self.endpoints() {
                deliveries.push(self.tell(&event, &endpoint, manner).await);
            }
        }
        deliveries
    }

    async fn tell(&self, event: &str, endpoint: &Endpoint, manner: Manner) -> Delivery {
        let (kind, body) = self.store.read(|state| match state.events.get(event) {
            Some(known) => (known.kind.clone(), state.event(known).to_string()),
            None => (String::new(), String::new()),
        });
        // The machine's time, not the double's: whoever checks the signature knows no other.
        let signed_at = Timestamp::now().as_second() - manner.signed_ago_s;
        let header = signature(signed_at, &body, &endpoint.secrets);
        let request = self.http.post(&endpoint.url).timeout(TIMEOUT);
        let request =
            request.header("content-type", "application/json; charset=utf-8").header("Stripe-Signature", header);
        let status = request.body(body).send().await.ok().map(|response| response.status().as_u16());
        let delivery = Delivery {
            event: event.to_owned(),
            kind,
            url: endpoint.url.clone(),
            at: self.controls.clock.now(),
            status,
        };
        self.note_delivery(delivery.clone());
        delivery
    }

    fn endpoints(&self) -> Vec<Endpoint> {
        self.store.read(|state| state.webhooks.endpoints.clone())
    }
}

impl Delivery {
    fn is_taken(&self) -> bool {
        self.status.is_some_and(|status| (200..300).contains(&status))
    }
}

/// With every copy, in the order that was asked for.
fn arranged(events: Vec<String>, manner: Manner) -> Vec<String> {
    let copies = manner.copies.clamp(1, 10);
    let mut all: Vec<String> = events;
    match manner.order {
        Order::AsMade => {}
        Order::Reversed => all.reverse(),
        Order::Shuffled => {
            let mut rolled: Vec<(u64, String)> =
                all.into_iter().enumerate().map(|(place, event)| (dice(manner.seed, place as u64), event)).collect();
            rolled.sort();
            all = rolled.into_iter().map(|(_, event)| event).collect();
        }
    }
    (0..copies).flat_map(|_| all.iter().cloned()).collect()
}

/// `t=<seconds>,v1=<hex>`, one `v1` for each secret. <https://docs.stripe.com/webhooks#verify-manually>
pub(super) fn signature(signed_at: i64, body: &str, secrets: &[String]) -> String {
    let mut header = format!("t={signed_at}");
    for secret in secrets {
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
        let tag = hmac::sign(&key, format!("{signed_at}.{body}").as_bytes());
        let hex: String = tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        header.push_str(",v1=");
        header.push_str(&hex);
    }
    header
}
