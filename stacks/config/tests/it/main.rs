//! One binary: what the crate promises to those who use it.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failed test may panic")]

mod bad_files;
mod good_files;
mod hostile;
mod init;
mod local;
mod proposal;
mod schema;
mod screen;
mod standby;
mod usage;

/// The file that the repository ships.
const PRODUCTION: &str = include_str!("../../../../environments/prod.yaml");

const DEVELOPMENT: &str = include_str!("../../../../environments/dev.yaml");
const SYDNEY: &str = include_str!("../../../../environments/sydney.yaml");
const LOCAL: &str = include_str!("../../../../environments/local.yaml");
const PROPOSAL: &str = include_str!("../../../../environments/proposal-2021.yaml");

/// Production with one change; the changed part must be there, so that a test cannot go blind.
fn production_with(from: &str, to: &str) -> String {
    assert!(PRODUCTION.contains(from), "prod.yaml no longer says {from:?}");
    PRODUCTION.replacen(from, to, 1)
}
