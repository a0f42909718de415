//! What synthesis costs, and what the checks add to it: each time from the environments as they are in memory.

#![expect(clippy::panic, reason = "a benchmark that cannot start may panic")]

use como_config::{Contents, Environment, Siblings, parse_contents};
use criterion::{Criterion, criterion_group, criterion_main};
use mimalloc::MiMalloc;
use std::hint::black_box;

/// As in `como`.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

const PRODUCTION: &str = include_str!("../../environments/prod.yaml");
const DEVELOPMENT: &str = include_str!("../../environments/dev.yaml");
const SYDNEY: &str = include_str!("../../environments/sydney.yaml");

fn environment(file: &str, text: &str) -> Environment {
    let siblings = Siblings::default().with("prod", PRODUCTION);
    match parse_contents(file, text, &siblings).unwrap_or_else(|mistakes| panic!("{mistakes:?}")) {
        Contents::Environment(environment) => *environment,
        other => panic!("{file} is no environment of its own: {other:?}"),
    }
}

/// Templates and manifest as text, which is what a deployer gets.
fn synthesise(environments: &[Environment]) -> usize {
    let assemblies = environments.iter().filter_map(|environment| como_stacks::app(environment).ok());
    assemblies.filter_map(|assembly| assembly.files().ok()).map(|files| files.len()).sum()
}

fn synthesise_and_check(environments: &[Environment]) -> usize {
    let assemblies = environments.iter().filter_map(|environment| como_stacks::app(environment).ok());
    let checked = assemblies.map(|assembly| (como_checks::check(&assembly).findings.len(), assembly.files()));
    checked.map(|(findings, files)| findings + files.map_or(0, |files| files.len())).sum()
}

fn synthesis(criterion: &mut Criterion) {
    let prod = [environment("prod.yaml", PRODUCTION)];
    criterion.bench_function("synth prod", |bencher| bencher.iter(|| synthesise(black_box(&prod))));
    let three = [
        environment("prod.yaml", PRODUCTION),
        environment("dev.yaml", DEVELOPMENT),
        environment("sydney.yaml", SYDNEY),
    ];
    criterion.bench_function("three environments: synth", |bencher| bencher.iter(|| synthesise(black_box(&three))));
    criterion.bench_function("three environments: synth with checks", |bencher| {
        bencher.iter(|| synthesise_and_check(black_box(&three)));
    });
}

criterion_group!(benches, synthesis);
criterion_main!(benches);
