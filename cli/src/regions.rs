//! From findings about a region to mistakes of the file that names it.

use como_checks::{Finding, Report};
use como_config::{RefusedRegion, Region};
use como_core::assembly::Assembly;
use como_resources::facts;
use std::collections::{BTreeMap, BTreeSet};

/// The rule whose findings a person mends in the environment's file, not in a construct.
const RULE: &str = "schema-region";

/// Takes what is against a region out of the report; `block` is where the file holds the environment.
pub(crate) fn refused(assembly: &Assembly, block: Option<&'static str>, report: &mut Report) -> Vec<RefusedRegion> {
    let is_about_region = |finding: &Finding| finding.is_open() && finding.rule.id() == RULE;
    let mut lacking: BTreeMap<&str, (BTreeSet<&str>, BTreeSet<&str>)> = BTreeMap::new();
    for finding in report.findings.iter().filter(|finding| is_about_region(finding)) {
        if let Some(stack) = assembly.stack(&finding.stack) {
            let (types, stacks) = lacking.entry(&stack.region).or_default();
            types.insert(&finding.resource_type);
            stacks.insert(&finding.stack);
        }
    }
    let refusal = |(region, (types, stacks)): (&str, (BTreeSet<&str>, BTreeSet<&str>))| RefusedRegion {
        block,
        region: region.to_owned(),
        message: format!("{region} does not offer {}, needed by {}", listed(&types), listed(&stacks)),
        accepted: offering(assembly, region),
        hint: "choose one of these regions, or leave out what needs the type".to_owned(),
    };
    let refused = lacking.into_iter().map(refusal).collect();
    report.findings.retain(|finding| !is_about_region(finding));
    refused
}

/// The regions that offer everything which the assembly has in `region`.
fn offering(assembly: &Assembly, region: &str) -> Vec<String> {
    let here = assembly.stacks.iter().filter(|stack| stack.region == region);
    let resources = here.flat_map(|stack| stack.template.resources.values());
    let types: BTreeSet<&str> = resources.map(|resource| resource.resource_type.as_str()).collect();
    let offers =
        |region: &&String| types.iter().filter_map(|kind| facts::of(kind)).all(|facts| facts.supported_in(region));
    // The schemas speak of partitions too that no environment can be in.
    let known = facts::regions().iter().filter(|region| Region::try_from(region.as_str()).is_ok());
    known.filter(offers).cloned().collect()
}

fn listed(names: &BTreeSet<&str>) -> String {
    names.iter().copied().collect::<Vec<_>>().join(", ")
}
