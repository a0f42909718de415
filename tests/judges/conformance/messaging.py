"""SNS, Lambda, EventBridge, SES and CloudWatch Logs. The functions are Python programs that speak the Lambda Runtime API by
themselves. Source: Lambda developer guide, "Runtime API", "SQS batch item failures"; EventBridge user guide, "Event patterns"."""

import io
import json
import sys
import zipfile

from conformance.asking import equal, eventually, name, refused
from conformance.sqs import arn_of, bodies, queue, receive
from rehearsal import ACCOUNT, REGION

ROLE = f"arn:aws:iam::{ACCOUNT}:role/judge"
# What it answers depends on what it is asked.
PROGRAM = '''#!{python}
import json, os, sys, urllib.request
base = "http://" + os.environ["AWS_LAMBDA_RUNTIME_API"] + "/2018-06-01/runtime/invocation"
def post(path, body):
    urllib.request.urlopen(urllib.request.Request(base + path, json.dumps(body).encode(), method="POST")).close()
while True:
    with urllib.request.urlopen(base + "/next") as answer:
        identifier, event = answer.headers["Lambda-Runtime-Aws-Request-Id"], json.load(answer)
    if isinstance(event, dict) and event.get("fail"):
        post("/" + identifier + "/error", {{"errorType": "Asked", "errorMessage": "as asked"}})
    elif isinstance(event, dict) and "Records" in event:
        print("batch of", len(event["Records"]), flush=True)
        bad = [one["messageId"] for one in event["Records"] if one["body"] == "bad"]
        post("/" + identifier + "/response", {{"batchItemFailures": [{{"itemIdentifier": one}} for one in bad]}})
    else:
        print("heard", json.dumps(event), flush=True)
        post("/" + identifier + "/response", {{"heard": event, "greeting": os.environ.get("GREETING")}})
'''


def function(cloud, timeout_seconds: int = 30, **more) -> str:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        entry = zipfile.ZipInfo("bootstrap")
        entry.external_attr = 0o755 << 16
        archive.writestr(entry, PROGRAM.format(python=sys.executable))
    client, function_name = cloud.client("lambda"), name("function")
    client.create_function(
        FunctionName=function_name, Role=ROLE, Runtime="provided.al2023", Handler="bootstrap", Timeout=timeout_seconds,
        Code={"ZipFile": content.getvalue()}, Environment={"Variables": {"GREETING": "hello"}}, **more,
    )
    client.get_waiter("function_active_v2").wait(FunctionName=function_name, WaiterConfig={"Delay": 1, "MaxAttempts": 30})
    return function_name


def open_to(cloud, url: str, service: str) -> None:
    """Lets a service send to the queue."""
    cloud.client("sqs").set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps({
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"Service": service}, "Action": "sqs:SendMessage", "Resource": arn_of(cloud, url)}],
    })})


def check_invoke(cloud):
    """A function answers; one that fails says so and why; one that is not there is refused."""
    client, function_name = cloud.client("lambda"), function(cloud)
    answer = client.invoke(FunctionName=function_name, Payload=json.dumps({"n": 1}))
    equal((answer["StatusCode"], "FunctionError" in answer, json.load(answer["Payload"])), (200, False, {"heard": {"n": 1}, "greeting": "hello"}))
    answer = client.invoke(FunctionName=function_name, Payload=json.dumps({"fail": True}))
    equal((answer["StatusCode"], "FunctionError" in answer, json.load(answer["Payload"])["errorMessage"]), (200, True, "as asked"))
    refused("ResourceNotFoundException", client.invoke, FunctionName=name("nobody"))
    refused("ResourceConflictException", client.create_function, FunctionName=function_name, Role=ROLE, Runtime="provided.al2023", Handler="bootstrap", Code={"ZipFile": b"PK\x05\x06" + bytes(18)})


def check_configuration(cloud):
    """A changed configuration is the function's next; the waiter sees it."""
    client, function_name = cloud.client("lambda"), function(cloud)
    client.update_function_configuration(FunctionName=function_name, Environment={"Variables": {"GREETING": "again"}})
    client.get_waiter("function_updated_v2").wait(FunctionName=function_name, WaiterConfig={"Delay": 1, "MaxAttempts": 30})
    answer = client.invoke(FunctionName=function_name, Payload=b"{}")
    equal(json.load(answer["Payload"])["greeting"], "again")
    pages = client.get_paginator("list_functions").paginate()
    equal(function_name in [one["FunctionName"] for page in pages for one in page["Functions"]], True)
    client.delete_function(FunctionName=function_name)
    refused("ResourceNotFoundException", client.get_function, FunctionName=function_name)


def check_output_is_logged(cloud):
    """What a function prints is in its log group."""
    function_name = function(cloud)
    cloud.client("lambda").invoke(FunctionName=function_name, Payload=json.dumps({"n": 7}))
    logs, group = cloud.client("logs"), f"/aws/lambda/{function_name}"

    def said() -> bool:
        try:
            found = logs.filter_log_events(logGroupName=group)["events"]
        except logs.exceptions.ResourceNotFoundException:
            return False
        return any('heard {"n": 7}' in event["message"] for event in found)

    eventually(said, True)


def check_queue_feeds_function(cloud):
    """Messages that a function reports as failed come again and die in the end; the others are gone."""
    client, dead = cloud.client("sqs"), queue(cloud)
    policy = json.dumps({"deadLetterTargetArn": arn_of(cloud, dead), "maxReceiveCount": "2"})
    url = queue(cloud, VisibilityTimeout="2", RedrivePolicy=policy)
    cloud.client("lambda").create_event_source_mapping(
        FunctionName=function(cloud, timeout_seconds=2), EventSourceArn=arn_of(cloud, url), BatchSize=10,
        FunctionResponseTypes=["ReportBatchItemFailures"],
    )
    for body in ("good", "bad", "good"):
        client.send_message(QueueUrl=url, MessageBody=body)
    eventually(lambda: bodies(receive(cloud, dead, VisibilityTimeout=0)), ["bad"], patience=40)
    counts = client.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    equal((counts["ApproximateNumberOfMessages"], counts["ApproximateNumberOfMessagesNotVisible"]), ("0", "0"))


def check_topic_reaches_queue(cloud):
    """A topic reaches the queues that let it in, wrapped or raw, by the filter of each."""
    sns = cloud.client("sns")
    topic = sns.create_topic(Name=name("topic"))["TopicArn"]
    plain, raw = queue(cloud), queue(cloud)
    for url, attributes in ((plain, {}), (raw, {"RawMessageDelivery": "true", "FilterPolicy": json.dumps({"kind": ["alert"]})})):
        open_to(cloud, url, "sns.amazonaws.com")
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn_of(cloud, url), Attributes=attributes, ReturnSubscriptionArn=True)
    for kind, message in (("alert", "one"), ("other", "two")):
        sns.publish(TopicArn=topic, Message=message, MessageAttributes={"kind": {"DataType": "String", "StringValue": kind}})
    seen: list = []

    def wrapped() -> list:
        seen.extend(json.loads(body) for body in bodies(receive(cloud, plain)))
        return sorted(one["Message"] for one in seen)

    eventually(wrapped, ["one", "two"])
    equal({one["TopicArn"] for one in seen}, {topic})
    equal(bodies(receive(cloud, raw)), ["one"])
    pages = sns.get_paginator("list_subscriptions_by_topic").paginate(TopicArn=topic)
    equal(sum(len(page["Subscriptions"]) for page in pages), 2)
    refused("NotFound", sns.publish, TopicArn=topic + "-nobody", Message="x")


def check_rule_reaches_queue(cloud):
    """A rule's pattern lets events through to its target, changed by its input transformer."""
    events, url, rule = cloud.client("events"), queue(cloud), name("rule")
    open_to(cloud, url, "events.amazonaws.com")
    pattern = {"source": ["judge"], "detail": {"points": [{"numeric": [">", 10]}]}}
    events.put_rule(Name=rule, EventPattern=json.dumps(pattern))
    events.put_targets(Rule=rule, Targets=[{"Id": "q", "Arn": arn_of(cloud, url)}])
    for points in (5, 50):
        answer = events.put_events(Entries=[{"Source": "judge", "DetailType": "Points", "Detail": json.dumps({"points": points})}])
        equal(answer["FailedEntryCount"], 0)
    found = [json.loads(body) for body in bodies(receive(cloud, url, WaitTimeSeconds=5))]
    equal([(one["detail"]["points"], one["detail-type"], one["region"], one["account"]) for one in found], [(50, "Points", REGION, ACCOUNT)])
    equal(events.test_event_pattern(EventPattern=json.dumps({"source": ["other"]}), Event=json.dumps(found[0]))["Result"], False)


def check_mail(cloud):
    """A mail from a verified identity is taken; one from somebody else is refused."""
    client, domain = cloud.client("sesv2"), f"{name('mail')}.example"
    mail = {"Simple": {"Subject": {"Data": "Booking"}, "Body": {"Text": {"Data": "Hello"}}}}
    ask = dict(FromEmailAddress=f"no-reply@{domain}", Destination={"ToAddresses": ["anna@example.com"]}, Content=mail)
    refused("MessageRejected", client.send_email, **ask)
    client.create_email_identity(EmailIdentity=domain)
    equal(len(client.send_email(**ask)["MessageId"]) > 0, True)


def check_logs(cloud):
    """Events come back in order, filtered and page by page."""
    import time

    client, group = cloud.client("logs"), f"/{name('logs')}"
    client.create_log_group(logGroupName=group)
    client.create_log_stream(logGroupName=group, logStreamName="s")
    now = int(time.time() * 1000)
    client.put_log_events(logGroupName=group, logStreamName="s", logEvents=[
        {"timestamp": now + number, "message": json.dumps({"level": "error" if number % 2 else "info", "n": number})} for number in range(6)
    ])
    found = client.get_log_events(logGroupName=group, logStreamName="s", startFromHead=True)["events"]
    equal([json.loads(one["message"])["n"] for one in found], list(range(6)))
    pages = client.get_paginator("filter_log_events").paginate(
        logGroupName=group, filterPattern='{ $.level = "error" }', PaginationConfig={"PageSize": 2}
    )
    equal([json.loads(one["message"])["n"] for page in pages for one in page["events"]], [1, 3, 5])
    refused("ResourceAlreadyExistsException", client.create_log_group, logGroupName=group)
    refused("ResourceNotFoundException", client.get_log_events, logGroupName="/nobody", logStreamName="s")
