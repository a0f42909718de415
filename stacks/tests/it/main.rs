//! The topology, judged by its templates.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failed test may panic")]

mod checks;
mod contract;
mod document;
mod environments;
mod fifth_service;
mod functions;
mod identity;
mod pipeline;
mod privileges;
mod support;
mod templates;
mod topology;
