"""When the processes of `grantway dev` can be used."""

import http.client
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import grpc
from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse
from grpc_health.v1.health_pb2_grpc import HealthStub

from grantway.addresses import address_to_call, target_of
from grantway.channel import BASE_OPTIONS
from grantway.cli.config import DevSettings
from grantway.cli.failures import CommandFailed
from grantway.cli.watch import Watch

_START_SECONDS = 20
"""How long the processes may take to be ready."""

_POLL_SECONDS = 0.02
_ANSWER_SECONDS = 1

_OPTIONS = (
    *BASE_OPTIONS,
    # The core is not there yet: try again soon, not in a second.
    ("grpc.initial_reconnect_backoff_ms", 20),
    ("grpc.min_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 100),
)


def wait_until_ready(settings: DevSettings, watch: Watch) -> None:
    """Waits for the core and then for the gateway; *watch* ends the wait early."""
    deadline = time.monotonic() + _START_SECONDS
    with _core_serves(settings) as core_serves:
        _wait(core_serves, "core", deadline, watch)
    _wait(lambda: _gateway_is_ready(settings), "gateway", deadline, watch)


def _wait(is_ready: Callable[[], bool], name: str, deadline: float, watch: Watch) -> None:
    while not is_ready():
        watch.pause(_POLL_SECONDS)
        if time.monotonic() > deadline:
            msg = f"the {name} is not ready after {_START_SECONDS} s; its output says why"
            raise CommandFailed("temporarily_unavailable", msg)


@contextmanager
def _core_serves(settings: DevSettings) -> Iterator[Callable[[], bool]]:
    """Asks for the core's health: SERVING means that it reaches its store as well."""
    with grpc.insecure_channel(target_of(settings.core), options=_OPTIONS) as channel:
        health = HealthStub(channel)

        def serves() -> bool:
            try:
                answer: HealthCheckResponse = health.Check(  # type: ignore[attr-defined] # Not in its stubs.
                    HealthCheckRequest(), timeout=_ANSWER_SECONDS
                )
            except grpc.RpcError:
                return False
            return answer.status == HealthCheckResponse.SERVING

        yield serves


def _gateway_is_ready(settings: DevSettings) -> bool:
    address = address_to_call(settings.http_host, settings.http_port)
    connection = http.client.HTTPConnection(address, timeout=_ANSWER_SECONDS)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
