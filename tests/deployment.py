"""Grantway as it is deployed: Valkey, one core and one gateway, each a process of its own on loopback."""

import json
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

import grpc
import httpx

from grantway.v1 import client_pb2, client_service_pb2, client_service_pb2_grpc, token_service_pb2_grpc
from tests.programs import Program, running
from tests.valkey_server import embedded_valkey

if TYPE_CHECKING:
    from grantway.v1.client_pb2 import ClientAuthMethod, Permission

ISSUER = "https://grantway.example/auth"
"""What the gateway calls itself: as behind a proxy that takes the path off."""

_READY_SECONDS = 20

_CREATION_IS_REPEATED = json.dumps(
    {
        "methodConfig": [
            {
                "name": [{"service": "grantway.v1.ClientService", "method": "CreateClient"}],
                "retryPolicy": {
                    "maxAttempts": 5,
                    "initialBackoff": "0.1s",
                    "maxBackoff": "1s",
                    "backoffMultiplier": 3,
                    "retryableStatusCodes": ["UNAVAILABLE"],
                },
            }
        ]
    }
)
"""A machine that stalls is late for the core's deadline of its store: no failure of a test that only needs a client."""


class Credentials(TypedDict):
    """The id and the secret of a client, as the SDK takes them."""

    client_id: str
    client_secret: str


@dataclass(frozen=True)
class NewClient:
    """A client that was just created, and its secret."""

    client_id: str
    client_secret: str

    @property
    def basic(self) -> tuple[str, str]:
        """The credentials as HTTP libraries take them."""
        return self.client_id, self.client_secret

    @property
    def credentials(self) -> Credentials:
        """The credentials as the SDK takes them."""
        return {"client_id": self.client_id, "client_secret": self.client_secret}

    @property
    def post(self) -> dict[str, str]:
        """The credentials as parameters."""
        return {"client_id": self.client_id, "client_secret": self.client_secret}


class Deployment:
    """A running deployment.

    Attributes:
        http_url: Where the gateway is.
        grpc_target: Where the core is.
        clients: The stub of the core's ClientService.
        tokens: The stub of the core's TokenService.
    """

    def __init__(self, http_url: str, grpc_target: str, channel: grpc.Channel, programs: Sequence[Program]) -> None:
        self.http_url = http_url
        self.grpc_target = grpc_target
        self.clients = client_service_pb2_grpc.ClientServiceStub(channel)
        self.tokens = token_service_pb2_grpc.TokenServiceStub(channel)
        self._programs = programs

    def create_client(
        self,
        *,
        name: str = "Conformance",
        scopes: Sequence[str] = (),
        default_scopes: Sequence[str] | None = None,
        audiences: Sequence[str] = (),
        own_audiences: Sequence[str] = (),
        permissions: "Sequence[Permission]" = (),
        auth_methods: "Sequence[ClientAuthMethod]" = (),
        organization: str = "",
        token_lifetime: timedelta | None = None,
    ) -> NewClient:
        """A new client, made as an administrator makes one."""
        request = client_service_pb2.CreateClientRequest(
            name=name,
            allowed_scopes=scopes,
            audiences=audiences,
            own_audiences=own_audiences,
            permissions=permissions,
            auth_methods=auth_methods,
            organization=organization,
            # Whatever a try has done, it is done once.
            idempotency_key=uuid.uuid4().hex,
            token_lifetime=token_lifetime,
        )
        if default_scopes is not None:
            request.default_scopes.CopyFrom(client_pb2.ScopeSet(scopes=default_scopes))
        created = self.clients.CreateClient(request, timeout=10)
        return NewClient(created.client.client_id, created.client_secret)

    def log(self) -> str:
        """Everything that core and gateway have logged so far."""
        return "".join(program.errors() for program in self._programs)


@contextmanager
def deployed(*, redis_url: str, **core_settings: str) -> Iterator[Deployment]:
    """A core over the store at *redis_url*, with *core_settings*, and a gateway over that core."""
    with ExitStack() as stack:
        core = stack.enter_context(
            running("grantway-server", GRANTWAY_GRPC_PORT="0", GRANTWAY_REDIS_URL=redis_url, **core_settings)
        )
        grpc_target = core.address()
        gateway = stack.enter_context(
            running(
                "grantway-gateway",
                GRANTWAY_HTTP_PORT="0",
                GRANTWAY_GRPC=grpc_target,
                GRANTWAY_DRAIN_SECONDS="0",
                GRANTWAY_ISSUER=ISSUER,
            )
        )
        http_url = f"http://{gateway.address()}"
        channel = stack.enter_context(
            grpc.insecure_channel(grpc_target, options=[("grpc.service_config", _CREATION_IS_REPEATED)])
        )
        _wait_until_ready(http_url)
        yield Deployment(http_url, grpc_target, channel, [core, gateway])


@contextmanager
def deployed_with_valkey(directory: Path, **core_settings: str) -> Iterator[Deployment]:
    """The same over an empty Valkey of its own."""
    with (
        embedded_valkey(directory / "valkey", persist=False) as redis_url,
        deployed(redis_url=redis_url, **core_settings) as deployment,
    ):
        yield deployment


def _wait_until_ready(http_url: str) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    with httpx.Client(base_url=http_url) as client:
        while client.get("/readyz").status_code != httpx.codes.OK:
            assert time.monotonic() < deadline, "the gateway does not become ready"
            time.sleep(0.02)
