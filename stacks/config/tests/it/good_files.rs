use como_config::{Cidr, Environment, Kind, Service, ServiceName, parse};

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
    let names: Vec<&str> = check(PRODUCTION).services().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["accounts", "experiences", "bookings", "redemptions"]);
    assert_eq!(ServiceName::ALL.len(), names.len());
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
