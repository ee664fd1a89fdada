"""A client that is imported with the id of one that was deleted, on every store: nothing of that one comes back."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest

from grantway_server.domain.audit import Kind
from grantway_server.domain.client_import import ForeignClient, Imported
from grantway_server.domain.clients import Client
from grantway_server.domain.revocations import TokenSelection
from tests.fakes.clock import FakeClock
from tests.server.domain.administrator import ALICE
from tests.server.domain.grant import FIELDS, Credentials, Grant, are_active, new_grant, register, token_of
from tests.server.storage.conftest import Stores

_TEXT = "an-old-secret"


@pytest.fixture(name="grant")
def _grant(stores: Stores) -> Grant:
    return new_grant(
        client_store=stores.clients,
        token_store=stores.tokens,
        audit_trail=stores.audit_trail,
        clock=FakeClock(datetime.now(UTC)),
    )


async def _created(grant: Grant) -> Credentials:
    return await register(grant)


async def _imported(grant: Grant, client_id: str = "legacy-1") -> Credentials:
    foreign = ForeignClient(client_id, f"{{SHA-256}}{sha256(_TEXT.encode()).hexdigest()}", FIELDS)
    (outcome,) = await grant.imports.bring_in([foreign], by=ALICE)
    assert isinstance(outcome, Imported), outcome
    assert outcome.is_new
    credentials = Credentials(outcome.client, _TEXT)
    await grant.issuance.issue_alone(credentials.request())  # From now on its secret is one like all others.
    return credentials


@pytest.mark.parametrize("make", [pytest.param(_created, id="created"), pytest.param(_imported, id="imported")])
async def test_tokens_of_a_deleted_client_stay_dead(
    grant: Grant, make: Callable[[Grant], Awaitable[Credentials]]
) -> None:
    """Under the new client of the id too, whose own tokens live, however often the first one's were revoked."""
    first = await make(grant)
    client_id = first.client.client_id
    tokens = [await token_of(grant, first)]
    window = TokenSelection(issued_before=grant.clock.now() - timedelta(seconds=2))
    await grant.incidents.revoke_tokens(client_id, window, by=ALICE)
    tokens.append(await token_of(grant, first))
    alive = await are_active(grant, *tokens)
    await grant.clients.delete(client_id)
    gone = await are_active(grant, *tokens)
    grant.clock.advance(timedelta(seconds=2))

    second = await _imported(grant, client_id)

    assert ([True] * 2, [False] * 2) == (alive, gone)
    assert [False, False, True] == await are_active(grant, *tokens, await token_of(grant, second))


async def test_a_client_begins_with_the_epoch_of_its_moment(grant: Grant) -> None:
    """In whole seconds since 1970, and so above every epoch that an earlier client of its id can have had."""
    clients = [(await _created(grant)).client, await _stored(grant, (await _imported(grant)).client)]

    now = int(grant.clock.now().timestamp())
    assert [(now, now)] * 2 == [(client.epoch, client.min_epoch) for client in clients]


async def _stored(grant: Grant, client: Client) -> Client:
    return (await grant.client_store.get_many([client.client_id]))[client.client_id]


async def test_an_id_that_comes_back_at_once_begins_above_its_last_epoch(grant: Grant) -> None:
    """Within the second, after many revocations, and again and again: no token of an earlier one lives again."""
    tokens = []
    for _ in range(3):
        credentials = await _imported(grant)
        for _ in range(3):
            tokens.append(await token_of(grant, credentials))
            await grant.incidents.revoke_tokens("legacy-1", TokenSelection(issued_from=grant.clock.now()), by=ALICE)
        tokens.append(await token_of(grant, credentials))
        await grant.clients.delete("legacy-1")

    last = await _imported(grant)

    assert [False] * 12 + [True] == await are_active(grant, *tokens, await token_of(grant, last))
    created = [record for record in grant.announced if record.kind is Kind.CLIENT_IMPORTED]
    told = [change.after for change in created[-1].changes if change.name == "epoch"]
    assert [str(int(grant.clock.now().timestamp()) + 12)] == told
    assert (last.client.epoch, last.client.min_epoch) == (int(told[0]), int(told[0]))


async def test_its_use_and_its_retired_secrets_are_forgotten(grant: Grant) -> None:
    """It is another client."""
    first = await _imported(grant)
    await token_of(grant, first)
    await grant.rotations.rotate("legacy-1", by=ALICE, overlap=timedelta(0))
    before = await _stored(grant, first.client)
    await grant.clients.delete("legacy-1")

    (outcome,) = await grant.imports.bring_in(
        [ForeignClient("legacy-1", "{SHA-256}" + "0" * 64, replace(FIELDS, name="Another"))], by=ALICE
    )

    assert isinstance(outcome, Imported)
    assert (1, ()) == (len(before.retired_secrets), (await _stored(grant, outcome.client)).retired_secrets)
    assert {} == dict(await grant.client_store.uses(["legacy-1"]))
