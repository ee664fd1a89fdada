"""Every status that the contract names for a call is one that the call gives; and it gives no other that is tested."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import reduce
from typing import Any

import grpc
import pytest
from google.protobuf.message import Message

from grantway.errors import Refused
from grantway.v1 import audit_service_pb2 as audit
from grantway.v1 import client_service_pb2 as clients
from grantway.v1 import leak_service_pb2 as leaks
from grantway.v1 import token_service_pb2 as tokens
from grantway.wire_errors import error_of_call
from grantway_server.config import Settings
from grantway_server.domain import revocation_watch
from grantway_server.storage.memory_client_store import MemoryClientStore
from grantway_server.storage.memory_token_store import MemoryTokenStore
from tests.contract import comments
from tests.fakes.watched_stores import CrowdedClientStore
from tests.server.rpc.conftest import Core, running
from tests.server.rpc.every_call import BY_NAME, EVERY_CALL, Account, Call

_KEY = "0123456789abcdef"


@dataclass
class _World:
    """A core with one client, on whose writes somebody else may be faster."""

    core: Core
    store: CrowdedClientStore
    account: Account
    watching: Any = None
    """A subscription that somebody has."""

    async def rename(self) -> None:
        """One change of the client by somebody else."""
        (client,) = (await self.store.get_many([self.account.client_id])).values()
        request = clients.UpdateClientRequest(
            client={"client_id": client.client_id, "name": client.name + "'"}, update_mask={"paths": ["name"]}
        )
        waiting, self.store.before_writes = self.store.before_writes, []
        await self.core.clients.UpdateClient(request)
        self.store.before_writes = waiting


@pytest.fixture(name="world")
async def _world(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[_World]:
    monkeypatch.setattr(revocation_watch, "MAX_SUBSCRIBERS", 1)
    stored = MemoryClientStore()
    store = CrowdedClientStore(stored)
    token_store = MemoryTokenStore(lambda: datetime.now(UTC), stored)
    async with running(Settings(auth_failure_burst=1), client_store=store, token_store=token_store) as core:
        created = await core.clients.CreateClient(
            clients.CreateClientRequest(name="Concierge", allowed_scopes=["a"], audiences=["x"])
        )
        account = Account(created.client.client_id, created.client_secret, created.secret_id)
        issued = await core.tokens.IssueToken(account.grant)
        yield _World(core, store, replace(account, token=issued.access_token))


async def _nothing(_: _World) -> None:
    pass


@dataclass
class _Case:
    """A request that is refused, and what must have happened before."""

    request: Callable[[Account], Message]
    before: Callable[[_World], Awaitable[object]] = _nothing


def _changed(method: str, **fields: object) -> Callable[[Account], Message]:
    """The good request of a call with some fields set to something else."""

    def request(account: Account) -> Message:
        message = BY_NAME[method].request(account)
        for path, value in fields.items():
            *parents, name = path.split("__")
            setattr(reduce(getattr, parents, message), name, value)
        return message

    return request


async def _crowd(world: _World) -> None:
    world.store.before_writes = [world.rename] * 64


async def _fail_twice(world: _World) -> None:
    for _ in range(2):
        with pytest.raises(grpc.aio.AioRpcError):
            await world.core.tokens.IssueToken(replace(world.account, client_secret="wrong").grant)


async def _may_not(world: _World) -> None:
    await world.core.clients.UpdateClient(
        clients.UpdateClientRequest(
            client={"client_id": world.account.client_id, "permissions": [2]}, update_mask={"paths": ["permissions"]}
        )
    )


async def _create_and_delete(world: _World) -> None:
    created = await world.core.clients.CreateClient(clients.CreateClientRequest(name="New", idempotency_key=_KEY))
    await world.core.clients.DeleteClient(clients.DeleteClientRequest(client_id=created.client.client_id))


async def _rotate_and_retire(world: _World) -> None:
    client_id = world.account.client_id
    rotated = await world.core.clients.RotateSecret(
        clients.RotateSecretRequest(client_id=client_id, idempotency_key=_KEY)
    )
    await world.core.clients.RetireSecret(
        clients.RetireSecretRequest(client_id=client_id, secret_id=rotated.secret.secret_id)
    )


async def _report_a_lot(world: _World) -> None:
    for _ in range(20):
        await world.core.leaks.ReportLeaked(leaks.ReportLeakedRequest(text="x", source="192.0.2.7"))


async def _watch(world: _World) -> None:
    world.watching = world.core.tokens.WatchRevocations(tokens.WatchRevocationsRequest())
    await world.watching.read()


def _on_behalf(method: str, **fields: str) -> Callable[[Account], Message]:
    """The good request of a call about a token, on behalf of the account, with something wrong in its credentials."""

    def request(account: Account) -> Message:
        message = BY_NAME[method].request(account)
        credentials = {"client_id": account.client_id, "client_secret": account.client_secret} | fields
        message.credentials.CopyFrom(tokens.ClientCredentials(**credentials))  # type: ignore[attr-defined]
        return message

    return request


def _updating(field: str, value: object) -> Callable[[Account], Message]:
    return lambda account: clients.UpdateClientRequest(
        client={"client_id": account.client_id, field: value},
        update_mask={"paths": [field]},
    )


_STALE = "0" * 16
_BY_ID = [call.method for call in EVERY_CALL if call.is_about_one_client]
_WITH_ETAG = ["DisableClient", "EnableClient", "DeleteClient", "RotateSecret", "RetireSecret", "RevokeClientTokens"]

_CASES: dict[tuple[str, str], _Case] = {
    ("IssueToken", "INVALID_ARGUMENT/INVALID_REQUEST"): _Case(_changed("IssueToken", grant_type="")),
    ("IssueToken", "UNAUTHENTICATED/INVALID_CLIENT"): _Case(_changed("IssueToken", client_secret="wrong")),
    ("IssueToken", "RESOURCE_EXHAUSTED/RATE_LIMITED"): _Case(
        _changed("IssueToken", client_secret="wrong"), _fail_twice
    ),
    ("IssueToken", "PERMISSION_DENIED/UNAUTHORIZED_CLIENT"): _Case(BY_NAME["IssueToken"].request, _may_not),
    ("IssueToken", "INVALID_ARGUMENT/UNSUPPORTED_GRANT_TYPE"): _Case(_changed("IssueToken", grant_type="password")),
    ("IssueToken", "INVALID_ARGUMENT/INVALID_SCOPE"): _Case(_changed("IssueToken", scope="z")),
    ("IssueToken", "INVALID_ARGUMENT/INVALID_TARGET"): _Case(
        lambda account: tokens.IssueTokenRequest(
            grant_type="client_credentials",
            client_id=account.client_id,
            client_secret=account.client_secret,
            audiences=["z"],
        )
    ),
    ("BatchIssueTokens", "INVALID_ARGUMENT/INVALID_REQUEST"): _Case(lambda _: tokens.BatchIssueTokensRequest()),
    ("StreamIssueTokens", "INVALID_ARGUMENT/INVALID_REQUEST"): _Case(lambda _: tokens.StreamIssueTokensRequest()),
    ("IntrospectToken", "INVALID_ARGUMENT/INVALID_REQUEST"): _Case(_changed("IntrospectToken", token="")),
    ("IntrospectToken", "UNAUTHENTICATED/INVALID_CLIENT"): _Case(_on_behalf("IntrospectToken", client_secret="wrong")),
    ("IntrospectToken", "RESOURCE_EXHAUSTED/RATE_LIMITED"): _Case(
        _on_behalf("IntrospectToken", client_secret="wrong"), _fail_twice
    ),
    ("IntrospectToken", "PERMISSION_DENIED/UNAUTHORIZED_CLIENT"): _Case(_on_behalf("IntrospectToken")),
    ("BatchIntrospectTokens", "INVALID_ARGUMENT/INVALID_REQUEST"): _Case(
        lambda _: tokens.BatchIntrospectTokensRequest()
    ),
    ("StreamIntrospectTokens", "INVALID_ARGUMENT/INVALID_REQUEST"): _Case(
        lambda _: tokens.StreamIntrospectTokensRequest()
    ),
    ("RevokeToken", "INVALID_ARGUMENT/INVALID_REQUEST"): _Case(_changed("RevokeToken", token="")),
    ("RevokeToken", "UNAUTHENTICATED/INVALID_CLIENT"): _Case(_on_behalf("RevokeToken", client_secret="wrong")),
    ("RevokeToken", "RESOURCE_EXHAUSTED/RATE_LIMITED"): _Case(
        _on_behalf("RevokeToken", client_secret="wrong"), _fail_twice
    ),
    ("WatchRevocations", "INVALID_ARGUMENT/INVALID_REQUEST"): _Case(_changed("WatchRevocations", position=b"1-1")),
    ("WatchRevocations", "RESOURCE_EXHAUSTED/RATE_LIMITED"): _Case(BY_NAME["WatchRevocations"].request, _watch),
    ("CreateClient", "INVALID_ARGUMENT/INVALID_REQUEST"): _Case(_changed("CreateClient", name="")),
    ("CreateClient", "INVALID_ARGUMENT/INVALID_SCOPE"): _Case(
        lambda _: clients.CreateClientRequest(name="New", allowed_scopes=["a b"])
    ),
    ("CreateClient", "INVALID_ARGUMENT/INVALID_TARGET"): _Case(
        lambda _: clients.CreateClientRequest(name="New", audiences=["a b"])
    ),
    ("CreateClient", "NOT_FOUND/CLIENT_NOT_FOUND"): _Case(
        _changed("CreateClient", idempotency_key=_KEY), _create_and_delete
    ),
    ("ListClients", "INVALID_ARGUMENT/INVALID_REQUEST"): _Case(_changed("ListClients", page_size=-1)),
    ("UpdateClient", "INVALID_ARGUMENT/INVALID_SCOPE"): _Case(_updating("allowed_scopes", ["a b"])),
    ("UpdateClient", "INVALID_ARGUMENT/INVALID_TARGET"): _Case(_updating("audiences", ["a b"])),
    ("UpdateClient", "ABORTED/CONFLICT"): _Case(_changed("UpdateClient", client__etag=_STALE)),
    ("RotateSecret", "NOT_FOUND/SECRET_NOT_FOUND"): _Case(
        _changed("RotateSecret", idempotency_key=_KEY), _rotate_and_retire
    ),
    ("RevokeClientTokens", "NOT_FOUND/SECRET_NOT_FOUND"): _Case(_changed("RevokeClientTokens", secret_id="zzzzzzzz")),
    ("RetireSecret", "NOT_FOUND/SECRET_NOT_FOUND"): _Case(_changed("RetireSecret", secret_id="zzzzzzzz")),
    ("ListExpiringSecrets", "INVALID_ARGUMENT/INVALID_REQUEST"): _Case(
        _changed("ListExpiringSecrets", within__seconds=-1)
    ),
    ("PanicClient", "ABORTED/CONFLICT"): _Case(BY_NAME["PanicClient"].request, _crowd),
    ("BatchImportClients", "INVALID_ARGUMENT/INVALID_REQUEST"): _Case(lambda _: clients.BatchImportClientsRequest()),
    ("ReadAudit", "INVALID_ARGUMENT/INVALID_REQUEST"): _Case(lambda _: audit.ReadAuditRequest(limit=-1)),
    ("InspectLeaked", "INVALID_ARGUMENT/INVALID_REQUEST"): _Case(lambda _: leaks.InspectLeakedRequest()),
    ("ReportLeaked", "INVALID_ARGUMENT/INVALID_REQUEST"): _Case(_changed("ReportLeaked", text="")),
    ("ReportLeaked", "RESOURCE_EXHAUSTED/RATE_LIMITED"): _Case(
        _changed("ReportLeaked", source="192.0.2.7"), _report_a_lot
    ),
    **{
        (method, "INVALID_ARGUMENT/INVALID_REQUEST"): _Case(
            lambda _, method=method: BY_NAME[method].request(Account(client_id=""))  # type: ignore[misc]
        )
        for method in _BY_ID
    },
    **{
        (method, "NOT_FOUND/CLIENT_NOT_FOUND"): _Case(
            lambda _, method=method: BY_NAME[method].request(Account())  # type: ignore[misc]
        )
        for method in _BY_ID
    },
    **{(method, "ABORTED/CONFLICT"): _Case(_changed(method, etag=_STALE)) for method in _WITH_ETAG},
}


def test_every_status_that_is_named_is_tested() -> None:
    """And no other: one that is added to a comment fails here until there is a request that gets it."""
    named = {
        (method.name, f"{status}/{reason}")
        for method in comments.methods()
        for status, reason in re.findall(r"\b([A-Z_]+)/([A-Z_]+)\b", method.comment)
    }

    assert named == set(_CASES)


@pytest.mark.parametrize(
    ("method", "status", "case"),
    [
        pytest.param(method, status, case, id=f"{method} {status.partition('/')[2]}")
        for (method, status), case in _CASES.items()
    ],
)
async def test_a_call_is_refused_as_its_comment_says(world: _World, method: str, status: str, case: _Case) -> None:
    """By status and reason."""
    await case.before(world)
    call = replace(BY_NAME[method], request=case.request)

    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call.make(world.core, world.account)

    error = error_of_call(caught.value)
    assert isinstance(error, Refused)
    assert status == f"{caught.value.code().name}/{error.reason_name}"


@pytest.mark.parametrize("call", EVERY_CALL, ids=lambda call: call.method)
async def test_a_good_request_is_answered(world: _World, call: Call) -> None:
    """OK: what the tables of refusals change is good as it is."""
    assert await call.make(world.core, world.account)
