"""Small words for checks."""

import concurrent.futures
import time
import uuid

from botocore.exceptions import ClientError

PATIENCE_SECONDS = 20


def name(prefix: str = "c") -> str:
    return f"{prefix}-{uuid.uuid4().hex[:10]}"


def equal(seen, wanted) -> None:
    if seen != wanted:
        raise AssertionError(f"{seen!r} instead of {wanted!r}")


def refused(code: str, call, /, **arguments) -> dict:
    """Calls, expects the error, gives the whole response."""
    try:
        answer = call(**arguments)
    except ClientError as error:
        equal(error.response["Error"]["Code"], code)
        return error.response
    answer.pop("ResponseMetadata", None)
    raise AssertionError(f"{code} expected, answered {answer!r}")


def eventually(ask, wanted, patience: float = PATIENCE_SECONDS):
    """Asks until the answer is the wanted one."""
    deadline = time.monotonic() + patience
    while True:
        seen = ask()
        if seen == wanted:
            return
        if deadline < time.monotonic():
            equal(seen, wanted)
        time.sleep(0.05)


def at_once(count: int, call) -> list:
    """The results of as many calls at the same time, an error's code in place of one that failed."""

    def one(index: int):
        try:
            return call(index)
        except ClientError as error:
            return error.response["Error"]["Code"]

    with concurrent.futures.ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))
