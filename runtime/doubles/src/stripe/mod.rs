//! Stripe: Checkout with its card page, PaymentIntents, refunds, idempotency, signed webhooks.

mod api;
mod cards;
mod double;
mod error;
mod events;
mod form;
mod idempotency;
mod intents;
mod lists;
mod markup;
mod page;
mod refunds;
mod render;
mod sessions;
mod state;
mod webhooks;

pub use cards::TEST_CARDS;
pub use double::{Stripe, stripe_router};
