//! How `Ref` and `Fn::GetAtt` look for the types that need no data plane. Patterns as in [`super::identifiers`].
//!
//! Source: the "Return values" section of each type's page in the CloudFormation user guide; attributes not listed here
//! get a value from the schema's facts.

/// What one type gives.
pub(crate) struct Entry {
    pub(crate) resource_type: &'static str,
    pub(crate) physical_id: &'static str,
    pub(crate) attributes: &'static [(&'static str, Shape)],
}

pub(crate) enum Shape {
    Text(&'static str),
    /// A list of one value.
    One(&'static str),
    Empty,
    Number(u32),
}

use Shape::{Empty, One, Text};

pub(crate) fn entry(resource_type: &str) -> Option<&'static Entry> {
    ENTRIES.iter().chain(super::catalogue_account::ENTRIES).find(|entry| entry.resource_type == resource_type)
}

pub(super) const fn entry_of(
    resource_type: &'static str,
    physical_id: &'static str,
    attributes: &'static [(&'static str, Shape)],
) -> Entry {
    Entry { resource_type, physical_id, attributes }
}

const ENTRIES: &[Entry] = &[
    entry_of(
        "AWS::EC2::VPC",
        "vpc-{hex:17}",
        &[
            ("VpcId", Text("{ref}")),
            ("CidrBlock", Text("{prop:CidrBlock}")),
            ("CidrBlockAssociations", One("vpc-cidr-assoc-{hex:17:cidr}")),
            ("DefaultNetworkAcl", Text("acl-{hex:17:acl}")),
            ("DefaultSecurityGroup", Text("sg-{hex:17:default}")),
            ("Ipv6CidrBlocks", Empty),
        ],
    ),
    entry_of("AWS::EC2::InternetGateway", "igw-{hex:17}", &[("InternetGatewayId", Text("{ref}"))]),
    entry_of("AWS::EC2::VPCGatewayAttachment", "IGW|{prop:VpcId}", &[("AttachmentType", Text("IGW"))]),
    entry_of(
        "AWS::EC2::Subnet",
        "subnet-{hex:17}",
        &[
            ("SubnetId", Text("{ref}")),
            ("AvailabilityZone", Text("{prop:AvailabilityZone}")),
            ("CidrBlock", Text("{prop:CidrBlock}")),
            ("VpcId", Text("{prop:VpcId}")),
            ("NetworkAclAssociationId", Text("aclassoc-{hex:17:acl}")),
            ("Ipv6CidrBlocks", Empty),
            ("OutpostArn", Text("")),
        ],
    ),
    entry_of("AWS::EC2::RouteTable", "rtb-{hex:17}", &[("RouteTableId", Text("{ref}"))]),
    entry_of(
        "AWS::EC2::Route",
        "{prop:RouteTableId}|{prop:DestinationCidrBlock}{prop:DestinationIpv6CidrBlock}{prop:DestinationPrefixListId}",
        &[("CidrBlock", Text("{prop:DestinationCidrBlock}"))],
    ),
    entry_of("AWS::EC2::SubnetRouteTableAssociation", "rtbassoc-{hex:17}", &[("Id", Text("{ref}"))]),
    entry_of("AWS::EC2::EIP", "{ip}", &[("AllocationId", Text("eipalloc-{hex:17}")), ("PublicIp", Text("{ref}"))]),
    entry_of(
        "AWS::EC2::NatGateway",
        "nat-{hex:17}",
        &[("NatGatewayId", Text("{ref}")), ("EniId", Text("eni-{hex:17:eni}"))],
    ),
    entry_of(
        "AWS::EC2::VPCEndpoint",
        "vpce-{hex:17}",
        &[
            ("Id", Text("{ref}")),
            ("CreationTimestamp", Text("2026-01-01T00:00:00Z")),
            ("DnsEntries", One("{letters:14}:{ref}-{letters:8}.vpce.amazonaws.com")),
            ("NetworkInterfaceIds", One("eni-{hex:17:eni}")),
        ],
    ),
    entry_of(
        "AWS::EC2::SecurityGroup",
        "sg-{hex:17}",
        &[("GroupId", Text("{ref}")), ("Id", Text("{ref}")), ("VpcId", Text("{prop:VpcId}"))],
    ),
    entry_of("AWS::EC2::SecurityGroupIngress", "sgr-{hex:17}", &[("Id", Text("{ref}"))]),
    entry_of("AWS::EC2::SecurityGroupEgress", "sgr-{hex:17}", &[("Id", Text("{ref}"))]),
    entry_of("AWS::EC2::FlowLog", "fl-{hex:17}", &[("Id", Text("{ref}"))]),
    entry_of(
        "AWS::Logs::LogGroup",
        "{name:LogGroupName}",
        &[("Arn", Text("arn:aws:logs:{region}:{account}:log-group:{ref}:*"))],
    ),
    entry_of(
        "AWS::IAM::Role",
        "{name:RoleName}",
        &[("Arn", Text("arn:aws:iam::{account}:role{path}{ref}")), ("RoleId", Text("AROA{capitals:17}"))],
    ),
    entry_of("AWS::IAM::Policy", "{letters:5}-{stack}-{capitals:12}", &[("Id", Text("{ref}"))]),
    entry_of(
        "AWS::IAM::ManagedPolicy",
        "arn:aws:iam::{account}:policy{path}{name:ManagedPolicyName}",
        &[("PolicyArn", Text("{ref}")), ("PolicyId", Text("ANPA{capitals:17}"))],
    ),
    entry_of(
        "AWS::KMS::Key",
        "{key}",
        &[("Arn", Text("arn:aws:kms:{region}:{account}:key/{ref}")), ("KeyId", Text("{ref}"))],
    ),
    entry_of("AWS::KMS::Alias", "{prop:AliasName}", &[]),
    entry_of(
        "AWS::ApplicationAutoScaling::ScalableTarget",
        "{prop:ResourceId}|{prop:ScalableDimension}|{prop:ServiceNamespace}",
        &[("Id", Text("{ref}"))],
    ),
    entry_of(
        "AWS::ApplicationAutoScaling::ScalingPolicy",
        "arn:aws:autoscaling:{region}:{account}:scalingPolicy:{uuid}:resource/ecs/{prop:ResourceId}{head:ScalingTargetId}:policyName/{prop:PolicyName}",
        &[("Arn", Text("{ref}"))],
    ),
    entry_of(
        "AWS::CertificateManager::Certificate",
        "arn:aws:acm:{region}:{account}:certificate/{uuid}",
        &[("CertificateArn", Text("{ref}"))],
    ),
    entry_of("AWS::ApiGatewayV2::VpcLink", "{letters:6}", &[("VpcLinkId", Text("{ref}"))]),
    entry_of("AWS::ApiGateway::Account", "{letters:10}", &[("Id", Text("{ref}"))]),
    entry_of(
        "AWS::SQS::Queue",
        "https://sqs.{region}.amazonaws.com/{account}/{name:QueueName}",
        &[
            ("Arn", Text("arn:aws:sqs:{region}:{account}:{name:QueueName}")),
            ("QueueName", Text("{name:QueueName}")),
            ("QueueUrl", Text("{ref}")),
        ],
    ),
    entry_of(
        "AWS::S3::Bucket",
        "{name:BucketName}",
        &[
            ("Arn", Text("arn:aws:s3:::{ref}")),
            ("DomainName", Text("{ref}.s3.amazonaws.com")),
            ("DualStackDomainName", Text("{ref}.s3.dualstack.{region}.amazonaws.com")),
            ("RegionalDomainName", Text("{ref}.s3.{region}.amazonaws.com")),
            ("WebsiteURL", Text("http://{ref}.s3-website-{region}.amazonaws.com")),
        ],
    ),
];
