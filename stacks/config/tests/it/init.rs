use como_config::{Account, Domain, InitOptions, Region, init_files, parse};

use crate::PRODUCTION;

fn options(account: &str, domain: &str, region: &str) -> InitOptions {
    InitOptions {
        account: Account::try_from(account).unwrap(),
        domain: Domain::try_from(domain).unwrap(),
        region: Region::try_from(region).unwrap(),
        recovery: Region::try_from(third(region, "")).unwrap(),
        witness: Region::try_from(third(region, third(region, ""))).unwrap(),
    }
}

/// A region that is neither of the two.
fn third<'a>(one: &str, other: &str) -> &'a str {
    let free = |region: &&str| *region != one && *region != other;
    ["ap-southeast-2", "ap-northeast-1", "ap-southeast-1"].into_iter().find(free).unwrap()
}

#[test]
fn the_files_are_comos_own_but_for_the_options() {
    let files = init_files(&options("000123456789", "club.example.org", "ap-northeast-1")).unwrap();
    let paths: Vec<&str> = files.iter().map(|file| file.path.as_str()).collect();
    assert_eq!(paths, ["prod.yaml", "dev.yaml", "sydney.yaml", "local.yaml", "schema.json"]);
    let written = &files.first().unwrap().text;
    let environment = parse("prod.yaml", written).unwrap();
    assert_eq!(environment.account().as_str(), "000123456789");
    assert_eq!(environment.domain().as_str(), "club.example.org");
    let zones: Vec<String> = environment.zones().map(|zone| zone.name()).collect();
    assert_eq!(zones, ["ap-northeast-1a", "ap-northeast-1c"]);
    let changed: Vec<(&str, &str)> =
        PRODUCTION.lines().zip(written.lines()).filter(|(before, after)| before != after).collect();
    let expected = [
        ("account: \"123456789012\"", "account: \"000123456789\""),
        ("region: ap-southeast-1", "region: ap-northeast-1"),
        ("domain: como.example", "domain: club.example.org"),
        ("  witness: ap-northeast-1", "  witness: ap-southeast-1"),
        ("    b:", "    c:"),
        ("  email: operations@como.example", "  email: operations@club.example.org"),
        ("  app: https://app.como.example", "  app: https://app.club.example.org"),
    ];
    assert_eq!(changed, expected);
}

#[test]
fn the_same_options_give_the_same_file() {
    let files = init_files(&options("123456789012", "como.example", "ap-southeast-1")).unwrap();
    assert_eq!(files.first().unwrap().text, PRODUCTION);
}

#[test]
fn every_region_has_zones_enough() {
    let refusal = Region::try_from("nowhere").unwrap_err();
    assert!(30 < refusal.accepted().len());
    for name in refusal.accepted() {
        init_files(&options("123456789012", "como.example", name))
            .unwrap_or_else(|mistakes| panic!("{name}: {mistakes:#?}"));
    }
}
