"""What the rehearsal cloud costs this machine: CPU and memory of its supervisor, and how fast it answers.

Usage: performance.py COMO WORK.  The bounds are those of a release build on two idle cores; of a debug build, or on a busy
machine, the numbers are printed and not judged, unless COMO_JUDGE_PERFORMANCE is set.
"""

import concurrent.futures
import http.client
import json
import os
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

CALLS = 100
BOUNDS = {
    f"{CALLS} parallel DescribeStacks, s": 1.0,
    "CPU of the supervisor for a first deploy of prod, s": 3.0,
    # With all stacks of prod; tasks and doubles are processes of their own.
    "memory of the supervisor without its tasks, MB": 150.0,
}


def cpu_seconds(pid: int) -> float:
    """User and system time of the process itself, without its children."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_megabytes(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise SystemExit("no VmRSS")


def parallel_describe_stacks(endpoint: str, region: str) -> float:
    """Seconds until all are answered. Without an SDK, whose signing takes longer than the answers."""
    headers = {
        "Authorization": f"AWS4-HMAC-SHA256 Credential=r/20261123/{region}/cloudformation/aws4_request, "
        "SignedHeaders=host, Signature=0",
        "Content-Type": "application/x-www-form-urlencoded",
    }

    def describe(_):
        connection = http.client.HTTPConnection(endpoint.removeprefix("http://"), timeout=30)
        connection.request("POST", "/", "Action=DescribeStacks&Version=2010-05-15", headers)
        answer = connection.getresponse()
        assert answer.status == 200 and b"<StackStatus>" in answer.read()
        connection.close()

    with concurrent.futures.ThreadPoolExecutor(CALLS) as pool:
        start = time.monotonic()
        list(pool.map(describe, range(CALLS)))
        return time.monotonic() - start


def main() -> int:
    como, work = sys.argv[1], Path(sys.argv[2])
    environment = {**os.environ, "COMO_REHEARSAL_DIR": str(work / "performance"), "NO_COLOR": "1"}

    def run(*arguments: str) -> str:
        done = subprocess.run([como, *arguments], env=environment, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise SystemExit(f"como {' '.join(arguments)} ended with {done.returncode}\n{done.stdout}\n{done.stderr}")
        return done.stdout

    def status() -> dict:
        return json.loads(run("rehearsal", "status", "--output", "json"))

    run("rehearsal", "start", "--speed", "100000")
    measured = {}
    try:
        before = status()
        pid = before["pid"]
        began = cpu_seconds(pid)
        run("deploy", "prod", "--rehearse")
        measured["CPU of the supervisor for a first deploy of prod, s"] = cpu_seconds(pid) - began
        # Where most is to be described; one region has a single stack.
        region = Counter(stack["region"] for stack in status()["stacks"]).most_common(1)[0][0]
        measured[f"{CALLS} parallel DescribeStacks, s"] = parallel_describe_stacks(before["endpoint"], region)
        measured["memory of the supervisor without its tasks, MB"] = resident_megabytes(pid)
    finally:
        run("rehearsal", "stop")
    over = []
    for name, value in measured.items():
        bound = BOUNDS.get(name)
        print(f"{name}: {value:.2f}" + (f" (bound {bound:g})" if bound else ""))
        if bound and bound < value:
            over.append(name)
    judged = "release" in Path(como).resolve().parts or "COMO_JUDGE_PERFORMANCE" in os.environ
    if over and not judged:
        print("over the bound, not judged in a debug build: " + "; ".join(over))
    return 1 if over and judged else 0


if __name__ == "__main__":
    sys.exit(main())
