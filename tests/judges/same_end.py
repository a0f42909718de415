"""Deploys one assembly to three fresh rehearsal clouds, by como, by boto3 and by the CDK CLI, and compares the ends."""

import json
import os
import re
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import boto3

# What differs from one deployment to the next and is not a physical id.
RANDOM = [
    (re.compile(r"(internal-[a-z0-9-]+)-[a-z0-9]{10}\."), r"\1-<suffix>."),
    (re.compile(r"\b\d{1,3}(\.\d{1,3}){3}\b"), "<address>"),
]
ENDPOINT_WAIT_SECONDS = 30


def masked(value, names):
    """The value with every physical id replaced by the logical id of its resource, longest first."""
    text = json.dumps(value, sort_keys=True)
    for pattern, replacement in RANDOM:
        text = pattern.sub(replacement, text)
    ids = "|".join(re.escape(physical) for physical in sorted(names, key=len, reverse=True))
    text = re.sub(ids, lambda found: f"<{names[found.group()]}>", text)
    return json.loads(text)


class Rehearsal:
    """One supervisor with a state folder of its own."""

    def __init__(self, como: str, folder: Path):
        self.como, self.folder = como, folder
        self.environment = {
            **os.environ,
            "COMO_REHEARSAL_DIR": str(folder),
            "AWS_ACCESS_KEY_ID": "rehearsal",
            "AWS_SECRET_ACCESS_KEY": "rehearsal",
            "AWS_REGION": "ap-southeast-1",
            "AWS_EC2_METADATA_DISABLED": "true",
            "CDK_DISABLE_CLI_TELEMETRY": "true",
            "NO_COLOR": "1",
        }

    def __enter__(self):
        self.run("rehearsal", "start", "--speed", "100000")
        status = json.loads(self.run("rehearsal", "status", "--output", "json"))
        self.endpoint = status["endpoint"]
        self.environment["AWS_ENDPOINT_URL"] = self.endpoint
        return self

    def __exit__(self, *_):
        self.run("rehearsal", "stop")

    def run(self, *arguments: str) -> str:
        run = subprocess.run([self.como, *arguments], env=self.environment, capture_output=True, text=True, check=False)
        if run.returncode != 0:
            raise SystemExit(f"como {' '.join(arguments)} ended with {run.returncode}\n{run.stdout}\n{run.stderr}")
        return run.stdout

    def cloudformation(self, region: str):
        return boto3.client(
            "cloudformation",
            region_name=region,
            endpoint_url=self.endpoint,
            aws_access_key_id="rehearsal",
            aws_secret_access_key="rehearsal",
        )


class Assembly:
    """The stacks of a manifest, upstream first, with the values that como would pass on."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.artifacts = json.loads((folder / "manifest.json").read_text())["artifacts"]

    def in_order(self):
        done: list[str] = []
        while len(done) < len(self.artifacts):
            for name, artifact in self.artifacts.items():
                if name not in done and set(artifact.get("dependencies", [])) <= set(done):
                    done.append(name)
                    yield name, artifact

    @staticmethod
    def parameters(artifact, outputs):
        return {key: outputs[b["stack"]][b["output"]] for key, b in artifact.get("comoParameters", {}).items()}


def outputs_of(client, stack: str):
    described = client.describe_stacks(StackName=stack)["Stacks"][0]
    return {output["OutputKey"]: output["OutputValue"] for output in described.get("Outputs", [])}


def by_como(rehearsal: Rehearsal, _assembly: Assembly, _cdk: str):
    rehearsal.run("deploy", "prod", "--rehearse")


def by_boto3(rehearsal: Rehearsal, assembly: Assembly, _cdk: str):
    outputs: dict[str, dict[str, str]] = {}
    for name, artifact in assembly.in_order():
        client = rehearsal.cloudformation(artifact["environment"].rsplit("/", 1)[1])
        properties = artifact["properties"]
        parameters = assembly.parameters(artifact, outputs)
        client.create_stack(
            StackName=properties["stackName"],
            TemplateBody=(assembly.folder / properties["templateFile"]).read_text(),
            Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
            Capabilities=["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"],
            Tags=[{"Key": key, "Value": value} for key, value in properties.get("tags", {}).items()],
            EnableTerminationProtection=properties.get("terminationProtection", False),
        )
        client.get_waiter("stack_create_complete").wait(
            StackName=properties["stackName"], WaiterConfig={"Delay": 1, "MaxAttempts": 120}
        )
        outputs[name] = outputs_of(client, properties["stackName"])


def by_cdk(rehearsal: Rehearsal, assembly: Assembly, cdk: str):
    outputs: dict[str, dict[str, str]] = {}
    for name, artifact in assembly.in_order():
        parameters = assembly.parameters(artifact, outputs)
        command = [cdk, "deploy", name, "--exclusively", "--require-approval=never", "-a", str(assembly.folder)]
        for key, value in parameters.items():
            command += ["--parameters", f"{name}:{key}={value}"]
        run = subprocess.run(command, env=rehearsal.environment, capture_output=True, text=True, check=False)
        if run.returncode != 0:
            raise SystemExit(f"{' '.join(command)} ended with {run.returncode}\n{run.stdout}\n{run.stderr}")
        client = rehearsal.cloudformation(artifact["environment"].rsplit("/", 1)[1])
        outputs[name] = outputs_of(client, artifact["properties"]["stackName"])


def end_state(rehearsal: Rehearsal, assembly: Assembly):
    described, names = {}, {}
    for name, artifact in assembly.artifacts.items():
        client = rehearsal.cloudformation(artifact["environment"].rsplit("/", 1)[1])
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
    status = json.loads(rehearsal.run("rehearsal", "status", "--output", "json"))
    url = status["endpoints"][0]["url"] + "/v1/openapi.json"
    deadline = time.monotonic() + ENDPOINT_WAIT_SECONDS
    while True:
        try:
            with urllib.request.urlopen(url, timeout=5) as response:
                return response.status
        except OSError:
            if deadline < time.monotonic():
                raise


def main() -> int:
    como, cdk, work = sys.argv[1], sys.argv[2], Path(sys.argv[3])
    assembly = Assembly(work / "como.out")
    ends = {}
    for deployer in (by_como, by_boto3, by_cdk):
        began = time.monotonic()
        with Rehearsal(como, work / deployer.__name__) as rehearsal:
            deployer(rehearsal, assembly, cdk)
            ends[deployer.__name__] = end_state(rehearsal, assembly)
            status = answers(rehearsal)
        count = sum(len(stack["resources"]) for stack in ends[deployer.__name__].values())
        print(f"{deployer.__name__}: {count} resources, API answers {status}, {time.monotonic() - began:.0f} s")
    failed = False
    for name, end in ends.items():
        for stack, ours in ends["by_como"].items():
            for key, value in ours.items():
                if end[stack][key] != value:
                    failed = True
                    print(f"{name}: {stack}: {key} differs\n  como: {value}\n  {name}: {end[stack][key]}")
    passed = 0 if failed else len(ends) - 1
    print(f"{passed} passed, {len(ends) - 1 - passed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
