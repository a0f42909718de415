"""A supervisor of our own with a fresh state folder, and clients for it."""

import json
import os
import subprocess
from pathlib import Path

import boto3
from botocore.config import Config

ACCOUNT = "123456789012"
REGION = "ap-southeast-1"
KEY = {"aws_access_key_id": "rehearsal", "aws_secret_access_key": "rehearsal"}


class Rehearsal:
    """Use as a context; `run` calls como, `client` gives a boto3 client, made once."""

    def __init__(self, como: str, folder: Path, speed: str = "100000"):
        self.como, self.folder, self.speed = como, folder, speed
        self._clients = {}
        self.environment = {
            **os.environ,
            "COMO_REHEARSAL_DIR": str(folder),
            "AWS_ACCESS_KEY_ID": KEY["aws_access_key_id"],
            "AWS_SECRET_ACCESS_KEY": KEY["aws_secret_access_key"],
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": "/dev/null",
            "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
            "AWS_PAGER": "",
            "CDK_DISABLE_CLI_TELEMETRY": "true",
            "CDK_DISABLE_VERSION_CHECK": "1",
            "NO_COLOR": "1",
        }

    def __enter__(self):
        self.run("rehearsal", "start", "--account", ACCOUNT, "--speed", self.speed)
        self.endpoint = self.status()["endpoint"]
        self.environment["AWS_ENDPOINT_URL"] = self.endpoint
        return self

    def __exit__(self, *_):
        self.run("rehearsal", "stop")

    def run(self, *arguments: str) -> str:
        run = subprocess.run([self.como, *arguments], env=self.environment, capture_output=True, text=True, check=False)
        if run.returncode != 0:
            raise SystemExit(f"como {' '.join(arguments)} ended with {run.returncode}\n{run.stdout}\n{run.stderr}")
        return run.stdout

    def status(self) -> dict:
        return json.loads(self.run("rehearsal", "status", "--output", "json"))

    def client(self, service: str, region: str = REGION, **config):
        key = service, region, tuple(sorted(config.items()))
        if key not in self._clients:
            settings = Config(**{"retries": {"total_max_attempts": 2}, "max_pool_connections": 32, **config})
            self._clients[key] = boto3.client(
                service, region_name=region, endpoint_url=self.endpoint, config=settings, **KEY
            )
        return self._clients[key]
