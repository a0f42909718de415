//! Queues.

mod queue;

pub use queue::{DeadLetters, DeadLettersProps, FifoQueueProps, Queue};
