"""What the gateway's tests share: a core whose answers the test decides, and the gateway over it.

`endpoint` is the application without a server, `gateway` a server in this process; `test_main` runs the program.
"""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from typing import Any

import httpx
import pytest
import structlog
import uvloop

from grantway_gateway.logs import configure_logs
from tests.fakes.token_service import FakeCore, running_core
from tests.gateway.harness import Gateway, ReadLog, StartLog, application, serving_gateway


def pytest_asyncio_loop_factories() -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """The gateway runs on uvloop; so do its tests."""
    return {"uvloop": uvloop.new_event_loop}


@pytest.fixture(name="start_log")
def _start_log(capfd: pytest.CaptureFixture[str]) -> Iterator[StartLog]:
    """Starts the log; what it returns reads it, line by line. Nothing may be on standard output."""
    handlers = logging.getLogger().handlers[:]

    def read() -> list[dict[str, Any]]:
        output, errors = capfd.readouterr()
        assert "" == output
        return [json.loads(line) for line in errors.splitlines()]

    def start() -> ReadLog:
        configure_logs()  # In the test itself: pytest gives it another standard error than its fixtures.
        return read

    yield start
    structlog.reset_defaults()
    logging.getLogger().handlers[:] = handlers


@pytest.fixture(name="core")
async def _core() -> AsyncIterator[FakeCore]:
    async with running_core() as core:
        yield core


@pytest.fixture(name="endpoint")
async def _endpoint(core: FakeCore) -> AsyncIterator[httpx.AsyncClient]:
    async with application(core.address) as client:
        yield client


@pytest.fixture(name="gateway")
async def _gateway(core: FakeCore) -> AsyncIterator[Gateway]:
    async with serving_gateway(core.address) as gateway:
        yield gateway
