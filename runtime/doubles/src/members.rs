//! The test members. They are invented; their passwords are public on purpose.

/// A member of the Memberson double.
#[derive(Debug, Clone, Copy)]
pub struct TestMember {
    pub customer_number: &'static str,
    pub member_number: &'static str,
    pub name: &'static str,
    pub email: &'static str,
    /// Without the country code, which is 65.
    pub mobile: &'static str,
    pub password: &'static str,
    pub tier: &'static str,
    pub standing: Standing,
    /// As Memberson writes a balance: decimal text.
    pub points: &'static str,
    pub expiry_date: &'static str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    Active,
    /// The membership has run out; the member can still sign in.
    Expired,
    /// Memberson signs the member in only after a new password.
    MustChangePassword,
}

/// Gold, many points.
pub const MEI: TestMember = TestMember {
    customer_number: "C1000001",
    member_number: "M2000001",
    name: "Tan Mei Ling",
    email: "mei.tan@example.com",
    mobile: "81000001",
    password: "correct-horse-battery",
    tier: "GOLD",
    standing: Standing::Active,
    points: "12500",
    expiry_date: "2031-12-31",
};

/// Silver, too few points for any experience.
pub const ARJUN: TestMember = TestMember {
    customer_number: "C1000002",
    member_number: "M2000002",
    name: "Arjun Nair",
    email: "arjun.nair@example.com",
    mobile: "81000002",
    password: "tulip-anchor-forty",
    tier: "SILVER",
    standing: Standing::Active,
    points: "320.5",
    expiry_date: "2030-06-30",
};

/// The membership has expired.
pub const SOFIA: TestMember = TestMember {
    customer_number: "C1000003",
    member_number: "M2000003",
    name: "Sofia Lim",
    email: "sofia.lim@example.com",
    mobile: "81000003",
    password: "velvet-kettle-nine",
    tier: "GOLD",
    standing: Standing::Expired,
    points: "4100",
    expiry_date: "2025-03-31",
};

/// Must change the password before signing in.
pub const DANIEL: TestMember = TestMember {
    customer_number: "C1000004",
    member_number: "M2000004",
    name: "Daniel Ong",
    email: "daniel.ong@example.com",
    mobile: "81000004",
    password: "amber-ladder-two",
    tier: "SILVER",
    standing: Standing::MustChangePassword,
    points: "900",
    expiry_date: "2030-01-31",
};

/// Shares a mobile number with [`KEN`], as families do.
pub const HANA: TestMember = TestMember {
    customer_number: "C1000005",
    member_number: "M2000005",
    name: "Hana Koh",
    email: "hana.koh@example.com",
    mobile: "81000005",
    password: "paper-lantern-six",
    tier: "PLATINUM",
    standing: Standing::Active,
    points: "58200",
    expiry_date: "2032-09-30",
};

pub const KEN: TestMember = TestMember {
    customer_number: "C1000006",
    member_number: "M2000006",
    name: "Ken Koh",
    email: "ken.koh@example.com",
    mobile: "81000005",
    password: "river-stone-eight",
    tier: "SILVER",
    standing: Standing::Active,
    points: "2750",
    expiry_date: "2032-09-30",
};

pub const ALL: &[TestMember] = &[MEI, ARJUN, SOFIA, DANIEL, HANA, KEN];

/// The country code of every test member's mobile number.
pub const MOBILE_COUNTRY_CODE: &str = "65";
