use como_config::{Cidr, Environment, Kind, Service, Siblings, parse, parse_among};

use crate::{PRODUCTION, production_with};

fn check(text: &str) -> Environment {
    parse("environments/prod.yaml", text).unwrap_or_else(|mistakes| panic!("{mistakes:#?}"))
}

#[test]
fn production_has_the_proposals_sizes() {
    let production = check(PRODUCTION);
    assert_eq!(production.name().as_str(), "prod");
    assert_eq!(production.kind(), Kind::Production);
    assert_eq!(production.account().as_str(), "123456789012");
    assert_eq!(production.region().as_str(), "ap-southeast-1");
    assert_eq!(production.network().nat_gateways().get(), 2);
    let zones: Vec<String> = production.zones().map(|zone| zone.name()).collect();
    assert_eq!(zones, ["ap-southeast-1a", "ap-southeast-1b"]);
    let tasks: u32 = production.services().map(|(_, service)| u32::from(service.tasks().get())).sum();
    assert_eq!(tasks, 8, "two tasks of four services");
    let sizes = |service: &Service| (service.size().cpu().get(), service.size().memory().get());
    assert!(production.services().all(|(_, service)| sizes(service) == (256, 512)));
    assert_eq!(production.partners().sevenrooms().endpoint().host(), "api.sevenrooms.com");
}

#[test]
fn services_come_in_one_order_whatever_the_file_says() {
    let (head, services) = PRODUCTION.split_once("  accounts:\n").unwrap();
    let (accounts, others) = services.split_once("  experiences:\n").unwrap();
    let (others, tail) = others.split_once("\n\n").unwrap();
    let swapped = format!("{head}  experiences:\n{others}\n  accounts:\n{accounts}\n{tail}");
    for text in [PRODUCTION, &swapped] {
        let environment = check(text);
        let names: Vec<&str> = environment.services().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["accounts", "experiences", "bookings", "redemptions"]);
    }
}

/// What a file says of services follows the list of services that there are.
#[test]
fn a_fifth_service_is_one_more_block() {
    const FIVE: &[&str] = &["accounts", "experiences", "bookings", "redemptions", "events"];
    let block = "  events:\n    cpu: 512\n    memory: 1024\n    tasks: 1\n    scaling: { min: 1, max: 3 }\n";
    let with = production_with("services:\n", &format!("services:\n{block}"));
    let five = Siblings::default().for_services(FIVE);
    let environment = parse_among("prod.yaml", &with, &five).unwrap();
    let names: Vec<&str> = environment.services().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, FIVE);
    assert_eq!(environment.service("events").map(|service| service.size().cpu().get()), Some(512));
    let refused = |text: &str, siblings: &Siblings| {
        let mistakes = parse_among("prod.yaml", text, siblings).unwrap_err();
        mistakes.as_slice().iter().map(|mistake| mistake.message.clone()).collect::<Vec<_>>()
    };
    assert_eq!(refused(PRODUCTION, &five), ["`services` has no key `events`"]);
    assert_eq!(refused(&with, &Siblings::default()), ["`events` is not a key that belongs here"]);
}

#[test]
fn zones_come_in_the_order_of_their_letters() {
    let swapped = production_with("    a:\n", "    c:\n");
    let letters: String = check(&swapped).zones().map(|zone| zone.letter().as_char()).collect();
    assert_eq!(letters, "bc");
}

#[test]
fn tags_may_be_left_out() {
    let (text, _) = PRODUCTION.split_once("\ntags:").expect("prod.yaml has tags");
    assert!(check(text).tags().is_empty());
    assert!(check(&format!("{text}\ntags:\n  # none yet\n")).tags().is_empty());
}

#[test]
fn the_way_of_writing_does_not_matter() {
    let check_same = |from: &str, to: &str| assert_eq!(check(&production_with(from, to)), check(PRODUCTION), "{to}");
    check_same("name: prod", "\"name\": 'prod'");
    check_same("    scaling:\n      min: 2\n      max: 6\n", "    scaling: {min: 2, max: 6}\n");
    check_same("cpu: 256", "cpu: 0x100");
    check_same("name: prod", "---\nname: prod");
    check_same("# yaml", "\u{FEFF}# yaml");
    assert_eq!(check(&PRODUCTION.replace('\n', "\r\n")), check(PRODUCTION));
}

#[test]
fn a_file_without_a_name_of_its_own_may_hold_any_environment() {
    assert!(parse("<stdin>", PRODUCTION).is_ok());
}

#[test]
fn blocks_of_addresses_know_their_neighbours() {
    let cidr = |text: &str| Cidr::try_from(text.to_owned()).unwrap();
    let check = |left, right, overlaps, contains| {
        assert_eq!(
            (cidr(left).overlaps(cidr(right)), cidr(left).contains(cidr(right))),
            (overlaps, contains),
            "{left} {right}"
        );
    };
    check("10.0.0.0/16", "10.0.255.0/24", true, true);
    check("10.0.255.0/24", "10.0.0.0/16", true, false);
    check("10.0.0.0/24", "10.0.1.0/24", false, false);
    check("192.168.0.0/16", "192.168.0.0/16", true, true);
    assert_eq!(cidr("172.31.0.0/20").to_string(), "172.31.0.0/20");
}
