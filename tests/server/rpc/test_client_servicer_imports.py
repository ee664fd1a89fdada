"""Clients of another system on the wire."""

from hashlib import sha256
from typing import Any

import grpc
import pytest

from grantway.v1 import client_pb2, error_reason_pb2, refusal_pb2
from grantway.v1 import client_service_pb2 as pb
from grantway.v1.token_service_pb2 import BatchIssueTokensRequest, IssueTokenRequest
from grantway.wire_errors import error_of_call
from tests.server.rpc.conftest import Core

_HASH = f"{{SHA-256}}{sha256(b'an-old-secret').hexdigest()}"


def _request(client_id: str = "legacy-1", secret_hash: str = _HASH, **fields: Any) -> pb.ImportClientRequest:
    return pb.ImportClientRequest(
        client_id=client_id, secret_hash=secret_hash, client=pb.CreateClientRequest(**({"name": "Legacy"} | fields))
    )


async def _import(core: Core, *requests: pb.ImportClientRequest) -> list[pb.ImportClientResult]:
    return list((await core.clients.BatchImportClients(pb.BatchImportClientsRequest(requests=requests))).results)


def _refusal(description: str) -> pb.ImportClientResult:
    reason = error_reason_pb2.ERROR_REASON_INVALID_REQUEST
    return pb.ImportClientResult(refusal=refusal_pb2.Refusal(reason=reason, description=description))


async def test_each_client_is_answered_for_itself(core: Core) -> None:
    """New ones with all their fields, those that exist as they are, bad ones with a refusal; in their order."""
    labels = {"team": "travel"}
    new = _request(organization="acme", labels=labels, allowed_scopes=["b", "a"], token_lifetime={"seconds": 60})

    created, again, bad, unread = await _import(
        core, new, _request(name="Other"), _request("legacy-2", "{noop}x"), _request("legacy-3", permissions=[99])
    )

    expected = client_pb2.Client(
        client_id="legacy-1",
        name="Legacy",
        environment=client_pb2.ENVIRONMENT_LIVE,
        allowed_scopes=["a", "b"],
        token_lifetime={"seconds": 60},
        permissions=[client_pb2.PERMISSION_ISSUE_TOKENS],
        organization="acme",
        labels=labels,
        create_actor="local",
        update_actor="local",
        create_time=created.created.create_time,
        update_time=created.created.create_time,
        etag=created.created.etag,
    )
    assert pb.ImportClientResult(created=expected) == created
    assert pb.ImportClientResult(existing=expected) == again
    assert _refusal("secret_hash is marked as clear text: put its hash there, as {SHA-256} and 64 hex digits.") == bad
    assert _refusal("permissions holds a value that this service does not know.") == unread


async def test_an_imported_client_gets_tokens_with_the_secret_that_it_has(core: Core) -> None:
    """In a batch it is sent back; alone it is checked once, and from then on it is like any other."""
    await _import(core, _request())
    request = IssueTokenRequest(grant_type="client_credentials", client_id="legacy-1", client_secret="an-old-secret")
    batch = BatchIssueTokensRequest(requests=[request])
    before = (await core.tokens.BatchIssueTokens(batch)).results[0]
    listed = await core.clients.ListSecrets(pb.ListSecretsRequest(client_id="legacy-1"))
    alone = await core.tokens.IssueToken(request)
    after = (await core.tokens.BatchIssueTokens(batch)).results[0]
    adopted = await core.clients.ListSecrets(pb.ListSecretsRequest(client_id="legacy-1"))

    assert (
        refusal_pb2.Refusal(
            reason=error_reason_pb2.ERROR_REASON_ALONE_ONLY,
            description="The secret must be checked by a slow hash: send this request alone, in no batch.",
        )
        == before.refusal
    )
    assert ("client_oa2_live_", "token") == (alone.access_token[:16], after.WhichOneof("outcome"))
    assert [True, False] == [answer.secrets[0].imported for answer in (listed, adopted)]
    assert listed.secrets[0].secret_id == adopted.secrets[0].secret_id


async def test_an_imported_client_that_was_used_says_so_when_it_is_imported_again(core: Core) -> None:
    """An import that is run again shows which clients have moved in already."""
    await _import(core, _request())
    await core.tokens.IssueToken(
        IssueTokenRequest(grant_type="client_credentials", client_id="legacy-1", client_secret="an-old-secret")
    )

    (again,) = await _import(core, _request())

    now = (await core.clients.GetClient(pb.GetClientRequest(client_id="legacy-1"))).client
    assert pb.ImportClientResult(existing=now) == again
    assert again.existing.HasField("last_token_time")


async def test_a_wrong_secret_of_an_imported_client_is_refused_like_any(core: Core) -> None:
    """UNAUTHENTICATED, in the words of all failures."""
    await _import(core, _request())

    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await core.tokens.IssueToken(
            IssueTokenRequest(grant_type="client_credentials", client_id="legacy-1", client_secret="wrong")
        )

    assert str(error_of_call(caught.value)) == (
        "INVALID_CLIENT: Client authentication failed: check the client id and the client secret."
    )


@pytest.mark.parametrize("count", [0, 101])
async def test_a_batch_of_a_wrong_size_is_refused(core: Core, count: int) -> None:
    """None and more than 100 are the caller's mistake."""
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await _import(core, *[_request()] * count)

    assert str(error_of_call(caught.value)) == "INVALID_REQUEST: A batch holds 1 to 100 clients."


async def test_the_largest_batch_comes_in(core: Core) -> None:
    """A hundred of the largest clients fit into a message, there and back."""
    largest: dict[str, Any] = {
        "name": "\N{GRINNING FACE}" * 100,
        "description": "\N{GRINNING FACE}" * 500,
        "labels": {f"{number:02}{'l' * 61}": "\N{GRINNING FACE}" * 100 for number in range(32)},
        "allowed_scopes": [f"{number:02}{'s' * 17}" for number in range(100)],
        "audiences": [f"{number:02}{'a' * 78}" for number in range(100)],
    }

    results = await _import(core, *(_request(f"{number:03}{'x' * 124}", **largest) for number in range(100)))

    assert {"created"} == {result.WhichOneof("outcome") for result in results}
