"""What is told of a token, to whom: `IntrospectToken` alone, in a batch and on a stream, and `RevokeToken`."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Any

import grpc
import pytest
import structlog

from grantway.errors import Refused
from grantway.v1 import client_pb2
from grantway.v1 import client_service_pb2 as clients
from grantway.v1 import token_service_pb2 as pb
from grantway.wire_errors import error_of_call
from grantway_server.config import Settings
from grantway_server.domain.checksum import with_checksum
from grantway_server.domain.introspection import InactiveReason
from grantway_server.rpc import convert_tokens as convert
from grantway_server.storage.memory_client_store import MemoryClientStore
from grantway_server.storage.memory_token_store import MemoryTokenStore
from tests.fakes.clock import FakeClock
from tests.server.rpc.conftest import Core, running
from tests.server.rpc.every_call import Metadata
from tests.server.samples import NOON, WELL_FORMED_TOKEN

_API, _OTHER_API = "https://api.example.com", "https://other.example.com"
_ALICE = "an admin token of the tests"
_BEARER: Metadata = (("authorization", f"Bearer {_ALICE}"),)


@dataclass
class _World:
    """A core, and a client of it that gets tokens."""

    core: Core
    clock: FakeClock
    metadata: Metadata
    client: clients.CreateClientResponse

    async def token(self, *audiences: str) -> str:
        """A new one, meant for *audiences*."""
        issued = await self.core.tokens.IssueToken(
            pb.IssueTokenRequest(
                grant_type="client_credentials",
                client_id=self.client.client.client_id,
                client_secret=self.client.client_secret,
                audiences=audiences,
            )
        )
        return issued.access_token

    async def new_client(self, **fields: object) -> pb.ClientCredentials:
        """The credentials of another client."""
        created = await self.core.clients.CreateClient(
            clients.CreateClientRequest(name="Server", **fields),  # type: ignore[arg-type]  # Fields, by name.
            metadata=self.metadata,
        )
        return pb.ClientCredentials(client_id=created.client.client_id, client_secret=created.client_secret)

    async def ask(self, request: pb.IntrospectTokenRequest, metadata: Metadata = ()) -> pb.IntrospectTokenResult:
        """The answer, which is the same alone, in a batch and on a stream."""
        tokens = self.core.tokens
        try:
            alone = pb.IntrospectTokenResult(introspection=await tokens.IntrospectToken(request, metadata=metadata))
        except grpc.aio.AioRpcError as error:
            refused = error_of_call(error)
            assert isinstance(refused, Refused)
            alone = pb.IntrospectTokenResult(refusal={"reason": refused.reason, "description": refused.description})
        batch = await tokens.BatchIntrospectTokens(
            pb.BatchIntrospectTokensRequest(requests=[request]), metadata=metadata
        )
        stream: grpc.aio.StreamStreamCall[Any, Any] = tokens.StreamIntrospectTokens(
            iter([pb.StreamIntrospectTokensRequest(requests=[request])]), metadata=metadata
        )
        streamed = [answer async for answer in stream]
        assert [[alone]] * 2 == [list(answer.results) for answer in (batch, *streamed)]
        return alone


@pytest.fixture(name="world", params=[False], ids=["whoever reaches the core is its administrator"])
async def _world(request: pytest.FixtureRequest) -> AsyncIterator[_World]:
    """Indirect parameter: whether administrators have names."""
    clock, stored = FakeClock(), MemoryClientStore()
    stored.revocations.add([None])
    settings = Settings()
    if request.param:
        settings = Settings.model_validate({"admin_tokens": f"alice={sha256(_ALICE.encode()).hexdigest()}"})
    metadata = _BEARER if request.param else ()
    async with running(
        settings, client_store=stored, token_store=MemoryTokenStore(clock.now, stored), clock=clock.now
    ) as core:
        created = await core.clients.CreateClient(
            clients.CreateClientRequest(
                name="Concierge", allowed_scopes=["a"], audiences=[_API, _OTHER_API], token_lifetime={"seconds": 300}
            ),
            metadata=metadata,
        )
        yield _World(core, clock, metadata, created)


with_names = pytest.mark.parametrize("world", [True], indirect=True, ids=["administrators have names"])


async def _as_it_is(_: _World, token: str) -> str:
    return token


async def _revoked(world: _World, token: str) -> str:
    await world.core.tokens.RevokeToken(pb.RevokeTokenRequest(token=token))
    return token


async def _expired(world: _World, token: str) -> str:
    world.clock.advance(timedelta(seconds=300))
    return token


async def _of_a_disabled_client(world: _World, token: str) -> str:
    request = clients.DisableClientRequest(client_id=world.client.client.client_id)
    await world.core.clients.DisableClient(request, metadata=world.metadata)
    return token


async def _of_a_deleted_client(world: _World, token: str) -> str:
    request = clients.DeleteClientRequest(client_id=world.client.client.client_id)
    await world.core.clients.DeleteClient(request, metadata=world.metadata)
    return token


def _another(text: str) -> Callable[[_World, str], Awaitable[str]]:
    async def other(_: _World, __: str) -> str:
        return text

    return other


_CASES: dict[str, tuple[Callable[[_World, str], Awaitable[str]], "pb.InactiveReason"]] = {
    "something else": (_another("x"), pb.INACTIVE_REASON_MALFORMED),
    "a token of the other environment": (
        _another(with_checksum("client_oa2_test_" + "0" * 40)),
        pb.INACTIVE_REASON_OTHER_ENVIRONMENT,
    ),
    "a token that nobody issued": (_another(WELL_FORMED_TOKEN), pb.INACTIVE_REASON_UNKNOWN),
    "an expired token": (_expired, pb.INACTIVE_REASON_EXPIRED),
    "a revoked token": (_revoked, pb.INACTIVE_REASON_REVOKED),
    "a token of a disabled client": (_of_a_disabled_client, pb.INACTIVE_REASON_CLIENT_DISABLED),
    "a token of a deleted client": (_of_a_deleted_client, pb.INACTIVE_REASON_CLIENT_DELETED),
    "a token for others": (_as_it_is, pb.INACTIVE_REASON_WRONG_AUDIENCE),
}
_ASKED_NOTHING = {pb.INACTIVE_REASON_MALFORMED, pb.INACTIVE_REASON_OTHER_ENVIRONMENT}


def test_every_reason_is_in_the_table() -> None:
    """And has the name that the contract gives it."""
    told = {reason: pb.InactiveReason.Name(value) for reason, value in convert.INACTIVE_REASONS.items()}
    assert {reason: f"INACTIVE_REASON_{reason.name}" for reason in InactiveReason} == told
    assert {reason for _, reason in _CASES.values()} == set(convert.INACTIVE_REASONS.values())


@pytest.mark.parametrize(("happens", "reason"), _CASES.values(), ids=_CASES.keys())
async def test_an_administrator_is_told_why(
    world: _World, happens: Callable[[_World, str], Awaitable[str]], reason: "pb.InactiveReason"
) -> None:
    """And how fresh that is, where the store was asked; nothing else."""
    text = await happens(world, await world.token(_API))

    answer = await world.ask(pb.IntrospectTokenRequest(token=text, audiences=[_OTHER_API]))

    position = answer.introspection.revocation_position
    assert bool(position) is (reason not in _ASKED_NOTHING)
    expected = pb.IntrospectTokenResponse(inactive_reason=reason, revocation_position=position)
    assert pb.IntrospectTokenResult(introspection=expected) == answer


@with_names
@pytest.mark.parametrize(
    ("metadata", "told"),
    [
        pytest.param(_BEARER, True, id="an admin token"),
        pytest.param((), False, id="none"),
        pytest.param((("authorization", "Bearer wrong"),), False, id="a wrong admin token"),
    ],
)
@pytest.mark.parametrize("on_behalf", [False, True], ids=["for itself", "on behalf of a client"])
async def test_nobody_else_is_told_why(
    world: _World,
    metadata: Metadata,
    told: bool,  # noqa: FBT001 - a table row.
    on_behalf: bool,  # noqa: FBT001 - as above.
) -> None:
    """I02: a caller who is no administrator, and an administrator who asks on behalf of a client; none is refused."""
    credentials = None
    if on_behalf:
        credentials = await world.new_client(permissions=[client_pb2.PERMISSION_INTROSPECT_TOKENS])

    for text in ("x", WELL_FORMED_TOKEN):
        answer = await world.ask(pb.IntrospectTokenRequest(token=text, credentials=credentials), metadata)

        assert (False, told and not on_behalf) == (
            answer.introspection.active,
            bool(answer.introspection.inactive_reason),
        )


async def test_a_client_is_told_what_is_meant_for_it(world: _World) -> None:
    """I03: the whole answer, or the answer that any token gets which is not active."""
    credentials = await world.new_client(permissions=[client_pb2.PERMISSION_INTROSPECT_TOKENS], audiences=[_API])

    mine, for_all, for_others, unknown = [
        (await world.ask(pb.IntrospectTokenRequest(token=text, credentials=credentials))).introspection
        for text in (await world.token(_API), await world.token(), await world.token(_OTHER_API), WELL_FORMED_TOKEN)
    ]

    expected = pb.IntrospectTokenResponse(
        active=True,
        client_id=world.client.client.client_id,
        scope="a",
        audiences=[_API],
        issue_time=NOON,
        expire_time=NOON + timedelta(seconds=300),
        token_id=mine.token_id,
        environment=client_pb2.ENVIRONMENT_LIVE,
        client_name="Concierge",
        revocation_position=mine.revocation_position,
        remaining_milliseconds=300_000,
    )
    assert (expected, True, []) == (mine, for_all.active, list(for_all.audiences))
    assert pb.IntrospectTokenResponse(revocation_position=unknown.revocation_position) == unknown
    assert unknown.SerializeToString() == for_others.SerializeToString()


async def test_the_method_of_a_client_counts(world: _World) -> None:
    """A14: a client that is restricted to one is refused when it came by another."""
    credentials = await world.new_client(
        permissions=[client_pb2.PERMISSION_INTROSPECT_TOKENS],
        auth_methods=[client_pb2.CLIENT_AUTH_METHOD_CLIENT_SECRET_BASIC],
    )
    outcomes = {}
    for method in client_pb2.ClientAuthMethod.values():
        credentials.auth_method = method  # type: ignore[assignment] # Their stub says int.
        answer = await world.ask(pb.IntrospectTokenRequest(token="x", credentials=credentials))
        outcomes[method] = answer.WhichOneof("outcome")

    assert {
        client_pb2.CLIENT_AUTH_METHOD_UNSPECIFIED: "introspection",
        client_pb2.CLIENT_AUTH_METHOD_CLIENT_SECRET_BASIC: "introspection",
        client_pb2.CLIENT_AUTH_METHOD_CLIENT_SECRET_POST: "refusal",
        client_pb2.CLIENT_AUTH_METHOD_UNKNOWN: "refusal",
    } == outcomes


async def test_empty_credentials_are_credentials(world: _World) -> None:
    """Whoever forgets to fill them in is not taken for somebody who needs none."""
    token = await world.token()
    empty = pb.ClientCredentials()

    answer = await world.ask(pb.IntrospectTokenRequest(token=token, credentials=empty))
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await world.core.tokens.RevokeToken(pb.RevokeTokenRequest(token=token, credentials=empty))

    assert "client_id is missing." == answer.refusal.description
    assert str(error_of_call(caught.value)) == "INVALID_REQUEST: client_id is missing."
    assert (await world.ask(pb.IntrospectTokenRequest(token=token))).introspection.active


async def test_a_client_revokes_its_own_tokens_only(world: _World) -> None:
    """V03: of another client nothing happens, and the answer is the same; the log says who asked, and not the token."""
    token = await world.token()
    stranger = await world.new_client()
    owner = pb.ClientCredentials(client_id=world.client.client.client_id, client_secret=world.client.client_secret)
    answers = []
    with structlog.testing.capture_logs() as logs:
        for credentials in (stranger, owner):
            request = pb.RevokeTokenRequest(token=token, credentials=credentials)
            assert pb.RevokeTokenResponse() == await world.core.tokens.RevokeToken(request)
            answers.append((await world.ask(pb.IntrospectTokenRequest(token=token))).introspection)

    assert [True, False] == [answer.active for answer in answers]
    assert [
        {
            "event": "a client asked to revoke a token of another one",
            "client_id": stranger.client_id,
            "source": "127.0.0.1",
            "owner_id": owner.client_id,
            "token_id": answers[0].token_id,
            "untold": 0,
            "log_level": "warning",
        }
    ] == logs
