//! How a task is started: the arguments of its command and the variables that only a rehearsal sets.

/// The subcommand of the thin binary, and of `como task`, that serves one service.
pub const SERVE: &str = "serve";
pub const SERVICE: &str = "--service";
pub const ENVIRONMENT: &str = "--environment";
pub const REGION: &str = "--region";
pub const USER_POOL_ID: &str = "--user-pool-id";
pub const USER_POOL_CLIENT_ID: &str = "--user-pool-client-id";
pub const PORT: &str = "--port";
/// Origins of the pages that may read answers, with [`BETWEEN_ORIGINS`] between.
pub const ORIGINS: &str = "--origins";
pub const BETWEEN_ORIGINS: &str = ",";
/// The regions whose tables vote on which region may write, the first being home, with [`BETWEEN_REGIONS`] between. A single
/// one has nobody to vote with, and no table.
pub const LEASE_REGIONS: &str = "--lease-regions";
pub const BETWEEN_REGIONS: &str = ",";

/// The port on which every container listens.
pub const CONTAINER_PORT: u16 = 8080;

/// Set by a rehearsal, where all tasks share the loopback address: `host:port` instead of `0.0.0.0:<port>`.
pub const LISTEN_VARIABLE: &str = "COMO_LISTEN";
/// Set to `1` by a rehearsal: the task ends when its standard input does, so that a dead supervisor leaves no process.
pub const EXIT_WITH_STDIN_VARIABLE: &str = "COMO_EXIT_WITH_STDIN";
