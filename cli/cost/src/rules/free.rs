//! Types that cost nothing by themselves.

use crate::rules::registry::Verdict;

const FREE: &[(&str, &str)] = &[
    ("AWS::ApiGateway::Account", "a setting"),
    ("AWS::ApiGateway::DomainName", "custom domain names of REST APIs are free"),
    ("AWS::ApiGatewayV2::VpcLink", "VPC links of API Gateway are free; their requests are the API's"),
    ("AWS::Budgets::Budget", "budgets without actions are free"),
    ("AWS::CertificateManager::Certificate", "public certificates that cannot be exported are free"),
    ("AWS::CloudFront::OriginAccessControl", "a setting"),
    ("AWS::CloudFront::ResponseHeadersPolicy", "a setting"),
    ("AWS::Cognito::UserPoolClient", "clients are free; members are counted by the pool"),
    ("AWS::Cognito::UserPoolDomain", "domains of user pools are free"),
    ("AWS::Cognito::UserPoolGroup", "groups are free"),
    ("AWS::Cognito::UserPoolResourceServer", "scopes are free"),
    ("AWS::DAX::ParameterGroup", "a setting"),
    ("AWS::DAX::SubnetGroup", "a setting"),
    ("AWS::EC2::InternetGateway", "internet gateways are free; what leaves is charged as transfer"),
    ("AWS::EC2::Route", "routes are free"),
    ("AWS::EC2::RouteTable", "routes are free"),
    ("AWS::EC2::SecurityGroup", "security groups are free"),
    ("AWS::EC2::SecurityGroupIngress", "security groups are free"),
    ("AWS::EC2::Subnet", "subnets are free"),
    ("AWS::EC2::SubnetRouteTableAssociation", "routes are free"),
    ("AWS::EC2::VPCGatewayAttachment", "internet gateways are free"),
    ("AWS::ECR::RepositoryCreationTemplate", "a setting"),
    ("AWS::ECS::ClusterCapacityProviderAssociations", "a setting"),
    ("AWS::Events::Rule", "events of AWS's own services and schedules are free on the default bus"),
    ("AWS::IAM::ManagedPolicy", "IAM is free"),
    ("AWS::IAM::OIDCProvider", "IAM is free"),
    ("AWS::IAM::Role", "IAM is free"),
    ("AWS::KMS::Alias", "aliases are free; the key is charged"),
    ("AWS::Lambda::Permission", "permissions are free"),
    ("AWS::Logs::ResourcePolicy", "permissions are free"),
    ("AWS::Route53::RecordSet", "records are free up to 10,000 a zone; queries are the zone's"),
    ("AWS::S3::BucketPolicy", "permissions are free"),
    ("AWS::SES::ConfigurationSet", "a setting"),
    ("AWS::SES::ConfigurationSetEventDestination", "events of mails are the topic's messages"),
    ("AWS::SNS::TopicPolicy", "permissions are free"),
    ("AWS::SQS::QueuePolicy", "permissions are free"),
];

const ELSEWHERE: &[(&str, &str)] = &[
    ("AWS::ApiGateway::BasePathMapping", "with the API's requests"),
    ("AWS::ApiGateway::Deployment", "with the API's requests"),
    (
        "AWS::ApplicationAutoScaling::ScalableTarget",
        "with the service's tasks; its alarms are of target tracking and free",
    ),
    (
        "AWS::ApplicationAutoScaling::ScalingPolicy",
        "with the service's tasks; its alarms are of target tracking and free",
    ),
    ("AWS::Backup::BackupPlan", "with the vault that keeps the backups"),
    ("AWS::Backup::BackupSelection", "with the vault that keeps the backups"),
    ("AWS::EC2::FlowLog", "with the log group that it writes to"),
    ("AWS::ECS::TaskDefinition", "with the service that runs it"),
    ("AWS::ElasticLoadBalancingV2::Listener", "with the load balancer's capacity units"),
    ("AWS::ElasticLoadBalancingV2::ListenerRule", "with the load balancer's capacity units"),
    ("AWS::ElasticLoadBalancingV2::TargetGroup", "with the load balancer's capacity units"),
    ("AWS::WAFv2::LoggingConfiguration", "with the log group that it writes to"),
    ("AWS::WAFv2::WebACLAssociation", "with the firewall"),
];

pub(crate) fn verdict(kind: &str) -> Option<Verdict> {
    let find = |list: &'static [(&str, &'static str)]| list.iter().find(|(name, _)| *name == kind).map(|(_, why)| *why);
    find(FREE).map(Verdict::Free).or_else(|| find(ELSEWHERE).map(Verdict::Elsewhere))
}
