//! The arguments of a task. Their names are `como_contract::task`'s; a test holds both together.

use clap::Args;
use como_contract::service::Service;
use como_contract::task::CONTAINER_PORT;

#[derive(Debug, Clone, Args)]
pub struct ServeArgs {
    /// The service that this task serves
    #[arg(long, value_parser = service)]
    pub service: Service,

    /// The environment whose tables and names are used
    #[arg(long)]
    pub environment: String,

    /// The region of the tables and of the user pool
    #[arg(long)]
    pub region: String,

    /// The members' Cognito pool; `accounts` needs it
    #[arg(long)]
    pub user_pool_id: Option<String>,

    /// The pool's client for this API; `accounts` needs it
    #[arg(long)]
    pub user_pool_client_id: Option<String>,

    /// The port on all interfaces, unless COMO_LISTEN names an address
    #[arg(long, default_value_t = CONTAINER_PORT)]
    pub port: u16,

    /// Origins of pages that may read the answers, such as https://como.example; several with commas between
    #[arg(long, value_delimiter = ',')]
    pub origins: Vec<String>,

    /// Regions whose tables vote on which region may write, the first being home; a single one has no table
    #[arg(long, value_delimiter = ',')]
    pub lease_regions: Vec<String>,

    /// Seconds between two walks through what is outstanding, should a message of the queue be lost
    #[arg(long, default_value_t = 15, value_parser = clap::value_parser!(u64).range(1..=300))]
    pub sweep_s: u64,

    /// Seconds between two looks at the configuration table
    #[arg(long, default_value_t = 15, value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub configuration_refresh_s: u64,
}

fn service(name: &str) -> Result<Service, String> {
    let names = || Service::ALL.map(Service::name).join(", ");
    Service::from_name(name).ok_or_else(|| format!("must be one of {}", names()))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use clap::{Args as _, Command};
    use como_contract::task;

    use super::*;

    #[test]
    fn the_contract_names_exist() {
        let command = ServeArgs::augment_args(Command::new("serve"));
        let offered: BTreeSet<String> =
            command.get_arguments().filter_map(|arg| arg.get_long()).map(|name| format!("--{name}")).collect();
        for name in [
            task::SERVICE,
            task::ENVIRONMENT,
            task::REGION,
            task::USER_POOL_ID,
            task::USER_POOL_CLIENT_ID,
            task::PORT,
            task::ORIGINS,
            task::LEASE_REGIONS,
        ] {
            assert!(offered.contains(name), "{name}");
        }
        assert_eq!(task::SERVE, "serve");
    }
}
