//! A sound file whose region lacks what its topology needs there: known once there are templates, told as any other mistake.

use crate::line::Place;
use crate::log::Log;
use crate::mistake::{Code, Mistakes};
use crate::refusal::Refusal;
use crate::tree::{Node, plant};

/// A region that does not offer what a topology needs in it.
#[derive(Debug, Clone)]
pub struct RefusedRegion {
    /// The key of the block that holds the environment: `production` in a proposal; `None` where the file is the environment.
    pub block: Option<&'static str>,
    pub region: String,
    pub message: String,
    /// Regions that would do.
    pub accepted: Vec<String>,
    /// What the reader can do now.
    pub hint: String,
}

/// Where an environment names regions, its own first.
const NAMED: [&[&str]; 3] = [&["region"], &["recovery", "region"], &["recovery", "witness"]];

/// The refused regions as mistakes of the file that names them; `None` when there are none. A region that the file does not
/// name, such as the one of services that serve all regions, is a mistake of the file as a whole.
#[must_use]
pub fn refuse_regions(file_name: &str, text: &str, refused: &[RefusedRegion]) -> Option<Mistakes> {
    if refused.is_empty() {
        return None;
    }
    let log = Log::default();
    let tree = plant(text, &log);
    for RefusedRegion { block, region, message, accepted, hint } in refused {
        let place = tree.as_ref().and_then(|root| place_of(root, *block, region)).unwrap_or_default();
        log.add(Code::SchemaRegion, &place, Refusal::new(message).accepting(accepted).hint(hint));
    }
    Some(Mistakes::new(file_name, text, tree.as_ref(), log))
}

fn place_of(root: &Node, block: Option<&str>, region: &str) -> Option<Place> {
    let environment = match block {
        Some(block) => &root.entry(&[block])?.value,
        None => root,
    };
    let mut named = NAMED.iter().filter_map(|path| environment.entry(path));
    named.find(|entry| entry.value.text() == region).map(|entry| entry.value.place.clone())
}
