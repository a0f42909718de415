//! `como cost` against what was: git refs, assemblies, saved months; and new prices.

use crate::support::{Ended, Place};
use serde_json::Value;
use std::process::Command;

fn git(place: &Place, arguments: &[&str]) {
    let mut git = Command::new("git");
    let names = ["-c", "user.name=Test", "-c", "user.email=test@como.example", "-c", "commit.gpgsign=false"];
    let output = git.arg("-C").arg(place.path("")).args(names).args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// With the price books of the repository, all in a commit that is called `before`.
fn committed() -> Place {
    let place = Place::new();
    let books = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("environments/prices");
    fs_err::create_dir(place.path("environments/prices")).unwrap();
    for book in ["2021-11.json", "2026-11-30.json"] {
        fs_err::copy(books.join(book), place.path("environments/prices").join(book)).unwrap();
    }
    git(&place, &["init", "--quiet", "--initial-branch", "before"]);
    git(&place, &["add", "environments"]);
    git(&place, &["commit", "--quiet", "--message", "Before"]);
    place
}

fn amount(difference: &Value, key: &str) -> f64 {
    difference[key].as_str().unwrap().parse().unwrap()
}

#[test]
fn a_git_ref_is_compared_by_resource_and_reason() {
    let place = committed();
    place.edit("prod", "nat_gateways: 2", "nat_gateways: 1");
    place.edit("prod", "nat_gb: { low: 2, expected: 10,", "nat_gb: { low: 2, expected: 20,");
    let report = place.json(&["cost", "prod", "--against", "before"]);
    assert!(report["against"].as_str().unwrap().starts_with("before ("), "{}", report["against"]);
    let difference = &report["environments"]["prod"]["difference"];
    assert!(amount(difference, "removed") < -40.0, "{difference:#}");
    assert!(0.0 < amount(difference, "usage"), "{difference:#}");
    assert_eq!(difference["price"], "0.00");
    let table = place.run(&["cost", "prod", "--against", "before"]).stdout;
    assert!(table.contains("prod: since before (") && table.contains("ZoneBNatGateway"), "{table}");
    assert!(table.contains("removed") && !table.contains("  price  "), "{table}");
}

#[test]
fn another_book_of_the_ref_is_a_change_of_price_alone() {
    let place = committed();
    let book = place.path("environments/prices/2026-11-30.json");
    let text = fs_err::read_to_string(&book).unwrap();
    fs_err::write(&book, text.replacen("\"price\": \"0.059\"", "\"price\": \"0.049\"", 1)).unwrap();
    git(&place, &["commit", "--quiet", "--all", "--message", "Cheaper"]);
    let report = place.json(&["cost", "prod", "--against", "HEAD"]);
    let difference = &report["environments"]["prod"]["difference"];
    assert!((amount(difference, "price") - 14.6).abs() < 0.011, "1,460 hours at a cent: {difference:#}");
    for reason in ["added", "removed", "resized", "usage"] {
        assert_eq!(difference[reason], "0.00", "{reason}");
    }
}

#[test]
fn what_cannot_be_compared_is_said_with_what_to_do() {
    let place = committed();
    let check = |ended: &Ended, code: i32, said: &[&str]| {
        assert_eq!(ended.code, code, "{}", ended.stderr);
        for words in said {
            assert!(ended.stderr.contains(words), "{words}: {}", ended.stderr);
        }
    };
    let unknown = place.run(&["cost", "prod", "--against", "nothing-like-it"]);
    check(&unknown, 64, &["`nothing-like-it` is no git ref here", "`como cost --save FILE`"]);
    let option = place.run(&["cost", "prod", "--against=--output=x"]);
    check(&option, 64, &["is no git ref here"]);
    fs_err::create_dir(place.path("empty")).unwrap();
    let empty = place.run(&["cost", "prod", "--against", "empty"]);
    check(&empty, 64, &["empty", "manifest.json", "como synth prod --directory"]);
    let other = place.run(&["cost", "prod", "--against", "environments/prod.yaml"]);
    check(&other, 64, &["environments/prod.yaml is no month", "`como cost --save FILE`"]);
    place.edit("prod", "nat_gateways:", "nat_gates:");
    git(&place, &["commit", "--quiet", "--all", "--message", "Broken"]);
    place.edit("prod", "nat_gates:", "nat_gateways:");
    let broken = place.run(&["cost", "prod", "--against", "HEAD"]);
    check(&broken, 3, &["prod.yaml of HEAD", "nat_gates", "newer ref"]);
    git(&place, &["rm", "--quiet", "-r", "--cached", "environments/prices"]);
    git(&place, &["commit", "--quiet", "--all", "--message", "Without prices"]);
    let without = place.run(&["cost", "prod", "--against", "HEAD"]);
    check(&without, 3, &["no price book under prices/"]);
}

#[test]
fn an_assembly_in_a_folder_is_the_earlier_code() {
    let place = Place::new();
    assert_eq!(place.run(&["synth", "prod", "--directory", "old"]).code, 0);
    let same = place.run(&["cost", "prod", "--against", "old"]);
    assert!(same.stdout.contains("prod: costs what it did in old"), "{}{}", same.stdout, same.stderr);
    place.edit("prod", "    tasks: 2\n", "    tasks: 3\n");
    let report = place.json(&["cost", "prod", "--against", "old"]);
    let difference = &report["environments"]["prod"]["difference"];
    assert!(5.0 < amount(difference, "resized"), "{difference:#}");
    assert_eq!(difference["usage"], "0.00");
    let other = place.run(&["cost", "dev", "--against", "old"]);
    assert_eq!(other.code, 64, "{}", other.stderr);
}

#[test]
fn a_saved_month_needs_no_repository() {
    let place = Place::new();
    let saved = place.run(&["cost", "--save", "month.json"]);
    assert_eq!(saved.code, 0, "{}", saved.stderr);
    let report = place.json(&["cost", "--against", "month.json"]);
    for name in ["prod", "dev", "sydney"] {
        let difference = &report["environments"][name]["difference"];
        assert_eq!(difference["before"], report["environments"][name]["total"], "{name}");
        assert_eq!(difference["changes"].as_array().unwrap().len(), 0, "{name}");
    }
    let low = place.run(&["cost", "--against", "month.json", "--scenario", "low"]);
    assert_eq!(low.code, 64);
    assert!(low.stderr.contains("`--scenario expected`"), "{}", low.stderr);
}

fn lists() -> String {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/price-lists").display().to_string()
}

#[test]
fn new_prices_are_shown_with_their_effect_before_they_are_written() {
    let place = Place::new();
    let from = lists();
    let books = || fs_err::read_dir(place.path("environments/prices")).into_iter().flatten().count();
    let refused = place.run(&["cost", "--refresh-prices", "--from", &from, "--yes"]);
    assert_eq!(refused.code, 3, "{}", refused.stderr);
    assert!(refused.stdout.contains("nat-gateway.hour in ap-southeast-1"), "{}", refused.stdout);
    assert!(refused.stderr.contains("`--allow-missing`"), "{}", refused.stderr);
    let asked = place.run(&["cost", "--refresh-prices", "--from", &from, "--allow-missing"]);
    assert_eq!(asked.code, 3, "nobody is there to be asked: {}", asked.stderr);
    assert_eq!(books(), 0);
    let report = place.json(&["cost", "--refresh-prices", "--from", &from, "--allow-missing", "--yes"]);
    assert_eq!(report["read"], 2);
    assert_eq!(report["changes"][0]["after"], "0.065");
    let prod = &report["effects"][0];
    let moved = amount(prod, "after") - amount(prod, "before");
    assert!((moved - 8.76).abs() < 0.011, "two gateways, 730 hours, six tenths of a cent: {prod:#}");
    assert_eq!(books(), 1);
    let book = report["written"].as_str().unwrap();
    let after = place.json(&["cost", "prod", "--prices", book]);
    assert_eq!(after["environments"]["prod"]["total"], prod["after"]);
    let again = place.run(&["cost", "--refresh-prices", "--from", &from, "--allow-missing", "--yes"]);
    assert_eq!(again.code, 3, "{}", again.stderr);
}
