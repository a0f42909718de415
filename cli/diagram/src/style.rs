//! Colours, light and dark.
//!
//! Every rule has its colours written out, since programs that turn SVG into print know no CSS variables. The dark rules
//! hold on screens only: paper stays white.

use crate::picture::{Field, FlowKind};
use crate::scene::{Surface, Voice};

/// Fonts of about the width with which the layout reckons, the commonest first.
const FONTS: &str = "Inter,'Segoe UI','Helvetica Neue',Helvetica,Arial,'Liberation Sans','DejaVu Sans Condensed','DejaVu Sans',sans-serif";

struct Colours {
    light: &'static str,
    dark: &'static str,
}

const fn colours(light: &'static str, dark: &'static str) -> Colours {
    Colours { light, dark }
}

const SURFACES: &[Surface] = &[
    Surface::Paper,
    Surface::Global,
    Surface::Region,
    Surface::Network,
    Surface::Zone,
    Surface::PrivateSubnet,
    Surface::PublicSubnet,
    Surface::Cluster,
    Surface::Card,
    Surface::Resting,
    Surface::Guard,
    Surface::Outside,
    Surface::Task,
    Surface::Port,
    Surface::Tile(Field::Networking),
    Surface::Tile(Field::Compute),
    Surface::Tile(Field::Storage),
    Surface::Tile(Field::Security),
    Surface::Tile(Field::Messages),
    Surface::Tile(Field::Operations),
];

/// The class of a surface.
pub(crate) const fn surface(surface: Surface) -> &'static str {
    match surface {
        Surface::Paper => "paper",
        Surface::Global => "global",
        Surface::Region => "region",
        Surface::Network => "vpc",
        Surface::Zone => "zone",
        Surface::PrivateSubnet => "private",
        Surface::PublicSubnet => "public",
        Surface::Cluster => "cluster",
        Surface::Card => "card",
        Surface::Resting => "resting",
        Surface::Guard => "guard",
        Surface::Outside => "outside",
        Surface::Task => "task",
        Surface::Port => "port",
        Surface::Tile(Field::Networking) => "networking",
        Surface::Tile(Field::Compute) => "compute",
        Surface::Tile(Field::Storage) => "storage",
        Surface::Tile(Field::Security) => "security",
        Surface::Tile(Field::Messages) => "messages",
        Surface::Tile(Field::Operations) => "operations",
    }
}

fn surface_rule(it: Surface) -> Colours {
    match it {
        Surface::Paper => colours("fill:#ffffff", "fill:#0d1117"),
        Surface::Global => colours("fill:#f6f3fd;stroke:#b8a6e8", "fill:#17142a;stroke:#5b4b94"),
        Surface::Region => colours("fill:#f5f7fa;stroke:#a9b4c4", "fill:#131922;stroke:#3d4a5c"),
        Surface::Network => colours("fill:#ffffff;stroke:#7c5cd6;stroke-width:1.4", "fill:#0f141c;stroke:#8f77de"),
        Surface::Zone => colours("fill:#fafbfd;stroke:#b3bdcc;stroke-dasharray:4 3", "fill:#121821;stroke:#465468"),
        Surface::PrivateSubnet => colours("fill:#e9f1fb", "fill:#14243a"),
        Surface::PublicSubnet => colours("fill:#e8f5ec", "fill:#12281d"),
        Surface::Cluster => colours("fill:#fff8f0;stroke:#d98a3d", "fill:#241a10;stroke:#a86a2b"),
        Surface::Card => colours("fill:#ffffff;stroke:#c3ccd8", "fill:#1b222d;stroke:#465264"),
        Surface::Resting => colours(
            "fill:#ffffff;fill-opacity:.55;stroke:#aab4c2;stroke-dasharray:4 3",
            "fill:#1b222d;fill-opacity:.55;stroke:#566377",
        ),
        Surface::Guard => colours("fill:#fbe3e6;stroke:#d9929c", "fill:#3d1820;stroke:#8c3f4c"),
        Surface::Outside => colours("fill:#2b3442;stroke:#2b3442", "fill:#d5dce6;stroke:#d5dce6"),
        Surface::Task => colours("fill:#c8641a", "fill:#ee9247"),
        Surface::Port => colours("fill:#ffffff;stroke:#7c5cd6;stroke-width:2", "fill:#0f141c;stroke:#a28be8"),
        Surface::Tile(Field::Networking) => colours("fill:#6f4fd0", "fill:#7f62dc"),
        Surface::Tile(Field::Compute) => colours("fill:#c8641a", "fill:#c8641a"),
        Surface::Tile(Field::Storage) => colours("fill:#2468c9", "fill:#3576d4"),
        Surface::Tile(Field::Security) => colours("fill:#c03247", "fill:#c9445a"),
        Surface::Tile(Field::Messages) => colours("fill:#ad2f86", "fill:#b8459a"),
        Surface::Tile(Field::Operations) => colours("fill:#237a57", "fill:#2b8a64"),
    }
}

const VOICES: &[Voice] = &[Voice::Heading, Voice::Strong, Voice::Normal, Voice::Quiet, Voice::Guard, Voice::Inverse];

pub(crate) const fn voice(voice: Voice) -> &'static str {
    match voice {
        Voice::Heading => "heading",
        Voice::Strong => "strong",
        Voice::Normal => "normal",
        Voice::Quiet => "quiet",
        Voice::Guard => "warning",
        Voice::Inverse => "inverse",
    }
}

const fn voice_rule(it: Voice) -> Colours {
    match it {
        Voice::Heading => colours("fill:#141b26", "fill:#f2f5f9"),
        Voice::Strong => colours("fill:#1d2633", "fill:#e6ebf2"),
        Voice::Normal => colours("fill:#475364", "fill:#b4bfcd"),
        Voice::Quiet => colours("fill:#566274", "fill:#a2aebe"),
        Voice::Guard => colours("fill:#9d2237", "fill:#f3a3af"),
        Voice::Inverse => colours("fill:#ffffff", "fill:#141b26"),
    }
}

/// One of each class.
const FLOWS: &[FlowKind] = &[FlowKind::Traffic, FlowKind::Standby, FlowKind::Mirrors];

/// The class of an arrow; both ways of replication look alike.
pub(crate) const fn flow(kind: FlowKind) -> &'static str {
    match kind {
        FlowKind::Traffic => "traffic",
        FlowKind::Standby => "standby",
        FlowKind::Copies | FlowKind::Mirrors => "replication",
        FlowKind::Event => "traffic",
    }
}

/// Colours of lines; dashes tell them apart in print without colour.
const fn flow_colours(kind: FlowKind) -> (Colours, &'static str) {
    match kind {
        FlowKind::Traffic | FlowKind::Event => (colours("#364152", "#b9c4d3"), "stroke-width:1.5"),
        FlowKind::Standby => (colours("#c2560a", "#f09a4e"), "stroke-width:1.6;stroke-dasharray:7 4"),
        FlowKind::Copies | FlowKind::Mirrors => {
            (colours("#0b7f83", "#3fc1c5"), "stroke-width:2;stroke-dasharray:2.5 3")
        }
    }
}

/// The style sheet of a picture.
pub(crate) fn sheet() -> String {
    let mut sheet = Sheet {
        light: format!(
            "text{{font-family:{FONTS}}}.b{{font-weight:700}}.line{{fill:none;stroke-linejoin:round}}\
             .icon{{fill:none;stroke:#fff;stroke-width:2;stroke-linecap:round;stroke-linejoin:round}}"
        ),
        dark: String::new(),
    };
    for it in SURFACES {
        let Colours { light, dark } = surface_rule(*it);
        sheet.rule(surface(*it), light, dark);
    }
    for it in VOICES {
        let Colours { light, dark } = voice_rule(*it);
        sheet.rule(voice(*it), light, dark);
    }
    for kind in FLOWS {
        let (Colours { light, dark }, pattern) = flow_colours(*kind);
        let class = flow(*kind);
        sheet.rule(class, &format!("stroke:{light};{pattern}"), &format!("stroke:{dark}"));
        sheet.rule(&format!("{class}-head"), &format!("fill:{light}"), &format!("fill:{dark}"));
    }
    let Sheet { light, dark } = sheet;
    format!("{light}@media screen and (prefers-color-scheme:dark){{{dark}}}")
}

struct Sheet {
    light: String,
    dark: String,
}

impl Sheet {
    fn rule(&mut self, class: &str, light: &str, dark: &str) {
        self.light.push_str(&format!(".{class}{{{light}}}"));
        self.dark.push_str(&format!(".{class}{{{dark}}}"));
    }
}
