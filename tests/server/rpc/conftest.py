"""A real gRPC server with the core's services on it, over stores in memory or broken ones, and its real stubs."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import grpc
import pytest

from grantway.v1 import client_service_pb2_grpc, token_service_pb2_grpc
from grantway_server.config import Settings
from grantway_server.domain.ports import ClientStore, TokenStore
from grantway_server.serve import add_services, new_server
from tests.fakes.stores import pair_of_stores


@dataclass(frozen=True)
class Core:
    """Where a running core is, its stubs, and the channel that they use."""

    address: str
    tokens: "token_service_pb2_grpc.TokenServiceAsyncStub"
    clients: "client_service_pb2_grpc.ClientServiceAsyncStub"
    channel: grpc.aio.Channel


@asynccontextmanager
async def running(
    settings: Settings, *, client_store: ClientStore | None = None, token_store: TokenStore | None = None
) -> AsyncIterator[Core]:
    """A core on a loopback port; stores that are not given are in memory."""
    server = new_server()
    clients, tokens = pair_of_stores(client_store, token_store, clock=lambda: datetime.now(UTC))
    add_services(
        server,
        settings,
        client_store=clients,
        token_store=tokens,
    )
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    address = f"127.0.0.1:{port}"
    async with grpc.aio.insecure_channel(address) as channel:
        yield Core(
            address=address,
            tokens=token_service_pb2_grpc.TokenServiceStub(channel),
            clients=client_service_pb2_grpc.ClientServiceStub(channel),
            channel=channel,
        )
    await server.stop(None)


@pytest.fixture(name="core")
async def _core() -> AsyncIterator[Core]:
    async with running(Settings(auth_failure_burst=3, auth_failures_per_minute=6)) as core:
        yield core
