"""boto3's waiters and paginators, over stacks that end in each way that a waiter knows."""

import json

import boto3
from botocore.exceptions import WaiterError

QUICK = {"Delay": 1, "MaxAttempts": 60}
STACK = "judge-boto3"
client = boto3.client("cloudformation")


def template(count: int, value: str = "x") -> str:
    return json.dumps({"Resources": {
        f"P{index:02}": {
            "Type": "AWS::SSM::Parameter",
            "Properties": {"Name": f"/judge/boto3/{index}", "Type": "String", "Value": value},
        }
        for index in range(count)
    }})


def wait(name: str, **arguments) -> None:
    client.get_waiter(name).wait(WaiterConfig=QUICK, **arguments)


def expect(what: str, seen, wanted) -> None:
    if seen != wanted:
        raise SystemExit(f"{what}: {seen} instead of {wanted}")
    print(f"  {what}: {seen}")


client.create_stack(StackName=STACK, TemplateBody=template(30))
wait("stack_exists", StackName=STACK)
wait("stack_create_complete", StackName=STACK)
pages = client.get_paginator("describe_stack_events").paginate(StackName=STACK)
events = [event for page in pages for event in page["StackEvents"]]
expect("describe_stack_events", len({event["EventId"] for event in events}), 30 * 3 + 2)
pages = client.get_paginator("list_stack_resources").paginate(StackName=STACK)
expect("list_stack_resources", sum(len(page["StackResourceSummaries"]) for page in pages), 30)
pages = client.get_paginator("list_stacks").paginate(StackStatusFilter=["CREATE_COMPLETE"])
expect("list_stacks", [stack["StackName"] for page in pages for stack in page["StackSummaries"]], [STACK])
pages = client.get_paginator("describe_stacks").paginate()
expect("describe_stacks", [stack["StackName"] for page in pages for stack in page["Stacks"]], [STACK])

client.update_stack(StackName=STACK, TemplateBody=template(30, "y"))
wait("stack_update_complete", StackName=STACK)
client.create_change_set(StackName=STACK, ChangeSetName="next", TemplateBody=template(29, "y"))
wait("change_set_create_complete", StackName=STACK, ChangeSetName="next")
pages = client.get_paginator("describe_change_set").paginate(StackName=STACK, ChangeSetName="next")
actions = [change["ResourceChange"]["Action"] for page in pages for change in page["Changes"]]
expect("describe_change_set", actions, ["Remove"])
pages = client.get_paginator("list_change_sets").paginate(StackName=STACK)
expect("list_change_sets", [one["ChangeSetName"] for page in pages for one in page["Summaries"]], ["next"])
client.execute_change_set(StackName=STACK, ChangeSetName="next")
wait("stack_update_complete", StackName=STACK)

# An update that fails: the name is taken.
boto3.client("ssm").put_parameter(Name="/judge/boto3/29", Type="String", Value="taken")
client.update_stack(StackName=STACK, TemplateBody=template(30, "z"))
wait("stack_rollback_complete", StackName=STACK)
expect("after a failed update", client.describe_stacks(StackName=STACK)["Stacks"][0]["StackStatus"], "UPDATE_ROLLBACK_COMPLETE")
try:
    wait("stack_update_complete", StackName=STACK)
    raise SystemExit("stack_update_complete did not see the failure")
except WaiterError as error:
    expect("a waiter that fails", "terminal failure" in str(error), True)

client.delete_stack(StackName=STACK)
wait("stack_delete_complete", StackName=STACK)
