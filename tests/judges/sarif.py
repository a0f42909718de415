"""Whether what `como validate --format sarif` writes is SARIF 2.1.0 by the standard's own schema.

Usage: sarif.py COMO WORK.  Asked of the environments as they are, of a file with mistakes and of one that is no YAML. The
schema is OASIS's (errata 01), unchanged, from github.com/oasis-tcs/sarif-spec at a560296c.
"""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import jsonschema

HERE = Path(__file__).resolve().parent
ENVIRONMENTS = HERE.parents[1] / "environments"


def say(como: str, folder: Path, *names: str) -> tuple[int, dict]:
    run = subprocess.run(
        [como, "validate", *names, "--format", "sarif", "--environments", str(folder)],
        capture_output=True, text=True, check=False,
    )
    try:
        return run.returncode, json.loads(run.stdout)
    except json.JSONDecodeError as error:
        raise SystemExit(f"not JSON, exit {run.returncode}: {error}\n{run.stdout[:2000]}\n{run.stderr[:2000]}") from error


def judge(validator: jsonschema.Draft4Validator, what: str, said: dict) -> list[dict]:
    """The results, when the schema and what the schema cannot say hold."""
    wrong = [f"{error.json_path}: {error.message[:300]}" for error in validator.iter_errors(said)]
    if wrong:
        raise SystemExit(f"{what} is not SARIF 2.1.0:\n  " + "\n  ".join(wrong[:20]))
    results = []
    for run in said["runs"]:
        rules = [rule["id"] for rule in run["tool"]["driver"].get("rules", [])]
        if len(rules) != len(set(rules)):
            raise SystemExit(f"{what} describes a rule twice")
        for result in run["results"]:
            if result["ruleId"] not in rules or rules[result.get("ruleIndex", rules.index(result["ruleId"]))] != result["ruleId"]:
                raise SystemExit(f"{what}: {result['ruleId']} is not described")
            if not result.get("locations"):
                raise SystemExit(f"{what}: {result['ruleId']} has no place")
            if any(not one.get("justification") for one in result.get("suppressions", [])):
                raise SystemExit(f"{what}: {result['ruleId']} is suppressed without a reason")
        results += run["results"]
    return results


def main() -> int:
    como, work = sys.argv[1], Path(sys.argv[2]) / "sarif"
    schema = json.loads((HERE / "data" / "sarif-schema-2.1.0.json").read_text())
    validator = jsonschema.Draft4Validator(schema, format_checker=jsonschema.Draft4Validator.FORMAT_CHECKER)

    code, said = say(como, ENVIRONMENTS)
    results = judge(validator, "the environments' own", said)
    left = [result for result in results if not result.get("suppressions")]
    if code != 0 or left:
        raise SystemExit(f"the environments are not sound: exit {code}, {json.dumps(left[:5], indent=1)}")
    print(f"the environments: {len(results)} results, all suppressed with a reason")

    production = (ENVIRONMENTS / "prod.yaml").read_text()
    for name, text in (
        ("mistaken", production.replace("nat_gateways: 2", "nat_gateways: many\n  gates: 2", 1)),
        ("broken", "name: [prod\n"),
    ):
        folder = work / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        (folder / "prod.yaml").write_text(text)
        code, said = say(como, folder, "prod")
        results = judge(validator, f"a {name} file's", said)
        lines = [
            one["physicalLocation"].get("region", {}).get("startLine")
            for result in results for one in result["locations"]
        ]
        if code != 3 or not results or not all(lines):
            raise SystemExit(f"a {name} file: exit {code}, {len(results)} results at lines {lines}")
        print(f"a {name} file: exit 3, {len(results)} results at lines {lines}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
