//! The second half of the catalogue: what stands around the tasks (doors, images, mail, alarms, backups, budgets).
//! Patterns and source as in [`super::catalogue`].

use super::catalogue::Shape::{Number, Text};
use super::catalogue::{Entry, entry_of};

/// The hosted zones of regional API Gateway domains are in `{apizone}`; that of CloudFront is the same everywhere.
const CLOUDFRONT_ZONE: &str = "Z2FDTNDATAQYW2";

pub(super) const ENTRIES: &[Entry] = &[
    entry_of("AWS::ApiGateway::BasePathMapping", "{prop:DomainName}|{prop:BasePath}", &[]),
    entry_of(
        "AWS::ApiGateway::DomainName",
        "{prop:DomainName}",
        &[
            ("DistributionDomainName", Text("d{letters:13}.cloudfront.net")),
            ("DistributionHostedZoneId", Text(CLOUDFRONT_ZONE)),
            ("DomainNameArn", Text("arn:aws:apigateway:{region}::/domainnames/{ref}")),
            ("RegionalDomainName", Text("d-{letters:10}.execute-api.{region}.amazonaws.com")),
            ("RegionalHostedZoneId", Text("{apizone}")),
        ],
    ),
    entry_of(
        "AWS::Backup::BackupPlan",
        "{uuid}",
        &[
            ("BackupPlanArn", Text("arn:aws:backup:{region}:{account}:backup-plan:{ref}")),
            ("BackupPlanId", Text("{ref}")),
            ("VersionId", Text("{mixed:48}")),
        ],
    ),
    entry_of(
        "AWS::Backup::BackupSelection",
        "{uuid}_{prop:BackupPlanId}",
        &[("Id", Text("{ref}")), ("SelectionId", Text("{uuid}"))],
    ),
    entry_of(
        "AWS::Backup::BackupVault",
        "{prop:BackupVaultName}",
        &[("BackupVaultArn", Text("arn:aws:backup:{region}:{account}:backup-vault:{ref}"))],
    ),
    entry_of("AWS::Budgets::Budget", "{name:Budget.BudgetName}", &[("Id", Text("{ref}"))]),
    entry_of(
        "AWS::CloudFront::Distribution",
        "E{capitals:13}",
        &[("DomainName", Text("d{letters:13}.cloudfront.net")), ("Id", Text("{ref}"))],
    ),
    entry_of("AWS::CloudFront::OriginAccessControl", "E{capitals:13}", &[("Id", Text("{ref}"))]),
    entry_of("AWS::CloudFront::ResponseHeadersPolicy", "{uuid}", &[("Id", Text("{ref}"))]),
    entry_of("AWS::CloudWatch::Dashboard", "{name:DashboardName}", &[]),
    entry_of("AWS::Cognito::UserPoolRegionalConfigurationAttachment", "{prop:UserPoolId}", &[]),
    entry_of("AWS::Cognito::UserPoolReplica", "{prop:UserPoolId}|{prop:RegionName}", &[]),
    entry_of(
        "AWS::DAX::Cluster",
        "{name:ClusterName}",
        &[
            ("Arn", Text("arn:aws:dax:{region}:{account}:cache/{ref}")),
            ("ClusterDiscoveryEndpoint", Text("{ref}.{letters:6}.dax-clusters.{region}.amazonaws.com:8111")),
            ("ClusterDiscoveryEndpointURL", Text("dax://{ref}.{letters:6}.dax-clusters.{region}.amazonaws.com")),
            ("Id", Text("{ref}")),
        ],
    ),
    entry_of("AWS::DAX::ParameterGroup", "{name:ParameterGroupName}", &[]),
    entry_of("AWS::DAX::SubnetGroup", "{name:SubnetGroupName}", &[]),
    entry_of("AWS::ECR::RegistryScanningConfiguration", "{account}", &[("RegistryId", Text("{account}"))]),
    entry_of("AWS::ECR::ReplicationConfiguration", "{account}", &[("RegistryId", Text("{account}"))]),
    entry_of("AWS::ECR::RepositoryCreationTemplate", "{prop:Prefix}", &[]),
    entry_of("AWS::ECS::ClusterCapacityProviderAssociations", "{prop:Cluster}", &[]),
    entry_of(
        "AWS::Events::Rule",
        "{name:Name}",
        &[("Arn", Text("arn:aws:events:{region}:{account}:rule/{ref}")), ("RuleName", Text("{ref}"))],
    ),
    entry_of("AWS::IAM::OIDCProvider", "arn:aws:iam::{account}:oidc-provider/{host:Url}", &[("Arn", Text("{ref}"))]),
    entry_of(
        "AWS::KMS::ReplicaKey",
        "{tail:PrimaryKeyArn}",
        &[("Arn", Text("arn:aws:kms:{region}:{account}:key/{ref}")), ("KeyId", Text("{ref}"))],
    ),
    entry_of(
        "AWS::Lambda::Function",
        "{name:FunctionName}",
        &[("Arn", Text("arn:aws:lambda:{region}:{account}:function:{ref}"))],
    ),
    entry_of("AWS::Lambda::Permission", "{generated}", &[("Id", Text("{ref}"))]),
    entry_of("AWS::S3::BucketPolicy", "{prop:Bucket}", &[]),
    entry_of("AWS::SES::ConfigurationSet", "{name:Name}", &[]),
    entry_of(
        "AWS::SES::ConfigurationSetEventDestination",
        "{prop:ConfigurationSetName}|{name:EventDestination.Name}",
        &[("Id", Text("{ref}"))],
    ),
    entry_of(
        "AWS::SES::EmailIdentity",
        "{prop:EmailIdentity}",
        &[
            ("DkimDNSTokenName1", Text("{letters:32:1}._domainkey.{ref}")),
            ("DkimDNSTokenName2", Text("{letters:32:2}._domainkey.{ref}")),
            ("DkimDNSTokenName3", Text("{letters:32:3}._domainkey.{ref}")),
            ("DkimDNSTokenValue1", Text("{letters:32:1}.dkim.amazonses.com")),
            ("DkimDNSTokenValue2", Text("{letters:32:2}.dkim.amazonses.com")),
            ("DkimDNSTokenValue3", Text("{letters:32:3}.dkim.amazonses.com")),
        ],
    ),
    entry_of(
        "AWS::SNS::Topic",
        "arn:aws:sns:{region}:{account}:{name:TopicName}",
        &[("TopicArn", Text("{ref}")), ("TopicName", Text("{name:TopicName}"))],
    ),
    entry_of("AWS::SNS::TopicPolicy", "{generated}", &[("Id", Text("{ref}"))]),
    entry_of("AWS::SQS::QueuePolicy", "{generated}", &[("Id", Text("{ref}"))]),
    entry_of(
        "AWS::Synthetics::Canary",
        "{prop:Name}",
        &[
            ("Code.SourceLocationArn", Text("arn:aws:lambda:{region}:{account}:layer:cwsyn-{ref}-{uuid}:1")),
            ("Id", Text("{uuid}")),
            ("State", Text("RUNNING")),
        ],
    ),
    entry_of("AWS::WAFv2::LoggingConfiguration", "{prop:ResourceArn}", &[]),
    entry_of(
        "AWS::WAFv2::WebACL",
        "{name:Name}|{uuid}|{prop:Scope}",
        &[
            ("Arn", Text("arn:aws:wafv2:{region}:{account}:{webscope}/webacl/{name:Name}/{uuid}")),
            // What the rules would cost is not worked out.
            ("Capacity", Number(1)),
            ("Id", Text("{uuid}")),
            ("LabelNamespace", Text("awswaf:{account}:webacl:{name:Name}:")),
        ],
    ),
    entry_of("AWS::WAFv2::WebACLAssociation", "{prop:ResourceArn}|{prop:WebACLArn}", &[]),
];
