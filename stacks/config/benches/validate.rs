//! Reading and checking `prod.yaml`: what every command does first.
#![expect(clippy::expect_used, reason = "a failed benchmark may panic")]

use std::hint::black_box;

use como_config::parse;
use criterion::{Criterion, criterion_group, criterion_main};

const PRODUCTION: &str = include_str!("../../../environments/prod.yaml");

fn validate(criterion: &mut Criterion) {
    criterion.bench_function("validate prod.yaml", |bencher| {
        bencher.iter(|| parse("prod.yaml", black_box(PRODUCTION)).expect("prod.yaml is sound"));
    });
    let broken = PRODUCTION.replace("cpu:", "cpus:");
    criterion.bench_function("validate a file with eight mistakes", |bencher| {
        bencher.iter(|| parse("prod.yaml", black_box(&broken)).expect_err("cpus is no key"));
    });
}

criterion_group!(benches, validate);
criterion_main!(benches);
