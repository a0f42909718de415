"""Makes what two clouds did comparable: no random names, and one order for what may happen in any order."""

import json
import re

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
# The random end of a generated name.
RANDOM = re.compile(r"\b(s-[\w-]+-\w+)-[A-Za-z0-9]{12,13}\b")
# Addresses of services: ministack's queues and the like live at its own port.
HOST = re.compile(r"https?://(localhost|127\.0\.0\.1|sqs\.[a-z0-9-]+\.(localhost\.localstack\.cloud|amazonaws\.com))(:\d+)?/")


def masked(value, stack_id: str, physical: dict[str, str]):
    """The value without the stack's id, and with each physical id as `<LogicalId>`, longest first."""
    if value is None:
        return None
    text = json.dumps(value, sort_keys=True).replace(stack_id, "<StackId>")
    for logical, identifier in sorted(physical.items(), key=lambda item: -len(item[1] or "")):
        # A name that the template gives is compared as it is.
        if identifier and (logical in identifier or not is_given(identifier)):
            text = text.replace(json.dumps(identifier)[1:-1], f"<{logical}>")
    return json.loads(HOST.sub("<host>/", UUID.sub("<uuid>", RANDOM.sub(r"\1-<random>", text))))


def is_given(identifier: str) -> bool:
    """The corpus starts every name of its own with its case, under `d-` or `/d/`."""
    return identifier.startswith(("d-", "/d/"))


def ordered(events: list[tuple[str, str]], needs: dict[str, set[str]], stack: str) -> list[str]:
    """The events in a normal form: two events of resources that do not depend on each other may change places.

    Events that repeat the one before (a second `CREATE_IN_PROGRESS` once the resource has its id) count once.
    """

    def bound(one: str, other: str) -> bool:
        return one == other or stack in (one, other) or other in needs.get(one, ()) or one in needs.get(other, ())

    left = []
    last: dict[str, str] = {}
    for logical, status in events:
        if last.get(logical) != status:
            left.append((logical, status))
        last[logical] = status
    result = []
    while left:
        free = [
            index
            for index, (logical, _) in enumerate(left)
            if not any(bound(logical, earlier) for earlier, _ in left[:index])
        ]
        chosen = min(free, key=lambda index: left[index])
        logical, status = left.pop(chosen)
        result.append(f"{'<stack>' if logical == stack else logical} {status}")
    return result


def reduced(events: list[str], others: list[str]) -> list[str]:
    """The events of an update without what ministack words otherwise or leaves out: cleanup, the creation of additions
    (there an update), the deletion of what is removed, and unchanged resources (there updated)."""
    named = {event.split()[0] for event in others}
    left = []
    for event in events:
        name, status = event.split()
        if "CLEANUP" in status or status.startswith("DELETE_") or name not in named:
            continue
        if name != "<stack>":
            status = status.replace("CREATE_", "UPDATE_")
        left.append(f"{name} {status}")
    return left


def direct_needs(*templates: dict) -> dict[str, set[str]]:
    """Each resource with those that it names, over the templates."""
    direct: dict[str, set[str]] = {}
    for template in templates:
        resources = template.get("Resources") if isinstance(template, dict) else None
        if not isinstance(resources, dict):
            continue
        for name, declaration in resources.items():
            found = direct.setdefault(name, set())
            if isinstance(declaration, dict):
                on = declaration.get("DependsOn", [])
                found |= {on} if isinstance(on, str) else set(on)
                found |= {other for other in resources if other != name and mentions(declaration.get("Properties"), other)}
    return direct


def needs(*templates: dict) -> dict[str, set[str]]:
    """Each resource with all that it depends on, over every template that the stack has had."""
    direct = direct_needs(*templates)
    changed = True
    while changed:
        changed = False
        for found in direct.values():
            more = set().union(*(direct.get(name, set()) for name in found)) - found
            if more:
                found |= more
                changed = True
    return direct


def mentions(value, name: str) -> bool:
    if isinstance(value, dict):
        if value.get("Ref") == name:
            return True
        attribute = value.get("Fn::GetAtt")
        if isinstance(attribute, list) and attribute[:1] == [name]:
            return True
        if isinstance(attribute, str) and attribute.split(".")[0] == name:
            return True
        return any(mentions(item, name) for item in value.values())
    if isinstance(value, list):
        return any(mentions(item, name) for item in value)
    return isinstance(value, str) and re.search(r"\$\{" + re.escape(name) + r"[.}]", value) is not None
