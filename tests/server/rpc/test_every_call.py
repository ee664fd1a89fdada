"""What holds of every call: which fail with the store, which ask who calls, and what none of them shows."""

from base64 import b64encode
from dataclasses import replace
from hashlib import sha256
from typing import Any

import grpc
import pytest
from redis.asyncio import Redis

from grantway.errors import Refused
from grantway.v1 import client_service_pb2 as clients
from grantway.v1 import error_reason_pb2
from grantway.v1 import token_service_pb2 as tokens
from grantway.wire_errors import error_of_call
from grantway_server.config import Settings
from grantway_server.domain.ports import StorageUnavailable
from grantway_server.storage.redis_connection import RedisConnections
from tests.fakes.failing_stores import (
    FailingAuditTrail,
    FailingClientStore,
    FailingRevocationLog,
    FailingTokenStore,
)
from tests.server.rpc.conftest import Core, running, running_on
from tests.server.rpc.every_call import BY_NAME, EVERY_CALL, SERVICES, Account, Call

_CALLS = [pytest.param(call, id=call.method) for call in EVERY_CALL]


def test_every_call_is_listed() -> None:
    """One that is added to the contract fails here until it is listed, and then in whatever it forgot."""
    assert [(stub, method.name) for stub, service in SERVICES.items() for method in service.methods] == [
        (call.stub, call.method) for call in EVERY_CALL
    ]


@pytest.mark.parametrize("call", _CALLS)
async def test_a_store_that_fails_is_unavailable_in_every_call(call: Call) -> None:
    """S01: never OK, never "not found", never "not active": STORAGE_UNAVAILABLE, and when to try again."""
    failure = StorageUnavailable("the store did not answer")
    async with running(
        Settings(),
        token_store=FailingTokenStore(failure),
        client_store=FailingClientStore(failure),
        audit_trail=FailingAuditTrail(failure),
        revocations=FailingRevocationLog(failure),
    ) as core:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await call.make(core)

    error = error_of_call(caught.value)
    assert isinstance(error, Refused)
    assert error.reason == error_reason_pb2.ERROR_REASON_STORAGE_UNAVAILABLE
    assert error.retry_after is not None
    assert grpc.StatusCode.UNAVAILABLE is caught.value.code()


async def _account(core: Core) -> Account:
    """A new client with a token."""
    created = await core.clients.CreateClient(clients.CreateClientRequest(name="Concierge"))
    account = Account(created.client.client_id, created.client_secret, created.secret_id)
    issued = await core.tokens.IssueToken(account.grant)
    return replace(account, token=issued.access_token)


async def _shown(core: Core, call: Call, account: Account) -> bytes:
    """All that a call answers or is refused with, as it crosses the wire."""
    try:
        answers = await call.make(core, account)
    except grpc.aio.AioRpcError as error:
        trailers = [value for _, value in error.trailing_metadata() or ()]
        return repr((error.details(), trailers)).encode()
    return b"".join(answer.SerializeToString() for answer in answers)


_MAKES_A_SECRET = {"CreateClient", "RotateSecret"}
_MAKES_TOKENS = {"IssueToken", "BatchIssueTokens", "StreamIssueTokens"}


_ENDS_SOMETHING = {"RevokeToken", "DisableClient", "DeleteClient", "RetireSecret", "PanicClient"}


async def test_a_secret_is_shown_once(valkey: Redis, connections: RedisConnections) -> None:
    """S10: of all calls only those that make a secret answer with one, and with that one; none shows a digest."""
    async with running_on(connections, Settings()) as core:
        account = await _account(core)
        rotated = await core.clients.RotateSecret(clients.RotateSecretRequest(client_id=account.client_id))
        await BY_NAME["BatchImportClients"].make(core)
        texts = [account.client_secret, rotated.client_secret]
        digests = [sha256(text.encode()).digest() for text in texts]
        hidden = [
            *(text[18:61].encode() for text in texts),
            b"0" * 64,  # Of the imported hash.
            *digests,
            *(digest.hex().encode() for digest in digests),
            *(b64encode(digest).rstrip(b"=") for digest in digests),
        ]
        for call in EVERY_CALL:
            shown = await _shown(core, call, account)
            assert [] == [one for one in hidden if one in shown], call.method
            assert (call.method in _MAKES_A_SECRET) is (b"gws_live_" in shown), call.method
            assert (call.method in _MAKES_TOKENS) is (b"client_oa2_live_" in shown), call.method
            if call.method in _ENDS_SOMETHING:
                account = await _account(core)

    values = [await valkey.get(key) for key in await valkey.keys("*:c:*")]
    assert all(any(digest in value for value in values if value) for digest in digests)


_REMEMBERED = ["by nobody", "by the core that is asked", "by the core that ended it"]
_NOT_FOUND = "CLIENT_NOT_FOUND: There is no client with this client_id in this environment."


@pytest.mark.parametrize("remembered", _REMEMBERED)
@pytest.mark.parametrize("end", ["DisableClient", "DeleteClient", "PanicClient"])
@pytest.mark.usefixtures("valkey")
async def test_an_ended_client_gets_nothing_by_any_call(
    connections: RedisConnections, end: str, remembered: str
) -> None:
    """S03: at once, whoever remembers it as it was: no token is issued, none is active, and nothing enables it."""
    async with running_on(connections, Settings()) as maker, running_on(connections, Settings()) as core:
        account = await _account(maker)
        for _ in range(0 if remembered == "by nobody" else 2):  # The second time from memory.
            await BY_NAME["IssueToken"].make(core if remembered == "by the core that is asked" else maker, account)
        await BY_NAME[end].make(maker, account)

        seen: dict[str, Any] = {}
        for call in EVERY_CALL:
            try:
                seen[call.method] = (await call.make(core, account))[0]
            except grpc.aio.AioRpcError as error:
                seen[call.method] = str(error_of_call(error))
            if call.method == "EnableClient" and end != "DeleteClient":
                await BY_NAME[end].make(core, account)

    assert str(seen["IssueToken"]).startswith("INVALID_CLIENT")
    assert {error_reason_pb2.ERROR_REASON_INVALID_CLIENT} == {
        seen[method].results[0].refusal.reason for method in ("BatchIssueTokens", "StreamIssueTokens")
    }
    reason = {
        "DisableClient": tokens.INACTIVE_REASON_CLIENT_DISABLED,
        "DeleteClient": tokens.INACTIVE_REASON_CLIENT_DELETED,
        "PanicClient": tokens.INACTIVE_REASON_CLIENT_DISABLED,
    }[end]
    position = seen["IntrospectToken"].revocation_position
    not_active = tokens.IntrospectTokenResponse(inactive_reason=reason, revocation_position=position)
    assert [not_active] * 3 == [
        seen["IntrospectToken"],
        seen["BatchIntrospectTokens"].results[0].introspection,
        seen["StreamIntrospectTokens"].results[0].introspection,
    ]
    assert not seen["InspectLeaked"].results[0].live
    about_it = {call.method: seen[call.method] for call in EVERY_CALL if call.is_about_one_client}
    if end == "DeleteClient":
        assert {_NOT_FOUND} == set(about_it.values())
    else:
        enabled = {
            method
            for method, answer in about_it.items()
            if hasattr(answer, "client") and not answer.client.HasField("disable_time")
        }
        assert {"EnableClient"} == enabled
