//! The pictures themselves.

use crate::fixture;
use como_core::assembly::Assembly;
use como_diagram::picture::{Outside, Picture};
use como_diagram::{mermaid, survey, svg};

/// Every picture that is tested, by the heading it gets.
pub(crate) fn all() -> Vec<(&'static str, Vec<Assembly>)> {
    vec![
        ("prod", vec![real("prod.yaml", include_str!("../../../../environments/prod.yaml"))]),
        ("everything, alone", vec![fixture::production()]),
        ("everything, pilot light", vec![fixture::production(), fixture::recovery(0)]),
        ("everything, warm", vec![fixture::production(), fixture::recovery(1)]),
    ]
}

fn real(file: &str, text: &str) -> Assembly {
    let environment = como_config::parse(file, text).unwrap_or_else(|mistakes| panic!("{mistakes:?}"));
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
