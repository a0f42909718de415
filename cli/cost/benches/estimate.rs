//! What one `como cost` costs itself: three environments priced, their templates made before.
#![expect(clippy::panic, reason = "a benchmark that cannot start may panic")]

use std::hint::black_box;

use como_config::{Environment, Scenario, Siblings, parse_among};
use como_core::assembly::Assembly;
use como_cost::book;
use como_cost::estimate::{Missing, estimate};
use como_cost::figures::Figures;
use como_cost::survey::Subject;
use criterion::{Criterion, criterion_group, criterion_main};

const PRODUCTION: &str = include_str!("../../../environments/prod.yaml");
const FILES: [(&str, &str); 3] = [
    ("prod.yaml", PRODUCTION),
    ("dev.yaml", include_str!("../../../environments/dev.yaml")),
    ("sydney.yaml", include_str!("../../../environments/sydney.yaml")),
];

fn read(file: &str, text: &str) -> Environment {
    let siblings = Siblings::default().with("prod", PRODUCTION);
    parse_among(file, text, &siblings).unwrap_or_else(|mistakes| panic!("{mistakes:?}"))
}

fn synthesised(environment: &Environment) -> Assembly {
    como_stacks::app(environment).unwrap_or_else(|mistakes| panic!("{mistakes:?}"))
}

fn price(file: &str, environment: &Environment, assembly: &Assembly) -> String {
    let book = book::current().unwrap_or_else(|mistakes| panic!("{mistakes}"));
    let subject = Subject { environment, file, assembly };
    let figures = Figures::new(file, environment.usage(), Scenario::Expected);
    let estimate = estimate(&subject, &figures, &book, Missing::Refused);
    estimate.unwrap_or_else(|error| panic!("{error}")).total.to_string()
}

fn estimates(criterion: &mut Criterion) {
    let places = FILES.map(|(file, text)| {
        let environment = read(file, text);
        let assembly = synthesised(&environment);
        (file, environment, assembly)
    });
    criterion.bench_function("price three environments", |bencher| {
        bencher.iter(|| {
            places.each_ref().map(|(file, environment, assembly)| price(file, black_box(environment), assembly))
        });
    });
    criterion.bench_function("read, synthesise and price three environments", |bencher| {
        bencher.iter(|| {
            FILES.map(|(file, text)| {
                let environment = read(file, black_box(text));
                price(file, &environment, &synthesised(&environment))
            })
        });
    });
}

criterion_group!(benches, estimates);
criterion_main!(benches);
