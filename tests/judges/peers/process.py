"""Processes that a judge starts and ends, and the small things that all judges of the partners need."""
import contextlib
import pathlib
import socket
import subprocess
import time
import urllib.request


def free_port():
    with contextlib.closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def running(command, ready, log, seconds=60):
    """The process, once `ready` answers on HTTP; it is ended at the end of the block."""
    with open(log, "w") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
    try:
        for _ in range(seconds * 20):
            if process.poll() is not None:
                raise SystemExit(f"{command[0]} ended with {process.returncode}: {pathlib.Path(log).read_text()[-2000:]}")
            with contextlib.suppress(OSError):
                urllib.request.urlopen(ready, timeout=2)
                break
            time.sleep(0.05)
        else:
            raise SystemExit(f"{command[0]} was not ready after {seconds} s")
        yield process
    finally:
        process.terminate()
        process.wait()


def until(condition, what, seconds=30):
    """The condition's first true value; polled, since events come when they come."""
    for _ in range(seconds * 20):
        value = condition()
        if value:
            return value
        time.sleep(0.05)
    raise SystemExit(f"{what} did not come within {seconds} s")


class Ours:
    """The Rust client and the Rust signature, one process a call."""

    def __init__(self, program, origin=None, key="sk_test_rehearsal"):
        self.program, self.origin, self.key = program, origin, key

    def call(self, operation, *arguments):
        command = [self.program, "client", self.origin, self.key, operation, *arguments]
        return subprocess.run(command, capture_output=True, text=True, timeout=60).stdout.strip()

    def verify(self, header, body, *secrets):
        command = [self.program, "verify", header, *secrets]
        return subprocess.run(command, input=body, capture_output=True, timeout=60).stdout.decode().strip()

    def sign(self, body, *secrets):
        command = [self.program, "sign", *secrets]
        return subprocess.run(command, input=body, capture_output=True, timeout=60).stdout.decode().strip()


class Checks:
    """Counts what agreed, prints what did not, and ends the judge with 1 if anything did not."""

    def __init__(self):
        self.passed, self.failed = 0, 0

    def equal(self, what, got, expected):
        self.that(what, got == expected, f"{got!r} instead of {expected!r}")

    def has(self, what, got, *parts):
        self.that(what, all(part in got for part in parts), f"{got!r} lacks one of {parts!r}")

    def that(self, what, holds, otherwise=""):
        if holds:
            self.passed += 1
        else:
            self.failed += 1
            print(f"DISAGREES: {what}: {otherwise}")

    def end(self, name):
        print(f"{name}: {self.passed} agree, {self.failed} disagree")
        return self.failed
