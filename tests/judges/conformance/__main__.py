"""Whether the hosted services behave over the wire as AWS documents it, asked by boto3 and by plain HTTP.

Usage: python -m conformance COMO WORK [PATTERN…], with tests/judges in PYTHONPATH.  Every function `check_…(cloud)` of the
modules below is one check; its first docstring line says what is promised and its name is what `known.py` lists. Fails on
a check that fails and is not listed, and on one that is listed and passes.
"""

import concurrent.futures
import fnmatch
import importlib
import sys
import time
import traceback
from pathlib import Path

from conformance.known import KNOWN
from rehearsal import Rehearsal

MODULES = ("dynamodb", "streams", "sqs", "s3", "cognito", "parameters", "secrets", "kms", "ecr", "messaging", "edge", "watching")
AT_ONCE = 6


def checks(wanted: list[str]):
    for module in MODULES:
        loaded = importlib.import_module(f"conformance.{module}")
        for name, function in vars(loaded).items():
            full = f"{module}.{name.removeprefix('check_')}"
            if name.startswith("check_") and (not wanted or any(fnmatch.fnmatchcase(full, one) for one in wanted)):
                yield full, function


def run(cloud: Rehearsal, function) -> str | None:
    """What went wrong, if anything."""
    try:
        function(cloud)
    except Exception as error:  # noqa: BLE001 - every failure of a check is a finding
        place = traceback.extract_tb(error.__traceback__)
        lines = [frame.lineno for frame in place if frame.filename == function.__code__.co_filename]
        return f"line {lines[-1] if lines else '?'}: {type(error).__name__}: {error}"
    return None


def main() -> int:
    como, work, wanted = sys.argv[1], Path(sys.argv[2]), sys.argv[3:]
    began = time.monotonic()
    listed = list(checks(wanted))
    with Rehearsal(como, work / "conformance") as cloud, concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        results = list(pool.map(lambda check: run(cloud, check[1]), listed))
    passed = failed = 0
    for (name, function), wrong in zip(listed, results, strict=True):
        promise = (function.__doc__ or name).splitlines()[0]
        if wrong is None and name not in KNOWN:
            passed += 1
        elif wrong is None:
            failed += 1
            print(f"{name} passes and is listed in known.py as failing: {KNOWN[name]}")
        elif name in KNOWN:
            print(f"known: {name}: {promise} {KNOWN[name]}")
        else:
            failed += 1
            print(f"{name}: {promise}\n  {wrong}")
    gone = sorted(set(KNOWN) - {name for name, _ in listed}) if not wanted else []
    for name in gone:
        print(f"{name} is listed in known.py and is no check")
    known = len(listed) - passed - failed
    print(f"{passed} passed, {failed} failed, {known} fail as listed, {time.monotonic() - began:.0f} s")
    return 1 if failed or gone else 0


if __name__ == "__main__":
    sys.exit(main())
