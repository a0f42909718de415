//! How mistakes look, and what a program gets.

use como_config::{Colour, Style, parse};

const TEXT: &str = "\
name: prod
kind: prodution
account: 123456789012
region: ap-southeast-1
domain: como.example
image: latest
network: {cidr: 10.20.0.0/16, nat_gateways: 2, zones: {a: {public: 10.20.0.0/24, private: 10.20.16.0/20}, b: {public: 10.20.0.128/25, private: 10.20.32.0/20}}}
services:
  accounts: {cpu: 256, memory: 4096, tasks: 2, scaling: {min: 2, max: 6}}
  experiences: {cpu: 256, memroy: 512, tasks: 2, scaling: {min: 2, max: 6}}
";

fn rendered(colour: Colour, width: usize) -> String {
    parse("environments/prod.yaml", TEXT).unwrap_err().render(Style { colour, width })
}

#[test]
fn on_a_wide_screen() {
    insta::assert_snapshot!(rendered(Colour::Plain, 140));
}

#[test]
fn on_a_narrow_screen() {
    let shown = rendered(Colour::Plain, 60);
    assert!(shown.lines().filter(|line| line.contains(" | ")).all(|line| line.chars().count() <= 60), "{shown}");
    insta::assert_snapshot!(shown);
}

#[test]
fn colour_adds_nothing_but_colour() {
    let mut coloured = rendered(Colour::Ansi, 80);
    for code in ["\u{1b}[1;31m", "\u{1b}[34m", "\u{1b}[36m", "\u{1b}[0m"] {
        assert!(coloured.contains(code));
        coloured = coloured.replace(code, "");
    }
    let trimmed: Vec<&str> = coloured.lines().map(str::trim_end).collect();
    assert_eq!(trimmed.join("\n"), rendered(Colour::Plain, 80).trim_end());
}

#[test]
fn as_json() {
    let mistakes = parse("environments/prod.yaml", &TEXT.replace("\nkind: prodution", "")).unwrap_err();
    insta::assert_json_snapshot!(mistakes);
}
