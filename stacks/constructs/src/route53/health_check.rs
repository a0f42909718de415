//! What Route 53 goes by when it chooses between two answers.

use como_core::resource::Handle;
use como_core::stack::Scope;
use como_core::value::Value;
use como_resources::route53::health_check::{AlarmIdentifierRegion, HealthCheckConfigRegion};
use como_resources::route53::{self, health_check};

/// Something that is healthy or not; Route 53's data plane looks at it in all regions, without its control plane.
#[derive(Debug, Clone)]
pub struct HealthCheck {
    handle: Handle<route53::HealthCheck>,
}

#[derive(Debug)]
pub struct ProbeProps {
    pub host: String,
    /// With its slash.
    pub path: String,
    /// For people, in the console.
    pub name: String,
    /// Who asks; Route 53 takes three regions at least. Without a choice there would be many times as many requests.
    /// <https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/health-checks-creating-values.html>
    pub checkers: [Checkers; 3],
}

/// Regions with checkers of Route 53, as far as they are asked here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Checkers {
    Ireland,
    Oregon,
    Tokyo,
}

impl Checkers {
    const fn region(self) -> HealthCheckConfigRegion {
        match self {
            Self::Ireland => HealthCheckConfigRegion::EuWest1,
            Self::Oregon => HealthCheckConfigRegion::UsWest2,
            Self::Tokyo => HealthCheckConfigRegion::ApNortheast1,
        }
    }
}

/// Seconds between two looks of one of the checkers; ten would cost more.
const INTERVAL_SECONDS: i64 = 30;
/// Looks that have to fail in a row.
const FAILURES: i64 = 3;

/// A region as Route 53 names it; `None` for one that it does not know.
#[must_use]
pub fn alarm_region(name: &str) -> Option<AlarmIdentifierRegion> {
    REGIONS.into_iter().find(|region| region.as_str() == name)
}

impl HealthCheck {
    /// Unhealthy while an alarm of another region rings, so that region's own data plane moves the traffic: nobody has to
    /// change a record. Without data it stays what it was.
    ///
    /// Route 53 reads the alarm's metric itself, so it has to be a plain one: one metric, one period, all points.
    /// <https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/health-checks-creating-values.html>
    pub fn of_alarm(
        scope: &mut Scope<'_>,
        id: &str,
        name: &str,
        alarm_name: Value<String>,
        region: AlarmIdentifierRegion,
    ) -> Self {
        let config = health_check::HealthCheckConfig {
            alarm_identifier: Some(health_check::AlarmIdentifier::new(alarm_name, region)),
            insufficient_data_health_status: Some(health_check::InsufficientDataHealthStatus::LastKnownStatus.into()),
            ..health_check::HealthCheckConfig::new(health_check::Type::CloudwatchMetric)
        };
        Self::add(scope, id, name, config)
    }

    /// Healthy while an address answers 2xx or 3xx over TLS, asked from several places in the world.
    pub fn of_address(scope: &mut Scope<'_>, id: &str, props: &ProbeProps) -> Self {
        let config = health_check::HealthCheckConfig {
            fully_qualified_domain_name: Some(props.host.as_str().into()),
            port: Some(443.into()),
            resource_path: Some(props.path.as_str().into()),
            enable_sni: Some(true.into()),
            request_interval: Some(INTERVAL_SECONDS.into()),
            failure_threshold: Some(FAILURES.into()),
            regions: Some(props.checkers.map(|checkers| checkers.region().into()).to_vec().into()),
            ..health_check::HealthCheckConfig::new(health_check::Type::Https)
        };
        Self::add(scope, id, &props.name, config)
    }

    fn add(scope: &mut Scope<'_>, id: &str, name: &str, config: health_check::HealthCheckConfig) -> Self {
        let handle = scope.add(
            id,
            route53::HealthCheck {
                health_check_tags: Some(vec![health_check::HealthCheckTag::new("Name", name)]),
                ..route53::HealthCheck::new(config)
            },
        );
        Self { handle }
    }

    #[must_use]
    pub fn id(&self) -> Value<String> {
        self.handle.get(route53::HealthCheck::HEALTH_CHECK_ID)
    }
}

/// The regions of the commercial partition.
const REGIONS: [AlarmIdentifierRegion; 34] = [
    AlarmIdentifierRegion::AfSouth1,
    AlarmIdentifierRegion::ApEast1,
    AlarmIdentifierRegion::ApEast2,
    AlarmIdentifierRegion::ApNortheast1,
    AlarmIdentifierRegion::ApNortheast2,
    AlarmIdentifierRegion::ApNortheast3,
    AlarmIdentifierRegion::ApSouth1,
    AlarmIdentifierRegion::ApSouth2,
    AlarmIdentifierRegion::ApSoutheast1,
    AlarmIdentifierRegion::ApSoutheast2,
    AlarmIdentifierRegion::ApSoutheast3,
    AlarmIdentifierRegion::ApSoutheast4,
    AlarmIdentifierRegion::ApSoutheast5,
    AlarmIdentifierRegion::ApSoutheast6,
    AlarmIdentifierRegion::ApSoutheast7,
    AlarmIdentifierRegion::CaCentral1,
    AlarmIdentifierRegion::CaWest1,
    AlarmIdentifierRegion::EuCentral1,
    AlarmIdentifierRegion::EuCentral2,
    AlarmIdentifierRegion::EuNorth1,
    AlarmIdentifierRegion::EuSouth1,
    AlarmIdentifierRegion::EuSouth2,
    AlarmIdentifierRegion::EuWest1,
    AlarmIdentifierRegion::EuWest2,
    AlarmIdentifierRegion::EuWest3,
    AlarmIdentifierRegion::IlCentral1,
    AlarmIdentifierRegion::MeCentral1,
    AlarmIdentifierRegion::MeSouth1,
    AlarmIdentifierRegion::MxCentral1,
    AlarmIdentifierRegion::SaEast1,
    AlarmIdentifierRegion::UsEast1,
    AlarmIdentifierRegion::UsEast2,
    AlarmIdentifierRegion::UsWest1,
    AlarmIdentifierRegion::UsWest2,
];
