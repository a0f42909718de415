//! What requests and packets pass through.

use crate::charge::Charge;
use crate::item::Item;
use crate::rules::registry::{Case, Ruling, Verdict, priced, unreadable};
use como_config::UsageKey;
use rust_decimal::Decimal;

const NAT_GATEWAY: &str = "AWS::EC2::NatGateway";

pub(crate) fn rest_api(case: Case<'_, '_>) -> Ruling {
    let region = case.resource.region();
    let apis = case.all.count_in(case.resource.kind(), region);
    let requests = Charge::new(Item::RestRequest, region);
    let requests = match case.usage.get(UsageKey::ApiRequests) {
        Some(_) => requests.usage(UsageKey::ApiRequests),
        None => requests.usage(UsageKey::ApiRequestsPerDay).days(),
    };
    let answers = Charge::new(Item::InternetOut, region).usage(UsageKey::ApiOutGb);
    priced([requests.share(apis, "APIs"), answers.share(apis, "APIs")])
}

/// A stage's own cache is a machine by the hour, which nobody has priced here.
pub(crate) fn stage(case: Case<'_, '_>) -> Ruling {
    match case.resource.is_true("CacheClusterEnabled") {
        true => unreadable("CacheClusterEnabled", "true, whose price depends on its size and is in no book"),
        false => Ok(Verdict::Elsewhere("with the API's requests")),
    }
}

/// Every public address costs the same, whether something uses it or not; they are two items of the bill.
pub(crate) fn address(case: Case<'_, '_>) -> Ruling {
    let region = case.resource.region();
    let in_use = 0 < case.all.count_in(NAT_GATEWAY, region);
    let item = if in_use { Item::AddressInUse } else { Item::AddressIdle };
    priced([Charge::new(item, region).one("address").hours()])
}

pub(crate) fn nat_gateway(case: Case<'_, '_>) -> Ruling {
    let region = case.resource.region();
    let gateways = case.all.count_in(NAT_GATEWAY, region);
    let share = |charge: Charge| charge.share(gateways, "gateways");
    priced([
        Charge::new(Item::NatHour, region).one("gateway").hours(),
        share(Charge::new(Item::NatGb, region).usage(UsageKey::NatGb)),
        share(Charge::new(Item::InternetOut, region).usage(UsageKey::NatOutGb)),
    ])
}

/// The network itself is free; what crosses its zones is charged where it leaves and where it arrives.
pub(crate) fn vpc(case: Case<'_, '_>) -> Ruling {
    let directions = "charged in each direction";
    let crossing = Charge::new(Item::ZoneOut, case.resource.region());
    priced([crossing.usage(UsageKey::ZoneGb).convention(Decimal::TWO, "directions", directions)])
}

pub(crate) fn endpoint(case: Case<'_, '_>) -> Ruling {
    let region = case.resource.region();
    match case.resource.text("VpcEndpointType") {
        Some("Interface") => {}
        Some("Gateway") | None => return Ok(Verdict::Free("gateway endpoints are free")),
        Some(other) => return unreadable("VpcEndpointType", other),
    }
    let interfaces = case.all.of_kind(case.resource.kind());
    let interfaces =
        interfaces.filter(|other| other.region() == region && other.text("VpcEndpointType") == Some("Interface"));
    let hours = Charge::new(Item::EndpointHour, region);
    let hours = match case.usage.get(UsageKey::EndpointZones) {
        Some(_) => hours.usage(UsageKey::EndpointZones),
        None => hours.template(case.resource.list("SubnetIds").len(), "zones", "SubnetIds"),
    };
    let bytes = Charge::new(Item::EndpointGb, region).usage(UsageKey::EndpointGb);
    priced([hours.hours(), bytes.share(interfaces.count(), "endpoints")])
}

pub(crate) fn load_balancer(case: Case<'_, '_>) -> Ruling {
    let region = case.resource.region();
    match case.resource.text("Type") {
        Some("application") | None => {}
        Some(other) => return unreadable("Type", other),
    }
    let balancers = case.all.count_in(case.resource.kind(), region);
    let units = Charge::new(Item::LoadBalancerLcu, region).usage(UsageKey::LoadBalancerLcu).hours();
    let mut charges = vec![
        Charge::new(Item::LoadBalancerHour, region).one("load balancer").hours(),
        units.share(balancers, "balancers"),
    ];
    if case.resource.text("Scheme") != Some("internal") {
        let addresses = case.resource.list("Subnets").len();
        charges.push(Charge::new(Item::AddressInUse, region).template(addresses, "addresses", "Subnets").hours());
    }
    priced(charges)
}
