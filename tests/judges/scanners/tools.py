"""How each tool is asked. Each function gives what the tool says of the templates as they are, and without suppressions.

The second answer is what the suppressions are held against: one that covers nothing in it has outlived its finding.
"""

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

from scanners.templates import Finding, Template

Answer = tuple[list[Finding], list[Finding]]


class ToolFailed(Exception):
    """A tool ended in a way that says nothing of the templates."""


def _run(line: list[str], codes: set[int], **environment: str) -> str:
    run = subprocess.run(line, capture_output=True, text=True, check=False, env={**os.environ, **environment})
    if run.returncode not in codes:
        raise ToolFailed(f"{line[0]} ended with {run.returncode}\n{run.stderr[-4000:]}")
    return run.stdout


def _written(templates: list[Template], work: Path, tool: str) -> tuple[dict[str, Template], dict[str, Template]]:
    """Template by path, as they are and bare. Bare are only those that suppress something of this tool."""
    bare = [one for one in templates if any(suppression.tool == tool for suppression in one.suppressions())]
    return (
        {str(one.write(work / "as-is", one.body)): one for one in templates},
        {str(one.write(work / "bare", one.bare())): one for one in bare},
    )


def _with_the_untouched(kept: list[Finding], raw: list[Finding], bare: dict[str, Template]) -> Answer:
    again = {one.name for one in bare.values()}
    return kept, raw + [finding for finding in kept if finding.template not in again]


def cfn_lint(tools: Path, templates: list[Template], work: Path) -> Answer:
    """Each template against the schemas of its own region; errors and warnings."""
    as_is, bare = _written(templates, work, "cfn-lint")

    def findings(files: dict[str, Template]) -> list[Finding]:
        found = []
        for region in sorted({one.region for one in files.values()}):
            of_region = [path for path, one in files.items() if one.region == region]
            # The code is the sum of 2 for errors, 4 for warnings, 8 for notes.
            said = _run(
                [str(tools / "python/bin/cfn-lint"), "--regions", region, "--format", "json", "--template", *of_region],
                set(range(0, 16, 2)),
            )
            for match in json.loads(said or "[]"):
                path = match["Location"]["Path"] or []
                logical_id = str(path[1]) if len(path) > 1 and path[0] == "Resources" else ""
                place = "/".join(str(part) for part in path)
                template = files[match["Filename"]].name
                found.append(Finding(
                    "cfn-lint", template, logical_id, match["Rule"]["Id"],
                    f"{match['Level']}: {match['Message']}", place,
                ))
        return found

    return _with_the_untouched(findings(as_is), findings(bare), bare)


def checkov(tools: Path, templates: list[Template], work: Path) -> Answer:
    as_is, bare = _written(templates, work, "checkov")
    said = _run(
        [
            str(tools / "checkov/bin/checkov"), "--directory", str(work), "--framework", "cloudformation",
            "--output", "json", "--compact", "--skip-download",
        ],
        {0, 1},
    )
    answer = json.loads(said)
    if "results" not in answer or answer["results"]["parsing_errors"] or not answer["summary"]["passed"]:
        raise ToolFailed(f"checkov could not read every template: {said[:4000]}")
    kept, raw = [], []
    for check in answer["results"]["failed_checks"]:
        path = str(work) + check["file_path"]
        files, into = (as_is, kept) if path in as_is else (bare, raw)
        logical_id = check["resource"].rsplit(".", 1)[1]
        into.append(Finding("checkov", files[path].name, logical_id, check["check_id"], check["check_name"]))
    return _with_the_untouched(kept, raw, bare)


def cdk_nag(tools: Path, templates: list[Template], work: Path) -> Answer:
    names = [f"{one.write(work / 'as-is', one.body)}={one.name}" for one in templates]
    program = Path(__file__).parent / "nag.js"
    said = json.loads(_run(["node", str(program), *names], {0}, NODE_PATH=str(tools / "cdk-app/node_modules")))
    wanted = sum(len(one.body["Resources"]) for one in templates)
    if said["resources"] != wanted:
        raise ToolFailed(f"cdk-nag saw {said['resources']} of {wanted} resources")

    def findings(told: list[dict]) -> list[Finding]:
        return [
            Finding("cdk-nag", one["template"], one["logicalId"], rule, f"{one['severity']}: {one['message']}", detail.rstrip("]"))
            for one in told
            for rule, _, detail in [one["rule"].partition("[")]
        ]

    return findings(said["left"]), findings(said["findings"])


RUN: dict[str, Callable[[Path, list[Template], Path], Answer]] = {
    "cfn-lint": cfn_lint,
    "checkov": checkov,
    "cdk-nag": cdk_nag,
}
