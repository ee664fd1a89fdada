"""The floors: servers that check and store nothing."""

import http.client
import sys

from bench.loads.http import HttpLoad
from bench.stages.processes import Process, free_port
from bench.stages.stage import Stage, StageBuilder, TokenBook
from bench.stages.workshop import Workshop
from bench.systems.system import HTTP_FLOOR, Kind, System

UNARY_FLOOR = "floor-unary"

_COUNT_SECONDS = 10

_SERVED = "uvicorn, uvloop, httptools, no access log, Starlette route to a raw ASGI endpoint, parse_qsl"


class EdgeBook(TokenBook):
    """The floor's own count of the tokens that it made: it keeps none.

    Args:
        port: Of the edge.
    """

    def __init__(self, port: int) -> None:
        self._port = port

    def reset(self) -> None:
        """See `TokenBook`; there is nothing to forget."""

    def count(self) -> int:
        """See `TokenBook`."""
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=_COUNT_SECONDS)
        connection.request("GET", "/issued")
        count = int(connection.getresponse().read())
        connection.close()
        return count


def _edge(workshop: Workshop, kind: str, core: str = "") -> tuple[Process, str, TokenBook]:
    port = free_port()
    command = [sys.executable, "-m", "bench.floors.edge", str(port), kind, *([core] if core else [])]
    process = workshop.start("gateway", command, log=workshop.room(f"floor-{kind}") / "log")
    process.wait_for_port(port)
    return process, f"http://127.0.0.1:{port}/oauth/token", EdgeBook(port)


def _http_only(workshop: Workshop) -> Stage:
    edge, url, book = _edge(workshop, "local")
    return Stage([edge], token_url=url, book=book)


def _over_echo(kind: str) -> StageBuilder:
    def build(workshop: Workshop) -> Stage:
        port = free_port()
        command = [sys.executable, "-m", "bench.floors.echo", str(port)]
        echo = workshop.start("core", command, log=workshop.room("echo") / "log")
        echo.wait_for_port(port)
        edge, url, book = _edge(workshop, kind, f"127.0.0.1:{port}")
        return Stage([echo, edge], token_url=url, book=book)

    return build


# The last is beside Grantway's first in every round: the ratio of the two is the target that is hardest to meet.
FLOORS = [
    System(
        name=UNARY_FLOOR,
        title="Floor: HTTP + unary gRPC echo",
        kind=Kind.FLOOR,
        build=_over_echo("unary"),
        load=HttpLoad(),
        settings=f"{_SERVED}; one grpc.aio call per request to a grpc.aio server that stores nothing",
    ),
    System(
        name="floor-batched",
        title="Floor: HTTP + batched gRPC echo",
        kind=Kind.FLOOR,
        build=_over_echo("batched"),
        load=HttpLoad(),
        settings=f"{_SERVED}; grantway.TokenClient to a grpc.aio server that stores nothing",
    ),
    System(
        name=HTTP_FLOOR,
        title="Floor: HTTP only",
        kind=Kind.FLOOR,
        build=_http_only,
        load=HttpLoad(),
        settings=f"{_SERVED}; answers with a random token itself, checks and stores nothing",
    ),
]
