"""What every log of revocations tells, by what is done to clients and tokens. See `domain.ports.RevocationLog`."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from grantway_server.domain.clients import Client
from grantway_server.domain.revocation_events import (
    ChangedClient,
    Position,
    RevocationEvent,
    RevocationPortion,
    RevokedToken,
    RevokedTokens,
)
from grantway_server.domain.revocations import PartialRevocation, TokenSelection
from grantway_server.domain.tokens import token_id
from tests.server.samples import NOON, a_client, a_token
from tests.server.storage.conftest import Stores
from tests.server.storage.writes import delete, put, stored

_ENABLED = a_client("one", disabled_at=None)
_SELECTION = TokenSelection(
    secret_id="abcdefgh", issued_from=NOON, issued_before=NOON + timedelta(hours=1, microseconds=1)
)
_REVOCATION = PartialRevocation(below_epoch=8, selection=_SELECTION, forget_at=NOON + timedelta(days=365))


def _digest(number: int) -> bytes:
    return number.to_bytes(16, "big")


async def _end(stores: Stores) -> Position:
    return (await stores.revocations.read(None)).position


async def _told(stores: Stores, after: Position) -> list[RevocationEvent]:
    portion = await stores.revocations.read(after)
    assert (False, False) == (portion.gap, portion.more)
    return [event for _, event in portion.events]


_Change = Callable[[Stores, Client], Awaitable[object]]


def _becomes(**fields: object) -> _Change:
    async def change(stores: Stores, client: Client) -> None:
        await stored(stores.clients, replace(client, **fields), before=client)  # type: ignore[arg-type] # Fields of Client.

    return change


async def _deleted(stores: Stores, client: Client) -> None:
    assert await delete(stores.clients, client)


async def _a_new_one(stores: Stores, _: Client) -> None:
    await stored(stores.clients, a_client("two"))


async def _too_late(stores: Stores, client: Client) -> None:
    await stored(stores.clients, client)
    late = replace(client, disabled_at=NOON)
    assert await put(stores.clients, late, before=client) is None
    assert not await delete(stores.clients, client)


@pytest.mark.parametrize(
    ("change", "events"),
    [
        pytest.param(_a_new_one, [], id="a client is created"),
        pytest.param(_becomes(disabled_at=NOON), [RevokedTokens("one", TokenSelection())], id="it is disabled"),
        pytest.param(_becomes(min_epoch=8, epoch=8), [RevokedTokens("one", TokenSelection())], id="all tokens end"),
        pytest.param(_becomes(revocations=(_REVOCATION,)), [RevokedTokens("one", _SELECTION)], id="some tokens end"),
        pytest.param(_becomes(name="Another"), [ChangedClient("one")], id="it gets another name"),
        pytest.param(
            _becomes(name="Another", revocations=(_REVOCATION,)),
            [RevokedTokens("one", _SELECTION), ChangedClient("one")],
            id="two things at once",
        ),
        pytest.param(_becomes(description="Another"), [], id="what nobody is told of changes"),
        pytest.param(_deleted, [RevokedTokens("one", TokenSelection())], id="it is deleted"),
        pytest.param(_too_late, [], id="somebody else was faster"),
    ],
)
async def test_a_change_of_a_client_is_told(stores: Stores, change: _Change, events: list[RevocationEvent]) -> None:
    """Once it is acknowledged; one that was not made is not."""
    client = await stored(stores.clients, _ENABLED)
    before = await _end(stores)

    await change(stores, client)

    assert events == await _told(stores, before)


async def test_a_token_that_is_revoked_is_told_of_once(stores: Stores) -> None:
    """However many revoke it at the same moment; one that is not there is not told of."""
    await stores.tokens.add([(_digest(1), a_token())], versions={})
    before = await _end(stores)

    removed = await asyncio.gather(
        *(stores.tokens.remove(_digest(1)) for _ in range(8)), stores.tokens.remove(bytes(16))
    )

    assert [False] * 8 + [True] == sorted(removed)
    assert [RevokedToken(token_id(_digest(1)))] == await _told(stores, before)


async def test_what_happened_is_told_in_the_order_in_which_it_did(stores: Stores) -> None:
    """From any position on; positions go up."""
    await stores.tokens.add([(_digest(number), a_token()) for number in range(5)], versions={})
    before = await _end(stores)
    for number in range(5):
        await stores.tokens.remove(_digest(number))

    portion = await stores.revocations.read(before)
    positions = [position for position, _ in portion.events]

    ids = [token_id(_digest(number)) for number in range(5)]
    assert [*map(RevokedToken, ids)] == [event for _, event in portion.events]
    assert sorted({before, *positions}) == [before, *positions]
    assert portion.position == positions[-1]
    assert [*map(RevokedToken, ids[3:])] == await _told(stores, positions[2])
    assert [] == await _told(stores, positions[-1])


async def test_a_log_in_which_nothing_happened_has_a_place_to_go_on_from(stores: Stores) -> None:
    """It is the same whenever it is asked for, and what happens then is behind it."""
    first, second = await stores.revocations.read(None), await stores.revocations.read(None)
    await stores.tokens.add([(_digest(1), a_token())], versions={})
    await stores.tokens.remove(_digest(1))

    assert first == second == RevocationPortion(first.position, ())
    assert [RevokedToken(token_id(_digest(1)))] == await _told(stores, first.position)


@pytest.mark.parametrize(
    "elsewhere",
    [
        pytest.param(lambda there: there._replace(nonce="0" * 8), id="the same place in another history"),
        pytest.param(lambda there: there._replace(number=there.number + 1000), id="a place that is not reached yet"),
        pytest.param(lambda there: there._replace(milliseconds=0, number=0), id="a place before all others"),
    ],
)
async def test_a_place_that_is_not_in_the_log_is_a_gap(
    stores: Stores, elsewhere: Callable[[Position], Position]
) -> None:
    """It goes on at the end, and tells nothing of what it cannot put in order."""
    before = await _end(stores)
    await stores.tokens.add([(_digest(1), a_token())], versions={})
    await stores.tokens.remove(_digest(1))

    assert RevocationPortion(await _end(stores), (), gap=True) == await stores.revocations.read(elsewhere(before))


async def test_much_is_told_in_parts(stores: Stores) -> None:
    """Each says whether there is more; together they are everything, once."""
    digests = [*map(_digest, range(1500))]
    await stores.tokens.add([(digest, a_token()) for digest in digests], versions={})
    before = await _end(stores)
    for start in range(0, 1500, 10):
        await asyncio.gather(*map(stores.tokens.remove, digests[start : start + 10]))

    first = await stores.revocations.read(before)
    rest = await stores.revocations.read(first.position)

    told = [event for portion in (first, rest) for _, event in portion.events]
    assert (True, False) == (first.more, rest.more)
    assert sorted(map(token_id, digests)) == sorted(event.token_id for event in told if isinstance(event, RevokedToken))


async def test_who_waits_is_woken_by_what_happens(stores: Stores) -> None:
    """At once; not later than in half a second if nothing does; not at all if it has happened already."""
    await stores.tokens.add([(_digest(1), a_token())], versions={})
    before = await _end(stores)
    started = time.monotonic()
    await stores.revocations.wait(before)
    nothing = time.monotonic() - started

    waiting = asyncio.create_task(stores.revocations.wait(before))
    await asyncio.sleep(0.1)
    still_waiting = not waiting.done()
    started = time.monotonic()
    await stores.tokens.remove(_digest(1))
    await waiting
    await stores.revocations.wait(before)
    woken = time.monotonic() - started

    assert still_waiting
    assert 0.2 < nothing < 1.5  # On a machine that is at work on other things; it asks for 0.4.
    assert woken < 0.3
