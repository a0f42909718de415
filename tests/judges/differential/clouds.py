"""The two clouds: our supervisor, and ministack as a judge that others wrote. Both fresh, both on loopback."""

import json
import os
import socket
import subprocess
import time
import urllib.request
from pathlib import Path

import boto3
from botocore.config import Config

REGION = "ap-southeast-1"
ACCOUNT = "123456789012"
START_SECONDS = 30
# Far beyond any wait in the corpus: only the order counts here.
SPEED = "1000000"


class Cloud:
    """Clients of one cloud, made once each."""

    name: str
    endpoint: str

    def __init__(self):
        self._clients = {}

    def client(self, service: str, region: str = REGION):
        key = service, region
        if key not in self._clients:
            self._clients[key] = boto3.client(
                service,
                region_name=region,
                endpoint_url=self.endpoint,
                # ministack takes the account from an access key of twelve digits.
                aws_access_key_id=ACCOUNT,
                aws_secret_access_key="rehearsal",
                config=Config(retries={"total_max_attempts": 2}, max_pool_connections=32, parameter_validation=False),
            )
        return self._clients[key]


class Ours(Cloud):
    name = "como"

    def __init__(self, como: str, folder: Path):
        super().__init__()
        self.como, self.folder = como, folder
        self.environment = {**os.environ, "COMO_REHEARSAL_DIR": str(folder), "NO_COLOR": "1"}

    def __enter__(self):
        self._run("rehearsal", "start", "--account", ACCOUNT, "--speed", SPEED)
        self.endpoint = json.loads(self._run("rehearsal", "status", "--output", "json"))["endpoint"]
        return self

    def __exit__(self, *_):
        self._run("rehearsal", "stop")

    def _run(self, *arguments: str) -> str:
        run = subprocess.run([self.como, *arguments], env=self.environment, capture_output=True, text=True, check=False)
        if run.returncode != 0:
            raise SystemExit(f"como {' '.join(arguments)} ended with {run.returncode}\n{run.stdout}\n{run.stderr}")
        return run.stdout


class Ministack(Cloud):
    name = "ministack"

    def __init__(self, program: str, folder: Path):
        super().__init__()
        self.program, self.folder = program, folder

    def __enter__(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.endpoint = f"http://127.0.0.1:{port}"
        environment = {
            **os.environ,
            "GATEWAY_PORT": str(port),
            "BIND_HOST": "127.0.0.1",
            "MINISTACK_ACCOUNT_ID": ACCOUNT,
            "MINISTACK_REGION": REGION,
            "LOG_LEVEL": "ERROR",
        }
        self.log = (self.folder / "log").open("w")
        self.process = subprocess.Popen(
            [self.program], cwd=self.folder, env=environment, stdout=self.log, stderr=self.log
        )
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                urllib.request.urlopen(f"{self.endpoint}/_ministack/health", timeout=2).close()
                return self
            except OSError as error:
                if self.process.poll() is not None or deadline < time.monotonic():
                    raise SystemExit(f"ministack did not start; see {self.folder / 'log'}: {error}") from error
                time.sleep(0.1)

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
        self.log.close()
