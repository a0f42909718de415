//! What one synthesis of production costs, its assembly's files included.

#![expect(clippy::panic, reason = "a benchmark that cannot start may panic")]

use criterion::{Criterion, criterion_group, criterion_main};
use std::hint::black_box;

fn synthesis(criterion: &mut Criterion) {
    let text = include_str!("../../environments/prod.yaml");
    let environment = como_config::parse("prod.yaml", text).unwrap_or_else(|mistakes| panic!("{mistakes:?}"));
    criterion.bench_function("synth prod", |bencher| {
        bencher.iter(|| {
            let assembly = como_stacks::app(black_box(&environment));
            assembly.map(|assembly| assembly.files())
        });
    });
}

criterion_group!(benches, synthesis);
criterion_main!(benches);
