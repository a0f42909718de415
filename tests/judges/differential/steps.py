"""Runs one case of the corpus on one cloud and writes down what could be seen after each step."""

import json
import time

from botocore.exceptions import ClientError
from botocore.parsers import ResponseParserError

import canonical
import probes
from clouds import Cloud
from order import Order

STEP_SECONDS = 60
FIRST_POLL_SECONDS = 0.02
LONGEST_POLL_SECONDS = 0.25
# Words of the corpus for the arguments of the calls.
ARGUMENTS = {
    "capabilities": "Capabilities",
    "on_failure": "OnFailure",
    "disable_rollback": "DisableRollback",
    "protected": "EnableTerminationProtection",
    "token": "ClientRequestToken",
    "retain": "RetainResources",
    "skip": "ResourcesToSkip",
    "type": "ChangeSetType",
    "policy": "StackPolicyBody",
    "previous": "UsePreviousTemplate",
    "mode": "DeletionMode",
    "import": "ResourcesToImport",
    "import_existing": "ImportExistingResources",
    "on_stack_failure": "OnStackFailure",
    "retain_except_on_create": "RetainExceptOnCreate",
}
# Of a change set these are said when it is executed.
ON_EXECUTION = ("disable_rollback", "retain_except_on_create")


class Run:
    def __init__(self, cloud: Cloud, case: dict):
        self.cloud, self.case = cloud, case
        self.client = cloud.client("cloudformation")
        self.stack = f"s-{case['case']}"
        self.stack_id = self.stack
        self.seen_events: set[str] = set()
        self.templates: list[dict] = []
        # Everything that ever had an identifier: (logical id, identifier) to type.
        self.made: dict[tuple[str, str], str] = {}
        self.current: dict[str, str] = {}
        self.unasked: set[str] = set()

    def observe(self) -> list[dict]:
        return [self._step(step) for step in self.case["steps"]]

    def _step(self, step: dict) -> dict:
        (action, details), = step.items()
        before = dict(self.current)
        seen: dict = {"step": action}
        try:
            answer = getattr(self, f"_{action}")(dict(details or {}))
        except ClientError as error:
            seen["refused"] = error.response["Error"]["Code"]
            seen["message"] = error.response["Error"].get("Message", "")
            answer = None
        except ResponseParserError as error:
            seen["refused"] = "an answer that is none"
            seen["message"] = str(error)
            answer = None
        if isinstance(answer, dict) and "answer" in answer:
            seen |= answer
        self._settle(seen)
        replaced = [name for name, identifier in self.current.items() if name in before and before[name] != identifier]
        if replaced:
            seen["replaced"] = sorted(replaced)
        seen["effects"] = self._effects()
        return seen

    # The steps, by their names in the corpus.

    def _create(self, details):
        self._remember(self.client.create_stack(StackName=self.stack, **self._deployment(details)))

    def _update(self, details):
        self.client.update_stack(StackName=self.stack, **self._deployment(details))

    def _delete(self, details):
        self.client.delete_stack(StackName=self.stack_id, **self._arguments(details))

    def _protect(self, details):
        self.client.update_termination_protection(StackName=self.stack, **self._arguments(details))

    def _policy(self, details):
        self.client.set_stack_policy(StackName=self.stack, StackPolicyBody=json.dumps(details["body"]))

    def _continue_rollback(self, details):
        self.client.continue_update_rollback(StackName=self.stack, **self._arguments(details))

    def _rollback(self, _details):
        self.client.rollback_stack(StackName=self.stack)

    def _cancel(self, _details):
        self.client.cancel_update_stack(StackName=self.stack)

    def _validate(self, details):
        arguments = self._arguments(details)
        found = self.client.validate_template(TemplateBody=arguments["TemplateBody"])
        return {"answer": {
            "parameters": sorted(parameter["ParameterKey"] for parameter in found.get("Parameters", [])),
            "capabilities": sorted(found.get("Capabilities", [])),
        }}

    def _change_set(self, details):
        """Creates one, waits for it, says what is in it; `execute: true` executes it, `delete: true` deletes it."""
        name = details.pop("name", "c1")
        execute, delete = details.pop("execute", False), details.pop("delete", False)
        when_executed = self._arguments({key: details.pop(key) for key in ON_EXECUTION if key in details})
        self._remember(self.client.create_change_set(
            StackName=self.stack, ChangeSetName=name, **self._deployment(details)
        ))
        found = self._wait_for_change_set(name)
        answer = {"status": found["Status"], "execution": found["ExecutionStatus"], "changes": changes(found)}
        if execute:
            self.client.execute_change_set(StackName=self.stack, ChangeSetName=name, **when_executed)
        if delete:
            self.client.delete_change_set(StackName=self.stack, ChangeSetName=name)
        return {"answer": answer}

    def _drift(self, _details):
        """What drift detection sees: the stack's status and, of each resource that has drifted, what differs."""
        detection = self.client.detect_stack_drift(StackName=self.stack)["StackDriftDetectionId"]
        for _ in polls():
            found = self.client.describe_stack_drift_detection_status(StackDriftDetectionId=detection)
            if found["DetectionStatus"] != "DETECTION_IN_PROGRESS":
                break
        drifts = self.client.describe_stack_resource_drifts(
            StackName=self.stack, StackResourceDriftStatusFilters=["MODIFIED", "DELETED"]
        )["StackResourceDrifts"]
        drifted = {
            drift["LogicalResourceId"]: {
                "status": drift["StackResourceDriftStatus"],
                "differences": sorted(
                    f"{one['DifferenceType']} {one['PropertyPath']}" for one in drift.get("PropertyDifferences", [])
                ),
            }
            for drift in drifts
        }
        return {"answer": {
            "detection": found["DetectionStatus"], "stack": found.get("StackDriftStatus"),
            "count": found.get("DriftedStackResourceCount"), "drifted": dict(sorted(drifted.items())),
        }}

    def _direct(self, details):
        """A call past CloudFormation: `{service: ssm, operation: put_parameter, arguments: {…}}`. A value `<Q>` is the
        physical id of the resource Q."""
        client = self.cloud.client(details["service"])
        arguments = {
            key: self.current.get(value[1:-1], value) if isinstance(value, str) and value.startswith("<") else value
            for key, value in details.get("arguments", {}).items()
        }
        getattr(client, details["operation"])(**arguments)

    # What is seen.

    def _deployment(self, details: dict) -> dict:
        """Without the validation before a deployment, unless the case is about it: it would find most failures."""
        is_validated = details.pop("validated", False)
        return {"DisableValidation": not is_validated, **self._arguments(details)}

    def _arguments(self, details: dict) -> dict:
        arguments: dict = {}
        if "template" in details:
            template = details.pop("template")
            if isinstance(template, dict):
                self.templates.append(template)
            arguments["TemplateBody"] = template if isinstance(template, str) else json.dumps(template)
        parameters = details.pop("parameters", None)
        if parameters is not None:
            arguments["Parameters"] = [
                {"ParameterKey": key, "UsePreviousValue": True}
                if value == "<previous>" else {"ParameterKey": key, "ParameterValue": str(value)}
                for key, value in parameters.items()
            ]
        tags = details.pop("tags", None)
        if tags is not None:
            arguments["Tags"] = [{"Key": key, "Value": value} for key, value in tags.items()]
        for key, value in details.items():
            arguments[ARGUMENTS[key]] = json.dumps(value) if key == "policy" else value
        return arguments

    def _remember(self, answer):
        self.stack_id = answer.get("StackId", self.stack_id)

    def _wait_for_change_set(self, name: str) -> dict:
        for _ in polls():
            found = self.client.describe_change_set(
                StackName=self.stack, ChangeSetName=name, IncludePropertyValues=True
            )
            if not found["Status"].endswith(("_PENDING", "_IN_PROGRESS")):
                return found
        raise SystemExit(f"{self.cloud.name}: {self.case['case']}: the change set does not settle")

    def _settle(self, seen: dict) -> None:
        stack = None
        for _ in polls():
            try:
                stack = self.client.describe_stacks(StackName=self.stack_id)["Stacks"][0]
            except ClientError:
                seen["status"] = "none"
                return
            status = stack["StackStatus"]
            # The cleanup after an update is a part of it.
            if status == "REVIEW_IN_PROGRESS" or not status.endswith("_IN_PROGRESS"):
                break
        else:
            seen["status"] = f"still {stack['StackStatus']}"
            return
        self.stack_id = stack["StackId"]
        seen["status"] = stack["StackStatus"]
        if stack["StackStatus"] != "DELETE_COMPLETE":
            self._look_at_resources(seen)
        outputs = {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}
        seen["outputs"] = canonical.masked(outputs, self.stack_id, self.current)
        seen |= self._new_events()

    def _look_at_resources(self, seen: dict) -> None:
        pages = self.client.get_paginator("list_stack_resources").paginate(StackName=self.stack_id)
        self.current, seen["resources"] = {}, {}
        for page in pages:
            for resource in page["StackResourceSummaries"]:
                name, identifier = resource["LogicalResourceId"], resource.get("PhysicalResourceId", "")
                seen["resources"][name] = resource["ResourceStatus"]
                if identifier:
                    self.current[name] = identifier
                    self.made[name, identifier] = resource["ResourceType"]

    def _new_events(self) -> dict:
        pages = self.client.get_paginator("describe_stack_events").paginate(StackName=self.stack_id)
        events = [event for page in pages for event in page["StackEvents"]]
        new = [event for event in reversed(events) if event["EventId"] not in self.seen_events]
        self.seen_events |= {event["EventId"] for event in new}
        for event in new:
            identifier = event.get("PhysicalResourceId")
            if identifier and identifier not in (self.stack_id, ""):
                self.made.setdefault((event["LogicalResourceId"], identifier), event["ResourceType"])
        lines = [(event["LogicalResourceId"], event["ResourceStatus"]) for event in new]
        order = Order(new, self.stack, canonical.direct_needs(*self.templates[-1:]), canonical.direct_needs(*self.templates))
        return {
            "events": canonical.ordered(lines, canonical.needs(*self.templates), self.stack),
            "order": order.violations(),
        }

    def _effects(self) -> dict:
        """By logical id: what exists, newest identifier first, `None` for what is gone."""
        effects: dict = {}
        for (name, identifier), resource_type in self.made.items():
            try:
                found = probes.probe(self.cloud, resource_type, identifier)
            except probes.NotOffered:
                self.unasked.add(resource_type)
                continue
            key = name if self.current.get(name) == identifier else f"{name} (former)"
            if found == "exists" and resource_type not in probes.PROBES:
                continue
            effects.setdefault(key, []).append(found)
        return {key: canonical.masked(found, self.stack_id, self.current) for key, found in sorted(effects.items())}


def changes(change_set: dict) -> list[dict]:
    listed = []
    for change in change_set.get("Changes", []):
        resource = change["ResourceChange"]
        listed.append({
            "action": resource["Action"],
            "resource": resource["LogicalResourceId"],
            "replacement": resource.get("Replacement"),
            "policy": resource.get("PolicyAction"),
            "properties": sorted({
                detail["Target"].get("Name") or detail["Target"]["Attribute"]
                for detail in resource.get("Details", [])
            }),
        })
    return sorted(listed, key=lambda change: change["resource"])


def polls():
    """Yields until the time of a step is over."""
    deadline, pause = time.monotonic() + STEP_SECONDS, FIRST_POLL_SECONDS
    while time.monotonic() < deadline:
        yield
        time.sleep(pause)
        pause = min(pause * 2, LONGEST_POLL_SECONDS)
