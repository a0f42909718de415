//! Who may write: a majority of three tables, each in a region of its own, none copied to another.
//!
//! An environment without recovery has one region, and nobody to share it with.

use crate::naming;
use como_config::{Environment, Region};
use como_constructs::dynamodb::{Encryption, Table, TableProps};
use como_contract::table;
use como_core::stack::Stack;

/// The regions that vote, the environment's own first.
pub(crate) fn regions(environment: &Environment) -> Vec<Region> {
    environment
        .recovery()
        .map_or_else(Vec::new, |recovery| vec![environment.region(), recovery.region(), recovery.witness()])
}

pub(crate) fn leases(environment: &Environment) -> Vec<Stack> {
    regions(environment).into_iter().map(|region| lease(environment, region)).collect()
}

/// The tables as seen from any region: by region and name.
pub(crate) fn tables(environment: &Environment) -> Vec<Table> {
    let name = table::lease(environment.name().as_str());
    regions(environment).into_iter().map(|region| Table::named_in(region.as_str(), &name)).collect()
}

fn lease(environment: &Environment, region: Region) -> Stack {
    let description = "COMO: one of three votes on which region may write";
    let mut stack = naming::stack_in(environment, region, &format!("lease-{region}"), description);
    let mut scope = stack.scope();
    let props = TableProps {
        name: table::lease(environment.name().as_str()),
        partition_key: table::lease_attribute::LEASE,
        sort_key: None,
        time_to_live: None,
        indexes: &[],
        // It says which region holds the lease, which is no secret, and a vote must not depend on a key.
        encryption: Encryption::DynamoDb,
        replicas: &[],
    };
    let table = Table::new(&mut scope, "Lease", &props);
    scope.share("TableArn", "A vote on which region may write", &table.arn());
    stack
}
