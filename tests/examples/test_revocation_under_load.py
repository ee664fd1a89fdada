"""A token that is revoked on the command line is dead to a busy API at once."""

import subprocess
import threading
import time
from typing import NamedTuple

import httpx
import pytest

from tests.examples.example import issue, running_example
from tests.programs import PROGRAMS, environment
from tests.sdk.cli.processes import Dev

_CALLERS = 4
_TOO_SLOW = {503}
_BOUND_SECONDS = 0.1
"""How long after the acknowledgement a request may begin and still be let through. docs/checking-tokens.md publishes
the distribution; this is for a machine that tests four things at a time."""


class _Call(NamedTuple):
    began_at: float
    ended_at: float
    status: int


def _keep_calling(url: str, token: str, calls: list[_Call], stop: threading.Event) -> None:
    with httpx.Client(base_url=url, headers={"Authorization": f"Bearer {token}"}) as api:
        while not stop.is_set():
            began_at = time.monotonic()
            status = api.get("/orders").status_code
            calls.append(_Call(began_at, time.monotonic(), status))


@pytest.mark.parametrize("name", ["starlette_api.py", "wsgi_api.py"])
def test_a_revoked_token_is_dead_to_an_api_under_load(dev: Dev, name: str) -> None:
    """From the moment that the command has ended; until it began the token was good, and no other one is hit.

    (Where the machine has more to do than it can, the store may be too slow for a check: 503, which lets nobody in.)
    """
    token, other = issue(dev, "demo:read"), issue(dev, "demo:read")
    calls: list[_Call] = []
    others: list[_Call] = []
    stop = threading.Event()
    with running_example(name, dev) as port:
        url = f"http://127.0.0.1:{port}"
        arguments = [(url, token, calls, stop)] * _CALLERS + [(url, other, others, stop)]
        threads = [threading.Thread(target=_keep_calling, args=each) for each in arguments]
        for thread in threads:
            thread.start()
        try:
            _wait_for(100, calls)
            revoking_at = time.monotonic()
            subprocess.run(
                [str(PROGRAMS / "grantway"), "token", "revoke", token], env=environment(**dev.variables), check=True
            )
            acknowledged_at = time.monotonic()
            time.sleep(_BOUND_SECONDS)
            _wait_for(len(calls) + 100, calls)
        finally:
            stop.set()
            for thread in threads:
                thread.join()

    before = {call.status for call in calls if call.ended_at < revoking_at}
    after = [call.status for call in calls if call.began_at > acknowledged_at + _BOUND_SECONDS]
    assert ({200}, {401}) == (before - _TOO_SLOW, set(after) - _TOO_SLOW)
    assert {200} == {call.status for call in others} - _TOO_SLOW


def _wait_for(count: int, calls: list[_Call]) -> None:
    deadline = time.monotonic() + 20
    while len(calls) < count:
        assert time.monotonic() < deadline, f"{len(calls)} calls of {count}"
        time.sleep(0.01)
