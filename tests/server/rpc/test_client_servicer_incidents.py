"""Incident actions on the wire: whole answers, asked for and done."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta

import pytest

from grantway.v1 import client_pb2
from grantway.v1 import client_service_pb2 as pb
from grantway.v1.token_service_pb2 import IntrospectTokenRequest, IssueTokenRequest
from grantway_server.config import Settings
from tests.fakes.clock import FakeClock
from tests.server.rpc.conftest import Core, running
from tests.server.samples import NOON

_MINUTE = timedelta(minutes=1)


@dataclass
class _Account:
    """A client with one secret and a token, a minute after both were made."""

    core: Core
    client: client_pb2.Client
    secret: client_pb2.Secret
    token: str

    async def is_active(self) -> bool:
        """Whether its token is."""
        return (await self.core.tokens.IntrospectToken(IntrospectTokenRequest(token=self.token))).active

    async def now(self) -> client_pb2.Client:
        """The client as it is."""
        return (await self.core.clients.GetClient(pb.GetClientRequest(client_id=self.client.client_id))).client

    def impact(self, *, disables: bool = False, secrets: bool = False, tokens: bool = True) -> pb.Impact:
        """What an action hits."""
        impact = pb.Impact(disables=disables, secrets=[self.secret] if secrets else [])
        if tokens:
            impact.tokens_issued = 1
            impact.last_token_time.FromDatetime(NOON)
            impact.last_expire_time.FromDatetime(NOON + timedelta(hours=1))
        return impact


@pytest.fixture(name="account")
async def _account() -> AsyncIterator[_Account]:
    clock = FakeClock()
    async with running(Settings(), clock=clock.now) as core:
        created = await core.clients.CreateClient(pb.CreateClientRequest(name="Concierge"))
        issued = await core.tokens.IssueToken(
            IssueTokenRequest(
                grant_type="client_credentials",
                client_id=created.client.client_id,
                client_secret=created.client_secret,
                source="192.0.2.7",
            )
        )
        clock.advance(_MINUTE)
        client = (await core.clients.GetClient(pb.GetClientRequest(client_id=created.client.client_id))).client
        secret = client_pb2.Secret(
            secret_id=created.secret_id,
            create_time=NOON,
            first_use_time=NOON,
            last_use_time=NOON,
            last_use_source="192.0.2.7",
            use_count=1,
            verdict={"basis": client_pb2.RetirementVerdict.BASIS_NEWEST},
        )
        yield _Account(core, client, secret, issued.access_token)


def _disabled(account: _Account, client: client_pb2.Client) -> client_pb2.Client:
    """The client as it was, disabled a minute after noon, with the etag of *client*."""
    expected = client_pb2.Client()
    expected.CopyFrom(account.client)
    expected.disable_time.FromDatetime(NOON + _MINUTE)
    expected.update_time.FromDatetime(NOON + _MINUTE)
    expected.disable_actor = "local"
    expected.etag = client.etag
    return expected


async def test_disabling_says_what_it_hits(account: _Account) -> None:
    """Asked: as it was. Done: as it is. Done again: nothing."""
    client_id = account.client.client_id
    asked = await account.core.clients.DisableClient(pb.DisableClientRequest(client_id=client_id, dry_run=True))
    alive = await account.is_active()
    done = await account.core.clients.DisableClient(pb.DisableClientRequest(client_id=client_id))
    again = await account.core.clients.DisableClient(pb.DisableClientRequest(client_id=client_id))

    hit = account.impact(disables=True)
    assert pb.DisableClientResponse(client=account.client, impact=hit) == asked
    assert pb.DisableClientResponse(client=_disabled(account, done.client), impact=hit) == done
    assert pb.DisableClientResponse(client=done.client, impact=account.impact(tokens=False)) == again
    assert (True, False) == (alive, await account.is_active())


async def test_deleting_says_what_it_hits(account: _Account) -> None:
    """Asked, and done: the secret and the tokens."""
    client_id = account.client.client_id
    asked = await account.core.clients.DeleteClient(pb.DeleteClientRequest(client_id=client_id, dry_run=True))
    alive, unchanged = await account.is_active(), await account.now()
    done = await account.core.clients.DeleteClient(pb.DeleteClientRequest(client_id=client_id))

    hit = pb.DeleteClientResponse(impact=account.impact(disables=True, secrets=True))
    assert (hit, hit, account.client) == (asked, done, unchanged)
    assert (True, False) == (alive, await account.is_active())


async def test_a_panic_says_what_it_hits(account: _Account) -> None:
    """Asked: as it was. Done: disabled, without a secret. Done again: nothing."""
    client_id = account.client.client_id
    asked = await account.core.clients.PanicClient(pb.PanicClientRequest(client_id=client_id, dry_run=True))
    alive, unchanged = await account.is_active(), await account.now()
    done = await account.core.clients.PanicClient(pb.PanicClientRequest(client_id=client_id))

    hit = account.impact(disables=True, secrets=True)
    assert pb.PanicClientResponse(client=account.client, impact=hit) == asked
    assert pb.PanicClientResponse(client=_disabled(account, done.client), impact=hit) == done
    assert (True, account.client, False) == (alive, unchanged, await account.is_active())
    assert pb.ListSecretsResponse() == await account.core.clients.ListSecrets(
        pb.ListSecretsRequest(client_id=client_id)
    )
    again = await account.core.clients.PanicClient(pb.PanicClientRequest(client_id=client_id))
    assert (done.client, False, 0) == (again.client, again.impact.disables, len(again.impact.secrets))


@pytest.mark.parametrize(
    ("selection", "hit"),
    [
        pytest.param(pb.RevokeClientTokensRequest(), True, id="all"),
        pytest.param(pb.RevokeClientTokensRequest(secret_id="{its}"), True, id="of its secret"),
        pytest.param(pb.RevokeClientTokensRequest(issued_from=NOON), True, id="from noon on"),
        pytest.param(pb.RevokeClientTokensRequest(issued_from=NOON + _MINUTE), False, id="from a minute later on"),
        pytest.param(pb.RevokeClientTokensRequest(issued_before=NOON + _MINUTE), True, id="before a minute later"),
    ],
)
async def test_a_revocation_says_what_it_hits(
    account: _Account,
    selection: pb.RevokeClientTokensRequest,
    hit: bool,  # noqa: FBT001 - a column of the table.
) -> None:
    """Asked, and done."""
    request = pb.RevokeClientTokensRequest()
    request.CopyFrom(selection)
    request.client_id = account.client.client_id
    request.secret_id = request.secret_id.format(its=account.secret.secret_id)
    request.dry_run = True
    asked = await account.core.clients.RevokeClientTokens(request)
    alive, unchanged = await account.is_active(), await account.now()
    request.dry_run = False
    done = await account.core.clients.RevokeClientTokens(request)

    client = client_pb2.Client()
    client.CopyFrom(account.client)
    client.etag = done.client.etag
    client.update_time.FromDatetime(NOON + _MINUTE)
    impact = account.impact(tokens=hit)
    if selection.HasField("issued_before"):
        impact.last_token_time.FromDatetime(NOON)
    assert pb.RevokeClientTokensResponse(client=account.client, impact=impact) == asked
    assert pb.RevokeClientTokensResponse(client=client, impact=impact) == done
    assert (True, account.client, not hit) == (alive, unchanged, await account.is_active())
