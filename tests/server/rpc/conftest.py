"""A real gRPC server with the core's services on it, over stores in memory or broken ones, and its real stubs."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import grpc
import pytest

from grantway.v1 import (
    audit_service_pb2_grpc,
    client_service_pb2_grpc,
    leak_service_pb2_grpc,
    token_service_pb2_grpc,
)
from grantway_server.config import Settings
from grantway_server.domain.environment import Environment
from grantway_server.domain.ports import AuditTrail, ClientStore, Clock, RevocationLog, TokenStore
from grantway_server.hashing.verifier import ForeignSecretVerifier
from grantway_server.serve import new_server
from grantway_server.services import add_services
from grantway_server.storage.redis_connection import RedisConnections
from grantway_server.storage.redis_revocation_log import RedisRevocationLog
from tests.fakes.redis_stores import redis_audit_trail, redis_client_and_token_store
from tests.fakes.stores import stores_of


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Core:
    """Where a running core is, its stubs, and the channel that they use."""

    address: str
    tokens: "token_service_pb2_grpc.TokenServiceAsyncStub"
    clients: "client_service_pb2_grpc.ClientServiceAsyncStub"
    audit: "audit_service_pb2_grpc.AuditServiceAsyncStub"
    leaks: "leak_service_pb2_grpc.LeakServiceAsyncStub"
    channel: grpc.aio.Channel

    @classmethod
    def on(cls, channel: grpc.aio.Channel, address: str) -> "Core":
        """The core at *address*, where *channel* leads to."""
        return cls(
            address=address,
            tokens=token_service_pb2_grpc.TokenServiceStub(channel),
            clients=client_service_pb2_grpc.ClientServiceStub(channel),
            audit=audit_service_pb2_grpc.AuditServiceStub(channel),
            leaks=leak_service_pb2_grpc.LeakServiceStub(channel),
            channel=channel,
        )


@asynccontextmanager
async def running(
    settings: Settings,
    *,
    client_store: ClientStore | None = None,
    token_store: TokenStore | None = None,
    audit_trail: AuditTrail | None = None,
    revocations: RevocationLog | None = None,
    clock: Clock = _utc_now,
) -> AsyncIterator[Core]:
    """A core on a loopback port; stores that are not given are in memory."""
    server, foreign_secrets = new_server(), ForeignSecretVerifier()
    stores = stores_of(client_store, token_store, audit_trail, revocations, clock=clock)
    add_services(server, settings, stores, foreign_secrets, clock=clock)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    address = f"127.0.0.1:{port}"
    async with grpc.aio.insecure_channel(address) as channel:
        yield Core.on(channel, address)
    await server.stop(None)
    await foreign_secrets.close()


@asynccontextmanager
async def running_on(
    connections: RedisConnections,
    settings: Settings,
    *,
    environment: Environment = Environment.LIVE,
    clock: Clock = _utc_now,
) -> AsyncIterator[Core]:
    """A core over a real store, with a memory of its own."""
    clients, tokens = redis_client_and_token_store(connections, environment)
    async with running(
        settings,
        client_store=clients,
        token_store=tokens,
        audit_trail=redis_audit_trail(connections, environment),
        revocations=RedisRevocationLog(connections, environment=environment),
        clock=clock,
    ) as core:
        yield core


@pytest.fixture(name="core")
async def _core() -> AsyncIterator[Core]:
    async with running(Settings(auth_failure_burst=3, auth_failures_per_minute=6)) as core:
        yield core
