"""The templates that are judged, and the suppressions that travel in their metadata."""

import copy
import json
from dataclasses import dataclass, field
from pathlib import Path

TOOLS = ("cfn-lint", "checkov", "cdk-nag")
# What each tool reads of a resource's metadata; nothing else of it is about findings.
METADATA = ("cfn-lint", "checkov", "cdk_nag")


@dataclass(frozen=True)
class Finding:
    tool: str
    template: str
    # Empty for what is said of the template as a whole.
    logical_id: str
    # The bare id of the rule, by which suppressions are counted and capped.
    rule: str
    # What the rule says: for cdk-nag's IAM rules it begins with the finding in its brackets.
    message: str = field(compare=False)
    # Tells findings of one rule on one resource apart.
    detail: str = ""

    def __str__(self) -> str:
        place = f"{self.template} {self.logical_id}".rstrip()
        return f"{self.tool} {self.rule}: {place}: {self.detail + ': ' if self.detail else ''}{self.message}"


@dataclass(frozen=True)
class Suppression:
    tool: str
    template: str
    logical_id: str
    rule: str
    reason: str
    # One of cdk-nag's findings, in brackets; empty for all of the rule.
    detail: str = ""

    def covers(self, finding: Finding) -> bool:
        return (
            (self.tool, self.template, self.rule) == (finding.tool, finding.template, finding.rule)
            and self.logical_id in ("", finding.logical_id)
            and self.detail in ("", finding.detail)
        )

    def __str__(self) -> str:
        place = f"{self.template} {self.logical_id or '(the whole template)'}"
        return f"{self.tool} {self.rule}: {place}{': ' if self.detail else ''}{self.detail}"


@dataclass
class Template:
    # ENVIRONMENT/STACK, by which findings name it.
    name: str
    region: str
    body: dict

    @property
    def environment(self) -> str:
        return self.name.rsplit("/", 1)[0]

    def suppressions(self) -> list[Suppression]:
        found = self._suppressions("", self.body.get("Metadata", {}))
        for logical_id, resource in self.body["Resources"].items():
            found += self._suppressions(logical_id, resource.get("Metadata", {}))
        return found

    def _suppressions(self, logical_id: str, metadata: dict) -> list[Suppression]:
        def one(tool: str, id: str, reason: str | None) -> Suppression:
            rule, _, detail = id.partition("[")
            return Suppression(tool, self.name, logical_id, rule, reason or "", detail.removesuffix("]"))

        # cfn-lint has no place for a reason.
        reasons = {entry["id"]: entry.get("reason") for entry in metadata.get("como", {}).get("suppress", [])}
        ignored = metadata.get("cfn-lint", {}).get("config", {}).get("ignore_checks", [])
        skipped = metadata.get("checkov", {}).get("skip", [])
        suppressed = metadata.get("cdk_nag", {}).get("rules_to_suppress", [])
        return [
            *(one("cfn-lint", rule, reasons.get(rule)) for rule in ignored),
            *(one("checkov", entry["id"], entry.get("comment")) for entry in skipped),
            *(one("cdk-nag", entry["id"], entry.get("reason")) for entry in suppressed),
        ]

    def bare(self) -> dict:
        """The body without its suppressions."""
        body = copy.deepcopy(self.body)
        for holder in (body, *body["Resources"].values()):
            metadata = {key: value for key, value in holder.get("Metadata", {}).items() if key not in METADATA}
            holder.pop("Metadata", None)
            if metadata:
                holder["Metadata"] = metadata
        return body

    def write(self, folder: Path, body: dict) -> Path:
        path = folder / f"{self.name}.template.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(body, indent=1))
        return path


def read(environment: str, assembly: Path) -> list[Template]:
    artifacts = json.loads((assembly / "manifest.json").read_text())["artifacts"]
    return [
        Template(
            f"{environment}/{name}",
            artifact["environment"].rsplit("/", 1)[1],
            json.loads((assembly / artifact["properties"]["templateFile"]).read_text()),
        )
        for name, artifact in artifacts.items()
        if artifact["type"] == "aws:cloudformation:stack"
    ]
