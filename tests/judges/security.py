"""What cfn-lint, checkov and cdk-nag say of every environment's templates.

Usage: security.py [--only TOOL…] (--como COMO | NAME=ASSEMBLY…) [--work DIR]

With `--como`, every file of `environments` is synthesised, and a recovery environment in each of its postures. Fails on any
error, warning, failed check or finding; on a suppression without a reason; and when more is suppressed than
`security-caps.yaml` allows. Suppressions are counted over the environments that are deployed, in the postures of their
files, each stack once; other variants (another posture, the proposal's own profile) must be as clean but are not counted
again. A suppression of what a tool does not report is told and does no harm: a native check of the same id may report it.
"""

import argparse
import collections
import concurrent.futures
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import yaml

from scanners.templates import TOOLS, Finding, Suppression, Template, read
from scanners.tools import RUN, Answer, ToolFailed

ROOT = Path(__file__).resolve().parents[2]
CAPS = Path(__file__).parent / "security-caps.yaml"
POSTURES = ("cold", "pilot-light", "warm")
# Synthesised and priced, never deployed; or not on AWS at all.
NOT_COUNTED = re.compile(r"^proposal-|\(")
NOT_ON_AWS = {"local"}


def synthesise(como: str, work: Path) -> dict[str, Path]:
    """The assembly of each environment, by name; a variant has its posture in brackets."""
    assemblies = {}

    def synth(name: str, label: str, environments: Path) -> None:
        run = subprocess.run(
            [como, "synth", name, "--directory", str(work / label), "--environments", str(environments)],
            capture_output=True, text=True, check=False,
        )
        if run.returncode != 0:
            raise ToolFailed(f"{label} cannot be synthesised\n{run.stderr}")
        # A profile of several environments has an assembly for each.
        for manifest in sorted((work / label).rglob("manifest.json")):
            assemblies[str(manifest.parent.relative_to(work))] = manifest.parent

    for file in sorted((ROOT / "environments").glob("*.yaml")):
        if file.stem in NOT_ON_AWS:
            continue
        synth(file.stem, file.stem, file.parent)
        posture = re.search(r"^(\s*posture:\s*)([a-z-]+)", file.read_text(), re.MULTILINE)
        for other in POSTURES if posture else ():
            if other == posture[2]:
                continue
            copy = work / f"environments-{file.stem}-{other}"
            shutil.copytree(file.parent, copy)
            (copy / file.name).write_text(file.read_text().replace(posture[0], posture[1] + other, 1))
            synth(file.stem, f"{file.stem} ({other})", copy)
    return assemblies


def without_reason(suppressions: list[Suppression]) -> list[str]:
    return [f"{one}: suppressed without a reason" for one in suppressions if len(one.reason.split()) < 3]


def beyond_the_caps(suppressed: collections.Counter, caps: dict) -> list[str]:
    return [
        f"{tool} {rule}: {count} suppressed, {most} allowed by {CAPS.name}"
        for (tool, rule), count in sorted(suppressed.items())
        if count > (most := caps.get(tool, {}).get(rule, {}).get("most", 0))
    ]


def table(rows: list[tuple]) -> str:
    widths = [max(len(str(row[column])) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(str(cell).ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def ask(tools: tuple[str, ...], templates: list[Template]) -> dict[str, Answer]:
    """What each tool says. Of templates that are the same, as many are in two postures, it is asked once."""
    same = collections.defaultdict(list)
    for template in templates:
        same[template.region, json.dumps(template.body)].append(template)
    names = {group[0].name: [one.name for one in group] for group in same.values()}
    installed = Path(os.environ["COMO_TOOLS"])
    with tempfile.TemporaryDirectory() as work, concurrent.futures.ThreadPoolExecutor(len(tools)) as pool:
        asked = {tool: pool.submit(RUN[tool], installed, [group[0] for group in same.values()], Path(work) / tool) for tool in tools}
        return {
            tool: tuple(
                [replace(finding, template=name) for finding in findings for name in names[finding.template]]
                for findings in answer.result()
            )
            for tool, answer in asked.items()
        }


def judge(tools: tuple[str, ...], templates: list[Template]) -> list[str]:
    """Prints the counts; gives the problems."""
    answers = ask(tools, templates)
    suppressions = [one for template in templates for one in template.suppressions() if one.tool in tools]
    caps = yaml.safe_load(CAPS.read_text())
    environments = list(dict.fromkeys(one.environment for one in templates))
    # Variants come last, so that what they share is counted where it is deployed.
    environments.sort(key=lambda name: bool(NOT_COUNTED.search(name)))
    counted = {name for name in environments if not NOT_COUNTED.search(name)}
    rows = [("environment", "templates", "resources", *(f"{tool}: left, suppressed" for tool in tools))]
    by_rule, seen = collections.defaultdict(collections.Counter), collections.defaultdict(set)
    problems, idle = [], []
    for name in environments:
        own = [one for one in templates if one.environment == name]
        cells = []
        for tool in tools:
            left, raw = ([one for one in answer if one.template.startswith(f"{name}/")] for answer in answers[tool])
            mine = [one for one in suppressions if one.tool == tool and one.template.startswith(f"{name}/")]
            covered = [finding for finding in raw if any(one.covers(finding) for one in mine)]
            problems += [str(finding) for finding in left] + without_reason(mine)
            idle += [str(one) for one in mine if not any(one.covers(finding) for finding in raw)]
            cells.append(f"{len(left)}, {len(covered)}")
            for finding in covered:
                # Stacks that environments share are in the assembly of each.
                stack = finding.template.removeprefix(f"{name}/"), finding.logical_id, finding.detail
                if stack not in seen[tool, finding.rule]:
                    seen[tool, finding.rule].add(stack)
                    by_rule[tool, finding.rule][name] += 1
        rows.append((name, len(own), sum(len(one.body["Resources"]) for one in own), *cells))
    print(table(rows))

    total = collections.Counter({key: sum(n for name, n in one.items() if name in counted) for key, one in by_rule.items()})
    if total:
        print("\nsuppressed, each with its reason in the template (counted: " + ", ".join(sorted(counted)) + ")")
        print(table([("tool", "rule", "most", "counted", "by environment")] + [
            (tool, rule, caps.get(tool, {}).get(rule, {}).get("most", 0), total[tool, rule],
             ", ".join(f"{name} {n}" for name, n in one.items()))
            for (tool, rule), one in sorted(by_rule.items())
        ]))
    for one in sorted(set(idle)):
        print(f"nothing to suppress: {one}")
    # A rule that only a variant suppresses has no count, but must be known.
    unknown = {key: 1 for key in by_rule if key[1] not in caps.get(key[0], {})}
    return problems + beyond_the_caps(total | collections.Counter(unknown), caps)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", nargs="+", choices=TOOLS, default=TOOLS, metavar="TOOL")
    parser.add_argument("--como", help="synthesises every environment with this program")
    parser.add_argument("assemblies", nargs="*", metavar="NAME=ASSEMBLY")
    arguments = parser.parse_args()
    if not arguments.como and not arguments.assemblies:
        parser.error("nothing to judge: name `--como` or assemblies")
    try:
        with tempfile.TemporaryDirectory() as work:
            assemblies = {name: Path(path) for name, _, path in (one.partition("=") for one in arguments.assemblies)}
            if arguments.como:
                assemblies |= synthesise(arguments.como, Path(work))
            templates = [one for name, path in assemblies.items() for one in read(name, path)]
        problems = judge(tuple(arguments.only), templates)
    except ToolFailed as error:
        print(error)
        return 1
    print("\n" + (f"{len(problems)} problems" if problems else "no findings beyond the capped suppressions"))
    for problem in problems:
        print(f"  {problem}")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
