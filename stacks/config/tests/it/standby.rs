//! Files that refer to others of their folder.

use como_config::{Environment, Kind, Mistakes, Posture, Siblings, parse, parse_among};

use crate::{DEVELOPMENT, PRODUCTION, SYDNEY};

fn folder() -> Siblings {
    Siblings::default().with("prod", PRODUCTION).with("dev", DEVELOPMENT)
}

fn sydney(text: &str) -> Result<Environment, Mistakes> {
    parse_among("sydney.yaml", text, &folder())
}

fn check_refused(result: Result<Environment, Mistakes>, at: &str, expected: &str) {
    let mistakes = result.unwrap_err();
    let found: Vec<(&str, String)> =
        mistakes.as_slice().iter().map(|mistake| (mistake.path.as_str(), mistake.message.clone())).collect();
    assert!(found.iter().any(|(path, message)| *path == at && message.contains(expected)), "{found:#?}");
}

#[test]
fn a_stand_in_is_as_the_other_but_for_its_place() {
    let sydney = sydney(SYDNEY).unwrap();
    let prod = parse("prod.yaml", PRODUCTION).unwrap();
    assert_eq!(sydney.kind(), Kind::Recovery);
    assert_eq!(sydney.region().as_str(), "ap-southeast-2");
    assert_eq!(sydney.standby().map(|standby| standby.posture()), Some(Posture::PilotLight));
    assert_eq!(sydney.primary(), &prod);
    assert_eq!(sydney.owner(), &prod);
    assert_eq!((sydney.account(), sydney.domain(), sydney.image()), (prod.account(), prod.domain(), prod.image()));
    assert!(sydney.services().eq(prod.services()));
    assert_ne!(sydney.network(), prod.network());
}

#[test]
fn development_shares_productions_account() {
    let dev = parse_among("dev.yaml", DEVELOPMENT, &folder()).unwrap();
    assert_eq!(dev.owner().name().as_str(), "prod");
    assert_eq!(dev.primary(), &dev);
    assert!(dev.recovery().is_none());
}

#[test]
fn what_is_referred_to_must_be_there_and_fit() {
    let with = |from: &str, to: &str| {
        assert!(SYDNEY.contains(from), "sydney.yaml no longer says {from:?}");
        sydney(&SYDNEY.replacen(from, to, 1))
    };
    check_refused(with("recovers: prod", "recovers: prdo"), "recovers", "not an environment of this folder");
    check_refused(with("recovers: prod", "recovers: dev"), "recovers", "refers to another file");
    check_refused(
        with("region: ap-southeast-2", "region: ap-northeast-2"),
        "region",
        "copies its data to ap-southeast-2",
    );
    check_refused(with("cidr: 10.30.0.0/16", "cidr: 10.20.0.0/16"), "network", "overlaps 10.20.0.0/16");
    check_refused(with("posture: pilot-light", "posture: hot"), "posture", "not a posture");
    let alone = PRODUCTION.replace("\nrecovery:\n", "\nrecover:\n");
    check_refused(
        parse_among("sydney.yaml", SYDNEY, &Siblings::default().with("prod", alone)),
        "recovers",
        "mistakes of its own",
    );
    let development = |from: &str, to: &str| parse_among("dev.yaml", &DEVELOPMENT.replacen(from, to, 1), &folder());
    check_refused(development("shares: prod", "shares: nobody"), "shares", "not an environment of this folder");
    check_refused(development("\"123456789012\"", "\"210987654321\""), "shares", "another one");
    let untrusting = PRODUCTION.replace("\nrepository: como-group/como-middleware\n", "\n");
    check_refused(
        parse_among("dev.yaml", DEVELOPMENT, &Siblings::default().with("prod", untrusting)),
        "repository",
        "trusts no repository",
    );
}

#[test]
fn numbers_belong_to_a_repository() {
    let ids = "repository_ids:\n  owner: 1\n  repository: 2";
    let repository = "repository: como-group/como-middleware";
    let alone = parse("prod.yaml", &crate::production_with(repository, ids));
    check_refused(alone, "repository_ids", "numbers of no repository");
    let both = parse("prod.yaml", &crate::production_with(repository, &format!("{repository}\n{ids}"))).unwrap();
    let ids = both.repository_ids().unwrap();
    assert_eq!((ids.owner().get(), ids.repository().get()), (1, 2));
    assert_eq!(both.repository().map(|it| (it.owner(), it.name())), Some(("como-group", "como-middleware")));
}

#[test]
fn three_regions_are_three() {
    let check = |from: &str, to: &str, at: &str, expected: &str| {
        check_refused(parse("prod.yaml", &crate::production_with(from, to)), at, expected);
    };
    check("  region: ap-southeast-2", "  region: ap-southeast-1", "recovery.region", "the region that may be lost");
    check("witness: ap-northeast-1", "witness: ap-southeast-2", "recovery.witness", "witness of its own loss");
}
