//! The addresses of an environment.

use std::borrow::Cow;
use std::fmt;
use std::net::Ipv4Addr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use crate::refusal::{Refusal, quote};
use crate::region::Zone;
use crate::value::Written;

/// A block of private IPv4 addresses that a VPC or a subnet can have: `/16` to `/28`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cidr {
    first: u32,
    bits: u8,
}

/// The two subnets of one zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ZoneSubnets {
    zone: Zone,
    public: Cidr,
    private: Cidr,
}

/// How many NAT gateways; never more than there are zones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NatGateways(u8);

/// Subnets lie in the VPC's block and do not overlap; there are at least two zones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Network {
    cidr: Cidr,
    nat_gateways: NatGateways,
    zones: Vec<ZoneSubnets>,
}

impl Network {
    /// An Application Load Balancer needs subnets in two zones.
    pub const FEWEST_ZONES: usize = 2;

    /// The checks belong to `convert`, which knows the place of each value.
    pub(crate) const fn new(cidr: Cidr, nat_gateways: NatGateways, zones: Vec<ZoneSubnets>) -> Self {
        Self { cidr, nat_gateways, zones }
    }

    /// The VPC's block.
    #[must_use]
    pub const fn cidr(&self) -> Cidr {
        self.cidr
    }

    #[must_use]
    pub const fn nat_gateways(&self) -> NatGateways {
        self.nat_gateways
    }

    /// In the order of the zones' letters.
    #[must_use]
    pub fn zones(&self) -> &[ZoneSubnets] {
        &self.zones
    }
}

impl ZoneSubnets {
    pub(crate) const fn new(zone: Zone, public: Cidr, private: Cidr) -> Self {
        Self { zone, public, private }
    }

    #[must_use]
    pub const fn zone(&self) -> Zone {
        self.zone
    }

    /// For the NAT gateway.
    #[must_use]
    pub const fn public(&self) -> Cidr {
        self.public
    }

    /// For the load balancer, the tasks and the endpoints.
    #[must_use]
    pub const fn private(&self) -> Cidr {
        self.private
    }
}

impl NatGateways {
    /// As many as the letters that zones can have.
    const MOST: i64 = 6;

    #[must_use]
    pub const fn get(self) -> usize {
        self.0 as usize
    }
}

impl Cidr {
    const WIDEST: u8 = 16;
    const NARROWEST: u8 = 28;
    /// RFC 1918.
    const PRIVATE: [(Ipv4Addr, u8); 3] =
        [(Ipv4Addr::new(10, 0, 0, 0), 8), (Ipv4Addr::new(172, 16, 0, 0), 12), (Ipv4Addr::new(192, 168, 0, 0), 16)];

    #[must_use]
    pub const fn overlaps(self, other: Self) -> bool {
        self.first <= other.last() && other.first <= self.last()
    }

    /// Whether all of the other's addresses are its own.
    #[must_use]
    pub const fn contains(self, other: Self) -> bool {
        self.first <= other.first && other.last() <= self.last()
    }

    const fn last(self) -> u32 {
        self.first | !mask(self.bits)
    }
}

impl fmt::Display for Cidr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", Ipv4Addr::from_bits(self.first), self.bits)
    }
}

impl TryFrom<String> for Cidr {
    type Error = Refusal;

    fn try_from(text: String) -> Result<Self, Refusal> {
        let refusal =
            Refusal::new(format!("{} is not a block of addresses that a VPC can have", quote(&text))).accepting([
                format!("a private IPv4 block from /{} to /{}, such as `10.0.0.0/16`", Self::WIDEST, Self::NARROWEST),
            ]);
        let parsed = text.split_once('/').and_then(|(address, bits)| {
            let plain = bits.len() <= 2 && bits.chars().all(|digit| digit.is_ascii_digit()) && !bits.starts_with('0');
            Some((address.parse::<Ipv4Addr>().ok()?, bits.parse::<u8>().ok().filter(|bits| plain && *bits <= 32)?))
        });
        let Some((address, bits)) = parsed else { return Err(refusal) };
        let sound = (Self::WIDEST..=Self::NARROWEST).contains(&bits);
        let private = Self::PRIVATE.iter().any(|(block, bits)| address.to_bits() & mask(*bits) == block.to_bits());
        if !sound || !private {
            return Err(refusal);
        }
        let first = address.to_bits() & mask(bits);
        if first != address.to_bits() {
            return Err(refusal.hint(format!("the block that holds this address is `{}`", Self { first, bits })));
        }
        Ok(Self { first, bits })
    }
}

impl TryFrom<i64> for NatGateways {
    type Error = Refusal;

    fn try_from(number: i64) -> Result<Self, Refusal> {
        let refusal = || {
            let accepted = [format!("a whole number from 1 to {}", Self::MOST)];
            Refusal::new(format!("{number} cannot be the number of NAT gateways"))
                .accepting(accepted)
                .hint("without a NAT gateway no task reaches Memberson or SevenRooms")
        };
        u8::try_from(number).ok().filter(|_| (1..=Self::MOST).contains(&number)).map(Self).ok_or_else(refusal)
    }
}

const fn mask(bits: u8) -> u32 {
    if bits == 0 { 0 } else { u32::MAX << (32 - bits) }
}

impl Written for Cidr {
    type Form = String;
}

impl Written for NatGateways {
    type Form = i64;
}

impl JsonSchema for Cidr {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Cidr".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let pattern = r"^(10\.[0-9]{1,3}|172\.(1[6-9]|2[0-9]|3[01])|192\.168)(\.[0-9]{1,3}){2}/(1[6-9]|2[0-8])$";
        json_schema!({ "type": "string", "pattern": pattern })
    }
}

impl JsonSchema for NatGateways {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "NatGateways".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "integer", "minimum": 1, "maximum": Self::MOST })
    }
}
