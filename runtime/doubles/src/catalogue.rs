//! The curated experiences and items of the Memberson double: invented offers of COMO's brands.

pub(crate) struct Reward {
    pub(crate) number: &'static str,
    pub(crate) name: &'static str,
    pub(crate) summary: &'static str,
    pub(crate) description: &'static str,
    pub(crate) category: &'static str,
    pub(crate) brand: &'static str,
    pub(crate) points: u32,
    /// As Memberson writes an amount: decimal text, SGD.
    pub(crate) price: &'static str,
    pub(crate) duration_minutes: u32,
    pub(crate) venue_id: &'static str,
    pub(crate) terms: &'static str,
}

pub(crate) const ALL: &[Reward] = &[
    Reward {
        number: "EXP-1001",
        name: "Ninety minutes of COMO Shambhala massage",
        summary: "The signature massage, followed by ginger tea on the terrace.",
        description: "A therapist trained in the COMO Shambhala method works with warm oils of lavender, eucalyptus and \
                      peppermint for ninety minutes. Arrive a quarter of an hour early for a foot bath; stay afterwards for \
                      ginger tea and raw chocolate.",
        category: "Wellness",
        brand: "COMO Shambhala",
        points: 9_600,
        price: "288.00",
        duration_minutes: 90,
        venue_id: "venue-shambhala-urban-escape",
        terms: "Reschedule up to 24 hours before. One ticket is one guest.",
    },
    Reward {
        number: "EXP-1002",
        name: "Private reformer Pilates",
        summary: "One hour, one teacher, one reformer.",
        description: "An instructor assesses posture and breath, then builds an hour on the reformer around what you want to \
                      change. Suits beginners and dancers alike.",
        category: "Wellness",
        brand: "COMO Shambhala",
        points: 4_500,
        price: "135.00",
        duration_minutes: 60,
        venue_id: "venue-shambhala-urban-escape",
        terms: "Grip socks are provided. Reschedule up to 24 hours before.",
    },
    Reward {
        number: "EXP-1003",
        name: "Chef's table: a Peranakan ah-ma-kase",
        summary: "Ten courses of Straits cooking, told by the kitchen that made them.",
        description: "Buah keluak three ways, wing bean salad, Westholme rib in rendang: a tasting menu that changes with the \
                      market, served at the counter in front of the stoves of Candlenut.",
        category: "Dining",
        brand: "COMO Dempsey",
        points: 4_600,
        price: "138.00",
        duration_minutes: 150,
        venue_id: "venue-candlenut",
        terms: "Please name allergies two days ahead. Wine is not included.",
    },
    Reward {
        number: "EXP-1004",
        name: "Long Sunday brunch on Dempsey Hill",
        summary: "Shared plates under the rain trees, with free-flowing juices.",
        description: "Crab omelette, burrata with stone fruit, flatbreads from the wood oven and a table of cakes. The COMO \
                      Shambhala juices keep coming.",
        category: "Dining",
        brand: "COMO Cuisine",
        points: 2_900,
        price: "88.00",
        duration_minutes: 120,
        venue_id: "venue-como-cuisine",
        terms: "Children under six eat free with two adults.",
    },
    Reward {
        number: "EXP-1005",
        name: "Six glasses with Culina's sommelier",
        summary: "Growers' Champagne to old Barolo, with cheese from the counter.",
        description: "A seated tasting of six wines that rarely leave the cellar, each with one bite from the butchery or the \
                      cheese room. At most ten guests.",
        category: "Dining",
        brand: "Culina",
        points: 3_900,
        price: "118.00",
        duration_minutes: 90,
        venue_id: "venue-culina",
        terms: "Guests must be 18 or older.",
    },
    Reward {
        number: "EXP-1006",
        name: "A private hour with a Club 21 stylist",
        summary: "The season's collections, edited for you before the doors open.",
        description: "Tell the stylist what your year looks like; find a rail of pieces from the season's designers waiting in a \
                      private room, with alterations and coffee included.",
        category: "Fashion",
        brand: "Club 21",
        points: 1_500,
        price: "45.00",
        duration_minutes: 60,
        venue_id: "venue-club21-orchard",
        terms: "The price is taken off any purchase on the day.",
    },
    Reward {
        number: "EXP-1007",
        name: "Market walk and cooking class",
        summary: "Shop with the chef, cook what you found, eat it together.",
        description: "A walk through SuperNature's organic aisles to learn what is in season, then two hours at the stove: a \
                      salad, a main course, a pudding without sugar.",
        category: "Learning",
        brand: "SuperNature",
        points: 2_400,
        price: "72.00",
        duration_minutes: 150,
        venue_id: "venue-supernature",
        terms: "Classes run with four guests or more.",
    },
    Reward {
        number: "EXP-1008",
        name: "A week of live-in calm: the COMO Shambhala reset",
        summary: "Nutrition plan and daily juices, delivered to your door.",
        description: "A consultation by telephone, then seven days of juices and plant-based meals brought each morning. There \
                      is nowhere to be, so there is nothing to reserve.",
        category: "Wellness",
        brand: "COMO Shambhala",
        points: 14_000,
        price: "420.00",
        duration_minutes: 0,
        venue_id: "",
        terms: "Deliveries within Singapore.",
    },
];

/// What a member redeems and takes home.
pub(crate) struct Item {
    pub(crate) number: &'static str,
    pub(crate) name: &'static str,
    pub(crate) summary: &'static str,
    pub(crate) description: &'static str,
    pub(crate) category: &'static str,
    pub(crate) brand: &'static str,
    pub(crate) points: u32,
    /// As Memberson writes an amount: decimal text, SGD.
    pub(crate) price: &'static str,
    /// How many there are at the beginning.
    pub(crate) stock: u32,
    pub(crate) terms: &'static str,
}

pub(crate) fn items() -> impl Iterator<Item = &'static Item> {
    ITEMS.iter()
}

const ITEMS: &[Item] = &[
    Item {
        number: "ITM-2001",
        name: "Invigorate bath oil",
        summary: "The scent of every COMO Shambhala treatment room, 125 ml.",
        description: "Peppermint, eucalyptus and lavender in grape seed oil. A capful is a bath.",
        category: "Home",
        brand: "COMO Shambhala",
        points: 1_900,
        price: "58.00",
        stock: 40,
        terms: "Collect at COMO Orchard within three months.",
    },
    Item {
        number: "ITM-2002",
        name: "Cashmere travel blanket",
        summary: "Woven for Club 21, in oatmeal or ink.",
        description: "Two-ply cashmere, 130 by 180 centimetres, with a pouch that becomes a pillow.",
        category: "Fashion",
        brand: "Club 21",
        points: 11_500,
        price: "345.00",
        stock: 6,
        terms: "Colour as available. Collect at COMO Orchard within three months.",
    },
    Item {
        number: "ITM-2003",
        name: "Cold-pressed juices, one week",
        summary: "Seven bottles a week's mornings.",
        description: "Pressed at dawn from SuperNature's organic vegetables; a different one each day.",
        category: "Food",
        brand: "SuperNature",
        points: 2_600,
        price: "78.00",
        stock: 200,
        terms: "Order a day ahead.",
    },
    Item {
        number: "ITM-2004",
        name: "The last Barolo of the cellar",
        summary: "One bottle, 1996.",
        description: "Culina's sommelier kept one. It is this one.",
        category: "Food",
        brand: "Culina",
        points: 9_900,
        price: "298.00",
        stock: 1,
        terms: "Members of 18 or older. There is one.",
    },
];
