"""When the processes of `grantway dev` can be used."""

import http.client
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import grpc
from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse
from grpc_health.v1.health_pb2_grpc import HealthStub

from grantway.addresses import address_to_call
from grantway.channel import BASE_OPTIONS
from grantway.cli.config import DevSettings
from grantway.cli.core import open_channel
from grantway.cli.failures import CommandFailed
from grantway.cli.output import print_warning

_START_SECONDS = 20
"""How long the processes may take to be ready."""

_NO_STORE = "the core cannot use its store (GRANTWAY_REDIS_URL); its output says why"

_POLL_SECONDS = 0.02
_ANSWER_SECONDS = 1

_OPTIONS = (
    *BASE_OPTIONS,
    # The core is not there yet: try again soon, not in a second.
    ("grpc.initial_reconnect_backoff_ms", 20),
    ("grpc.min_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 100),
)

Pause = Callable[[float], None]
"""Waits for so many seconds."""


def wait_until_ready(settings: DevSettings, pause: Pause) -> None:
    """Waits for the core and then for the gateway; what *pause* raises ends the wait early.

    Raises:
        CommandFailed: One of them is not ready in time; it says what is in the way.
    """
    deadline = time.monotonic() + _START_SECONDS
    with _core_problem(settings) as problem:
        _wait(problem, deadline, pause)
    _wait(lambda: _gateway_problem(settings), deadline, pause)


def _wait(problem: Callable[[], str], deadline: float, pause: Pause) -> None:
    told = False
    while what := problem():
        # All else takes its moment. This need not end, though it may: the store may come yet.
        if what == _NO_STORE and not told:
            print_warning(f"{what}; waiting for {_START_SECONDS} s at most")
            told = True
        pause(_POLL_SECONDS)
        if time.monotonic() > deadline:
            raise CommandFailed("temporarily_unavailable", f"{what}; gave up after {_START_SECONDS} s")


@contextmanager
def _core_problem(settings: DevSettings) -> Iterator[Callable[[], str]]:
    """Asks for the core's health: SERVING means that it reaches its store as well."""
    with open_channel(settings.core, settings.tls, options=_OPTIONS) as channel:
        health = HealthStub(channel)

        def problem() -> str:
            try:
                answer: HealthCheckResponse = health.Check(  # type: ignore[attr-defined] # Not in its stubs.
                    HealthCheckRequest(), timeout=_ANSWER_SECONDS
                )
            except grpc.RpcError:
                return "the core does not answer; its output says why"
            return "" if answer.status == HealthCheckResponse.SERVING else _NO_STORE

        yield problem


def _gateway_problem(settings: DevSettings) -> str:
    address = address_to_call(settings.http_host, settings.http_port)
    connection = http.client.HTTPConnection(address, timeout=_ANSWER_SECONDS)
    try:
        connection.request("GET", "/readyz")
        if connection.getresponse().status == http.client.OK:
            return ""
    except (OSError, http.client.HTTPException):
        pass
    finally:
        connection.close()
    return "the gateway is not ready; its output says why"
