"""boto3's waiters and paginators, and the AWS CLI's, for services beside CloudFormation."""

import json
import os
import subprocess
import uuid

QUICK = {"Delay": 1, "MaxAttempts": 60}


def expect(what: str, seen, wanted) -> None:
    if seen != wanted:
        raise SystemExit(f"{what}: {seen} instead of {wanted}")


def paged(client, operation: str, key: str, size: int | None = None, **arguments) -> list:
    settings = {"PaginationConfig": {"PageSize": size}} if size else {}
    return [one for page in client.get_paginator(operation).paginate(**arguments, **settings) for one in page.get(key, [])]


def aws(rehearsal, *arguments: str) -> str:
    program = f"{os.environ['COMO_TOOLS']}/awscli/bin/aws"
    run = subprocess.run([program, *arguments, "--output", "json"], env=rehearsal.environment, capture_output=True, text=True, check=False)
    if run.returncode != 0:
        raise SystemExit(f"aws {' '.join(arguments)} ended with {run.returncode}\n{run.stdout}\n{run.stderr}")
    return run.stdout.strip()


def judge_ecs(rehearsal, deployed: int) -> int:
    """On a cloud where prod is deployed, with so many services. Gives the number of checks."""
    client = rehearsal.client("ecs")
    cluster = paged(client, "list_clusters", "clusterArns")[0]
    services = paged(client, "list_services", "serviceArns", 1, cluster=cluster)
    expect("list_services", len(services), deployed)
    client.get_waiter("services_stable").wait(cluster=cluster, services=services, WaiterConfig=QUICK)
    tasks = paged(client, "list_tasks", "taskArns", 1, cluster=cluster)
    described = client.describe_services(cluster=cluster, services=services)["services"]
    expect("running tasks", len(tasks), sum(service["runningCount"] for service in described))
    client.get_waiter("tasks_running").wait(cluster=cluster, tasks=tasks, WaiterConfig=QUICK)
    client.stop_task(cluster=cluster, task=tasks[0], reason="judge")
    client.get_waiter("tasks_stopped").wait(cluster=cluster, tasks=tasks[:1], WaiterConfig=QUICK)
    client.get_waiter("services_stable").wait(cluster=cluster, services=services, WaiterConfig=QUICK)
    aws(rehearsal, "ecs", "wait", "services-stable", "--cluster", cluster, "--services", *services)
    count = aws(rehearsal, "ecs", "describe-services", "--cluster", cluster, "--services", services[0],
                "--query", "services[0].[runningCount == desiredCount, deployments[0].rolloutState]")
    expect("aws ecs describe-services", json.loads(count), [True, "COMPLETED"])
    definitions = paged(client, "list_task_definitions", "taskDefinitionArns", 1)
    expect("list_task_definitions", len(definitions) >= deployed, True)
    return 8


def judge_dynamodb(rehearsal) -> int:
    client, names = rehearsal.client("dynamodb"), [f"judge-{index}-{uuid.uuid4().hex[:6]}" for index in range(3)]
    for table in names:
        client.create_table(
            TableName=table, BillingMode="PAY_PER_REQUEST", AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
        )
        client.get_waiter("table_exists").wait(TableName=table, WaiterConfig=QUICK)
    expect("list_tables", set(names) <= set(paged(client, "list_tables", "TableNames", 1)), True)
    for number in range(7):
        client.put_item(TableName=names[0], Item={"k": {"S": str(number)}})
    expect("scan", len(paged(client, "scan", "Items", 2, TableName=names[0])), 7)
    expect("aws dynamodb scan", aws(rehearsal, "dynamodb", "scan", "--table-name", names[0], "--page-size", "3", "--query", "length(Items)"), "7")
    for table in names:
        client.delete_table(TableName=table)
        client.get_waiter("table_not_exists").wait(TableName=table, WaiterConfig=QUICK)
    return 5


def judge_s3(rehearsal) -> int:
    client, bucket = rehearsal.client("s3"), f"judge-{uuid.uuid4().hex[:6]}"
    client.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "ap-southeast-1"})
    client.get_waiter("bucket_exists").wait(Bucket=bucket, WaiterConfig=QUICK)
    for number in range(5):
        client.put_object(Bucket=bucket, Key=f"k/{number}", Body=b"x")
    client.get_waiter("object_exists").wait(Bucket=bucket, Key="k/4", WaiterConfig=QUICK)
    expect("list_objects_v2", len(paged(client, "list_objects_v2", "Contents", 2, Bucket=bucket)), 5)
    expect("aws s3 ls", len(aws(rehearsal, "s3", "ls", f"s3://{bucket}/k/").splitlines()), 5)
    aws(rehearsal, "s3", "cp", f"s3://{bucket}/k/1", f"s3://{bucket}/copied")
    aws(rehearsal, "s3", "rm", f"s3://{bucket}", "--recursive")
    client.get_waiter("object_not_exists").wait(Bucket=bucket, Key="copied", WaiterConfig=QUICK)
    client.delete_bucket(Bucket=bucket)
    client.get_waiter("bucket_not_exists").wait(Bucket=bucket, WaiterConfig=QUICK)
    return 7


def judge_sqs(rehearsal) -> int:
    client, prefix = rehearsal.client("sqs"), f"judge-{uuid.uuid4().hex[:6]}"
    for number in range(5):
        client.create_queue(QueueName=f"{prefix}-{number}")
    expect("list_queues", len(paged(client, "list_queues", "QueueUrls", 2, QueueNamePrefix=prefix)), 5)
    return 1


def judge_others(rehearsal) -> int:
    """Paginators of what has no waiter."""
    secrets, parameters = rehearsal.client("secretsmanager"), rehearsal.client("ssm")
    before = len(paged(secrets, "list_secrets", "SecretList"))
    prefix = f"judge-{uuid.uuid4().hex[:6]}"
    for number in range(3):
        secrets.create_secret(Name=f"{prefix}-{number}", SecretString="x")
        parameters.put_parameter(Name=f"/{prefix}/{number}", Type="String", Value="x")
    expect("list_secrets", len(paged(secrets, "list_secrets", "SecretList", 2)), before + 3)
    expect("get_parameters_by_path", len(paged(parameters, "get_parameters_by_path", "Parameters", 2, Path=f"/{prefix}")), 3)
    return 2


def judge(rehearsal, deployed: int) -> int:
    """On a cloud where prod is deployed, with so many ECS services; gives the number of checks."""
    others = (judge_dynamodb, judge_s3, judge_sqs, judge_others)
    return judge_ecs(rehearsal, deployed) + sum(one(rehearsal) for one in others)
