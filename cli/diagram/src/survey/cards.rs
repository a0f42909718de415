//! What a card says of the resources behind it.

use crate::landscape::{Id, Landscape};
use crate::picture::{Card, CardId, Kind};
use crate::survey::presence::{self, Presence};
use crate::words::{count, short, spoken};
use serde_json::Value as Json;
use std::collections::BTreeSet;

pub(crate) fn card(landscape: &Landscape<'_>, presence: &Presence, region: &str, kind: Kind) -> Option<Card> {
    let ids = presence.of(region, kind);
    if ids.is_empty() {
        return None;
    }
    let talk = Talk { landscape, region, ids };
    let (facts, names) = match kind {
        Kind::Names => (talk.names_and_checks(), Vec::new()),
        Kind::Delivery => talk.delivery(),
        Kind::Door => (talk.door(), Vec::new()),
        Kind::Identity => talk.identity(),
        Kind::Site => (vec!["files of the site".to_owned()], talk.names(|_| true)),
        Kind::Tables => (vec![talk.tables()], talk.names(|_| true)),
        Kind::LocalTables => (vec![format!("{}, this region only", count(ids.len(), "table"))], talk.names(|_| true)),
        Kind::Secrets => (vec![talk.with_copies("secret")], talk.names(|_| true)),
        Kind::Keys => (vec![talk.keys()], talk.names(|_| true)),
        Kind::Images => talk.images(),
        Kind::Queue => (talk.queues(), Vec::new()),
        Kind::Mail => (talk.mail(), Vec::new()),
        _ => (talk.counts(), Vec::new()),
    };
    Some(Card {
        id: CardId::new(region, kind),
        kind,
        title: kind.title().to_owned(),
        facts,
        names,
        guard: guard(landscape, kind, ids),
    })
}

/// What is counted, by the end of the type's name.
const NOUNS: &[(&str, &str)] = &[
    ("AWS::CloudWatch::Alarm", "alarm"),
    ("AWS::CloudWatch::CompositeAlarm", "composite alarm"),
    ("AWS::CloudWatch::Dashboard", "dashboard"),
    ("AWS::SNS::Topic", "topic"),
    ("AWS::Lambda::Function", "function"),
    ("AWS::Events::Rule", "rule"),
    ("AWS::SSM::Parameter", "parameter"),
    ("AWS::CertificateManager::Certificate", "certificate"),
    ("AWS::Logs::LogGroup", "log group"),
    ("AWS::Budgets::Budget", "budget"),
    ("AWS::IAM::OIDCProvider", "identity provider"),
    ("AWS::S3::Bucket", "bucket"),
    ("AWS::Backup::BackupPlan", "plan"),
    ("AWS::Backup::BackupVault", "vault"),
    ("AWS::DynamoDB::GlobalTable", "table"),
    ("AWS::SecretsManager::Secret", "secret"),
    ("AWS::SQS::Queue", "queue"),
    ("AWS::KMS::Key", "key"),
    ("AWS::KMS::ReplicaKey", "replica key"),
    ("AWS::ECR::Repository", "repository"),
    ("AWS::ECR::RepositoryCreationTemplate", "creation template"),
    ("AWS::Cognito::UserPool", "user pool"),
    ("AWS::SES::EmailIdentity", "sending identity"),
    ("AWS::SES::ConfigurationSet", "configuration set"),
    ("AWS::DAX::Cluster", "cluster"),
];

/// The resources of one card.
struct Talk<'a> {
    landscape: &'a Landscape<'a>,
    region: &'a str,
    ids: &'a [Id],
}

impl Talk<'_> {
    fn number(&self, resource_type: &str) -> usize {
        self.ids.iter().filter(|id| self.landscape.resource_type(**id) == resource_type).count()
    }

    fn of_type(&self, resource_type: &str) -> impl Iterator<Item = Id> {
        self.ids.iter().copied().filter(move |id| self.landscape.resource_type(*id) == resource_type)
    }

    /// A line for each type.
    fn counts(&self) -> Vec<String> {
        let counted = NOUNS.iter().map(|(resource_type, noun)| (self.number(resource_type), noun));
        counted.filter(|(number, _)| 0 < *number).map(|(number, noun)| count(number, noun)).collect()
    }

    fn names(&self, wanted: impl Fn(&str) -> bool) -> Vec<String> {
        let mut names = Vec::new();
        for id in self.ids {
            let Some(item) = self.landscape.item(*id) else { continue };
            if wanted(self.landscape.resource_type(*id)) {
                let name = self.landscape.physical_name(*id).map(|name| short(&name, &item.stack.name));
                names.push(name.unwrap_or_else(|| spoken(self.landscape.path(*id))));
            }
        }
        names.sort();
        names.dedup();
        names
    }

    fn text(&self, id: Id, path: &[&str]) -> Option<String> {
        self.landscape.text_at(id, path).filter(|text| !text.contains(crate::landscape::UNKNOWN))
    }

    fn names_and_checks(&self) -> Vec<String> {
        let zones: BTreeSet<String> =
            self.of_type("AWS::Route53::HostedZone").filter_map(|id| self.text(id, &["Name"])).collect();
        let mut facts: Vec<String> = zones.iter().map(|zone| zone.trim_end_matches('.').to_owned()).collect();
        let records = self.number("AWS::Route53::RecordSet");
        let checks = self.number("AWS::Route53::HealthCheck");
        let failover = self.of_type("AWS::Route53::RecordSet").filter(|id| self.text(*id, &["Failover"]).is_some());
        let failover = failover.count();
        let mut counted: Vec<String> = Vec::new();
        counted.extend((0 < records).then(|| count(records, "record")));
        counted.extend((0 < failover).then(|| format!("{failover} of them for a fail-over")));
        counted.extend((0 < checks).then(|| count(checks, "health check")));
        facts.push(counted.join(", "));
        facts.retain(|fact| !fact.is_empty());
        facts
    }

    fn delivery(&self) -> (Vec<String>, Vec<String>) {
        let mut facts = Vec::new();
        for id in self.ids {
            let aliases = self.landscape.list(*id, &["DistributionConfig", "Aliases"]);
            let item = self.landscape.item(*id);
            facts.extend(aliases.iter().filter_map(|alias| self.landscape.text(item?.stack, alias)));
        }
        let origins: usize = self.ids.iter().map(|id| presence::origins(self.landscape, *id).len()).sum();
        facts.push(match origins {
            0 | 1 => "serves the site".to_owned(),
            _ => format!("serves the site from {origins} origins"),
        });
        (facts, Vec::new())
    }

    fn door(&self) -> Vec<String> {
        let names: Vec<String> =
            self.of_type("AWS::ApiGateway::DomainName").filter_map(|id| self.text(id, &["DomainName"])).collect();
        // A region's own name, below the one that everybody uses, is for whoever watches it.
        let is_below = |name: &String| names.iter().any(|other| name.ends_with(&format!(".{other}")));
        let mut facts: Vec<String> = names.iter().filter(|name| !is_below(name)).cloned().collect();
        let mut routes = 0;
        for id in self.of_type("AWS::ApiGateway::RestApi") {
            let paths = self.landscape.property(id, &["Body", "paths"]).as_object();
            let methods = paths.into_iter().flat_map(|paths| paths.values()).filter_map(Json::as_object);
            let is_method = |name: &&String| ["get", "put", "post", "delete", "patch"].contains(&name.as_str());
            routes += methods.map(|methods| methods.keys().filter(is_method).count()).sum::<usize>();
        }
        facts.extend((0 < routes).then(|| format!("REST, {}", count(routes, "route"))));
        facts
    }

    fn identity(&self) -> (Vec<String>, Vec<String>) {
        let pools = self.of_type("AWS::Cognito::UserPool").count();
        (vec![format!("{} of this region", count(pools, "user pool"))], self.names(|_| true))
    }

    fn tables(&self) -> String {
        let replicated = self.ids.iter().any(|id| !super::replicas::regions(self.landscape, *id).is_empty());
        let own = self.ids.iter().filter(|id| self.landscape.region(**id) == self.region).count();
        match (replicated, own) {
            (true, 0) => format!("{}, replicas", count(self.ids.len(), "global table")),
            (true, _) => count(self.ids.len(), "global table"),
            (false, _) => count(self.ids.len(), "table"),
        }
    }

    fn with_copies(&self, noun: &str) -> String {
        let own = self.ids.iter().filter(|id| self.landscape.region(**id) == self.region).count();
        match own {
            0 => format!("{}, replicas", count(self.ids.len(), noun)),
            _ => count(self.ids.len(), noun),
        }
    }

    fn keys(&self) -> String {
        let multi = self
            .of_type("AWS::KMS::Key")
            .filter(|id| self.landscape.property(*id, &["MultiRegion"]) == &Json::Bool(true));
        let multi = multi.count();
        let replicas = self.number("AWS::KMS::ReplicaKey");
        let all = count(self.ids.len(), "key");
        match (multi, replicas) {
            (0, 0) => all,
            (0, replicas) => format!("{all}, {}", count(replicas, "replica")),
            (multi, _) => format!("{all}, {multi} multi-Region"),
        }
    }

    fn images(&self) -> (Vec<String>, Vec<String>) {
        let repositories: Vec<String> =
            self.of_type("AWS::ECR::Repository").filter_map(|id| self.text(id, &["RepositoryName"])).collect();
        let own = self.of_type("AWS::ECR::Repository").any(|id| self.landscape.region(id) == self.region);
        let fact = if own { count(repositories.len(), "repository") } else { "replicated images".to_owned() };
        (vec![fact], repositories)
    }

    /// Dead letters are what another queue's redrive policy names, or a function as its place for calls that failed.
    fn queues(&self) -> Vec<String> {
        let dead = |id: &Id| {
            let queues = self.of_type("AWS::SQS::Queue");
            queues.into_iter().any(|queue| {
                queue != *id
                    && self.landscape.targets(queue, self.landscape.property(queue, &["RedrivePolicy"])).contains(id)
            })
        };
        let of_function = |id: &Id| {
            let functions = self.landscape.of_type("AWS::Lambda::Function");
            functions.into_iter().any(|function| {
                let place = self.landscape.property(function, &["DeadLetterConfig"]);
                self.landscape.targets(function, place).contains(id)
            })
        };
        let dead = |id: &Id| dead(id) || of_function(id);
        let is_fifo = |id: &Id| self.landscape.property(*id, &["FifoQueue"]) == &Json::Bool(true);
        let fifo = self.ids.iter().filter(|id| is_fifo(id) && !dead(id)).count();
        let dead_letters = self.ids.iter().filter(|id| dead(id)).count();
        let others = self.ids.len() - fifo - dead_letters;
        let mut facts = Vec::new();
        facts.extend((0 < fifo).then(|| count(fifo, "FIFO queue")));
        facts.extend((0 < dead_letters).then(|| format!("{dead_letters} for dead letters")));
        facts.extend(
            (0 < others).then(|| if facts.is_empty() { count(others, "queue") } else { format!("{others} more") }),
        );
        facts
    }

    fn mail(&self) -> Vec<String> {
        let identities = self.of_type("AWS::SES::EmailIdentity").filter_map(|id| self.text(id, &["EmailIdentity"]));
        let mut facts: Vec<String> = identities.collect();
        facts.sort();
        facts.push("signed mail to members".to_owned());
        facts
    }
}

/// The web ACL in front of what these resources serve, or will.
fn guard(landscape: &Landscape<'_>, kind: Kind, ids: &[Id]) -> Option<String> {
    let acls: BTreeSet<Id> = match kind {
        Kind::Delivery => {
            let refers = |id: &Id| landscape.targets_of_type(*id, &["DistributionConfig", "WebACLId"], ACL);
            ids.iter().flat_map(refers).collect()
        }
        Kind::Door => {
            let associations = landscape.of_type("AWS::WAFv2::WebACLAssociation");
            let guarded = |id: &Id| {
                let what = landscape.targets(*id, landscape.property(*id, &["ResourceArn"]));
                let regions: BTreeSet<&str> = ids.iter().map(|id| landscape.region(*id)).collect();
                what.iter().any(|id| {
                    landscape.resource_type(*id).starts_with("AWS::ApiGateway::")
                        && regions.contains(landscape.region(*id))
                })
            };
            let guarding = associations.into_iter().filter(guarded);
            let at_work: BTreeSet<Id> =
                guarding.flat_map(|id| landscape.targets_of_type(id, &["WebACLArn"], ACL)).collect();
            if at_work.is_empty() { ready(landscape, ids) } else { at_work }
        }
        _ => BTreeSet::new(),
    };
    let rules: usize = acls.iter().map(|id| landscape.list(*id, &["Rules"]).len()).sum();
    (!acls.is_empty()).then(|| format!("WAF, {}", count(rules, "rule")))
}

/// Firewalls for what will stand behind a name that is there already: of a stand-in that does not serve yet.
fn ready(landscape: &Landscape<'_>, ids: &[Id]) -> BTreeSet<Id> {
    let regions: BTreeSet<&str> = ids.iter().map(|id| landscape.region(*id)).collect();
    let serves = ids.iter().any(|id| landscape.resource_type(*id) == "AWS::ApiGateway::RestApi");
    let mut acls: BTreeSet<Id> = landscape.of_type(ACL).into_iter().collect();
    acls.retain(|id| {
        !serves
            && regions.contains(landscape.region(*id))
            && landscape.property(*id, &["Scope"]) == &Json::String("REGIONAL".to_owned())
    });
    acls
}

const ACL: &str = "AWS::WAFv2::WebACL";
