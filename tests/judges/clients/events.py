"""boto3 on what was found before a deployment, and on the operations that events belong to."""

import json

import boto3
from botocore.exceptions import ClientError, WaiterError

QUICK = {"Delay": 1, "MaxAttempts": 60}
STACK = "judge-events"
client = boto3.client("cloudformation")


def expect(what: str, seen, wanted) -> None:
    if seen != wanted:
        raise SystemExit(f"{what}: {seen} instead of {wanted}")
    print(f"  {what}: {seen}")


def template(**names: str) -> str:
    return json.dumps({"Resources": {
        name: {"Type": "AWS::SSM::Parameter", "Properties": {"Name": path, "Type": "String", "Value": "x"}}
        for name, path in names.items()
    }})


def events(**arguments) -> list[dict]:
    pages = client.get_paginator("describe_events").paginate(**arguments)
    return [event for page in pages for event in page["OperationEvents"]]


boto3.client("ssm").put_parameter(Name="/judge/events/taken", Type="String", Value="before")
change_set = client.create_change_set(
    StackName=STACK, ChangeSetName="first", ChangeSetType="CREATE",
    TemplateBody=template(Free="/judge/events/free", Taken="/judge/events/taken"),
)
try:
    client.get_waiter("change_set_create_complete").wait(StackName=STACK, ChangeSetName="first", WaiterConfig=QUICK)
    raise SystemExit("the change set does not see that the name is taken")
except WaiterError as error:
    expect("a change set that fails", error.last_response["ExecutionStatus"], "UNAVAILABLE")
found = events(ChangeSetName=change_set["Id"], Filters={"FailedEvents": True})
expect("what was found", [(event["EventType"], event["LogicalResourceId"], event["ValidationStatus"])
                          for event in found if event["EventType"] == "VALIDATION_ERROR"], [("VALIDATION_ERROR", "Taken", "FAILED")])
client.delete_stack(StackName=STACK)
client.get_waiter("stack_delete_complete").wait(StackName=STACK, WaiterConfig=QUICK)

client.create_stack(StackName=STACK, TemplateBody=template(Free="/judge/events/free"))
client.get_waiter("stack_create_complete").wait(StackName=STACK, WaiterConfig=QUICK)
stack = client.describe_stacks(StackName=STACK)["Stacks"][0]
creation = stack["LastOperations"][0]
expect("the last operation", creation["OperationType"], "CREATE_STACK")
of_stack = [event for page in client.get_paginator("describe_stack_events").paginate(StackName=STACK) for event in page["StackEvents"]]
expect("one operation in the stack's events", {event["OperationId"] for event in of_stack} == {creation["OperationId"]}, True)
resources = {event.get("LogicalResourceId") for event in events(OperationId=creation["OperationId"])}
expect("resources in the operation's events", "Free" in resources, True)

# A rollback is an operation of its own, and it went well: what failed is found by the operation before it.
client.update_stack(StackName=STACK, DisableValidation=True, TemplateBody=template(Free="/judge/events/free", Taken="/judge/events/taken"))
client.get_waiter("stack_rollback_complete").wait(StackName=STACK, WaiterConfig=QUICK)
last = client.describe_stacks(StackName=STACK)["Stacks"][0]["LastOperations"]
expect("the last operations", sorted(one["OperationType"] for one in last), ["ROLLBACK", "UPDATE_STACK"])
expect("failures of the stack", events(StackName=STACK, Filters={"FailedEvents": True}), [])
update = next(one["OperationId"] for one in last if one["OperationType"] == "UPDATE_STACK")
failed = {event.get("LogicalResourceId") for event in events(OperationId=update, Filters={"FailedEvents": True})}
expect("failures of the update", "Taken" in failed, True)
try:
    events(StackName="nobody")
    raise SystemExit("events of nobody")
except ClientError as error:
    expect("events of nobody", error.response["Error"]["Code"], "ValidationError")

client.delete_stack(StackName=STACK)
client.get_waiter("stack_delete_complete").wait(StackName=STACK, WaiterConfig=QUICK)
