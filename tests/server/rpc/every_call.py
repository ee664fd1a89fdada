"""A good request for every call of the contract: what holds of all of them is tested of all of them.

`test_every_call.py` sees to it that none is missing.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from google.protobuf.descriptor import MethodDescriptor, ServiceDescriptor
from google.protobuf.message import Message

from grantway.v1 import audit_service_pb2 as audit
from grantway.v1 import client_service_pb2 as clients
from grantway.v1 import leak_service_pb2 as leaks
from grantway.v1 import token_service_pb2 as tokens
from tests.server.rpc.conftest import Core
from tests.server.samples import WELL_FORMED_TOKEN

if TYPE_CHECKING:
    import grpc

Metadata = tuple[tuple[str, str], ...]

SERVICES: dict[str, ServiceDescriptor] = {
    "tokens": tokens.DESCRIPTOR.services_by_name["TokenService"],
    "clients": clients.DESCRIPTOR.services_by_name["ClientService"],
    "audit": audit.DESCRIPTOR.services_by_name["AuditService"],
    "leaks": leaks.DESCRIPTOR.services_by_name["LeakService"],
}
"""By the names of their stubs."""


@dataclass(frozen=True)
class Account:
    """The client that calls are about; one that nobody knows, unless another is given."""

    client_id: str = "svc_live_aaaaaaaaaaaaaaaa"
    client_secret: str = "gws_live_aaaaaaaa_"
    secret_id: str = "aaaaaaaa"
    token: str = WELL_FORMED_TOKEN

    @property
    def grant(self) -> tokens.IssueTokenRequest:
        """Its token request."""
        return tokens.IssueTokenRequest(
            grant_type="client_credentials", client_id=self.client_id, client_secret=self.client_secret
        )


@dataclass(frozen=True)
class Call:
    """A call, and its request for some account."""

    stub: str
    method: str
    request: Callable[[Account], Message]

    @property
    def is_administrative(self) -> bool:
        """Whether only administrators may make it, where there are some."""
        return self.stub in {"clients", "audit"} or self.method == "InspectLeaked"

    @property
    def is_about_one_client(self) -> bool:
        """Whether it names a client that must be there."""
        return self.stub == "clients" and self.method not in {
            "CreateClient",
            "ListClients",
            "ListExpiringSecrets",
            "BatchImportClients",
        }

    @property
    def is_endless(self) -> bool:
        """Whether it answers until its caller goes away."""
        return self.method == "WatchRevocations"

    async def make(self, core: Core, account: Account = Account(), metadata: Metadata = ()) -> Sequence[Any]:
        """All answers to it, in order; the first if there is no last."""
        method: MethodDescriptor = SERVICES[self.stub].methods_by_name[self.method]
        call = getattr(getattr(core, self.stub), self.method)
        request = self.request(account)
        if method.client_streaming:
            stream: grpc.aio.StreamStreamCall[Any, Any] = call(iter([request]), timeout=5, metadata=metadata)
            return [answer async for answer in stream]
        if self.is_endless:
            watching = call(request, timeout=5, metadata=metadata)
            answers = [await watching.read()]
            watching.cancel()
            return answers
        if method.server_streaming:
            return [answer async for answer in call(request, timeout=5, metadata=metadata)]
        return [await call(request, timeout=5, metadata=metadata)]


EVERY_CALL = (
    Call("tokens", "IssueToken", lambda account: account.grant),
    Call("tokens", "BatchIssueTokens", lambda account: tokens.BatchIssueTokensRequest(requests=[account.grant])),
    Call("tokens", "StreamIssueTokens", lambda account: tokens.StreamIssueTokensRequest(requests=[account.grant])),
    Call("tokens", "IntrospectToken", lambda account: tokens.IntrospectTokenRequest(token=account.token)),
    Call(
        "tokens",
        "BatchIntrospectTokens",
        lambda account: tokens.BatchIntrospectTokensRequest(requests=[{"token": account.token}]),
    ),
    Call(
        "tokens",
        "StreamIntrospectTokens",
        lambda account: tokens.StreamIntrospectTokensRequest(requests=[{"token": account.token}]),
    ),
    Call("tokens", "RevokeToken", lambda account: tokens.RevokeTokenRequest(token=account.token)),
    Call("tokens", "WatchRevocations", lambda _: tokens.WatchRevocationsRequest()),
    Call("clients", "CreateClient", lambda _: clients.CreateClientRequest(name="New")),
    Call("clients", "GetClient", lambda account: clients.GetClientRequest(client_id=account.client_id)),
    Call("clients", "ListClients", lambda _: clients.ListClientsRequest()),
    Call(
        "clients",
        "UpdateClient",
        lambda account: clients.UpdateClientRequest(
            client={"client_id": account.client_id, "name": "Renamed"}, update_mask={"paths": ["name"]}
        ),
    ),
    Call("clients", "DisableClient", lambda account: clients.DisableClientRequest(client_id=account.client_id)),
    Call("clients", "EnableClient", lambda account: clients.EnableClientRequest(client_id=account.client_id)),
    Call("clients", "DeleteClient", lambda account: clients.DeleteClientRequest(client_id=account.client_id)),
    Call("clients", "RotateSecret", lambda account: clients.RotateSecretRequest(client_id=account.client_id)),
    Call(
        "clients",
        "RetireSecret",
        lambda account: clients.RetireSecretRequest(client_id=account.client_id, secret_id=account.secret_id),
    ),
    Call("clients", "ListSecrets", lambda account: clients.ListSecretsRequest(client_id=account.client_id)),
    Call("clients", "ListExpiringSecrets", lambda _: clients.ListExpiringSecretsRequest()),
    Call(
        "clients",
        "RevokeClientTokens",
        lambda account: clients.RevokeClientTokensRequest(client_id=account.client_id),
    ),
    Call("clients", "PanicClient", lambda account: clients.PanicClientRequest(client_id=account.client_id)),
    Call(
        "clients",
        "BatchImportClients",
        lambda _: clients.BatchImportClientsRequest(
            requests=[{"client_id": "legacy", "secret_hash": f"{{SHA-256}}{'0' * 64}", "client": {"name": "Legacy"}}]
        ),
    ),
    Call("audit", "ReadAudit", lambda _: audit.ReadAuditRequest()),
    Call("leaks", "InspectLeaked", lambda account: leaks.InspectLeakedRequest(texts=[account.token])),
    Call("leaks", "ReportLeaked", lambda account: leaks.ReportLeakedRequest(text=account.token)),
)
"""In the order of the contract."""

BY_NAME = {call.method: call for call in EVERY_CALL}
