"""A real core in this process, over stores in memory or those that it is given."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TypedDict

import grpc

from grantway import TokenClient
from grantway.v1 import client_pb2, client_service_pb2, client_service_pb2_grpc
from grantway_server.config import Settings
from grantway_server.domain.ports import ClientStore, TokenStore
from grantway_server.hashing.verifier import ForeignSecretVerifier
from grantway_server.serve import new_server
from grantway_server.services import add_services
from tests.fakes.clock import FakeClock
from tests.fakes.stores import stores_of

PATIENT = timedelta(seconds=10)
"""A timeout that plays no part in the test."""

CLOCK = FakeClock()
"""The time of every core here; nothing moves it."""


class Credentials(TypedDict):
    """The id and the secret of a client, as `TokenClient.issue` takes them."""

    client_id: str
    client_secret: str


@dataclass(frozen=True)
class RunningCore:
    """A core that listens on `address`."""

    address: str
    server: grpc.aio.Server

    async def new_client(self, *, audiences: Iterable[str] = (), may_introspect: bool = False) -> Credentials:
        """A new client: it may ask for the scopes a and b, and gets a by default."""
        async with grpc.aio.insecure_channel(self.address) as channel:
            stub: client_service_pb2_grpc.ClientServiceAsyncStub = client_service_pb2_grpc.ClientServiceStub(channel)
            request = client_service_pb2.CreateClientRequest(name="Concierge", allowed_scopes=["a", "b"])
            request.audiences.extend(audiences)
            if may_introspect:
                request.permissions.extend(
                    (client_pb2.PERMISSION_ISSUE_TOKENS, client_pb2.PERMISSION_INTROSPECT_TOKENS)
                )
            request.default_scopes.scopes.append("a")
            created = await stub.CreateClient(request)
        return Credentials(client_id=created.client.client_id, client_secret=created.client_secret)


@asynccontextmanager
async def core_in_process(
    *, client_store: ClientStore | None = None, token_store: TokenStore | None = None, port: int = 0
) -> AsyncIterator[RunningCore]:
    """A core on a loopback port, which it leaves at once in the end."""
    server, foreign_secrets = new_server(), ForeignSecretVerifier()
    add_services(
        server,
        Settings(auth_failure_burst=2, auth_failures_per_minute=6),
        stores_of(client_store, token_store, clock=CLOCK.now),
        foreign_secrets,
        clock=CLOCK.now,
    )
    bound = server.add_insecure_port(f"127.0.0.1:{port}")
    await server.start()
    try:
        yield RunningCore(f"127.0.0.1:{bound}", server)
    finally:
        await server.stop(None)
        await foreign_secrets.close()


async def until_ready(client: TokenClient) -> None:
    """Waits for the channel of *client* to have found its core."""
    while (state := client.channel.get_state(try_to_connect=True)) is not grpc.ChannelConnectivity.READY:
        await client.channel.wait_for_state_change(state)
