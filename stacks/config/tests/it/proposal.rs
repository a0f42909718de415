//! What was once proposed.

use como_config::{Contents, Environment, Mistakes, Siblings, parse_contents};

use crate::PROPOSAL;

fn read(file: &str, text: &str) -> Result<Contents, Mistakes> {
    parse_contents(file, text, &Siblings::default())
}

#[test]
fn the_proposal_has_its_own_sizes() {
    let Contents::Proposal(proposal) = read("proposal-2021.yaml", PROPOSAL).unwrap() else { panic!("a proposal") };
    let tasks =
        |environment: &Environment| -> u16 { environment.services().map(|(_, service)| service.tasks().get()).sum() };
    assert_eq!((tasks(proposal.production()), tasks(proposal.development())), (8, 4));
    let gateways = |environment: &Environment| environment.network().nat_gateways().get();
    assert_eq!((gateways(proposal.production()), gateways(proposal.development())), (2, 1));
    let cache = proposal.production().cache().unwrap();
    assert_eq!((cache.node().as_str(), cache.nodes().get()), ("dax.t3.small", 1));
    assert!(proposal.production().recovery().is_none());
}

#[test]
fn mistakes_inside_are_found_where_they_are() {
    let check = |file: &str, from: &str, to: &str, expected: &str| {
        assert!(PROPOSAL.contains(from), "the proposal no longer says {from:?}");
        let mistakes = read(file, &PROPOSAL.replacen(from, to, 1)).unwrap_err();
        let found: Vec<&str> = mistakes.as_slice().iter().map(|mistake| mistake.path.as_str()).collect();
        assert_eq!(found, [expected]);
    };
    check("proposal-2021.yaml", "cpu: 256", "cpu: 300", "production.services.accounts.cpu");
    check("proposal-2021.yaml", "name: dev21", "name: Dev", "development.name");
    check("other.yaml", "name: prod21", "name: prod21", "name");
}
