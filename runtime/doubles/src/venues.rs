//! The venues of the SevenRooms double: real places of COMO in Singapore, with invented ids and telephone numbers.

pub(crate) struct Venue {
    pub(crate) id: &'static str,
    pub(crate) name: &'static str,
    pub(crate) address: &'static str,
    pub(crate) phone_number: &'static str,
    /// Name, first and last seating in minutes after midnight, interval in minutes.
    pub(crate) shifts: &'static [Shift],
}

pub(crate) struct Shift {
    pub(crate) name: &'static str,
    pub(crate) first: u16,
    pub(crate) last: u16,
    pub(crate) interval: u16,
}

pub(crate) const VENUE_GROUP_ID: &str = "como-group-sg";

const fn shift(name: &'static str, first_hour: u16, last_hour: u16, interval: u16) -> Shift {
    Shift { name, first: first_hour * 60, last: last_hour * 60, interval }
}

pub(crate) const ALL: &[Venue] = &[
    Venue {
        id: "venue-candlenut",
        name: "Candlenut",
        address: "17A Dempsey Road, Singapore 249676",
        phone_number: "+65 6000 0001",
        shifts: &[shift("Lunch", 12, 14, 30), shift("Dinner", 18, 21, 30)],
    },
    Venue {
        id: "venue-como-cuisine",
        name: "COMO Cuisine",
        address: "18A Dempsey Road, Singapore 249677",
        phone_number: "+65 6000 0002",
        shifts: &[shift("Brunch", 10, 14, 30), shift("Dinner", 18, 21, 30)],
    },
    Venue {
        id: "venue-culina",
        name: "Culina at COMO Dempsey",
        address: "15 Dempsey Road, Singapore 249675",
        phone_number: "+65 6000 0003",
        shifts: &[shift("Evening", 18, 20, 60)],
    },
    Venue {
        id: "venue-shambhala-urban-escape",
        name: "COMO Shambhala Singapore",
        address: "30 Bideford Road, COMO Orchard, Singapore 229922",
        phone_number: "+65 6000 0004",
        shifts: &[shift("Morning", 9, 12, 60), shift("Afternoon", 13, 19, 60)],
    },
    Venue {
        id: "venue-club21-orchard",
        name: "Club 21 at COMO Orchard",
        address: "30 Bideford Road, COMO Orchard, Singapore 229922",
        phone_number: "+65 6000 0005",
        shifts: &[shift("Appointments", 11, 19, 60)],
    },
    Venue {
        id: "venue-supernature",
        name: "SuperNature at COMO Dempsey",
        address: "18 Dempsey Road, Singapore 249677",
        phone_number: "+65 6000 0006",
        shifts: &[shift("Class", 10, 11, 60)],
    },
];
