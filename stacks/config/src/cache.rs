//! DynamoDB Accelerator, an option: no data client for Rust exists today, so it is paid for and not used.

use crate::number::number_value;
use crate::refusal::{Refusal, quote};
use crate::value::text_value;

text_value!(
    /// A node type of DAX, such as `dax.t3.small`.
    /// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/DAX.concepts.cluster.html>
    CacheNode,
    check_node,
    { "type": "string", "pattern": "^dax\\.(t[23]|r[3457]i?)\\.(small|medium|(2|4|8|12|16|24)?x?large)$" }
);

/// How many nodes; three or more outlive a zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CacheNodes(u8);

number_value!(
    CacheNodes, u8, ["a whole number from 1 to 11"], |nodes| (1..=11).contains(nodes), "a number of cache nodes",
    { "type": "integer", "minimum": 1, "maximum": 11 }
);

/// A cluster of DAX.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cache {
    node: CacheNode,
    nodes: CacheNodes,
}

impl Cache {
    pub(crate) const fn new(node: CacheNode, nodes: CacheNodes) -> Self {
        Self { node, nodes }
    }

    #[must_use]
    pub const fn node(&self) -> &CacheNode {
        &self.node
    }

    #[must_use]
    pub const fn nodes(&self) -> CacheNodes {
        self.nodes
    }
}

fn check_node(text: &str) -> Result<(), Refusal> {
    let refusal = || Refusal::new(format!("{} is not a node type of DAX", quote(text)));
    let parts: Vec<&str> = text.split('.').collect();
    let sound = matches!(parts.as_slice(), ["dax", family, size]
        if matches!(*family, "t2" | "t3" | "r3" | "r4" | "r5" | "r7" | "r3i" | "r4i" | "r5i" | "r7i")
            && is_size(size));
    sound.then_some(()).ok_or_else(|| refusal().accepting(["such as `dax.t3.small` or `dax.r5.large`"]))
}

/// As the schema's pattern has it.
fn is_size(size: &str) -> bool {
    let number = size.strip_suffix("xlarge").or_else(|| size.strip_suffix("large"));
    matches!(size, "small" | "medium")
        || number.is_some_and(|number| matches!(number, "" | "2" | "4" | "8" | "12" | "16" | "24"))
}
