//! Availability zones and address blocks.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The zones that a new account sees, for the regions that COMO names; three for any other.
/// <https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-availability-zones.html>
pub(crate) fn zones(region: &str) -> Vec<String> {
    let letters = if region == "us-east-1" { "abcdef" } else { "abc" };
    letters.chars().map(|letter| format!("{region}{letter}")).collect()
}

/// `Fn::Cidr`: the first `count` blocks with `bits` host bits within `block`.
pub(crate) fn subnets(block: &str, count: u32, bits: Option<u32>) -> Result<Vec<String>, String> {
    let refuse = || Err(format!("Template error: Fn::Cidr cannot split {block} into {count} blocks"));
    let Some((address, prefix)) = block.split_once('/') else { return refuse() };
    let (Ok(address), Ok(prefix)) = (address.parse::<IpAddr>(), prefix.parse::<u32>()) else { return refuse() };
    let width: u32 = if address.is_ipv4() { 32 } else { 128 };
    let bits = bits.unwrap_or(if address.is_ipv4() { 8 } else { 64 });
    if !(1..=256).contains(&count) || width < prefix || width - prefix < bits || bits == 0 {
        return refuse();
    }
    let room = width - prefix - bits;
    if room < 32 && 1_u64 << room < u64::from(count) {
        return refuse();
    }
    let base: u128 = match address {
        IpAddr::V4(v4) => u128::from(v4.to_bits()),
        IpAddr::V6(v6) => v6.to_bits(),
    };
    // Host bits of the block itself do not count.
    let shift = width - prefix;
    let base = if shift == 128 { 0 } else { (base >> shift) << shift };
    let length = width - bits;
    Ok((0..count)
        .map(|index| {
            let start = base + (u128::from(index) << bits);
            match address {
                IpAddr::V4(_) => format!("{}/{length}", Ipv4Addr::from_bits(u32::try_from(start).unwrap_or(u32::MAX))),
                IpAddr::V6(_) => format!("{}/{length}", Ipv6Addr::from_bits(start)),
            }
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::subnets;

    #[test]
    fn blocks_are_cut_as_cloudformation_cuts_them() {
        assert_eq!(subnets("10.0.0.0/16", 3, Some(8)).unwrap(), ["10.0.0.0/24", "10.0.1.0/24", "10.0.2.0/24"]);
        assert_eq!(subnets("10.0.0.0/24", 2, Some(5)).unwrap(), ["10.0.0.0/27", "10.0.0.32/27"]);
        assert_eq!(subnets("2001:db8::/56", 2, Some(64)).unwrap(), ["2001:db8::/64", "2001:db8:0:1::/64"]);
        assert!(subnets("10.0.0.0/24", 256, Some(8)).is_err());
        assert!(subnets("10.0.0.0", 1, None).is_err());
    }
}
