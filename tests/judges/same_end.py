"""Deploys one assembly to four fresh rehearsal clouds, by como, by boto3 and twice by the CDK CLI, and compares the ends.

Usage: same_end.py COMO CDK WORK, where WORK/como.out is the assembly.  Where boto3 has deployed, its waiters and
paginators and the AWS CLI's look at what is there; where the CDK CLI has, it compares and destroys.
"""

import json
import re
import sys
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import cdk
from clients import services
from rehearsal import Rehearsal

# What differs from one deployment to the next and is not a physical id.
RANDOM = [
    (re.compile(r"(internal-[^\"/ ]+)-[a-z0-9]{10}\."), r"\1-<suffix>."),
    (re.compile(r"\b\d{1,3}(\.\d{1,3}){3}\b"), "<address>"),
    (re.compile(r"\beipalloc-[0-9a-f]+"), "<allocation>"),
    # What a VPC comes with is no resource of a stack.
    (re.compile(r"\bsg-[0-9a-f]{17}\b"), "<default group>"),
    (re.compile(r"((?:app|targetgroup)/[^/\"]+)/[0-9a-f]{16}\b"), r"\1/<suffix>"),
    (re.compile(r"\bd-[a-z0-9]{10}\.execute-api"), "<domain>.execute-api"),
    (re.compile(r"\bns-\d+\.awsdns-\d+"), "<name server>"),
    (re.compile(r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b"), "<uuid>"),
]
ENDPOINT_WAIT_SECONDS = 30
# As `runtime/contract` names them.
ARCHIVE_PARAMETER = "FunctionsArchiveKey"
ASSET_BUCKET = "AssetBucketName"


def masked(value, names):
    """The value with every physical id replaced by the logical id of its resource, longest first."""
    text = json.dumps(value, sort_keys=True)
    ids = "|".join(re.escape(physical) for physical in sorted(names, key=len, reverse=True))
    text = re.sub(ids, lambda found: f"<{names[found.group()]}>", text)
    for pattern, replacement in RANDOM:
        text = pattern.sub(replacement, text)
    return json.loads(text)


@dataclass
class Archive:
    """The functions' program, which a deployer puts into the bucket of assets before the stack that needs it."""

    key: str
    content: bytes

    def put(self, client, bucket: str) -> str:
        client.put_object(Bucket=bucket, Key=self.key, Body=self.content)
        return self.key


class Assembly:
    """The stacks of a manifest, upstream first, with the values that como would pass on."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.artifacts = json.loads((folder / "manifest.json").read_text())["artifacts"]
        self.archive: Archive | None = None

    def in_order(self):
        done: list[str] = []
        while len(done) < len(self.artifacts):
            for name, artifact in self.artifacts.items():
                if name not in done and set(artifact.get("dependencies", [])) <= set(done):
                    done.append(name)
                    yield name, artifact

    def template(self, name: str) -> dict:
        return json.loads((self.folder / self.artifacts[name]["properties"]["templateFile"]).read_text())

    def count(self, resource_type: str) -> int:
        resources = [one for name in self.artifacts for one in self.template(name)["Resources"].values()]
        return sum(one["Type"] == resource_type for one in resources)

    def client(self, rehearsal: Rehearsal, name: str):
        return rehearsal.client("cloudformation", self.artifacts[name]["environment"].rsplit("/", 1)[1])

    def outputs(self, rehearsal: Rehearsal, name: str) -> dict[str, str]:
        stack = self.artifacts[name]["properties"]["stackName"]
        described = self.client(rehearsal, name).describe_stacks(StackName=stack)["Stacks"][0]
        return {output["OutputKey"]: output["OutputValue"] for output in described.get("Outputs", [])}

    def parameters(self, rehearsal: Rehearsal, name: str) -> dict[str, str]:
        wanted = self.artifacts[name].get("comoParameters", {})
        outputs = {stack: self.outputs(rehearsal, stack) for stack in {one["stack"] for one in wanted.values()}}
        values = {key: outputs[one["stack"]][one["output"]] for key, one in wanted.items()}
        if ARCHIVE_PARAMETER in self.template(name).get("Parameters", {}):
            bucket = next(values[key] for key, one in wanted.items() if one["output"] == ASSET_BUCKET)
            region = self.artifacts[name]["environment"].rsplit("/", 1)[1]
            values[ARCHIVE_PARAMETER] = self.archive.put(rehearsal.client("s3", region), bucket)
        return values

    def keep_archive(self, rehearsal: Rehearsal):
        """What como has uploaded is what the others upload: a release is made once."""
        for name in self.artifacts:
            if ARCHIVE_PARAMETER in self.template(name).get("Parameters", {}):
                stack = self.artifacts[name]["properties"]["stackName"]
                described = self.client(rehearsal, name).describe_stacks(StackName=stack)["Stacks"][0]
                given = {one["ParameterKey"]: one["ParameterValue"] for one in described["Parameters"]}
                wanted = self.artifacts[name]["comoParameters"]
                bucket = next(given[key] for key, one in wanted.items() if one["output"] == ASSET_BUCKET)
                region = self.artifacts[name]["environment"].rsplit("/", 1)[1]
                found = rehearsal.client("s3", region).get_object(Bucket=bucket, Key=given[ARCHIVE_PARAMETER])
                self.archive = Archive(given[ARCHIVE_PARAMETER], found["Body"].read())
                return


def by_como(rehearsal: Rehearsal, assembly: Assembly, _cdk: cdk.Cdk):
    rehearsal.run("deploy", "prod", "--rehearse")
    assembly.keep_archive(rehearsal)
    return lambda: 0


def by_boto3(rehearsal: Rehearsal, assembly: Assembly, _cdk: cdk.Cdk):
    for name, artifact in assembly.in_order():
        client, properties = assembly.client(rehearsal, name), artifact["properties"]
        parameters = assembly.parameters(rehearsal, name)
        client.create_stack(
            StackName=properties["stackName"],
            # Without white space: a body may have 51,200 bytes.
            TemplateBody=json.dumps(assembly.template(name), separators=(",", ":")),
            Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
            Capabilities=["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"],
            Tags=[{"Key": key, "Value": value} for key, value in properties.get("tags", {}).items()],
            EnableTerminationProtection=properties.get("terminationProtection", False),
        )
        client.get_waiter("stack_create_complete").wait(
            StackName=properties["stackName"], WaiterConfig={"Delay": 1, "MaxAttempts": 120}
        )
    return lambda: services.judge(rehearsal, assembly.count("AWS::ECS::Service"))


def with_cdk(rehearsal: Rehearsal, assembly: Assembly, cli: cdk.Cdk, method: str):
    return cdk.deploy_in_waves(
        cli, assembly.folder, assembly.artifacts, lambda name: assembly.parameters(rehearsal, name), method
    )


def by_cdk_directly(rehearsal: Rehearsal, assembly: Assembly, cli: cdk.Cdk):
    """By CreateStack."""
    with_cdk(rehearsal, assembly, cli, "direct")
    return lambda: 0


def by_cdk(rehearsal: Rehearsal, assembly: Assembly, cli: cdk.Cdk):
    """By change sets, which is its default."""
    passed = with_cdk(rehearsal, assembly, cli, "change-set")
    return lambda: cdk.judge_diff(cli, assembly.folder, passed) + cdk.judge_destroy(cli, assembly.folder, assembly.artifacts)


def end_state(rehearsal: Rehearsal, assembly: Assembly):
    described, names = {}, {}
    for name, artifact in assembly.artifacts.items():
        client = assembly.client(rehearsal, name)
        stack_name = artifact["properties"]["stackName"]
        stack = client.describe_stacks(StackName=stack_name)["Stacks"][0]
        pages = client.get_paginator("list_stack_resources").paginate(StackName=stack_name)
        resources = [resource for page in pages for resource in page["StackResourceSummaries"]]
        described[name] = stack, resources
        names |= {r["PhysicalResourceId"]: f"{name}.{r['LogicalResourceId']}" for r in resources}
    return {
        name: {
            "status": stack["StackStatus"],
            "protected": stack.get("EnableTerminationProtection"),
            "tags": {tag["Key"]: tag["Value"] for tag in stack.get("Tags", [])},
            "parameters": masked({p["ParameterKey"]: p["ParameterValue"] for p in stack.get("Parameters", [])}, names),
            "outputs": masked({o["OutputKey"]: o["OutputValue"] for o in stack.get("Outputs", [])}, names),
            "resources": {r["LogicalResourceId"]: [r["ResourceType"], r["ResourceStatus"]] for r in resources},
        }
        for name, (stack, resources) in described.items()
    }


def answers(rehearsal: Rehearsal) -> int:
    """The status of a public route through the deployed gateway."""
    url = rehearsal.status()["endpoints"][0]["url"] + "/v1/openapi.json"
    deadline = time.monotonic() + ENDPOINT_WAIT_SECONDS
    while True:
        try:
            with urllib.request.urlopen(url, timeout=5) as response:
                return response.status
        except OSError:
            if deadline < time.monotonic():
                raise


def main() -> int:
    como, program, work = sys.argv[1], sys.argv[2], Path(sys.argv[3])
    assembly = Assembly(work / "como.out")
    ends, passed = {}, 0
    for deployer in (by_como, by_boto3, by_cdk_directly, by_cdk):
        began = time.monotonic()
        folder = work / deployer.__name__
        folder.mkdir()
        with Rehearsal(como, folder / "rehearsal") as rehearsal:
            more = deployer(rehearsal, assembly, cdk.Cdk(program, rehearsal, folder))
            ends[deployer.__name__] = end_state(rehearsal, assembly)
            status = answers(rehearsal)
            deployed = time.monotonic() - began
            checks = more()
            passed += checks
        count = sum(len(stack["resources"]) for stack in ends[deployer.__name__].values())
        print(
            f"{deployer.__name__}: {count} resources, API answers {status}, {deployed:.0f} s; "
            f"{checks} more checks, {time.monotonic() - began - deployed:.0f} s"
        )
    failed = False
    for name, end in ends.items():
        for stack, ours in ends["by_como"].items():
            for key, value in ours.items():
                if end[stack][key] != value:
                    failed = True
                    print(f"{name}: {stack}: {key} differs\n  como: {value}\n  {name}: {end[stack][key]}")
    passed += 0 if failed else len(ends) - 1
    print(f"{passed} passed, {len(ends) - 1 if failed else 0} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
