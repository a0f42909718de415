"""What offline work costs this machine: processor time and peak memory of `como` itself. A report; nothing is judged.

Usage: synthesis.py COMO WORK.  Each command is run several times and the least is told, since whatever else the machine does
only ever adds. A debug build is several times dearer than what people use, so the build is named beside the figures.
"""

import os
import subprocess
import sys
from pathlib import Path

RUNS = 5
ENVIRONMENTS = ("prod", "dev", "sydney")


def cost(arguments: list[str], environment: dict[str, str]) -> tuple[float, float]:
    """Seconds of user and system time, and the most memory that was resident at once, in MB."""
    process = subprocess.Popen(arguments, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    said = process.stderr.read().decode()
    _, status, usage = os.wait4(process.pid, 0)
    process.stderr.close()
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"{' '.join(arguments)} ended with {process.returncode}\n{said}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def main() -> int:
    como, work = sys.argv[1], Path(sys.argv[2])
    environment = {**os.environ, "NO_COLOR": "1"}
    commands = {
        "starting and ending": [["--version"]],
        "synth of prod, dev and sydney, checks and files included": [
            ["synth", name, "--directory", str(work / f"synthesis-{name}")] for name in ENVIRONMENTS
        ],
        "validate of prod, dev and sydney, synthesis included": [["validate", *ENVIRONMENTS]],
    }
    build = "release" if "release" in Path(como).resolve().parts else "debug"
    for name, runs in commands.items():
        rounds = [[cost([como, *arguments], environment) for arguments in runs] for _ in range(RUNS)]
        seconds = min(sum(seconds for seconds, _ in costs) for costs in rounds)
        megabytes = min(max(megabytes for _, megabytes in costs) for costs in rounds)
        print(f"{name}: {seconds * 1000:.0f} ms of CPU, {megabytes:.0f} MB at most ({build} build)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
