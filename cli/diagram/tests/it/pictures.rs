//! The pictures themselves.

use crate::fixture;
use como_config::Siblings;
use como_core::assembly::Assembly;
use como_diagram::picture::{Outside, Picture};
use como_diagram::{mermaid, survey, svg};

const PRODUCTION: &str = include_str!("../../../../environments/prod.yaml");
const DEVELOPMENT: &str = include_str!("../../../../environments/dev.yaml");
const SYDNEY: &str = include_str!("../../../../environments/sydney.yaml");

/// Every picture that is tested, by the heading it gets.
pub(crate) fn all() -> Vec<(&'static str, Vec<Assembly>)> {
    let prod = || real("prod.yaml", PRODUCTION);
    let cached = PRODUCTION.replace("\ntags:", "\ncache:\n  node: dax.r5.large\n  nodes: 3\ntags:");
    let warm = SYDNEY.replace("posture: pilot-light", "posture: warm");
    vec![
        ("prod", vec![prod()]),
        ("dev", vec![real("dev.yaml", DEVELOPMENT)]),
        ("prod with sydney", vec![prod(), real("sydney.yaml", SYDNEY)]),
        ("prod with sydney, warm", vec![prod(), real("sydney.yaml", &warm)]),
        ("prod with a cache", vec![real("prod.yaml", &cached)]),
        ("everything, alone", vec![fixture::production()]),
        ("everything, pilot light", vec![fixture::production(), fixture::recovery(0)]),
        ("everything, warm", vec![fixture::production(), fixture::recovery(1)]),
    ]
}

fn real(file: &str, text: &str) -> Assembly {
    let siblings = Siblings::default().with("prod", PRODUCTION);
    let environment = como_config::parse_among(file, text, &siblings).unwrap_or_else(|mistakes| panic!("{mistakes:?}"));
    como_stacks::app(&environment).unwrap_or_else(|mistakes| panic!("{mistakes:?}"))
}

pub(crate) fn picture(title: &str, assemblies: &[Assembly]) -> Picture {
    let outside = Outside {
        title: title.to_owned(),
        callers: "Members’ app".to_owned(),
        partners: ["Memberson", "SevenRooms", "Stripe"].map(str::to_owned).to_vec(),
    };
    let assemblies: Vec<&Assembly> = assemblies.iter().collect();
    survey(&assemblies, &outside).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn pictures_are_as_reviewed() {
    for (name, assemblies) in all() {
        let picture = picture(name, &assemblies);
        let file = name.replace(", ", "-").replace(' ', "-");
        if let Some(folder) = std::env::var_os("COMO_PICTURES") {
            fs_err::write(std::path::Path::new(&folder).join(format!("{file}.svg")), svg::draw(&picture)).unwrap();
            fs_err::write(std::path::Path::new(&folder).join(format!("{file}.mmd")), mermaid::write(&picture)).unwrap();
        }
        insta::assert_snapshot!(format!("{file}.svg"), svg::draw(&picture));
        insta::assert_snapshot!(format!("{file}.mmd"), mermaid::write(&picture));
    }
}

#[test]
fn the_picture_in_the_readme_is_fresh() {
    let path = format!("{}/../../docs/pictures/prod-with-sydney.svg", env!("CARGO_MANIFEST_DIR"));
    let assemblies = [real("prod.yaml", PRODUCTION), real("sydney.yaml", SYDNEY)];
    let expected = svg::draw(&picture("prod with sydney", &assemblies));
    if std::env::var_os("COMO_BLESS").is_some() {
        fs_err::write(&path, &expected).unwrap();
    }
    let found = fs_err::read_to_string(&path).unwrap_or_default();
    assert!(found == expected, "run `COMO_BLESS=1 cargo test -p como-diagram fresh`");
}
