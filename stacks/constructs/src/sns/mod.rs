//! Notifications.

mod topic;

pub use topic::{Publisher, Topic, TopicProps, let_topics_use_key};
