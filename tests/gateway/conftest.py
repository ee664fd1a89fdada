"""What the gateway's tests share: a core whose answers the test decides, and the gateway over it.

`endpoint` is the application without a server, `gateway` a server in this process; `test_main` runs the program.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping

import httpx
import pytest
import uvloop

from tests.fakes.core import FakeCore, running_fake_core
from tests.gateway.harness import Gateway, application, serving_gateway, until_core_answers


def pytest_asyncio_loop_factories() -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """The gateway runs on uvloop; so do its tests."""
    return {"uvloop": uvloop.new_event_loop}


@pytest.fixture(name="core")
async def _core() -> AsyncIterator[FakeCore]:
    async with running_fake_core() as core:
        yield core


@pytest.fixture(name="endpoint")
async def _endpoint(core: FakeCore) -> AsyncIterator[httpx.AsyncClient]:
    async with application(core.address) as client:
        await until_core_answers(client)
        yield client


@pytest.fixture(name="gateway")
async def _gateway(core: FakeCore) -> AsyncIterator[Gateway]:
    async with serving_gateway(core.address) as gateway:
        yield gateway
