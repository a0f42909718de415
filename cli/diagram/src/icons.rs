//! Icons, drawn for this picture: outlines in a square of 24 by 24.

use crate::picture::Kind;

/// The path of a kind's icon, for the attribute `d`.
pub(crate) const fn path(kind: Kind) -> &'static str {
    match kind {
        // A signpost.
        Kind::Names => "M12 3v18M12 5h7l2.5 2.5L19 10h-7M12 11H5L2.5 13.5 5 16h7",
        // A globe.
        Kind::Delivery => "M12 3a9 9 0 1 0 0 18a9 9 0 1 0 0-18M3 12h18M12 3c-5 5-5 13 0 18M12 3c5 5 5 13 0 18",
        // A door with an arrow through it.
        Kind::Door => "M10 3h10v18H10M3 12h11M10.5 8l4 4-4 4",
        // A person.
        Kind::Identity => "M12 3.5a4 4 0 1 0 0 8a4 4 0 1 0 0-8M4 20.5c.5-5 4-6.5 8-6.5s7.5 1.5 8 6.5",
        // Two links of a chain.
        Kind::Link => "M10 7H7a5 5 0 0 0 0 10h3M14 7h3a5 5 0 0 1 0 10h-3M8.5 12h7",
        // One way in, three ways on.
        Kind::Balancer => "M3 12h6M9 12l8-7M9 12h9M9 12l8 7M17 5h.1M18 12h.1M17 19h.1",
        // A box.
        Kind::Cluster | Kind::Service => "M12 3l8 4.500v9L12 21l-8-4.500v-9zM4 7.500l8 4.5 8-4.500M12 12v9",
        // A bolt.
        Kind::Cache => "M13.5 2.500L5 13.500h6L10 21.5 19 10h-6.500z",
        // An arrow that leaves a wall.
        Kind::Nat => "M8 4H4v16h4M9 12h12M16 7l5 5-5 5",
        // A bucket.
        Kind::Site | Kind::Buckets => "M4 6c0 3.3 16 3.3 16 0c0-3.3-16-3.3-16 0l2 13c.4 2.6 11.6 2.6 12 0l2-13",
        // A table.
        Kind::Tables | Kind::LocalTables => "M4 5h16v14H4zM4 10h16M4 14.500h16M10 10v9",
        // A padlock.
        Kind::Secrets => "M5 11h14v9.500H5zM8 11V7.500a4 4 0 0 1 8 0V11M12 14.500v2.5",
        // A key.
        Kind::Keys => "M8 8.500a4.5 4.5 0 1 0 0 9a4.5 4.5 0 1 0 0-9M11.5 10L20 3.500M17 6l2.5 3M14.3 8l2 2.5",
        // Layers.
        Kind::Images => "M12 3l9 4.5-9 4.5-9-4.500zM3 12l9 4.5 9-4.500M3 16.500L12 21l9-4.5",
        // A row that moves on.
        Kind::Queue => "M3 7h5v10H3zM10 7h5v10h-5zM17.5 8l4 4-4 4",
        // An envelope.
        Kind::Mail => "M3 5.500h18v13H3zM3 6.500l9 7 9-7",
        // An arrow back around.
        Kind::Backup => "M4.5 5v5h5M5 10a8 8 0 1 1-1 5M12 8v4.500l3 2",
        // A chart.
        Kind::Watch => "M3.5 3.500v17h17M7 15l4-5 3 3 5.5-7",
        // A bell.
        Kind::Topics => "M6 17V11a6 6 0 0 1 12 0v6l2 2H4zM10 21.500h4M12 5V3",
        // A lambda.
        Kind::Functions => "M6.5 4h3.500l7 16h2M11 9.500L6 20",
        // A calendar.
        Kind::Events => "M4 5.500h16v15H4zM4 10h16M8 3v4M16 3v4M8 14h3M13.5 14h3M8 17.500h3",
        // Sliders.
        Kind::Parameters => "M4 7h9M17 7h3M15 5v4M4 12h3M11 12h9M9 10v4M4 17h9M17 17h3M15 15v4",
        // A seal.
        Kind::Certificates => "M12 3a5.5 5.5 0 1 0 0 11a5.5 5.5 0 1 0 0-11M9 13l-1.5 8 4.5-2.5 4.5 2.500L15 13",
        // A coin.
        Kind::Budget => {
            "M12 3a9 9 0 1 0 0 18a9 9 0 1 0 0-18M15 8.500c-1-1.5-6-1.8-6 .9c0 3 6 1.7 6 4.800c0 2.6-5 2.6-6.2.6M12 5.500v13"
        }
        // A badge.
        Kind::Trust => "M12 3l8 3v6c0 5-3.5 7.5-8 9c-4.5-1.5-8-4-8-9V6zM8.5 12l2.5 2.5 4.5-5",
    }
}
