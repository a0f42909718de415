"""What watches and what follows: alarms and their metrics, health checks and records that fail over, counts that scale, tasks
that are stopped. Source: the API references of CloudWatch, Route 53, Application Auto Scaling and ECS; Route 53 developer
guide, "How Amazon Route 53 chooses records when health checking is configured"."""

import datetime

from conformance.asking import equal, eventually, name, refused
from conformance.edge import get, ref, stack
from rehearsal import REGION

NAMESPACE = "conformance"
# A program that runs until it is told to go, and needs nothing.
IDLE = ["doubles", "--memberson", "127.0.0.1:0", "--sevenrooms", "127.0.0.1:0"]
# Waiters that look more often than AWS would like.
SOON = {"Delay": 1, "MaxAttempts": 30}


def now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


def alarm(cloud, **more) -> str:
    """An alarm on a metric of its own, which keeps its state while there is no data."""
    label = name("a")
    cloud.client("cloudwatch").put_metric_alarm(**{
        "AlarmName": label, "Namespace": NAMESPACE, "MetricName": "Errors", "Statistic": "Sum", "Period": 60,
        "EvaluationPeriods": 1, "Threshold": 5, "ComparisonOperator": "GreaterThanThreshold", "TreatMissingData": "ignore",
        "Dimensions": [{"Name": "Service", "Value": label}],
    } | more)
    return label


def put(cloud, label: str, value: float) -> None:
    datum = {"MetricName": "Errors", "Value": value, "Dimensions": [{"Name": "Service", "Value": label}]}
    cloud.client("cloudwatch").put_metric_data(Namespace=NAMESPACE, MetricData=[datum])


def state(cloud, label: str) -> str:
    pages = cloud.client("cloudwatch").get_paginator("describe_alarms").paginate(
        AlarmNames=[label], AlarmTypes=["MetricAlarm", "CompositeAlarm"]
    )
    (found,) = [one for page in pages for one in page["MetricAlarms"] + page["CompositeAlarms"]]
    return found["StateValue"]


def turn(cloud, label: str, value: str) -> None:
    cloud.client("cloudwatch").set_alarm_state(AlarmName=label, StateValue=value, StateReason="a drill")


def check_alarm_follows_its_metric(cloud):
    """An alarm rings when its metric is over the threshold, and its history tells of the turn."""
    client, label = cloud.client("cloudwatch"), alarm(cloud)
    client.get_waiter("alarm_exists").wait(AlarmNames=[label], WaiterConfig=SOON)
    equal(state(cloud, label), "INSUFFICIENT_DATA")
    put(cloud, label, 9)
    eventually(lambda: state(cloud, label), "ALARM")
    pages = client.get_paginator("describe_alarm_history").paginate(AlarmName=label, HistoryItemType="StateUpdate")
    summaries = [item["HistorySummary"] for page in pages for item in page["AlarmHistoryItems"]]
    equal(summaries, ["Alarm updated from INSUFFICIENT_DATA to ALARM"])
    client.delete_alarms(AlarmNames=[label])
    equal(client.describe_alarms(AlarmNames=[label])["MetricAlarms"], [])


def check_metrics_are_told(cloud):
    """What is put is listed by namespace and counted by period."""
    client, label = cloud.client("cloudwatch"), name("m")
    for value in (1, 2, 3):
        put(cloud, label, value)
    pages = client.get_paginator("list_metrics").paginate(Namespace=NAMESPACE, MetricName="Errors")
    dimensions = [metric["Dimensions"] for page in pages for metric in page["Metrics"]]
    equal([{"Name": "Service", "Value": label}] in dimensions, True)
    # Times are those of the simulated clock, which is ahead of this one.
    points = client.get_metric_statistics(
        Namespace=NAMESPACE, MetricName="Errors", Dimensions=[{"Name": "Service", "Value": label}], Period=86_400 * 365,
        StartTime=now() - datetime.timedelta(days=1), EndTime=now() + datetime.timedelta(days=365 * 20),
        Statistics=["Sum", "SampleCount", "Maximum"],
    )["Datapoints"]
    equal([sum(point[key] for point in points) for key in ("Sum", "SampleCount")], [6, 3])
    equal(max(point["Maximum"] for point in points), 3)


def check_composite_alarm(cloud):
    """A composite alarm rings by its rule over other alarms."""
    client, one, other, both = cloud.client("cloudwatch"), alarm(cloud), alarm(cloud), name("both")
    client.put_composite_alarm(AlarmName=both, AlarmRule=f'ALARM("{one}") AND ALARM("{other}")')
    client.get_waiter("composite_alarm_exists").wait(AlarmNames=[both], AlarmTypes=["CompositeAlarm"], WaiterConfig=SOON)
    turn(cloud, one, "ALARM")
    equal(state(cloud, both), "OK")
    turn(cloud, other, "ALARM")
    eventually(lambda: state(cloud, both), "ALARM")
    turn(cloud, one, "OK")
    eventually(lambda: state(cloud, both), "OK")


def check_alarm_of_nobody(cloud):
    """A state is set of an alarm that exists, to a state that exists."""
    client = cloud.client("cloudwatch")
    refused("ResourceNotFound", client.set_alarm_state, AlarmName=name(), StateValue="OK", StateReason="r")
    refused("ResourceNotFound", client.delete_alarms, AlarmNames=[name()])


def check_records_fail_over(cloud):
    """A name leads to its second record while the health check of the first follows an alarm that rings."""
    client, label, domain = cloud.client("route53"), alarm(cloud, TreatMissingData="missing"), f"{name('f')}.example"
    zone = client.create_hosted_zone(Name=domain, CallerReference=name())["HostedZone"]["Id"]
    config = {"Type": "CLOUDWATCH_METRIC", "AlarmIdentifier": {"Name": label, "Region": REGION}, "InsufficientDataHealthStatus": "Healthy"}
    check = client.create_health_check(CallerReference=name(), HealthCheckConfig=config)["HealthCheck"]["Id"]
    target = f"api.{domain}"
    records = [
        {
            "Name": target, "Type": "A", "SetIdentifier": role, "Failover": role, "TTL": 60,
            "ResourceRecords": [{"Value": value}], **more,
        }
        for role, value, more in (("PRIMARY", "192.0.2.1", {"HealthCheckId": check}), ("SECONDARY", "192.0.2.2", {}))
    ]
    changes = [{"Action": "CREATE", "ResourceRecordSet": record} for record in records]
    change = client.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": changes})["ChangeInfo"]["Id"]
    client.get_waiter("resource_record_sets_changed").wait(Id=change, WaiterConfig=SOON)
    pages = client.get_paginator("list_resource_record_sets").paginate(HostedZoneId=zone)
    equal([one["Failover"] for page in pages for one in page["ResourceRecordSets"] if one["Name"] == f"{target}."], ["PRIMARY", "SECONDARY"])

    def answer() -> list:
        return client.test_dns_answer(HostedZoneId=zone, RecordName=target, RecordType="A")["RecordData"]

    eventually(answer, ["192.0.2.1"])
    turn(cloud, label, "ALARM")
    eventually(answer, ["192.0.2.2"])
    (seen,) = client.get_health_check_status(HealthCheckId=check)["HealthCheckObservations"]
    equal(seen["StatusReport"]["Status"].startswith("Failure"), True)
    turn(cloud, label, "OK")
    eventually(answer, ["192.0.2.1"])


def check_record_sets_go_together(cloud):
    """A batch of changes is applied whole or not at all."""
    client, domain = cloud.client("route53"), f"{name('b')}.example"
    zone = client.create_hosted_zone(Name=domain, CallerReference=name())["HostedZone"]["Id"]

    def change(action: str, label: str) -> dict:
        record = {"Name": f"{label}.{domain}", "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.1"}]}
        return {"Action": action, "ResourceRecordSet": record}

    batch = {"Changes": [change("CREATE", "a"), change("DELETE", "missing")]}
    refused("InvalidChangeBatch", client.change_resource_record_sets, HostedZoneId=zone, ChangeBatch=batch)
    equal([one for one in client.list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"] if one["Type"] == "A"], [])


def check_health_check_changes(cloud):
    """A health check changes under its version, and is listed until it is deleted."""
    client = cloud.client("route53")
    config = {"Type": "HTTPS", "FullyQualifiedDomainName": "api.example", "Port": 443, "RequestInterval": 30, "FailureThreshold": 3}
    made = client.create_health_check(CallerReference=name(), HealthCheckConfig=config)["HealthCheck"]
    changed = client.update_health_check(HealthCheckId=made["Id"], HealthCheckVersion=1, FailureThreshold=5)["HealthCheck"]
    equal((changed["HealthCheckConfig"]["FailureThreshold"], changed["HealthCheckVersion"]), (5, 2))
    refused("HealthCheckVersionMismatch", client.update_health_check, HealthCheckId=made["Id"], HealthCheckVersion=1, Port=8443)
    pages = client.get_paginator("list_health_checks").paginate()
    equal(made["Id"] in [one["Id"] for page in pages for one in page["HealthChecks"]], True)
    client.delete_health_check(HealthCheckId=made["Id"])
    refused("NoSuchHealthCheck", client.get_health_check, HealthCheckId=made["Id"])


def service(cloud, count: int) -> tuple[str, str]:
    """A service of idle tasks: names of its cluster and of itself."""
    label = name("w")
    container = {"Name": "w", "Image": "w:1", "Command": IDLE, "Essential": True}
    definition = {
        "Family": label, "Cpu": "256", "Memory": "512", "NetworkMode": "awsvpc", "RequiresCompatibilities": ["FARGATE"],
        "ContainerDefinitions": [container],
    }
    properties = {"Cluster": ref("Cluster"), "ServiceName": label, "TaskDefinition": ref("Definition"), "DesiredCount": count}
    made = stack(cloud, REGION, {
        "Cluster": ("AWS::ECS::Cluster", {"ClusterName": label}),
        "Definition": ("AWS::ECS::TaskDefinition", definition),
        "Service": ("AWS::ECS::Service", properties),
    }, {"Name": get("Service", "Name")})
    return label, made["Name"]


def running(cloud, cluster: str, of: str) -> list:
    pages = cloud.client("ecs").get_paginator("list_tasks").paginate(cluster=cluster, serviceName=of, desiredStatus="RUNNING")
    return [arn for page in pages for arn in page["taskArns"]]


def check_task_is_stopped_and_replaced(cloud):
    """A task that somebody stops says so, and its service starts another."""
    client, (cluster, of) = cloud.client("ecs"), service(cloud, 1)
    client.get_waiter("services_stable").wait(cluster=cluster, services=[of], WaiterConfig=SOON)
    (task,) = running(cloud, cluster, of)
    client.get_waiter("tasks_running").wait(cluster=cluster, tasks=[task], WaiterConfig=SOON)
    client.stop_task(cluster=cluster, task=task, reason="a drill")
    client.get_waiter("tasks_stopped").wait(cluster=cluster, tasks=[task], WaiterConfig=SOON)
    (stopped,) = client.describe_tasks(cluster=cluster, tasks=[task])["tasks"]
    equal((stopped["lastStatus"], stopped["stopCode"]), ("STOPPED", "UserInitiated"))
    eventually(lambda: [arn != task for arn in running(cloud, cluster, of)], [True])
    refused("InvalidParameterException", client.stop_task, cluster=cluster, task="0" * 32)
    client.update_service(cluster=cluster, service=of, desiredCount=0)


def check_service_is_updated(cloud):
    """A service follows its desired count, and one that is not there is not found."""
    client, (cluster, of) = cloud.client("ecs"), service(cloud, 1)
    answered = client.update_service(cluster=cluster, service=of, desiredCount=2)["service"]
    equal(answered["desiredCount"], 2)
    client.get_waiter("services_stable").wait(cluster=cluster, services=[of], WaiterConfig=SOON)
    eventually(lambda: len(running(cloud, cluster, of)), 2)
    client.update_service(cluster=cluster, service=of, desiredCount=0)
    eventually(lambda: len(running(cloud, cluster, of)), 0)
    refused("ServiceNotFoundException", client.update_service, cluster=cluster, service=name(), desiredCount=1)
    refused("ClusterNotFoundException", client.update_service, cluster=name(), service=of, desiredCount=1)


def target_of(cluster: str, of: str) -> dict:
    return {"ServiceNamespace": "ecs", "ScalableDimension": "ecs:service:DesiredCount", "ResourceId": f"service/{cluster}/{of}"}


def desired(cloud, cluster: str, of: str) -> int:
    return cloud.client("ecs").describe_services(cluster=cluster, services=[of])["services"][0]["desiredCount"]


def check_policy_follows_its_alarms(cloud):
    """A policy makes two alarms; the one rings a service out to its maximum, the other in to its minimum."""
    client, (cluster, of) = cloud.client("application-autoscaling"), service(cloud, 0)
    target = target_of(cluster, of)
    client.register_scalable_target(**target, MinCapacity=0, MaxCapacity=2)
    tracking = {"TargetValue": 50, "PredefinedMetricSpecification": {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"}}
    made = client.put_scaling_policy(
        **target, PolicyName="cpu", PolicyType="TargetTrackingScaling", TargetTrackingScalingPolicyConfiguration=tracking
    )
    high, low = (next(one["AlarmName"] for one in made["Alarms"] if f"-Alarm{kind}-" in one["AlarmName"]) for kind in ("High", "Low"))
    turn(cloud, high, "ALARM")
    eventually(lambda: desired(cloud, cluster, of), 2)
    turn(cloud, high, "OK")
    turn(cloud, low, "ALARM")
    eventually(lambda: desired(cloud, cluster, of), 0)
    turn(cloud, low, "OK")
    pages = client.get_paginator("describe_scaling_activities").paginate(ServiceNamespace="ecs", ResourceId=target["ResourceId"])
    causes = [one["Cause"] for page in pages for one in page["ScalingActivities"]]
    equal(all(cause.endswith("in state ALARM triggered policy cpu") for cause in causes) and 2 <= len(causes), True)
    client.deregister_scalable_target(**target)
    equal(client.describe_scaling_policies(ServiceNamespace="ecs", ResourceId=target["ResourceId"])["ScalingPolicies"], [])
    refused("ObjectNotFoundException", client.deregister_scalable_target, **target)


def check_schedule_changes_the_limits(cloud):
    """A scheduled action raises the minimum at its time, and the service with it."""
    client, (cluster, of) = cloud.client("application-autoscaling"), service(cloud, 0)
    target = target_of(cluster, of)
    client.register_scalable_target(**target, MinCapacity=0, MaxCapacity=2)
    soon = (now() + datetime.timedelta(seconds=2)).strftime("at(%Y-%m-%dT%H:%M:%S)")
    client.put_scheduled_action(**target, ScheduledActionName="evening", Schedule=soon, ScalableTargetAction={"MinCapacity": 1})
    (action,) = client.describe_scheduled_actions(ServiceNamespace="ecs", ResourceId=target["ResourceId"])["ScheduledActions"]
    equal((action["Schedule"], action["ScalableTargetAction"]), (soon, {"MinCapacity": 1}))
    eventually(lambda: desired(cloud, cluster, of), 1)
    (shown,) = client.describe_scalable_targets(ServiceNamespace="ecs", ResourceIds=[target["ResourceId"]])["ScalableTargets"]
    equal((shown["MinCapacity"], shown["MaxCapacity"]), (1, 2))
    client.deregister_scalable_target(**target)
    cloud.client("ecs").update_service(cluster=cluster, service=of, desiredCount=0)
    refused("ValidationException", client.register_scalable_target, **(target | {"ResourceId": f"service/{cluster}/nobody"}), MinCapacity=0, MaxCapacity=1)
