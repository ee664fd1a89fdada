"""What every token store does. See `grantway_server.domain.ports.TokenStore`."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from tests.server.samples import a_client, a_token
from tests.server.storage.conftest import Stores


def _digest(number: int) -> bytes:
    return number.to_bytes(16, "big")


async def test_a_stored_token_is_read_back_whole(stores: Stores) -> None:
    """Every field of a token survives being stored."""
    token = a_token()

    await stores.tokens.add([(_digest(1), token)])

    assert [token] == list((await stores.tokens.get_many([_digest(1)])).tokens)


@pytest.mark.parametrize(
    "token",
    [
        pytest.param(a_token(scopes=()), id="no scope"),
        pytest.param(a_token(audiences=()), id="no audience"),
        pytest.param(a_token(audiences=("a", "b")), id="two audiences"),
        pytest.param(a_token(lifetime=timedelta(seconds=365 * 86_400)), id="a year of life"),
        pytest.param(a_token(epoch=2**32 - 1), id="a client with many epochs"),
    ],
)
async def test_what_is_absent_stays_absent(stores: Stores, token: object) -> None:
    """A token with unusual fields is read back as it was."""
    await stores.tokens.add([(_digest(1), token)])  # type: ignore[list-item]  # A Token, from the table.

    assert [token] == list((await stores.tokens.get_many([_digest(1)])).tokens)


async def test_answers_come_in_the_order_of_the_questions(stores: Stores) -> None:
    """Known and unknown digests may be asked for in any mix, one of them twice."""
    tokens = {number: a_token(f"svc_live_{number:016}") for number in range(5)}
    await stores.tokens.add([(_digest(number), token) for number, token in tokens.items()])

    answers = (await stores.tokens.get_many([_digest(n) for n in (4, 99, 0, 4)])).tokens

    assert [tokens[4], None, tokens[0], tokens[4]] == list(answers)


async def test_asking_for_nothing_answers_nothing(stores: Stores) -> None:
    """No digests, no answers, no error."""
    assert list((await stores.tokens.get_many([])).tokens) == []


async def test_a_removed_token_is_gone(stores: Stores) -> None:
    """Removing touches one token only."""
    await stores.tokens.add([(_digest(1), a_token()), (_digest(2), a_token())])

    await stores.tokens.remove(_digest(1))

    assert [token is None for token in (await stores.tokens.get_many([_digest(1), _digest(2)])).tokens] == [True, False]


async def test_removing_what_is_not_there_is_no_error(stores: Stores) -> None:
    """Revoking twice is as good as once."""
    await stores.tokens.remove(_digest(1))

    assert list((await stores.tokens.get_many([_digest(1)])).tokens) == [None]


async def test_a_token_is_forgotten_when_it_has_expired(stores: Stores) -> None:
    """Nothing is kept beyond its life."""
    issued_at = datetime.now(UTC)
    await stores.tokens.add([(_digest(1), a_token(issued_at=issued_at, lifetime=timedelta(seconds=1)))])
    assert list((await stores.tokens.get_many([_digest(1)])).tokens) != [None]

    await asyncio.sleep(1.1)

    assert list((await stores.tokens.get_many([_digest(1)])).tokens) == [None]


async def test_a_batch_of_the_largest_size_is_stored_whole(stores: Stores) -> None:
    """128 tokens at once are 128 tokens."""
    tokens = [(_digest(number), a_token(f"svc_live_{number:016}")) for number in range(128)]

    await stores.tokens.add(tokens)

    assert [token for _, token in tokens] == list(
        (await stores.tokens.get_many([digest for digest, _ in tokens])).tokens
    )


@pytest.mark.parametrize(
    ("change", "written"),
    [
        pytest.param("nothing", True, id="nothing changed"),
        pytest.param("another is created", False, id="another client is created"),
        pytest.param("it is changed", False, id="the client is changed"),
        pytest.param("another is changed", False, id="another client is changed"),
        pytest.param("it is deleted", False, id="the client is deleted"),
    ],
)
async def test_tokens_are_written_at_the_position_that_clients_were_read_at(
    stores: Stores,
    change: str,
    written: bool,  # noqa: FBT001 - a table row.
) -> None:
    """Once a client was changed since, nothing is written, and both stores tell of one new position."""
    one, another = await stores.clients.put(a_client("one")), await stores.clients.put(a_client("another"))
    assert one is not None
    assert another is not None
    read = await stores.clients.get_many(["one"])
    match change:
        case "another is created":
            await stores.clients.put(a_client("third"))
        case "it is changed":
            await stores.clients.put(one)
        case "another is changed":
            await stores.clients.put(another)
        case "it is deleted":
            await stores.clients.delete(one)

    assert written is await stores.tokens.add([(_digest(1), a_token())], position=read.position)
    found = await stores.tokens.get_many([_digest(1)])
    assert (written, written) == (found.position == read.position, found.tokens[0] is not None)
    assert found.position == (await stores.clients.get_many(["one"])).position
