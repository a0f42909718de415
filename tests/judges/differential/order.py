"""Whether the events of one operation come in an order that CloudFormation documents.

The other comparison (`canonical.ordered`) asks whether two clouds agree; this one asks each cloud alone, so that both may
be found wrong. Sources: user guide, `DependsOn` attribute ("Resource B is created before resource A. Resource A is deleted
before resource B. Resource B is updated before resource A."), update behaviors (the old resource goes in the cleanup
phase), stack status codes, and the event logs of its troubleshooting pages.
"""

# Failures that come before anything has begun, in CloudFormation's words.
BEFORE_BEGINNING = (
    "Action denied by stack policy",
    "Encountered unsupported property",
    "Properties validation failed",
    "Resource update cancelled",
    "custom-named resource requires replacing",
)


class Order:
    def __init__(self, events: list[dict], stack: str, template: dict[str, set[str]], ever: dict[str, set[str]]):
        """Events oldest first; what each resource needs directly, by the last template and by all that there were."""
        self.stack, self.template, self.ever = stack, template, ever
        self.events = events
        self.found: list[str] = []

    def violations(self) -> list[str]:
        if self.events:
            self._frame()
            self._time()
            self._resources()
        return sorted(set(self.found))

    def _is_stack(self, event: dict) -> bool:
        return event["LogicalResourceId"] == self.stack

    def _frame(self) -> None:
        """An operation begins and ends with an event of the stack itself."""
        for place, event in (("begins", self.events[0]), ("ends", self.events[-1])):
            if not self._is_stack(event):
                self.found.append(f"{place} with {event['LogicalResourceId']} {event['ResourceStatus']}")

    def _time(self) -> None:
        stamps = [event["Timestamp"] for event in self.events]
        if stamps != sorted(stamps):
            self.found.append("time goes backwards")

    def _resources(self) -> None:
        status: dict[str, str] = {}
        initiated: dict[str, bool] = {}
        phase = self.events[0]["ResourceStatus"]
        for index, event in enumerate(self.events):
            name, new = event["LogicalResourceId"], event["ResourceStatus"]
            if self._is_stack(event):
                phase = new
                continue
            verb, old = new.split("_")[0], status.get(name, "")
            reason = event.get("ResourceStatusReason", "")
            if new.endswith(("_COMPLETE", "_FAILED")) and old != f"{verb}_IN_PROGRESS":
                # Of what failed before it was there, nothing but the end of its deletion is shown.
                never_was = new == "DELETE_COMPLETE" and not event.get("PhysicalResourceId")
                if not never_was and not any(words in reason for words in BEFORE_BEGINNING):
                    self.found.append(f"{name} is {new} and had not begun")
            if new == "CREATE_IN_PROGRESS":
                initiated[name] = initiated.get(name, False) or bool(event.get("PhysicalResourceId"))
            if new == "CREATE_COMPLETE" and not initiated.get(name):
                self.found.append(f"{name} is CREATE_COMPLETE and no CREATE_IN_PROGRESS had its physical id")
            if new in ("CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS") and old != new:
                self._begins(name, new, phase, status)
            if new == "DELETE_IN_PROGRESS" and old != new:
                self._goes(index, name, phase, status)
            status[name] = new
        unfinished = sorted(name for name, last in status.items() if last.endswith("_IN_PROGRESS"))
        if unfinished:
            self.found.append(f"never finished: {', '.join(unfinished)}")

    def _begins(self, name: str, new: str, phase: str, status: dict[str, str]) -> None:
        if phase == "ROLLBACK_IN_PROGRESS":
            self.found.append(f"{name} is {new} while the creation is rolled back")
        if "ROLLBACK" in phase:
            # What goes back follows the template before.
            return
        for other in sorted(self.template.get(name, ())):
            if other in status and not status[other].endswith("_COMPLETE"):
                self.found.append(f"{name} is {new} while {other}, which it needs, is {status[other]}")
        later = {event["LogicalResourceId"] for event in self.events if event["ResourceStatus"].startswith(new.split("_")[0])}
        for other in sorted(self.template.get(name, set()) & later - set(status)):
            self.found.append(f"{name} is {new} before {other}, which it needs")

    def _goes(self, index: int, name: str, phase: str, status: dict[str, str]) -> None:
        if phase.startswith("UPDATE_") and "CLEANUP" not in phase:
            self.found.append(f"{name} is DELETE_IN_PROGRESS before the cleanup of the update")
        leaving = {
            event["LogicalResourceId"]
            for event in self.events[index:]
            if event["ResourceStatus"] == "DELETE_IN_PROGRESS"
        }
        for other in sorted(leaving):
            if name in self.ever.get(other, ()) and status.get(other) not in ("DELETE_COMPLETE", "DELETE_SKIPPED"):
                self.found.append(f"{name} is DELETE_IN_PROGRESS before {other}, which needs it")
