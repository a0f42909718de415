//! What is kept.

use crate::charge::Charge;
use crate::item::Item;
use crate::rules::registry::{Case, Ruling, Verdict, priced, unreadable};
use como_config::UsageKey;
use serde_json::Value as Json;

const TABLE: &str = "AWS::DynamoDB::GlobalTable";
const KEYS: [&str; 2] = ["AWS::KMS::Key", "AWS::KMS::ReplicaKey"];

/// Writes to a table with replicas are charged in each of their regions, reads where they are read.
pub(crate) fn table(case: Case<'_, '_>) -> Ruling {
    if case.resource.text("BillingMode") != Some("PAY_PER_REQUEST") {
        return unreadable("BillingMode", case.resource.text("BillingMode").unwrap_or("nothing, which is PROVISIONED"));
    }
    let home = case.resource.region();
    if is_vote(case, case.resource.text("TableName")) {
        return priced([
            Charge::new(Item::TableWrite, home).usage(UsageKey::LeaseWrites),
            Charge::new(Item::TableRead, home).usage(UsageKey::LeaseReads),
        ]);
    }
    let replicas = case.resource.list("Replicas");
    let tables = case.all.of_kind(TABLE).filter(|table| !is_vote(case, table.text("TableName"))).count();
    let write = if 1 < replicas.len() { Item::TableReplicatedWrite } else { Item::TableWrite };
    let share = |charge: Charge| charge.share(tables, "tables");
    let mut charges = Vec::new();
    for replica in replicas {
        let Some(region) = replica.get("Region").and_then(|region| case.resource.named_region(region)) else {
            return unreadable("Replicas", replica.to_string());
        };
        charges.push(share(Charge::new(write, region).usage(UsageKey::TableWrites)));
        charges.push(share(Charge::new(Item::TableStorage, region).usage(UsageKey::TableGb)));
        let recovery = replica.pointer("/PointInTimeRecoverySpecification/PointInTimeRecoveryEnabled");
        if recovery.and_then(Json::as_bool).unwrap_or_default() {
            charges.push(share(Charge::new(Item::TableRecovery, region).usage(UsageKey::TableGb)));
        }
        if region == home {
            charges.push(share(Charge::new(Item::TableRead, home).usage(UsageKey::TableReads)));
        } else {
            let copied = Charge::new(Item::RegionOut, home).variant(region);
            charges.push(share(copied.usage(UsageKey::ReplicatedGb)));
        }
    }
    priced(charges)
}

/// A table that stands in several regions and is copied to none holds one item, a vote; its storage is a few bytes.
fn is_vote(case: Case<'_, '_>, name: Option<&str>) -> bool {
    let same = case.all.of_kind(TABLE).filter(|table| name.is_some() && table.text("TableName") == name);
    1 < same.count()
}

pub(crate) fn backup_vault(case: Case<'_, '_>) -> Ruling {
    let vaults = case.all.count_in(case.resource.kind(), case.resource.region());
    let kept = Charge::new(Item::BackupStorage, case.resource.region()).usage(UsageKey::BackupGb);
    priced([kept.share(vaults, "vaults")])
}

/// A replica is a secret of its own.
pub(crate) fn secret(case: Case<'_, '_>) -> Ruling {
    let home = case.resource.region();
    let secrets = case.all.count_in(case.resource.kind(), home);
    let calls = Charge::new(Item::SecretCall, home).usage(UsageKey::SecretCallsPerDay).days();
    let mut charges = vec![Charge::new(Item::SecretMonth, home).one("secret"), calls.share(secrets, "secrets")];
    for replica in case.resource.list("ReplicaRegions") {
        match replica.get("Region").and_then(|region| case.resource.named_region(region)) {
            Some(region) => {
                charges.push(Charge::new(Item::SecretMonth, region).template(1, "replica", "ReplicaRegions"))
            }
            None => return unreadable("ReplicaRegions", replica.to_string()),
        }
    }
    priced(charges)
}

/// A replica is a key of its own.
pub(crate) fn key(case: Case<'_, '_>) -> Ruling {
    let region = case.resource.region();
    let keys = KEYS.into_iter().map(|kind| case.all.count(kind)).sum();
    let requests = Charge::new(Item::KeyRequest, region).usage(UsageKey::KeyRequests);
    priced([Charge::new(Item::Key, region).one("key"), requests.share(keys, "keys")])
}

pub(crate) fn bucket(case: Case<'_, '_>) -> Ruling {
    let buckets = case.all.count(case.resource.kind());
    let uses = [
        (Item::BucketStorage, UsageKey::BucketGb),
        (Item::BucketWrite, UsageKey::BucketWrites),
        (Item::BucketRead, UsageKey::BucketReads),
    ];
    let charge = |(item, key)| Charge::new(item, case.resource.region()).usage(key).share(buckets, "buckets");
    priced(uses.map(charge))
}

pub(crate) fn images(case: Case<'_, '_>) -> Ruling {
    let repositories = case.all.count_in(case.resource.kind(), case.resource.region());
    let kept = Charge::new(Item::ImageStorage, case.resource.region()).usage(UsageKey::ImageGb);
    priced([kept.share(repositories, "repositories")])
}

/// Copied images are kept a second time, after they were sent.
pub(crate) fn image_copies(case: Case<'_, '_>) -> Ruling {
    let mut charges = Vec::new();
    for rule in case.resource.list("ReplicationConfiguration.Rules") {
        for destination in rule.get("Destinations").and_then(Json::as_array).into_iter().flatten() {
            let Some(region) = destination.get("Region").and_then(|region| case.resource.named_region(region)) else {
                return unreadable("ReplicationConfiguration", destination.to_string());
            };
            charges.push(Charge::new(Item::ImageStorage, region).usage(UsageKey::ImageGb));
            let sent = Charge::new(Item::RegionOut, case.resource.region()).variant(region);
            charges.push(sent.usage(UsageKey::ImagePushGb));
        }
    }
    priced(charges)
}

pub(crate) fn scanning(case: Case<'_, '_>) -> Ruling {
    match case.resource.text("ScanType") {
        Some("BASIC") | None => Ok(Verdict::Free("basic scanning is free")),
        Some(other) => unreadable("ScanType", other),
    }
}

/// Pools have had tiers since November 2024; before, advanced security was paid on top of a member.
pub(crate) fn user_pool(case: Case<'_, '_>) -> Ruling {
    let region = case.resource.region();
    let pools = case.all.count_in(case.resource.kind(), region);
    let share = |charge: Charge| charge.share(pools, "pools");
    if case.usage.get(UsageKey::AdvancedSecurityMembers).is_some() {
        let counted = |item| share(Charge::new(item, region).usage(UsageKey::AdvancedSecurityMembers));
        return priced([Item::Member, Item::AdvancedSecurityMember].map(counted));
    }
    let item = match case.resource.text("UserPoolTier") {
        Some("PLUS") => Item::PlusMember,
        Some("ESSENTIALS") | None => Item::EssentialsMember,
        Some("LITE") => Item::Member,
        Some(other) => return unreadable("UserPoolTier", other),
    };
    priced([share(Charge::new(item, region).usage(UsageKey::Members))])
}
