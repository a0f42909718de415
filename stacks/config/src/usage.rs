//! What an environment is used for: the figures that a price list is multiplied by, where the templates do not say.

use std::collections::BTreeMap;
use std::fmt;

use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::decimal::Amount;
use crate::figure::{Amounts, Figure, FigureDate, FigureOwner, FigureSource};
use crate::log::Log;
use crate::mistake::Code;
use crate::placed::{Field, Placed};
use crate::refusal::Refusal;

/// One line a key: its variant, its name in the file, what lets it grow, its unit, who has it, and what the schema says.
macro_rules! usage_keys {
    ($($variant:ident, $key:ident, $driver:ident, $unit:literal, $holder:ident, $doc:literal;)+) => {
        /// What is used.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum UsageKey {
            $(#[doc = $doc] $variant,)+
        }

        impl UsageKey {
            /// In the order of every listing.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// As the file has it.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => stringify!($key),)+
                }
            }

            /// In what it is counted, for example `GB`.
            #[must_use]
            pub const fn unit(self) -> &'static str {
                match self {
                    $(Self::$variant => $unit,)+
                }
            }

            /// With what it grows.
            #[must_use]
            pub const fn driver(self) -> Driver {
                match self {
                    $(Self::$variant => Driver::$driver,)+
                }
            }

            const fn holder(self) -> Holder {
                match self {
                    $(Self::$variant => Holder::$holder,)+
                }
            }
        }

        /// What the templates do not say and the cost depends on. Amounts are of a month where a key does not say otherwise.
        #[derive(Debug, Deserialize, JsonSchema)]
        #[serde(deny_unknown_fields)]
        #[schemars(rename = "Usage")]
        pub(crate) struct UsageFile {
            // Boxed, or reading them all would take more stack than a thread of a test has.
            $(#[doc = $doc] $key: Option<Box<Placed<FigureFile>>>,)+
        }

        impl UsageFile {
            fn into_figures(self) -> impl Iterator<Item = (UsageKey, Box<Placed<FigureFile>>)> {
                [$((UsageKey::$variant, self.$key)),+].into_iter().filter_map(|(key, figure)| Some((key, figure?)))
            }
        }
    };
}

/// What a figure grows with over the years.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Driver {
    /// As many whatever happens.
    Fixed,
    /// With what members do.
    Requests,
    /// With how many members there are.
    Members,
    /// With what has been kept so far.
    Data,
}

/// Whose file has a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Holder {
    Any,
    /// What was proposed once and no template of today has.
    Proposal,
}

usage_keys! {
    ApiRequestsPerDay, api_requests_per_day, Requests, "requests a day", Any, "Requests to the API, a day.";
    ApiRequests, api_requests, Requests, "requests", Proposal, "Requests to the API, where they are not told by the day.";
    ApiOutGb, api_out_gb, Requests, "GB", Any, "What the API answers, in GB.";
    FirewallRequests, firewall_requests, Requests, "requests", Any, "Requests that the API's firewall looks at.";
    SiteRequests, site_requests, Requests, "requests", Any, "Requests to the site.";
    SiteOutGb, site_out_gb, Requests, "GB", Any, "What the site hands out, in GB.";
    Bookings, bookings, Requests, "bookings", Any, "Bookings and redemptions that are confirmed; costs are divided by them.";
    Members, members, Members, "members", Any, "Members who sign in at least once.";
    AdvancedSecurityMembers, advanced_security_members, Members, "members", Proposal, "Members under Cognito's advanced security, before there were tiers.";
    Mails, mails, Members, "mails", Any, "Mails to members.";
    Notifications, notifications, Fixed, "notifications", Any, "Messages to the people on call.";
    LoadBalancerLcu, load_balancer_lcu, Requests, "LCU", Any, "Capacity units of the load balancer, on average.";
    ExtraTaskHours, extra_task_hours, Requests, "task-hours", Any, "Hours of tasks beyond those that a service starts with: peaks, scaling, deployments.";
    TaskRequestsPerDay, task_requests_per_day, Fixed, "requests a day", Any, "Requests a day that one task bears; more of them need another task.";
    NatGb, nat_gb, Requests, "GB", Any, "What goes through NAT gateways in both directions, in GB.";
    NatOutGb, nat_out_gb, Requests, "GB", Any, "The part of it that leaves for partners, in GB.";
    EndpointGb, endpoint_gb, Requests, "GB", Any, "What goes through interface endpoints, in GB.";
    EndpointZones, endpoint_zones, Fixed, "zones", Proposal, "Zones of an interface endpoint, where it is not as the templates have it.";
    ZoneGb, zone_gb, Requests, "GB", Any, "What goes from one zone to the other, in GB.";
    TableWrites, table_writes, Requests, "write units", Any, "Write request units of all tables, indexes included.";
    TableReads, table_reads, Requests, "read units", Any, "Read request units of all tables.";
    TableGb, table_gb, Data, "GB", Any, "What the tables hold, in GB, in each region that has them.";
    BackupGb, backup_gb, Data, "GB", Any, "What the backups of the tables hold, in GB.";
    ReplicatedGb, replicated_gb, Requests, "GB", Any, "What tables copy to another region, in GB.";
    LeaseWrites, lease_writes, Fixed, "write units", Any, "Write request units of each vote on which region may write.";
    LeaseReads, lease_reads, Fixed, "read units", Any, "Read request units of each such vote.";
    SecretCallsPerDay, secret_calls_per_day, Fixed, "calls a day", Any, "Calls that read secrets, a day.";
    KeyRequests, key_requests, Requests, "requests", Any, "Requests to encryption keys.";
    QueueRequests, queue_requests, Requests, "requests", Any, "Requests to queues, asking an empty one included.";
    BucketGb, bucket_gb, Data, "GB", Any, "What the buckets hold, in GB.";
    BucketWrites, bucket_writes, Requests, "requests", Any, "Requests that write to buckets or list them.";
    BucketReads, bucket_reads, Requests, "requests", Any, "Requests that read from buckets.";
    ImageGb, image_gb, Fixed, "GB", Any, "What the image registry holds, in GB, in each region that has it.";
    ImagePushGb, image_push_gb, Fixed, "GB", Any, "Images that are pushed and copied to the other region, in GB.";
    ImageCopyGb, image_copy_gb, Fixed, "GB", Proposal, "What the copy of the image registry in Sydney holds, in GB.";
    ServiceLogGb, service_log_gb, Requests, "GB", Any, "What the services log, in GB.";
    ApiLogGb, api_log_gb, Requests, "GB", Any, "What API Gateway logs of requests, in GB.";
    FlowLogGb, flow_log_gb, Requests, "GB", Any, "What the network logs of its flows, in GB.";
    FirewallLogGb, firewall_log_gb, Requests, "GB", Any, "What each firewall logs, in GB.";
    DnsLogGb, dns_log_gb, Requests, "GB", Any, "What Route 53 logs of queries, in GB.";
    LogStoredMonths, log_stored_months, Fixed, "months", Proposal, "For how many months logs are kept, where it is not as the templates have it.";
    LogsToS3Gb, logs_to_s3_gb, Requests, "GB", Proposal, "Logs that CloudWatch delivers to S3, in GB.";
    CustomMetrics, custom_metrics, Fixed, "metrics", Any, "Metrics that the services write themselves.";
    ContainerMetrics, container_metrics, Fixed, "metrics", Any, "Metrics that Container Insights writes of cluster, services, tasks and containers.";
    CustomEvents, custom_events, Requests, "events", Proposal, "Events of one's own on EventBridge.";
    DnsQueries, dns_queries, Requests, "queries", Any, "DNS queries that are not of alias records.";
    HealthChecks, health_checks, Fixed, "checks", Proposal, "Health checks of AWS endpoints.";
    DnsFirewallDomains, dns_firewall_domains, Fixed, "domains", Proposal, "Domains in lists of Route 53's DNS firewall.";
    OtherHostedZones, other_hosted_zones, Fixed, "zones", Proposal, "Hosted zones besides the environment's own.";
    LambdaRequests, lambda_requests, Requests, "requests", Any, "Invocations of functions.";
    LambdaGbSeconds, lambda_gb_seconds, Requests, "GB-seconds", Any, "What functions take of memory and time.";
    LambdaInsightsFunctions, lambda_insights_functions, Fixed, "functions", Proposal, "Functions that Lambda Insights watches.";
    LambdaInsightsEventsPerHour, lambda_insights_events_per_hour, Requests, "events an hour", Proposal, "Events that Lambda Insights logs of each function, an hour.";
    BuildMinutes, build_minutes, Fixed, "minutes", Any, "Minutes of GitHub's machines for tests, images and releases.";
    DrillHours, drill_hours, Fixed, "hours", Any, "How long a recovery drill takes, in hours.";
    DrillsPerYear, drills_per_year, Fixed, "drills", Any, "Recovery drills, a year.";
    FailBackGb, fail_back_gb, Data, "GB", Any, "What goes back to the first region after it was away, in GB.";
    RequestsGrowthPercent, requests_growth_percent, Fixed, "% a year", Any, "By how much members' use grows, in per cent a year.";
    MembersGrowthPercent, members_growth_percent, Fixed, "% a year", Any, "By how much the number of members grows, in per cent a year.";
    DataGrowthPercent, data_growth_percent, Fixed, "% a year", Any, "By how much kept data grows, in per cent a year.";
    PriceChangePercent, price_change_percent, Fixed, "% a year", Any, "By how much prices change, in per cent a year.";
}

/// Three amounts of one thing, and where they come from.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Figure")]
pub(crate) struct FigureFile {
    /// No less than this.
    low: Field<Amount>,
    /// What is counted on.
    expected: Field<Amount>,
    /// No more than this.
    high: Field<Amount>,
    /// Who answers for the figure.
    owner: Field<FigureOwner>,
    /// When it was measured, stated or assumed.
    date: Field<FigureDate>,
    /// Where it comes from: a measurement, a document, or an assumption, which says so.
    source: Field<FigureSource>,
}

/// The figures of one environment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Usage {
    figures: BTreeMap<UsageKey, Figure>,
}

impl Usage {
    #[must_use]
    pub fn get(&self, key: UsageKey) -> Option<&Figure> {
        self.figures.get(&key)
    }

    /// In the order of [`UsageKey::ALL`].
    pub fn iter(&self) -> impl Iterator<Item = (UsageKey, &Figure)> {
        self.figures.iter().map(|(key, figure)| (*key, figure))
    }
}

impl fmt::Display for UsageKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl UsageKey {
    /// Growth may be negative, amounts may not.
    const fn may_be_negative(self) -> bool {
        matches!(
            self,
            Self::RequestsGrowthPercent
                | Self::MembersGrowthPercent
                | Self::DataGrowthPercent
                | Self::PriceChangePercent
        )
    }
}

/// Whose usage a file describes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Described {
    Environment,
    Proposal,
}

/// No figures where there is no block; `None` when something is wrong, which is in the log then.
pub(crate) fn usage(file: Option<Placed<UsageFile>>, described: Described, log: &Log) -> Option<Usage> {
    let Some(file) = file else { return Some(Usage::default()) };
    let mut sound = true;
    let mut figures = BTreeMap::new();
    for (key, placed) in file.value?.into_figures() {
        if described == Described::Environment && key.holder() == Holder::Proposal {
            let refusal =
                Refusal::new(format!("only a proposal has `{key}`: the templates say it, or have no such thing"));
            log.add(Code::Conflict, &placed.place, refusal.hint("leave the key out"));
            sound = false;
        }
        match placed.value.and_then(|figure| self::figure(key, figure, log)) {
            Some(figure) => drop(figures.insert(key, figure)),
            None => sound = false,
        }
    }
    sound.then_some(Usage { figures })
}

fn figure(key: UsageKey, file: FigureFile, log: &Log) -> Option<Figure> {
    let FigureFile { low, expected, high, owner, date, source } = file;
    let (low_place, expected_place, high_place) = (low.place.clone(), expected.place.clone(), high.place.clone());
    let (low, expected, high) = (low.take(log), expected.take(log), high.take(log));
    let (owner, date, source) = (owner.take(log), date.take(log), source.take(log));
    let amounts = Amounts { low: low?, expected: expected?, high: high? };
    if amounts.low.get().is_sign_negative() && !amounts.low.get().is_zero() && !key.may_be_negative() {
        let refusal = Refusal::new(format!("nobody uses {} {}", amounts.low, key.unit()));
        log.add(Code::InvalidValue, &low_place, refusal.accepting(["0 or more"]));
        return None;
    }
    let is_wild = |amount: Amount| amount.get() < Decimal::from(-90) || Decimal::from(300) < amount.get();
    if key.may_be_negative() && (is_wild(amounts.low) || is_wild(amounts.high)) {
        let place = if is_wild(amounts.low) { &low_place } else { &high_place };
        let refusal = Refusal::new(format!("{} to {} is no growth in {}", amounts.low, amounts.high, key.unit()));
        log.add(Code::InvalidValue, place, refusal.accepting(["-90 to 300"]));
        return None;
    }
    let wrong_order = |place, refusal: String| {
        let hint = "`low` is never above `expected`, nor that above `high`";
        log.add(Code::Conflict, place, Refusal::new(refusal).hint(hint));
    };
    if amounts.expected < amounts.low {
        wrong_order(
            &expected_place,
            format!("`expected` is {}, less than `low`, which is {}", amounts.expected, amounts.low),
        );
        return None;
    }
    if amounts.high < amounts.expected {
        wrong_order(
            &high_place,
            format!("`high` is {}, less than `expected`, which is {}", amounts.high, amounts.expected),
        );
        return None;
    }
    Some(Figure::new(amounts, owner?, date?, source?))
}
