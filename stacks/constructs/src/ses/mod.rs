//! Mail.

mod sender;

pub use sender::{Sender, SenderProps};
