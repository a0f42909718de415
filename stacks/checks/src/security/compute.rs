//! Clusters, tasks, images, load balancers.

use crate::rule::{Objection, Rule, Severity};
use crate::subject::{Subject, each, get, is_true, shown, text};
use serde_json::Value as Json;

const TASK: &[&str] = &["AWS::ECS::TaskDefinition"];
const SERVICE: &[&str] = &["AWS::ECS::Service"];
const REPOSITORY: &[&str] = &["AWS::ECR::Repository"];
const BALANCER: &[&str] = &["AWS::ElasticLoadBalancingV2::LoadBalancer"];
const LISTENER: &[&str] = &["AWS::ElasticLoadBalancingV2::Listener"];

pub(super) const RULES: &[Rule] = &[
    Rule {
        ids: &["ECS.12", "AwsSolutions-ECS4", "CKV_AWS_65"],
        title: "a cluster has Container Insights",
        severity: Severity::Medium,
        remedy: "set `containerInsights` to `enabled` or `enhanced`",
        types: &["AWS::ECS::Cluster"],
        judge: |cluster| {
            let is_on = |setting: &Json| {
                text(setting, "Name") == Some("containerInsights")
                    && matches!(text(setting, "Value"), Some("enabled" | "enhanced"))
            };
            Subject::expect(
                cluster.list("ClusterSettings").iter().any(is_on),
                "ClusterSettings",
                "Container Insights is off",
            )
        },
    },
    Rule {
        ids: &["ECS.17", "ECS.1"],
        title: "a task has a network interface of its own",
        severity: Severity::High,
        remedy: "set `NetworkMode` to `awsvpc`",
        types: TASK,
        judge: |task| task.expect_one_of("NetworkMode", &["awsvpc"]),
    },
    Rule {
        ids: &["ECS.3"],
        title: "a task does not share the host's processes",
        severity: Severity::High,
        remedy: "leave `PidMode` out",
        types: TASK,
        judge: |task| Subject::expect(task.text("PidMode") != Some("host"), "PidMode", "it is `host`"),
    },
    Rule {
        ids: &["ECS.4"],
        title: "a container is not privileged",
        severity: Severity::High,
        remedy: "set `Privileged` to false",
        types: TASK,
        judge: |task| containers(task, |container| !flag(container, "Privileged"), "it is privileged"),
    },
    Rule {
        ids: &["ECS.20"],
        title: "a container does not run as root",
        severity: Severity::Medium,
        remedy: "set `User` to a number above 0",
        types: TASK,
        judge: |task| {
            let is_somebody = |container: &Json| {
                let user = text(container, "User").unwrap_or("root");
                !matches!(user.split(':').next(), Some("root" | "0" | ""))
            };
            containers(task, is_somebody, "it runs as root")
        },
    },
    Rule {
        ids: &["ECS.5"],
        title: "a container cannot write to its own file system",
        severity: Severity::High,
        remedy: "set `ReadonlyRootFilesystem`, and mount a volume where it has to write",
        types: TASK,
        judge: |task| containers(task, |container| flag(container, "ReadonlyRootFilesystem"), "its root is writable"),
    },
    Rule {
        ids: &["ECS.8", "AwsSolutions-ECS2"],
        title: "a container reads its settings from secrets and parameters",
        severity: Severity::High,
        remedy: "move what is in `Environment` to `Secrets` or `Command`",
        types: TASK,
        judge: |task| containers(task, |container| container.get("Environment").is_none(), "`Environment` is given"),
    },
    Rule {
        ids: &["ECS.9", "AwsSolutions-ECS7"],
        title: "a container writes logs",
        severity: Severity::High,
        remedy: "set `LogConfiguration`",
        types: TASK,
        judge: |task| {
            containers(task, |container| get(container, "LogConfiguration.LogDriver").is_some(), "it logs nowhere")
        },
    },
    Rule {
        ids: &["CKV_AWS_97"],
        title: "a task speaks TLS to its file systems",
        severity: Severity::High,
        remedy: "set `TransitEncryption` of the volume to `ENABLED`",
        types: TASK,
        judge: |task| {
            let volumes = task.list("Volumes").iter().enumerate();
            let plain = volumes.filter(|(_, volume)| {
                let shared = volume.get("EFSVolumeConfiguration");
                shared.is_some_and(|shared| text(shared, "TransitEncryption") != Some("ENABLED"))
            });
            plain.map(|(index, _)| Objection::new(format!("Volumes/{index}"), "it is read in plain text")).collect()
        },
    },
    Rule {
        ids: &["image-digest"],
        title: "a container runs the image that was tested",
        severity: Severity::Medium,
        remedy: "name the image by digest, or by a parameter that holds one",
        types: TASK,
        judge: |task| {
            let is_fixed = |container: &Json| {
                let image = container.get("Image").map(shown).unwrap_or_default();
                image.contains('@')
            };
            containers(task, is_fixed, "its image may change under its name")
        },
    },
    Rule {
        ids: &["ECS.2", "ECS.16"],
        title: "a service's tasks have no public address",
        severity: Severity::High,
        remedy: "set `AssignPublicIp` to `DISABLED`",
        types: &["AWS::ECS::Service", "AWS::ECS::TaskSet"],
        judge: |service| {
            service.expect_one_of("NetworkConfiguration.AwsvpcConfiguration.AssignPublicIp", &["DISABLED"])
        },
    },
    Rule {
        ids: &["ECS.10"],
        title: "a service runs on the newest platform",
        severity: Severity::Medium,
        remedy: "set `PlatformVersion` to `LATEST` or leave it out",
        types: SERVICE,
        judge: |service| {
            let ok = matches!(service.text("PlatformVersion"), None | Some("LATEST" | "1.4.0"));
            Subject::expect(ok, "PlatformVersion", "an old platform")
        },
    },
    Rule {
        ids: &["deployment-rollback"],
        title: "a deployment that fails is rolled back",
        severity: Severity::Medium,
        remedy: "set `DeploymentCircuitBreaker` with `Rollback`",
        types: SERVICE,
        judge: |service| service.expect_true("DeploymentConfiguration.DeploymentCircuitBreaker.Rollback"),
    },
    Rule {
        ids: &["ECR.1", "CKV_AWS_163"],
        title: "images are scanned",
        severity: Severity::High,
        remedy: "set `ScanOnPush`, or scan the whole registry",
        types: REPOSITORY,
        judge: |repository| {
            let mut registries = repository.all("AWS::ECR::RegistryScanningConfiguration");
            let by_registry = registries.any(|registry| registry.stack.region == repository.stack.region);
            if by_registry { Vec::new() } else { repository.expect_true("ImageScanningConfiguration.ScanOnPush") }
        },
    },
    Rule {
        ids: &["ECR.2", "CKV_AWS_51"],
        title: "an image's tag never moves",
        severity: Severity::Medium,
        remedy: "set `ImageTagMutability` to `IMMUTABLE`",
        types: REPOSITORY,
        judge: |repository| repository.expect_one_of("ImageTagMutability", &["IMMUTABLE", "IMMUTABLE_WITH_EXCLUSION"]),
    },
    Rule {
        ids: &["ECR.3"],
        title: "a repository forgets old images",
        severity: Severity::Medium,
        remedy: "set `LifecyclePolicy`",
        types: REPOSITORY,
        judge: |repository| repository.expect_given("LifecyclePolicy.LifecyclePolicyText"),
    },
    Rule {
        ids: &["ECR.5", "CKV_AWS_136"],
        title: "a repository is encrypted with a key of ours",
        severity: Severity::Medium,
        remedy: "set `EncryptionConfiguration` to `KMS` and a key",
        types: REPOSITORY,
        judge: |repository| {
            let kind = repository.expect_one_of("EncryptionConfiguration.EncryptionType", &["KMS", "KMS_DSSE"]);
            kind.into_iter().chain(repository.expect_own_key("EncryptionConfiguration.KmsKey")).collect()
        },
    },
    Rule {
        ids: &["ELB.4", "CKV_AWS_131"],
        title: "a load balancer drops malformed headers",
        severity: Severity::Medium,
        remedy: "set `routing.http.drop_invalid_header_fields.enabled`",
        types: BALANCER,
        judge: |balancer| of_http(balancer, "routing.http.drop_invalid_header_fields.enabled", &["true"]),
    },
    Rule {
        ids: &["ELB.5", "AwsSolutions-ELB2", "CKV_AWS_91"],
        title: "a load balancer writes access logs",
        severity: Severity::Medium,
        remedy: "set `access_logs.s3.enabled` and its bucket",
        types: BALANCER,
        judge: |balancer| attribute(balancer, "access_logs.s3.enabled", &["true"]),
    },
    Rule {
        ids: &["ELB.6", "CKV_AWS_150"],
        title: "a load balancer is protected against deletion",
        severity: Severity::Medium,
        remedy: "set `deletion_protection.enabled`",
        types: BALANCER,
        judge: |balancer| attribute(balancer, "deletion_protection.enabled", &["true"]),
    },
    Rule {
        ids: &["ELB.12", "CKV_AWS_328"],
        title: "a load balancer stops desynchronised requests",
        severity: Severity::Medium,
        remedy: "set `routing.http.desync_mitigation_mode` to `defensive` or `strictest`",
        types: BALANCER,
        judge: |balancer| of_http(balancer, "routing.http.desync_mitigation_mode", &["defensive", "strictest"]),
    },
    Rule {
        ids: &["ELB.13"],
        title: "a load balancer is in two zones",
        severity: Severity::Medium,
        remedy: "give it a subnet in each of two zones",
        types: BALANCER,
        judge: |balancer| {
            let subnets = balancer.list("Subnets").len() + balancer.list("SubnetMappings").len();
            Subject::expect(2 <= subnets, "Subnets", "it is in one zone only")
        },
    },
    Rule {
        ids: &["ELB.18", "ELB.1", "CKV_AWS_2"],
        title: "a listener takes TLS only",
        severity: Severity::Medium,
        remedy: "set `Protocol` to `HTTPS`",
        types: LISTENER,
        judge: |listener| listener.expect_one_of("Protocol", &["HTTPS", "TLS"]),
    },
    Rule {
        ids: &["ELB.17", "CKV_AWS_103"],
        title: "a listener takes TLS 1.2 and newer only",
        severity: Severity::Medium,
        remedy: "set `SslPolicy` to one of `ELBSecurityPolicy-TLS13-1-2-…` or `-1-3-…`",
        types: LISTENER,
        judge: |listener| {
            let policy = listener.text("SslPolicy").unwrap_or_default();
            let ok =
                policy.starts_with("ELBSecurityPolicy-TLS13-1-2") || policy.starts_with("ELBSecurityPolicy-TLS13-1-3");
            Subject::expect(ok, "SslPolicy", "old versions of TLS are accepted")
        },
    },
];

fn flag(json: &Json, name: &str) -> bool {
    json.get(name).is_some_and(is_true)
}

/// Every container must be sound.
fn containers(task: &Subject<'_>, is_sound: impl Fn(&Json) -> bool, message: &str) -> Vec<Objection> {
    let containers = task.list("ContainerDefinitions").iter().enumerate();
    let unsound = containers.filter(|(_, container)| !is_sound(container));
    unsound.map(|(index, _)| Objection::new(format!("ContainerDefinitions/{index}"), message)).collect()
}

/// An attribute of application load balancers alone: the others do not read HTTP.
fn of_http(balancer: &Subject<'_>, key: &str, accepted: &[&str]) -> Vec<Objection> {
    let is_application = matches!(balancer.text("Type"), None | Some("application"));
    if is_application { attribute(balancer, key, accepted) } else { Vec::new() }
}

fn attribute(balancer: &Subject<'_>, key: &str, accepted: &[&str]) -> Vec<Objection> {
    let mut attributes = each(balancer.get("LoadBalancerAttributes")).into_iter();
    let found = attributes.find(|attribute| text(attribute, "Key") == Some(key)).and_then(|found| text(found, "Value"));
    let ok = found.is_some_and(|value| accepted.contains(&value));
    Subject::expect(ok, "LoadBalancerAttributes", &format!("`{key}` is not {}", accepted.join(" or ")))
}
