//! The test members. They are invented; their passwords are public on purpose.

use serde::{Deserialize, Serialize};

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

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
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

/// A member as the double keeps it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Member {
    pub customer_number: String,
    pub member_number: String,
    pub name: String,
    pub email: String,
    pub mobile: String,
    pub password: String,
    pub tier: String,
    pub standing: Standing,
    pub points: String,
    pub expiry_date: String,
}

/// How many members there are for tests in which many want the same thing.
pub const CROWD: u32 = 100;

/// One of the crowd, counted from 1: `crowd-001@example.com` with the password `crowd-password-001` and 20,000 points.
#[must_use]
pub fn of_crowd(number: u32) -> Member {
    Member {
        customer_number: format!("C5{number:06}"),
        member_number: format!("M5{number:06}"),
        name: format!("Guest Number{number:03}"),
        email: format!("crowd-{number:03}@example.com"),
        mobile: format!("85{number:06}"),
        password: format!("crowd-password-{number:03}"),
        tier: "SILVER".to_owned(),
        standing: Standing::Active,
        points: "20000".to_owned(),
        expiry_date: "2032-12-31".to_owned(),
    }
}

pub(crate) fn everybody() -> Vec<Member> {
    ALL.iter().map(Member::from).chain((1..=CROWD).map(of_crowd)).collect()
}

impl From<&TestMember> for Member {
    fn from(member: &TestMember) -> Self {
        Self {
            customer_number: member.customer_number.to_owned(),
            member_number: member.member_number.to_owned(),
            name: member.name.to_owned(),
            email: member.email.to_owned(),
            mobile: member.mobile.to_owned(),
            password: member.password.to_owned(),
            tier: member.tier.to_owned(),
            standing: member.standing,
            points: member.points.to_owned(),
            expiry_date: member.expiry_date.to_owned(),
        }
    }
}
