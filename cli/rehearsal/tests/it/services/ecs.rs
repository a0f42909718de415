use super::cloud::{Cloud, REGION, refused};
use como_rehearsal::hosting::Hosted;
use serde_json::{Value, json};

const SERVICE: &str = "AWS::ECS::Service";

/// What a service stands on.
pub(super) struct Ground {
    pub(super) load_balancer: String,
    pub(super) listener: String,
    pub(super) target_group: String,
}

pub(super) async fn ground(cloud: &Cloud) -> Ground {
    let alb = json!({ "Name": "como-test", "Scheme": "internal", "Type": "application" });
    let load_balancer = cloud.create("AWS::ElasticLoadBalancingV2::LoadBalancer", "Alb", alb).await.physical_id;
    let group = json!({ "Name": "accounts", "HealthCheckPath": "/readyz", "Matcher": { "HttpCode": "200" } });
    let target_group = cloud.create("AWS::ElasticLoadBalancingV2::TargetGroup", "Group", group).await.physical_id;
    let refusal = json!([{ "Type": "fixed-response",
        "FixedResponseConfig": { "StatusCode": "404", "ContentType": "application/json", "MessageBody": "{}" } }]);
    let listener =
        json!({ "LoadBalancerArn": load_balancer, "Port": 80, "Protocol": "HTTP", "DefaultActions": refusal });
    let listener = cloud.create("AWS::ElasticLoadBalancingV2::Listener", "Listener", listener).await.physical_id;
    Ground { load_balancer, listener, target_group }
}

pub(super) async fn add_rule(cloud: &Cloud, ground: &Ground, priority: u64, pattern: &str) {
    let rule = json!({
        "ListenerArn": ground.listener, "Priority": priority,
        "Conditions": [{ "Field": "path-pattern", "PathPatternConfig": { "Values": [pattern] } }],
        "Actions": [{ "Type": "forward", "TargetGroupArn": ground.target_group }],
    });
    cloud.create("AWS::ElasticLoadBalancingV2::ListenerRule", &format!("Rule{priority}"), rule).await;
}

/// Cluster, task definition and the properties of a service.
pub(super) async fn service(cloud: &Cloud, ground: &Ground, environment: Value) -> Value {
    let secret = json!({ "Name": "como/test/secret", "SecretString": "{\"a\":\"kept\"}" });
    let secret = cloud.create("AWS::SecretsManager::Secret", "Secret", secret).await.physical_id;
    let cluster = cloud.create("AWS::ECS::Cluster", "Cluster", json!({ "ClusterName": "como" })).await.physical_id;
    let definition = json!({
        "Family": "como-accounts",
        "ContainerDefinitions": [{
            "Name": "accounts", "Image": "x@sha256:1", "Environment": environment,
            "Secrets": [{ "Name": "SECRET_VALUE", "ValueFrom": format!("{secret}:a::") }],
        }],
    });
    let definition = cloud.create("AWS::ECS::TaskDefinition", "Definition", definition).await.physical_id;
    assert!(definition.ends_with("task-definition/como-accounts:1"), "{definition}");
    json!({
        "ServiceName": "accounts", "Cluster": cluster, "TaskDefinition": definition, "DesiredCount": 2,
        "LoadBalancers": [{ "TargetGroupArn": ground.target_group, "ContainerName": "accounts", "ContainerPort": 8080 }],
        "DeploymentConfiguration": { "DeploymentCircuitBreaker": { "Enable": true, "Rollback": true } },
    })
}

async fn described(cloud: &Cloud) -> Value {
    let input = json!({ "cluster": "como", "services": ["accounts"] });
    cloud.ok("ecs", "DescribeServices", input).await["services"][0].clone()
}

#[tokio::test]
async fn a_service_reaches_a_steady_state_and_leaves_no_process() {
    let cloud = Cloud::new().await;
    let ground = ground(&cloud).await;
    add_rule(&cloud, &ground, 1, "*").await;
    let properties = service(&cloud, &ground, json!([])).await;
    let created = cloud.create(SERVICE, "Service", properties).await;
    cloud.stabilise(SERVICE, &created).await.unwrap();
    let service = described(&cloud).await;
    assert_eq!(service["runningCount"], json!(2));
    assert_eq!(service["deployments"][0]["rolloutState"], json!("COMPLETED"));
    assert_eq!(service["events"][0]["message"], json!("(service accounts) has reached a steady state."));
    let listed = cloud.ok("ecs", "ListTasks", json!({ "cluster": "como", "serviceName": "accounts" })).await;
    let tasks = cloud.ok("ecs", "DescribeTasks", json!({ "cluster": "como", "tasks": listed["taskArns"] })).await;
    assert_eq!(tasks["tasks"][1]["healthStatus"], json!("HEALTHY"));
    let pids: Vec<u32> = cloud.services.status().await.tasks.iter().filter_map(|task| task.pid).collect();
    assert_eq!(pids.len(), 2);
    let message = refused(cloud.delete("AWS::ECS::Cluster", "como", json!({})).await);
    assert!(message.contains("while Services are active"), "{message}");
    cloud.delete(SERVICE, &created.physical_id, json!({})).await.unwrap();
    for pid in pids {
        assert!(!fs_err::exists(format!("/proc/{pid}")).unwrap(), "process {pid} is left");
    }
    let definition = cloud.ok("ecs", "DescribeTaskDefinition", json!({ "taskDefinition": "como-accounts" })).await;
    assert_eq!(definition["taskDefinition"]["containerDefinitions"][0]["name"], json!("accounts"));
}

#[tokio::test]
async fn a_task_that_dies_is_started_again_and_all_come_back_after_a_restart() {
    let cloud = Cloud::new().await;
    let ground = ground(&cloud).await;
    add_rule(&cloud, &ground, 1, "*").await;
    let properties = service(&cloud, &ground, json!([])).await;
    let created = cloud.create(SERVICE, "Service", properties).await;
    cloud.stabilise(SERVICE, &created).await.unwrap();
    let first = cloud.services.status().await.tasks;
    // The stand-in exits when asked to.
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let _ = client.get(format!("http://{}/v1/exit", first[0].address)).send().await;
    while cloud.services.status().await.tasks.iter().any(|task| task.task_id == first[0].task_id) {
        tokio::task::yield_now().await;
    }
    cloud.stabilise(SERVICE, &created).await.unwrap();
    let stopped = json!({ "cluster": "como", "desiredStatus": "STOPPED" });
    let stopped = cloud.ok("ecs", "ListTasks", stopped).await["taskArns"].clone();
    let stopped = cloud.ok("ecs", "DescribeTasks", json!({ "cluster": "como", "tasks": stopped })).await;
    assert_eq!(stopped["tasks"][0]["stoppedReason"], json!("Essential container in task exited"));
    assert_eq!(stopped["tasks"][0]["containers"][0]["exitCode"], json!(4));
    let cloud = cloud.restart().await;
    cloud.stabilise(SERVICE, &created).await.unwrap();
    assert_eq!(described(&cloud).await["runningCount"], json!(2));
    cloud.services.stop().await;
}

#[tokio::test]
async fn a_service_that_cannot_start_trips_the_circuit_breaker() {
    let cloud = Cloud::new().await;
    let ground = ground(&cloud).await;
    add_rule(&cloud, &ground, 1, "*").await;
    let properties = service(&cloud, &ground, json!([{ "Name": "STAND_IN", "Value": "fails" }])).await;
    let created = cloud.create(SERVICE, "Service", properties).await;
    let message = refused(cloud.stabilise(SERVICE, &created).await);
    assert_eq!(message, "Error occurred during operation 'ECS Deployment Circuit Breaker was triggered'.");
    assert_eq!(described(&cloud).await["deployments"][0]["rolloutState"], json!("FAILED"));
    cloud.delete(SERVICE, &created.physical_id, json!({})).await.unwrap();
}

#[tokio::test]
async fn what_a_service_needs_must_be_there() {
    let cloud = Cloud::new().await;
    let ground = ground(&cloud).await;
    let mut properties = service(&cloud, &ground, json!([])).await;
    let message = refused(cloud.try_create(SERVICE, "Service", properties.clone()).await);
    assert!(message.ends_with("does not have an associated load balancer."), "{message}");
    properties["LoadBalancers"] = json!([]);
    properties["Cluster"] = json!("elsewhere");
    assert_eq!(refused(cloud.try_create(SERVICE, "Service", properties).await), "Cluster not found.");
    let (code, _) = cloud.error("ecs", "RunTask", json!({})).await;
    assert_eq!(code, "UnknownOperationException");
}

#[tokio::test]
async fn a_resource_that_is_asked_for_again_is_the_same() {
    let cloud = Cloud::new().await;
    let ground = ground(&cloud).await;
    add_rule(&cloud, &ground, 1, "*").await;
    let properties = service(&cloud, &ground, json!([])).await;
    let created = cloud.create(SERVICE, "Service", properties.clone()).await;
    // As after a supervisor that was killed before CloudFormation had noted what it got.
    let again = self::ground(&cloud).await;
    add_rule(&cloud, &again, 1, "*").await;
    assert_eq!(self::service(&cloud, &again, json!([])).await, properties);
    assert_eq!(cloud.create(SERVICE, "Service", properties.clone()).await, created);
    let other = refused(cloud.try_create(SERVICE, "Other", properties).await);
    assert_eq!(other, "accounts already exists");
    cloud.services.stop().await;
}

#[tokio::test]
async fn the_output_of_tasks_is_in_the_group_that_their_driver_names_and_rules_see_them_run() {
    let cloud = Cloud::new().await;
    let (url, arn) = cloud.open_queue("news").await;
    let pattern = json!({ "source": ["aws.ecs"], "detail": { "lastStatus": ["RUNNING", "STOPPED"] } });
    let rule = json!({ "Name": "r", "EventPattern": pattern, "Targets": [{ "Id": "1", "Arn": arn }] });
    cloud.create("AWS::Events::Rule", "Rule", rule).await;
    let cluster = cloud.create("AWS::ECS::Cluster", "Cluster", json!({ "ClusterName": "como" })).await.physical_id;
    let options =
        json!({ "awslogs-group": "/como/worker", "awslogs-region": REGION, "awslogs-stream-prefix": "worker" });
    let definition = json!({
        "Family": "como-worker",
        "ContainerDefinitions": [{
            "Name": "main", "Image": "x@sha256:1", "LogConfiguration": { "LogDriver": "awslogs", "Options": options },
        }],
    });
    let definition = cloud.create("AWS::ECS::TaskDefinition", "Definition", definition).await.physical_id;
    let properties = json!({
        "ServiceName": "worker", "Cluster": cluster, "TaskDefinition": definition, "DesiredCount": 1,
        "DeploymentConfiguration": { "DeploymentCircuitBreaker": { "Enable": true, "Rollback": false } },
    });
    // Without the group no task starts.
    let lost = cloud.create(SERVICE, "Service", properties.clone()).await;
    let event = |message: &Value| serde_json::from_str::<Value>(message["Body"].as_str().unwrap()).unwrap();
    let stopped = event(&cloud.next_message(&url).await);
    let reason = stopped["detail"]["stoppedReason"].as_str().unwrap();
    assert!(reason.ends_with("ResourceNotFoundException: The specified log group does not exist. : exit status 1"));
    cloud.delete(SERVICE, &lost.physical_id, json!({})).await.unwrap();
    cloud.ok("sqs", "PurgeQueue", json!({ "QueueUrl": url })).await;
    cloud.create("AWS::Logs::LogGroup", "Group", json!({ "LogGroupName": "/como/worker" })).await;
    let created = cloud.create(SERVICE, "Service", properties).await;
    cloud.stabilise(SERVICE, &created).await.unwrap();
    let running = event(&cloud.next_message(&url).await);
    let detail = &running["detail"];
    assert_eq!((&detail["lastStatus"], &detail["group"]), (&json!("RUNNING"), &json!("service:worker")));
    assert_eq!(running["resources"][0], detail["taskArn"]);
    assert!(detail["startedAt"].is_string(), "{detail}");
    let said = cloud.logged("/como/worker", "running", 1).await;
    let id = detail["taskArn"].as_str().unwrap().rsplit('/').next().unwrap();
    assert_eq!(said[0]["logStreamName"], json!(format!("worker/main/{id}")));
    // What it had said before a kill is there once, and the next task has a stream of its own.
    let after = cloud.after_a_kill().await;
    after.stabilise(SERVICE, &created).await.unwrap();
    let said = after.logged("/como/worker", "running", 2).await;
    let streams = json!({ "logGroupName": "/como/worker" });
    let streams = after.ok("logs", "DescribeLogStreams", streams).await["logStreams"].clone();
    assert_eq!((said.len(), streams.as_array().unwrap().len()), (2, 2), "{streams}");
    after.services.stop().await;
    cloud.services.stop().await;
}
