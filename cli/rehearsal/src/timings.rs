//! How long AWS typically takes to make and remove a resource of each type, in simulated seconds.
//!
//! Only orders of magnitude are meant: they give a rehearsal its rhythm and a plan its estimate, and nothing that rests
//! on them is an AWS figure. Each entry says where it comes from; "estimate" is our own, from operating such resources,
//! and waits for a measurement.

/// Simulated seconds per second by default. The longest chain of a first deploy of production (network, then the load
/// balancer, then services, then the API's VPC link) is about ten minutes of AWS's time, and should be watched for about
/// ten seconds.
pub const DEFAULT_SPEED: f64 = 60.0;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timing {
    pub create_seconds: u32,
    pub delete_seconds: u32,
    pub source: &'static str,
}

impl Timing {
    /// A change in place: a service rolls its tasks as long as it took to start them; most others are soon done.
    pub fn update_seconds(self, resource_type: &str) -> u32 {
        if resource_type == "AWS::ECS::Service" { self.create_seconds } else { self.create_seconds.min(15) }
    }
}

const ESTIMATE: &str = "estimate, 2026-11";
const OTHERS: Timing = Timing { create_seconds: 2, delete_seconds: 2, source: ESTIMATE };

/// Sorted by type.
const TABLE: [(&str, u32, u32, &str); 38] = [
    ("AWS::ApiGateway::Account", 5, 2, ESTIMATE),
    ("AWS::ApiGateway::Deployment", 3, 2, ESTIMATE),
    ("AWS::ApiGateway::DomainName", 60, 20, ESTIMATE),
    ("AWS::ApiGateway::RestApi", 5, 5, ESTIMATE),
    ("AWS::ApiGateway::Stage", 5, 5, ESTIMATE),
    ("AWS::ApiGatewayV2::VpcLink", 180, 60, "CreateVpcLink of API Gateway: 2-4 minutes; V2: a few minutes; 2026-11"),
    ("AWS::ApplicationAutoScaling::ScalableTarget", 5, 5, ESTIMATE),
    ("AWS::CertificateManager::Certificate", 60, 10, ESTIMATE),
    ("AWS::CloudFront::Distribution", 240, 300, ESTIMATE),
    ("AWS::Cognito::UserPool", 5, 5, ESTIMATE),
    ("AWS::Cognito::UserPoolDomain", 60, 30, ESTIMATE),
    ("AWS::DAX::Cluster", 480, 300, ESTIMATE),
    ("AWS::DynamoDB::GlobalTable", 30, 20, ESTIMATE),
    ("AWS::DynamoDB::Table", 15, 15, ESTIMATE),
    ("AWS::EC2::EIP", 15, 5, ESTIMATE),
    ("AWS::EC2::InternetGateway", 15, 5, ESTIMATE),
    ("AWS::EC2::NatGateway", 120, 60, ESTIMATE),
    ("AWS::EC2::RouteTable", 10, 5, ESTIMATE),
    ("AWS::EC2::SecurityGroup", 5, 5, ESTIMATE),
    ("AWS::EC2::Subnet", 5, 5, ESTIMATE),
    ("AWS::EC2::VPC", 10, 5, ESTIMATE),
    ("AWS::EC2::VPCEndpoint", 60, 60, ESTIMATE),
    ("AWS::EC2::VPCGatewayAttachment", 15, 10, ESTIMATE),
    ("AWS::ECS::Cluster", 10, 5, ESTIMATE),
    // Start of the tasks, health checks of the target group, then the steady state.
    ("AWS::ECS::Service", 120, 60, ESTIMATE),
    ("AWS::ECS::TaskDefinition", 2, 2, ESTIMATE),
    ("AWS::ElasticLoadBalancingV2::Listener", 3, 3, ESTIMATE),
    ("AWS::ElasticLoadBalancingV2::LoadBalancer", 150, 30, ESTIMATE),
    ("AWS::ElasticLoadBalancingV2::TargetGroup", 5, 3, ESTIMATE),
    // Waits for the principal to be seen everywhere.
    ("AWS::IAM::ManagedPolicy", 15, 2, ESTIMATE),
    ("AWS::IAM::Role", 20, 3, ESTIMATE),
    ("AWS::KMS::Key", 10, 3, ESTIMATE),
    ("AWS::Lambda::Function", 10, 5, ESTIMATE),
    ("AWS::Route53::HealthCheck", 10, 5, ESTIMATE),
    ("AWS::Route53::HostedZone", 40, 40, ESTIMATE),
    ("AWS::Route53::RecordSet", 60, 60, ESTIMATE),
    ("AWS::S3::Bucket", 20, 5, ESTIMATE),
    ("AWS::WAFv2::WebACL", 10, 5, ESTIMATE),
];

/// The typical durations of a type; two seconds where none is known.
pub fn of(resource_type: &str) -> Timing {
    TABLE.binary_search_by_key(&resource_type, |(name, ..)| name).ok().and_then(|index| TABLE.get(index)).map_or(
        OTHERS,
        |(_, create_seconds, delete_seconds, source)| Timing {
            create_seconds: *create_seconds,
            delete_seconds: *delete_seconds,
            source,
        },
    )
}

/// The types with durations of their own, in order of name.
pub fn listed() -> impl Iterator<Item = &'static str> {
    TABLE.iter().map(|(name, ..)| *name)
}

#[cfg(test)]
mod tests {
    use super::{OTHERS, TABLE, of};

    #[test]
    fn the_table_is_sorted_so_that_every_entry_is_found() {
        for (name, create_seconds, ..) in TABLE {
            assert_eq!(of(name).create_seconds, create_seconds, "{name}");
        }
        assert_eq!(of("AWS::Unheard::Of"), OTHERS);
    }
}
