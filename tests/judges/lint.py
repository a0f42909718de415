"""Runs cfn-lint over every template of an assembly, each in its stack's own region; prints counts; fails on errors."""

import json
import subprocess
import sys
from pathlib import Path


def main() -> int:
    assembly = Path(sys.argv[1])
    manifest = json.loads((assembly / "manifest.json").read_text())
    errors = warnings = 0
    for name, artifact in manifest["artifacts"].items():
        region = artifact["environment"].rsplit("/", 1)[1]
        template = assembly / artifact["properties"]["templateFile"]
        linter = Path(sys.executable).parent / "cfn-lint"
        run = subprocess.run(
            [str(linter), "--regions", region, "--format", "json", "--template", str(template)],
            capture_output=True,
            text=True,
            check=False,
        )
        if run.returncode not in (0, 2, 4, 6, 8, 10, 12, 14):
            print(f"{name}: cfn-lint ended with {run.returncode}\n{run.stderr}")
            return 1
        for match in json.loads(run.stdout or "[]"):
            level = match["Level"]
            errors += level == "Error"
            warnings += level == "Warning"
            place = "/".join(str(part) for part in match["Location"]["Path"] or [])
            print(f"{name}: {match['Rule']['Id']} {level}: {match['Message']} at {place}")
    print(f"{len(manifest['artifacts'])} templates: {errors} errors, {warnings} warnings")
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
