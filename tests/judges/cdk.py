"""The CDK CLI on an assembly that CDK did not write: deploy by either method, diff, and destroy."""

import concurrent.futures
import json
import shutil
import subprocess
from pathlib import Path

from rehearsal import Rehearsal

# Quiet about what is not asked: no notices from the network, no version check, no telemetry (see Rehearsal).
QUIET = ["--no-notices", "--no-version-reporting", "--ci"]


class Cdk:
    """The CLI in front of one cloud. `say` gives exit code and output; `must` wants the exit code."""

    def __init__(self, program: str, rehearsal: Rehearsal, work: Path):
        self.program, self.rehearsal, self.work = program, rehearsal, work

    def say(self, command: str, app: Path, *arguments: str) -> tuple[int, str]:
        line = [self.program, command, *arguments, "--app", str(app), *QUIET]
        # Two at once must not write one home's cache; nor is there anything in it to find.
        run = subprocess.run(
            line, env={**self.rehearsal.environment, "CDK_HOME": str(self.work / "cdk-home")}, cwd=self.work,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
        )
        return run.returncode, run.stdout

    def must(self, wanted: int, command: str, app: Path, *arguments: str) -> str:
        code, output = self.say(command, app, *arguments)
        if code != wanted:
            raise SystemExit(f"cdk {command} {' '.join(arguments)} ended with {code} instead of {wanted}\n{output}")
        return output


def given(parameters: dict[str, dict[str, str]]) -> list[str]:
    """The flags for stacks' parameters."""
    return [part for stack, values in parameters.items() for key, value in values.items()
            for part in ("--parameters", f"{stack}:{key}={value}")]


def deploy_in_waves(cdk: Cdk, app: Path, artifacts: dict, parameters_of, method: str) -> dict[str, dict[str, str]]:
    """Stacks whose dependencies are done are deployed at the same time. Gives the parameters that were passed.

    The values of a stack come from the outputs of others, so one `cdk deploy` of all cannot pass them.
    """
    passed: dict[str, dict[str, str]] = {}

    def deploy(name: str) -> None:
        passed[name] = parameters_of(name)
        how = ["--exclusively", "--require-approval=never", f"--method={method}"]
        cdk.must(0, "deploy", app, name, *how, *given({name: passed[name]}))

    done: set[str] = set()
    while len(done) < len(artifacts):
        wave = [n for n, one in artifacts.items() if n not in done and set(one.get("dependencies", [])) <= done]
        with concurrent.futures.ThreadPoolExecutor(len(wave)) as pool:
            list(pool.map(deploy, wave))
        done |= set(wave)
    return passed


def changed(app: Path, target: Path, stack: str, resource_type: str, change) -> str:
    """A copy of the assembly in which `change(properties)` was done to one resource; gives its logical id."""
    shutil.copytree(app, target)
    file = target / json.loads((app / "manifest.json").read_text())["artifacts"][stack]["properties"]["templateFile"]
    template = json.loads(file.read_text())
    logical_id, resource = next(
        (name, one) for name, one in template["Resources"].items() if one["Type"] == resource_type
    )
    change(resource["Properties"])
    file.write_text(json.dumps(template))
    return logical_id


def judge_diff(cdk: Cdk, app: Path, passed: dict[str, dict[str, str]]) -> int:
    """What `cdk diff` says of no change, of a change in place and of a replacement. Gives the number of checks."""
    flags = given(passed)
    output = cdk.must(0, "diff", app, "--fail", *flags)
    if output.count("There were no differences") != len(passed):
        raise SystemExit(f"cdk diff does not say of every stack that it has not changed\n{output}")
    network = next(name for name in passed if name.endswith("-network"))
    for target, resource_type, change, flag, words in (
        ("in-place", "AWS::Logs::LogGroup", {"RetentionInDays": 1}, "--fail", "RetentionInDays"),
        ("replaced", "AWS::EC2::VPC", {"CidrBlock": "10.99.0.0/16"}, "--fail-on=destructive", "requires replacement"),
    ):
        copy = cdk.work / target
        logical_id = changed(app, copy, network, resource_type, lambda properties, change=change: properties.update(change))
        output = cdk.must(1, "diff", copy, network, "--exclusively", flag)
        if logical_id not in output or words not in output:
            raise SystemExit(f"cdk diff does not say {words!r} of {logical_id}\n{output}")
    cdk.must(0, "deploy", cdk.work / "in-place", network, "--exclusively", "--require-approval=never")
    cdk.must(0, "diff", cdk.work / "in-place", network, "--exclusively", "--fail")
    return 5


def judge_destroy(cdk: Cdk, app: Path, artifacts: dict) -> int:
    """Protected stacks stay; without protection all go, and what is to be kept is kept."""

    def client(name: str):
        return cdk.rehearsal.client("cloudformation", artifacts[name]["environment"].rsplit("/", 1)[1])

    def left() -> list[str]:
        return [name for name in artifacts if any(
            stack["StackStatus"] != "DELETE_COMPLETE" and stack["StackName"] == artifacts[name]["properties"]["stackName"]
            for page in client(name).get_paginator("describe_stacks").paginate() for stack in page["Stacks"]
        )]

    code, output = cdk.say("destroy", app, "--all", "--force")
    if code == 0 or "TerminationProtection" not in output or left() != list(artifacts):
        raise SystemExit(f"cdk destroy of protected stacks ended with {code} and left {left()}\n{output}")
    kept = {}
    for name, artifact in artifacts.items():
        stack = artifact["properties"]["stackName"]
        client(name).update_termination_protection(StackName=stack, EnableTerminationProtection=False)
        template = json.loads((app / artifact["properties"]["templateFile"]).read_text())
        for resource in client(name).describe_stack_resources(StackName=stack)["StackResources"]:
            declared = template["Resources"][resource["LogicalResourceId"]]
            if declared.get("DeletionPolicy") in ("Retain", "RetainExceptOnCreate"):
                kept[resource["PhysicalResourceId"]] = declared["Type"]
    cdk.must(0, "destroy", app, "--all", "--force")
    if left():
        raise SystemExit(f"cdk destroy left {left()}")
    regions = {artifact["environment"].rsplit("/", 1)[1] for artifact in artifacts.values()}
    tables = {name for region in regions for name in cdk.rehearsal.client("dynamodb", region).list_tables()["TableNames"]}
    gone = [table for table, resource_type in kept.items() if resource_type == "AWS::DynamoDB::GlobalTable" and table not in tables]
    if gone or not kept:
        raise SystemExit(f"cdk destroy took what was to be kept: {gone}")
    return 3
