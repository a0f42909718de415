//! A small topology that has one of everything a picture can show, in two regions, with a third for a lease.

use como_core::assembly::{Assembly, Binding, StackArtifact};
use como_core::template::{Audience, Output, Parameter, Resource, Template};
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;

const SINGAPORE: &str = "ap-southeast-1";
const SYDNEY: &str = "ap-southeast-2";
const TOKYO: &str = "ap-northeast-1";
const VIRGINIA: &str = "us-east-1";

/// A stack of `resources`; `reads` are parameters bound to `stack.Output`, and every resource has an output of its name.
pub(crate) fn stack(name: &str, region: &str, reads: &[(&str, &str)], resources: &Json) -> StackArtifact {
    let mut template = Template::default();
    for (logical_id, resource) in resources.as_object().expect("resources by logical id") {
        let resource_type = resource["Type"].as_str().expect("a type").to_owned();
        let properties = resource.get("Properties").cloned().unwrap_or_else(|| json!({}));
        template.resources.insert(
            logical_id.clone(),
            Resource {
                resource_type,
                condition: None,
                depends_on: Vec::new(),
                deletion_policy: None,
                update_replace_policy: None,
                metadata: serde_json::Map::new(),
                properties,
            },
        );
        let value = json!({ "Ref": logical_id });
        let output = Output { description: None, condition: None, value, audience: Audience::Stacks };
        template.outputs.insert(logical_id.clone(), output);
    }
    let mut bindings = BTreeMap::new();
    for (parameter, source) in reads {
        let (stack, output) = source.split_once('.').expect("stack.Output");
        template.parameters.insert((*parameter).to_owned(), Parameter::required_string(None));
        bindings.insert((*parameter).to_owned(), Binding { stack: stack.to_owned(), output: output.to_owned() });
    }
    StackArtifact {
        name: name.to_owned(),
        account: "123456789012".to_owned(),
        region: region.to_owned(),
        template,
        dependencies: Vec::new(),
        bindings,
        tags: BTreeMap::new(),
        termination_protection: false,
        shared: false,
        paths: BTreeMap::new(),
    }
}

fn r(resource_type: &str, properties: Json) -> Json {
    json!({ "Type": format!("AWS::{resource_type}"), "Properties": properties })
}

fn reference(name: &str) -> Json {
    json!({ "Ref": name })
}

fn network(name: &str, region: &str, cidr: &str, nats: usize) -> StackArtifact {
    let mut resources = json!({
        "Vpc": r("EC2::VPC", json!({ "CidrBlock": format!("{cidr}.0.0/16") })),
        "Internet": r("EC2::InternetGateway", json!({})),
        "PublicRoutes": r("EC2::RouteTable", json!({ "VpcId": reference("Vpc") })),
        "PublicRoute": r("EC2::Route", json!({ "RouteTableId": reference("PublicRoutes"), "GatewayId": reference("Internet") })),
    });
    for (index, zone) in ["a", "b"].into_iter().enumerate() {
        let zone_name = json!({ "Fn::Sub": format!("${{AWS::Region}}{zone}") });
        let id = |what: &str| format!("{what}{zone}");
        let subnet = |cidr: String| {
            r("EC2::Subnet", json!({ "AvailabilityZone": zone_name, "CidrBlock": cidr, "VpcId": reference("Vpc") }))
        };
        resources[id("Public")] = subnet(format!("{cidr}.{index}.0/24"));
        resources[id("Private")] = subnet(format!("{cidr}.{}.0/20", 16 * (index + 1)));
        resources[id("Association")] = r(
            "EC2::SubnetRouteTableAssociation",
            json!({ "RouteTableId": reference("PublicRoutes"), "SubnetId": reference(&id("Public")) }),
        );
        resources[id("Address")] = r("EC2::EIP", json!({}));
        if index < nats {
            let allocation = json!({ "Fn::GetAtt": [id("Address"), "AllocationId"] });
            resources[id("Nat")] =
                r("EC2::NatGateway", json!({ "AllocationId": allocation, "SubnetId": reference(&id("Public")) }));
        }
    }
    let endpoints = if nats == 0 {
        &["dynamodb", "s3"][..]
    } else {
        &["dynamodb", "s3", "secretsmanager", "ecr.api", "ecr.dkr", "logs", "sqs"]
    };
    for service in endpoints {
        let name = json!({ "Fn::Sub": format!("com.amazonaws.${{AWS::Region}}.{service}") });
        resources[service.replace('.', "")] =
            r("EC2::VPCEndpoint", json!({ "ServiceName": name, "VpcId": reference("Vpc") }));
    }
    stack(name, region, &[], &resources)
}

fn service(environment: &str, region: &str, name: &str, desired: u32) -> StackArtifact {
    let stack_of = |id: &str, output: &str| format!("como-{environment}-{id}.{output}");
    let reads = [
        ("Cluster", stack_of("compute", "Cluster")),
        ("Listener", stack_of("compute", "Listener")),
        ("SubnetA", stack_of("network", "Privatea")),
        ("Configuration", "como-prod-data.Configuration".to_owned()),
        ("Journal", "como-prod-data.Journal".to_owned()),
        ("Token", "como-prod-data.Token0".to_owned()),
        ("Pool", stack_of("identity", "Pool")),
        ("Queue", stack_of("messaging", "Queue")),
        ("Lease1", "como-prod-lease-1.Lease".to_owned()),
        ("Lease2", "como-prod-lease-2.Lease".to_owned()),
        ("Lease3", "como-prod-lease-3.Lease".to_owned()),
    ];
    let reads: Vec<(&str, &str)> = reads.iter().map(|(parameter, source)| (*parameter, source.as_str())).collect();
    let reached: Vec<Json> =
        ["Configuration", "Journal", "Pool", "Queue", "Lease1", "Lease2", "Lease3"].map(reference).to_vec();
    let statement = json!({ "Effect": "Allow", "Action": ["dynamodb:GetItem"], "Resource": reached });
    let mail = json!({ "Fn::Sub": "arn:aws:ses:${AWS::Region}:${AWS::AccountId}:identity/como.example" });
    let sends = json!({ "Effect": "Allow", "Action": ["ses:SendEmail"], "Resource": mail });
    let image = json!({ "Fn::Sub": "${AWS::AccountId}.dkr.ecr.${AWS::Region}.amazonaws.com/como/runtime@sha256:00" });
    let containers =
        json!([{ "Name": name, "Image": image, "Secrets": [{ "Name": "TOKEN", "ValueFrom": reference("Token") }] }]);
    let resources = json!({
        "Role": r("IAM::Role", json!({ "Policies": [{ "PolicyDocument": { "Statement": [statement, sends] } }] })),
        "Definition": r("ECS::TaskDefinition", json!({
            "Cpu": "256", "Memory": "512", "ContainerDefinitions": containers, "TaskRoleArn": { "Fn::GetAtt": ["Role", "Arn"] },
        })),
        "Targets": r("ElasticLoadBalancingV2::TargetGroup", json!({})),
        "Rule": r("ElasticLoadBalancingV2::ListenerRule", json!({
            "ListenerArn": reference("Listener"), "Actions": [{ "TargetGroupArn": reference("Targets") }],
        })),
        "Service": r("ECS::Service", json!({
            "ServiceName": name, "Cluster": reference("Cluster"), "DesiredCount": desired,
            "TaskDefinition": reference("Definition"), "LoadBalancers": [{ "TargetGroupArn": reference("Targets") }],
        })),
        "Scaling": r("ApplicationAutoScaling::ScalableTarget", json!({
            "MaxCapacity": desired + 4, "ResourceId": { "Fn::Sub": "service/x/${Service}" },
        })),
    });
    let mut stack = stack(&format!("como-{environment}-svc-{name}"), region, &reads, &resources);
    if desired == 0 {
        for id in ["Targets", "Rule", "Service", "Scaling"] {
            stack.template.resources.shift_remove(id);
        }
    }
    stack
}

/// What every region has that takes traffic: identity, queue, mail, compute, services, door.
fn serving(environment: &str, region: &str, desired: u32) -> Vec<StackArtifact> {
    let name = |id: &str| format!("como-{environment}-{id}");
    let network = name("network");
    let subnet = format!("{network}.Privatea");
    let mut compute = json!({
        "Cluster": r("ECS::Cluster", json!({ "ClusterName": name("compute") })),
        "Link": r("ApiGatewayV2::VpcLink", json!({ "SubnetIds": [reference("Subnet")] })),
    });
    if 0 < desired {
        compute["Balancer"] = r(
            "ElasticLoadBalancingV2::LoadBalancer",
            json!({ "Scheme": "internal", "Subnets": [reference("Subnet")] }),
        );
        compute["Listener"] = r(
            "ElasticLoadBalancingV2::Listener",
            json!({ "LoadBalancerArn": reference("Balancer"), "Port": 443, "Protocol": "HTTPS" }),
        );
        compute["Cache"] = r("DAX::Cluster", json!({ "ReplicationFactor": 3, "NodeType": "dax.t3.small" }));
    }
    let identity = json!({
        "Pool": r("Cognito::UserPool", json!({ "UserPoolName": name("members") })),
    });
    let messaging = json!({
        "Queue": r("SQS::Queue", json!({ "FifoQueue": true, "RedrivePolicy": { "deadLetterTargetArn": { "Fn::GetAtt": ["Dead", "Arn"] } } })),
        "Dead": r("SQS::Queue", json!({ "FifoQueue": true })),
        "Mail": r("SES::EmailIdentity", json!({ "EmailIdentity": "como.example" })),
    });
    let integration = json!({ "connectionId": reference("Link"), "integrationTarget": reference("Balancer"), "providerARNs": [reference("Pool")] });
    let api = json!({
        "Api": r("ApiGateway::RestApi", json!({ "Body": { "paths": { "/v1/login": { "post": integration }, "/v1/me": { "get": {} } } } })),
        "Domain": r("ApiGateway::DomainName", json!({ "DomainName": "api.como.example" })),
        "Stage": r("ApiGateway::Stage", json!({ "RestApiId": reference("Api") })),
        "Acl": r("WAFv2::WebACL", json!({ "Scope": "REGIONAL", "Rules": [1, 2, 3, 4, 5, 6, 7] })),
        "Guard": r("WAFv2::WebACLAssociation", json!({ "ResourceArn": reference("Stage"), "WebACLArn": { "Fn::GetAtt": ["Acl", "Arn"] } })),
    });
    let mut alarms = json!({
        "Topic": r("SNS::Topic", json!({ "TopicName": name("alarms") })),
        "Dashboard": r("CloudWatch::Dashboard", json!({})),
        "Budget": r("Budgets::Budget", json!({})),
        "Certificate": r("CertificateManager::Certificate", json!({ "DomainName": "api.como.example" })),
        "Deploy": r("Lambda::Function", json!({ "FunctionName": name("deploy") })),
        "Push": r("Events::Rule", json!({ "Targets": [{ "Arn": { "Fn::GetAtt": ["Deploy", "Arn"] } }] })),
        "Mode": r("SSM::Parameter", json!({ "Name": "/como/dr/mode" })),
        "Trust": r("IAM::OIDCProvider", json!({ "Url": "https://token.actions.githubusercontent.com" })),
        "Log": r("Logs::LogGroup", json!({})),
        "Vault": r("Backup::BackupVault", json!({ "BackupVaultName": name("vault") })),
    });
    for number in 0..12 {
        alarms[format!("Alarm{number}")] = r("CloudWatch::Alarm", json!({ "AlarmActions": [reference("Topic")] }));
    }
    let api_reads = [
        ("Link", format!("{}.Link", name("compute"))),
        ("Balancer", format!("{}.Balancer", name("compute"))),
        ("Pool", format!("{}.Pool", name("identity"))),
    ];
    let api_reads: Vec<(&str, &str)> =
        api_reads.iter().map(|(parameter, source)| (*parameter, source.as_str())).collect();
    let mut stacks = vec![
        stack(&name("identity"), region, &[], &identity),
        stack(&name("messaging"), region, &[], &messaging),
        stack(&name("compute"), region, &[("Subnet", subnet.as_str())], &compute),
        stack(&name("api"), region, &api_reads, &api),
        stack(&name("observability"), region, &[], &alarms),
    ];
    stacks.extend(
        ["accounts", "experiences", "bookings", "redemptions"].map(|it| service(environment, region, it, desired)),
    );
    stacks
}

fn data() -> StackArtifact {
    let replicas = json!([{ "Region": SINGAPORE }, { "Region": SYDNEY }]);
    let mut data = json!({ "Key": r("KMS::Key", json!({ "MultiRegion": true })), "LogKey": r("KMS::Key", json!({})) });
    for name in ["Configuration", "Journal", "Idempotency", "Sessions", "WebhookEvents", "ManualActions"] {
        data[name] = r(
            "DynamoDB::GlobalTable",
            json!({ "TableName": format!("como-prod-{}", name.to_lowercase()), "Replicas": replicas }),
        );
    }
    for number in 0..12 {
        data[format!("Token{number}")] = r(
            "SecretsManager::Secret",
            json!({ "Name": format!("como/prod/partner-{number}"), "ReplicaRegions": [{ "Region": SYDNEY }] }),
        );
    }
    stack("como-prod-data", SINGAPORE, &[], &data)
}

fn lease(number: u32, region: &str) -> StackArtifact {
    let table = json!({ "TableName": "como-prod-lease", "Replicas": [{ "Region": region }] });
    let name = format!("como-prod-lease-{number}");
    stack(&name, region, &[], &json!({ "Lease": r("DynamoDB::GlobalTable", table) }))
}

/// Production with everything around it.
pub(crate) fn production() -> Assembly {
    let registry = json!({
        "Repository": r("ECR::Repository", json!({ "RepositoryName": "como/runtime" })),
        "Replication": r("ECR::ReplicationConfiguration", json!({
            "ReplicationConfiguration": { "Rules": [{ "Destinations": [{ "Region": SYDNEY }] }] },
        })),
    });
    let key = json!({ "Replica": r("KMS::ReplicaKey", json!({ "PrimaryKeyArn": reference("Primary") })) });
    let origin = |id: &str, bucket: &str| json!({ "Id": id, "DomainName": reference(bucket) });
    let edge = json!({
        "Acl": r("WAFv2::WebACL", json!({ "Scope": "CLOUDFRONT", "Rules": [1, 2, 3, 4, 5, 6, 7] })),
        "Certificate": r("CertificateManager::Certificate", json!({ "DomainName": "como.example" })),
        "Distribution": r("CloudFront::Distribution", json!({ "DistributionConfig": {
            "Aliases": ["como.example"], "WebACLId": { "Fn::GetAtt": ["Acl", "Arn"] },
            "Origins": [origin("home", "SiteHome"), origin("recovery", "SiteRecovery")],
            "OriginGroups": { "Items": [{ "Members": { "Items": [{ "OriginId": "home" }, { "OriginId": "recovery" }] } }] },
        } })),
    });
    let records = json!({
        "Zone": r("Route53::HostedZone", json!({ "Name": "como.example" })),
        "Check": r("Route53::HealthCheck", json!({})),
        "Api": r("Route53::RecordSet", json!({ "Failover": "PRIMARY", "AliasTarget": { "DNSName": reference("Domain") } })),
        "Site": r("Route53::RecordSet", json!({ "AliasTarget": { "DNSName": reference("Distribution") } })),
    });
    let bucket = |name: &str| json!({ "Bucket": r("S3::Bucket", json!({ "BucketName": name })) });
    let mut stacks = vec![
        network("como-prod-network", SINGAPORE, "10.20", 2),
        data(),
        stack("como-shared-registry", SINGAPORE, &[], &registry),
        stack("como-prod-keys-recovery", SYDNEY, &[("Primary", "como-prod-data.Key")], &key),
        stack("como-prod-site", SINGAPORE, &[], &bucket("como-prod-site")),
        stack("como-prod-site-recovery", SYDNEY, &[], &bucket("como-prod-site-recovery")),
        stack(
            "como-prod-edge",
            VIRGINIA,
            &[("SiteHome", "como-prod-site.Bucket"), ("SiteRecovery", "como-prod-site-recovery.Bucket")],
            &edge,
        ),
        stack(
            "como-prod-records",
            VIRGINIA,
            &[("Domain", "como-prod-api.Domain"), ("Distribution", "como-prod-edge.Distribution")],
            &records,
        ),
        lease(1, SINGAPORE),
        lease(2, SYDNEY),
        lease(3, TOKYO),
    ];
    stacks.extend(serving("prod", SINGAPORE, 2));
    Assembly { stacks, deployed: Vec::new() }
}

/// The region that recovers production; `tasks` says whether its services run already.
pub(crate) fn recovery(tasks: u32) -> Assembly {
    let records = json!({
        "Api": r("Route53::RecordSet", json!({ "Failover": "SECONDARY", "AliasTarget": { "DNSName": reference("Domain") } })),
    });
    let nats = if tasks == 0 { 0 } else { 2 };
    let mut stacks = vec![
        network("como-sydney-network", SYDNEY, "10.30", nats),
        stack("como-sydney-records", VIRGINIA, &[("Domain", "como-sydney-api.Domain")], &records),
    ];
    stacks.extend(serving("sydney", SYDNEY, tasks));
    Assembly { stacks, deployed: Vec::new() }
}
