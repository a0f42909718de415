"""The same small templates on our CloudFormation and on ministack: what differs, and who is right by AWS's documentation.

Usage: run.py COMO MINISTACK WORK [CASE…].  Fails on a difference that `differences.yaml` does not explain, on an
explanation that no difference needs any more, on an order of events that the documentation does not allow, and on a case
that `corpus/README.md` does not name.
"""

import concurrent.futures
import fnmatch
import json
import re
import sys
import tempfile
import time
from pathlib import Path

import yaml

import canonical
from clouds import Ministack, Ours
from steps import Run

HERE = Path(__file__).parent
ASPECTS = ("refused", "answer", "status", "outputs", "events", "order", "resources", "replaced", "effects")
RIGHT = ("como", "ministack", "both", "neither", "unclear")
AT_ONCE = 4


def corpus() -> list[dict]:
    cases = []
    for file in sorted((HERE / "corpus").glob("*.yaml")):
        for case in yaml.safe_load(file.read_text()):
            name = case["case"]
            # Names within a case carry it, so that cases do not meet.
            cases.append(json.loads(json.dumps(case).replace("$case", name)) | {"family": file.stem})
    names = [case["case"] for case in cases]
    assert len(set(names)) == len(names), "two cases of one name"
    return cases


def explanations() -> list[dict]:
    listed = yaml.safe_load((HERE / "differences.yaml").read_text()) or []
    for entry in listed:
        assert entry["right"] in RIGHT and entry["why"] and entry["source"], entry
        assert set(entry.get("aspects", [])) <= set(ASPECTS), entry
        # What holds for every case has to say of which values it speaks, else it would excuse anything.
        is_narrow = "aspects" in entry and ("como" in entry or "ministack" in entry)
        assert "*" not in entry["cases"] or is_narrow, entry
    return listed


def explains(entry: dict, case: str, step: int, aspect: str, ours, theirs) -> bool:
    """Resources are compared one by one, so that an entry for them speaks of the status of one."""
    return (
        any(fnmatch.fnmatchcase(case, pattern) for pattern in entry["cases"])
        and step in entry.get("steps", [step])
        and aspect in entry.get("aspects", [aspect])
        and (not entry.get("reduced") or same_when_reduced(ours, theirs))
        and ("como" not in entry or re.search(entry["como"], json.dumps(ours, sort_keys=True)) is not None)
        and ("ministack" not in entry or re.search(entry["ministack"], json.dumps(theirs, sort_keys=True)) is not None)
    )


def same_when_reduced(ours, theirs) -> bool:
    if ours is None or theirs is None:
        return False
    return canonical.reduced(ours, theirs) == canonical.reduced(theirs, ours)


def compared(ours: list[dict], theirs: list[dict]):
    """Each aspect of each step, with both values, and the resource that it is about where that is one alone."""
    for number, (one, other) in enumerate(zip(ours, theirs, strict=True)):
        for aspect in ASPECTS:
            values = one.get(aspect), other.get(aspect)
            if aspect == "resources" and None not in values:
                for name in sorted(set(values[0]) | set(values[1])):
                    yield number, aspect, name, values[0].get(name), values[1].get(name)
                continue
            if aspect == "effects":
                # Of what only one of the two can be asked, nothing is known.
                both = set(values[0] or {}) & set(values[1] or {})
                values = tuple({key: value[key] for key in sorted(both)} for value in values)
            if values != (None, None):
                yield number, aspect, "", *values


def not_in_readme(cases: list[dict]) -> list[str]:
    """What the list of what covers what does not know, and what it knows of cases that are gone."""
    named = set(re.findall(r"`([a-z0-9][a-z0-9-]*)`", (HERE / "corpus" / "README.md").read_text()))
    names = {case["case"] for case in cases}
    return [f"{name} is not in corpus/README.md" for name in sorted(names - named)] + [
        f"{name} is in corpus/README.md and is no case" for name in sorted(named - names)
    ]


def main() -> int:
    como, ministack, work = sys.argv[1], sys.argv[2], Path(sys.argv[3])
    wanted = sys.argv[4:]
    cases = [case for case in corpus() if not wanted or any(fnmatch.fnmatchcase(case["case"], one) for one in wanted)]
    began = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="differential-", dir=work))
    with Ours(como, folder / "como") as ours, Ministack(ministack, folder / "ministack") as theirs:

        def both(case):
            runs = Run(ours, case), Run(theirs, case)
            return [run.observe() for run in runs], set.union(*(run.unasked for run in runs))

        with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
            results = list(pool.map(both, cases))
    (folder / "seen.json").write_text(json.dumps(
        {case["case"]: {"como": ours, "ministack": theirs} for case, ((ours, theirs), _) in zip(cases, results)}, indent=1
    ))

    entries = explanations()
    used: dict[int, int] = {}
    steps = equal = unexplained = 0
    failed_cases = set()
    unasked: set[str] = set()
    for case, ((ours, theirs), without) in zip(cases, results, strict=True):
        steps += len(ours)
        unasked |= without
        for number, aspect, resource, one, other in compared(ours, theirs):
            # An order that is not allowed is no better for being shared.
            if one == other and not (aspect == "order" and one):
                equal += 1
                continue
            name = case["case"]
            index = next((i for i, e in enumerate(entries) if explains(e, name, number, aspect, one, other)), None)
            if index is not None:
                used[index] = used.get(index, 0) + 1
                continue
            unexplained += 1
            failed_cases.add(name)
            of = f" of {resource}" if resource else ""
            print(f"{name}, step {number} ({ours[number]['step']}): {aspect}{of} differs and no entry says who is right")
            for label, value, seen in (("como", one, ours[number]), ("ministack", other, theirs[number])):
                words = f"  [{seen['message']}]" if "message" in seen else ""
                print(f"  {label:9} {json.dumps(value, sort_keys=True)}{words}")
    stale = [entry for index, entry in enumerate(entries) if index not in used and not wanted]
    unlisted = not_in_readme(cases) if not wanted else []
    for line in unlisted:
        print(line)
    for entry in stale:
        print(f"no difference needs this entry any more: {', '.join(entry['cases'])}: {entry['why']}")
    by_right = {right: sum(count for i, count in used.items() if entries[i]["right"] == right) for right in RIGHT}
    said = ", ".join(f"{count} {right}" for right, count in by_right.items())
    print(
        f"{len(cases)} cases, {steps} steps: {equal} comparisons equal, {sum(used.values())} differ as listed "
        f"(right by AWS's documentation: {said}), {unexplained} not listed, {time.monotonic() - began:.0f} s"
    )
    if unasked:
        print(f"physical effects not compared, one of the two does not have the service: {', '.join(sorted(unasked))}")
    print(f"{len(cases) - len(failed_cases)} passed, {len(failed_cases)} failed")
    return 1 if failed_cases or stale or unlisted else 0


if __name__ == "__main__":
    sys.exit(main())
