//! What a bill can name: the things that have a price, and the services under which they are printed.

use serde::Serialize;
use std::fmt;

/// One line a service: its variant, its id in JSON and on screens, its title, and in which regions it is billed.
macro_rules! services {
    ($($variant:ident, $id:literal, $title:literal, $everywhere:literal;)+) => {
        /// A service, under which lines are printed.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Service {
            $($variant,)+
        }

        impl Service {
            /// In the order of every listing.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// Id, title, and whether it is billed once for all regions.
            const fn facts(self) -> (&'static str, &'static str, bool) {
                match self {
                    $(Self::$variant => ($id, $title, $everywhere),)+
                }
            }
        }
    };
}

services! {
    ApiGateway, "api-gateway", "API Gateway", false;
    DynamoDb, "dynamodb", "DynamoDB", false;
    Dax, "dax", "DynamoDB Accelerator", false;
    NatGateway, "nat-gateway", "NAT gateways", false;
    InterfaceEndpoint, "interface-endpoint", "Interface endpoints", false;
    Sqs, "sqs", "SQS", false;
    CloudWatch, "cloudwatch", "CloudWatch", false;
    SecretsManager, "secrets-manager", "Secrets Manager", false;
    Cognito, "cognito", "Cognito", false;
    Ecr, "ecr", "ECR", false;
    Waf, "waf", "WAF", false;
    Fargate, "fargate", "Fargate", false;
    Route53, "route-53", "Route 53", true;
    LoadBalancer, "load-balancer", "Application Load Balancer", false;
    Lambda, "lambda", "Lambda", false;
    PublicIpv4, "public-ipv4", "Public IPv4 addresses", false;
    Kms, "kms", "KMS", false;
    Backup, "backup", "Backup", false;
    S3, "s3", "S3", false;
    CloudFront, "cloudfront", "CloudFront", true;
    Sns, "sns", "SNS", false;
    Ses, "ses", "SES", false;
    DataTransfer, "data-transfer", "Data transfer", false;
    Ci, "ci", "CI/CD (GitHub Actions)", true;
}

impl Service {
    #[must_use]
    pub const fn id(self) -> &'static str {
        self.facts().0
    }

    #[must_use]
    pub const fn title(self) -> &'static str {
        self.facts().1
    }

    /// Whether it is billed once for all regions.
    #[must_use]
    pub const fn is_global(self) -> bool {
        self.facts().2
    }
}

impl fmt::Display for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.id())
    }
}

impl Serialize for Service {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.id())
    }
}

/// One line an item: its variant, what follows its service's id in the price book, its service, and its unit.
macro_rules! items {
    ($($variant:ident, $id:literal, $service:ident, $unit:literal;)+) => {
        /// Something that has a price. The price book names it by [`Item::id`].
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Item {
            $($variant,)+
        }

        impl Item {
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// Id, service and unit.
            const fn facts(self) -> (&'static str, Service, &'static str) {
                match self {
                    $(Self::$variant => ($id, Service::$service, $unit),)+
                }
            }
        }
    };
}

items! {
    RestRequest, "api-gateway.rest-request", ApiGateway, "requests";
    HttpRequest, "api-gateway.http-request", ApiGateway, "requests";
    TableWrite, "dynamodb.write-unit", DynamoDb, "write units";
    TableReplicatedWrite, "dynamodb.replicated-write-unit", DynamoDb, "replicated write units";
    TableRead, "dynamodb.read-unit", DynamoDb, "read units";
    TableStorage, "dynamodb.gb-month", DynamoDb, "GB-months";
    TableRecovery, "dynamodb.recovery-gb-month", DynamoDb, "GB-months";
    DaxNode, "dax.node-hour", Dax, "node-hours";
    NatHour, "nat-gateway.hour", NatGateway, "hours";
    NatGb, "nat-gateway.gb", NatGateway, "GB";
    EndpointHour, "interface-endpoint.zone-hour", InterfaceEndpoint, "zone-hours";
    EndpointGb, "interface-endpoint.gb", InterfaceEndpoint, "GB";
    FifoRequest, "sqs.fifo-request", Sqs, "requests";
    StandardRequest, "sqs.standard-request", Sqs, "requests";
    LogGb, "cloudwatch.log-gb", CloudWatch, "GB";
    VendedLogGb, "cloudwatch.vended-log-gb", CloudWatch, "GB";
    LogToS3Gb, "cloudwatch.log-to-s3-gb", CloudWatch, "GB";
    StoredLog, "cloudwatch.stored-log-gb-month", CloudWatch, "GB-months";
    Metric, "cloudwatch.metric-month", CloudWatch, "metrics";
    ContainerMetric, "cloudwatch.container-metric-month", CloudWatch, "metrics";
    AlarmMetric, "cloudwatch.alarm-metric-month", CloudWatch, "alarm metrics";
    CompositeAlarm, "cloudwatch.composite-alarm-month", CloudWatch, "alarms";
    Dashboard, "cloudwatch.dashboard-month", CloudWatch, "dashboards";
    CanaryRun, "cloudwatch.canary-run", CloudWatch, "runs";
    CustomEvent, "cloudwatch.custom-event", CloudWatch, "events";
    SecretMonth, "secrets-manager.secret-month", SecretsManager, "secrets";
    SecretCall, "secrets-manager.call", SecretsManager, "calls";
    Member, "cognito.member", Cognito, "members";
    AdvancedSecurityMember, "cognito.advanced-security-member", Cognito, "members";
    EssentialsMember, "cognito.essentials-member", Cognito, "members";
    PlusMember, "cognito.plus-member", Cognito, "members";
    ImageStorage, "ecr.gb-month", Ecr, "GB-months";
    Acl, "waf.acl-month", Waf, "ACLs";
    AclRule, "waf.rule-month", Waf, "rules";
    AclRequest, "waf.request", Waf, "requests";
    Vcpu, "fargate.vcpu-hour", Fargate, "vCPU-hours";
    TaskGb, "fargate.gb-hour", Fargate, "GB-hours";
    ArmVcpu, "fargate.arm-vcpu-hour", Fargate, "vCPU-hours";
    ArmTaskGb, "fargate.arm-gb-hour", Fargate, "GB-hours";
    SpotVcpu, "fargate.spot-vcpu-hour", Fargate, "vCPU-hours";
    SpotTaskGb, "fargate.spot-gb-hour", Fargate, "GB-hours";
    TaskStorage, "fargate.storage-gb-hour", Fargate, "GB-hours";
    SavingsPlan, "fargate.savings-plan", Fargate, "share of the on-demand price";
    HostedZone, "route-53.zone-month", Route53, "zones";
    DnsQuery, "route-53.query", Route53, "queries";
    HealthCheck, "route-53.check-month", Route53, "checks";
    OtherHealthCheck, "route-53.other-check-month", Route53, "checks";
    HealthCheckOption, "route-53.check-option-month", Route53, "options";
    FirewallDomain, "route-53.firewall-domain-month", Route53, "domains";
    LoadBalancerHour, "load-balancer.hour", LoadBalancer, "hours";
    LoadBalancerLcu, "load-balancer.lcu-hour", LoadBalancer, "LCU-hours";
    LambdaRequest, "lambda.request", Lambda, "requests";
    LambdaGbSecond, "lambda.gb-second", Lambda, "GB-seconds";
    LambdaArmGbSecond, "lambda.arm-gb-second", Lambda, "GB-seconds";
    AddressInUse, "public-ipv4.in-use-hour", PublicIpv4, "address-hours";
    AddressIdle, "public-ipv4.idle-hour", PublicIpv4, "address-hours";
    Key, "kms.key-month", Kms, "keys";
    KeyRequest, "kms.request", Kms, "requests";
    KeyRotation, "kms.rotation-month", Kms, "rotated keys";
    BackupStorage, "backup.gb-month", Backup, "GB-months";
    BucketStorage, "s3.gb-month", S3, "GB-months";
    BucketWrite, "s3.write", S3, "requests";
    BucketRead, "s3.read", S3, "requests";
    SiteRequest, "cloudfront.request", CloudFront, "requests";
    SiteOut, "cloudfront.out-gb", CloudFront, "GB";
    Notification, "sns.request", Sns, "requests";
    NotificationEmail, "sns.email", Sns, "mails";
    Mail, "ses.mail", Ses, "mails";
    InternetOut, "data-transfer.internet-gb", DataTransfer, "GB";
    RegionOut, "data-transfer.region-gb", DataTransfer, "GB";
    ZoneOut, "data-transfer.zone-gb", DataTransfer, "GB";
    BuildMinute, "ci.minute", Ci, "minutes";
}

impl Item {
    #[must_use]
    pub const fn id(self) -> &'static str {
        self.facts().0
    }

    /// Under which service it is printed.
    #[must_use]
    pub const fn service(self) -> Service {
        self.facts().1
    }

    /// In what it is counted.
    #[must_use]
    pub const fn unit(self) -> &'static str {
        self.facts().2
    }

    #[must_use]
    pub fn by_id(id: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|item| item.id() == id)
    }
}

impl fmt::Display for Item {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.id())
    }
}

impl Serialize for Item {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.id())
    }
}

/// Where prices are that are the same in every region.
pub const GLOBAL: &str = "global";

/// An item where it is bought; what a price book has exactly one price of, in one band or several.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Priced {
    pub item: Item,
    /// What tells several prices of the item apart: a node's type, the region that data goes to, a commitment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub variant: Option<String>,
    /// As AWS calls it, [`GLOBAL`], or `edge-…` for a part of the world.
    pub region: String,
}

impl fmt::Display for Priced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.variant {
            Some(variant) => write!(f, "{} ({variant}) in {}", self.item, self.region),
            None => write!(f, "{} in {}", self.item, self.region),
        }
    }
}
