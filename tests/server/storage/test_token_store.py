"""What every token store does. See `grantway_server.domain.ports.TokenStore`."""

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from grantway_server.domain.audit import Kind
from grantway_server.domain.ports import StoredTokens, Tombstone
from grantway_server.domain.token_owners import TokenOwner
from grantway_server.domain.tokens import Token
from tests.server.samples import a_client, a_record, a_token
from tests.server.storage.conftest import Stores
from tests.server.storage.writes import delete, put, stored


def _digest(number: int) -> bytes:
    return number.to_bytes(16, "big")


async def _tokens(stores: Stores, digests: Iterable[bytes]) -> list[Token | Tombstone | None]:
    return list((await stores.tokens.get_many(list(digests))).tokens)


async def test_a_stored_token_is_read_back_whole(stores: Stores) -> None:
    """Every field of a token survives being stored."""
    token = a_token()

    await stores.tokens.add([(_digest(1), token)], versions={})

    assert [token] == await _tokens(stores, [_digest(1)])


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
    await stores.tokens.add([(_digest(1), token)], versions={})  # type: ignore[list-item]  # A Token, from the table.

    assert [token] == await _tokens(stores, [_digest(1)])


async def test_a_token_that_is_written_twice_does_not_come_back(stores: Stores) -> None:
    """The second time may be late: a copy that was held up on its way."""
    await stores.tokens.add([(_digest(1), a_token())], versions={})
    await stores.tokens.remove(_digest(1))

    await stores.tokens.add([(_digest(1), a_token()), (_digest(2), a_token())], versions={})

    assert [Tombstone.REVOKED, a_token()] == await _tokens(stores, [_digest(1), _digest(2)])


async def test_answers_come_in_the_order_of_the_questions(stores: Stores) -> None:
    """Known and unknown digests may be asked for in any mix, one of them twice."""
    tokens = {number: a_token(f"svc_live_{number:016}") for number in range(5)}
    await stores.tokens.add([(_digest(number), token) for number, token in tokens.items()], versions={})

    answers = await _tokens(stores, [_digest(n) for n in (4, 99, 0, 4)])

    assert [tokens[4], None, tokens[0], tokens[4]] == list(answers)


async def test_asking_for_nothing_answers_nothing(stores: Stores) -> None:
    """No digests, no answers, no error."""
    found = await stores.tokens.get_many([])

    assert ([], {}, [], {}, b"") == (
        found.tokens, dict(found.owners), list(found.owners_to_read), dict(found.callers), found.position
    )  # fmt: skip # One line for what there is of it.


async def test_a_removed_token_leaves_a_tombstone(stores: Stores) -> None:
    """Removing touches one token only; it can be told from one that never was."""
    await stores.tokens.add([(_digest(1), a_token()), (_digest(2), a_token())], versions={})

    removed = await stores.tokens.remove(_digest(1))

    assert removed
    found = await _tokens(stores, map(_digest, (1, 2, 3)))
    assert [Tombstone.REVOKED, True, None] == [True if isinstance(one, Token) else one for one in found]


async def test_removing_what_is_not_there_is_no_error(stores: Stores) -> None:
    """Revoking twice is as good as once; nothing is written down of what was not there."""
    removed = [
        await stores.tokens.remove(_digest(1)),
        await stores.tokens.remove(_digest(1), record=a_record(kind=Kind.LEAK_REPORTED)),
    ]

    assert [False, False] == removed
    assert await _tokens(stores, [_digest(1)]) == [None]
    assert [] == list((await stores.audit_trail.portion(since=None, after=b"")).items)


async def test_a_removal_is_written_down_in_the_same_step(stores: Stores) -> None:
    """Once, however many remove the token at the same moment; without a record nothing is."""
    record = a_record(kind=Kind.LEAK_REPORTED, secret_id="abcdefgh")
    await stores.tokens.add([(_digest(number), a_token()) for number in range(3)], versions={})

    removed = await asyncio.gather(*(stores.tokens.remove(_digest(1), record=record) for _ in range(16)))
    await stores.tokens.remove(_digest(2))

    assert [False] * 15 + [True] == sorted(removed)
    assert [True, False, False] == [isinstance(one, Token) for one in await _tokens(stores, map(_digest, range(3)))]
    trail = (await stores.audit_trail.portion(since=None, after=b"")).items
    assert [record] == [replace(one, record_id="") for one in trail]


async def test_a_token_that_has_expired_is_kept_for_a_while(stores: Stores) -> None:
    """So that it can be told that it has. For how long: test_introspection.py in memory, test_redis_stores.py."""
    token = a_token(issued_at=datetime.now(UTC).replace(microsecond=0) - timedelta(seconds=9), lifetime=timedelta(0))
    await stores.tokens.add([(_digest(1), token)], versions={})

    assert [token] == await _tokens(stores, [_digest(1)])


async def test_a_batch_of_the_largest_size_is_stored_whole(stores: Stores) -> None:
    """128 tokens at once are 128 tokens."""
    tokens = [(_digest(number), a_token(f"svc_live_{number:016}")) for number in range(128)]

    await stores.tokens.add(tokens, versions={})

    assert [token for _, token in tokens] == await _tokens(stores, [digest for digest, _ in tokens])


@pytest.mark.parametrize(
    ("change", "written"),
    [
        pytest.param("nothing", True, id="nothing changed"),
        pytest.param("another is created", True, id="another client is created"),
        pytest.param("it is changed", False, id="the client is changed"),
        pytest.param("another is changed", True, id="another client is changed"),
        pytest.param("it is deleted", False, id="the client is deleted"),
        pytest.param("it is made anew", False, id="the client is deleted and created again"),
    ],
)
async def test_tokens_are_written_at_the_versions_that_clients_were_read_at(
    stores: Stores,
    change: str,
    written: bool,  # noqa: FBT001 - a table row.
) -> None:
    """Once one of their clients was changed since, nothing is written; what becomes of others does not matter."""
    one, another = [await stored(stores.clients, a_client(client_id)) for client_id in ("one", "another")]
    match change:
        case "another is created":
            await put(stores.clients, a_client("third"))
        case "it is changed":
            await put(stores.clients, one)
        case "another is changed":
            await put(stores.clients, another)
        case "it is deleted":
            await delete(stores.clients, one)
        case "it is made anew":
            await delete(stores.clients, one)
            await put(stores.clients, a_client("one", epoch=one.epoch + 1))

    assert written is await stores.tokens.add([(_digest(1), a_token("one"))], versions={"one": one.version})
    assert [written] == [token is not None for token in await _tokens(stores, [_digest(1)])]


async def test_tokens_for_several_clients_are_written_together_or_not_at_all(stores: Stores) -> None:
    """One client that was changed since keeps the tokens of the others from being written: all are decided again."""
    one, another = [await stored(stores.clients, a_client(client_id)) for client_id in ("one", "another")]
    versions = {"one": one.version, "another": another.version}
    tokens = [(_digest(1), a_token("one")), (_digest(2), a_token("another"))]
    assert await stores.tokens.add(tokens[:1], versions=versions)
    await put(stores.clients, another)

    assert not await stores.tokens.add(tokens[1:], versions=versions)
    assert [True, False] == [token is not None for token in await _tokens(stores, [_digest(1), _digest(2)])]


def _owner(found: StoredTokens, client_id: str) -> TokenOwner | str:
    """What an answer says of the client of a token."""
    if client_id in found.owners_to_read:
        return "to be read"
    return found.owners[client_id] or "gone"


async def test_a_token_comes_with_its_client_as_it_is(stores: Stores) -> None:
    """If that is remembered: one that was not read, or was written since, is to be read; one that is gone is neither.

    Each twice: at first a store may have to look at what it knows of already the second time.
    """
    first, said = await stored(stores.clients, a_client("one")), list[list[TokenOwner | str]]()
    await stores.tokens.add([(_digest(1), a_token("one")), (_digest(2), a_token("nobody"))], versions={})

    async def ask() -> None:
        for _ in range(2):
            found = await stores.tokens.get_many([_digest(1), _digest(2)])
            said.append([_owner(found, one.client_id) for one in found.tokens if isinstance(one, Token)])

    await ask()
    await stores.clients.get_many(["one"])
    await ask()
    second = await stored(stores.clients, first)
    await ask()
    await stores.clients.get_many(["one"])
    await ask()
    await delete(stores.clients, second)
    await ask()

    expected: list[TokenOwner | str] = ["to be read", first.as_owner, "to be read", second.as_owner, "gone"]
    assert [[each, "gone"] for each in expected for _ in range(2)] == said


async def test_each_token_of_a_batch_comes_with_its_own_client(stores: Stores) -> None:
    """Whatever they are mixed with: tokens of the same client or of others, of nobody, revoked or unknown."""
    written = [await stored(stores.clients, a_client(name)) for name in ("one", "another", "unread")]
    one, another, _ = [client.as_owner for client in written]
    await stores.clients.get_many(["one", "another"])
    owners = ["one", "another", "nobody", "one", "another", "unread", "one"]
    await stores.tokens.add([(_digest(at), a_token(owner)) for at, owner in enumerate(owners)], versions={})
    await stores.tokens.remove(_digest(0))

    for _ in range(2):
        found = await stores.tokens.get_many([_digest(number) for number in (99, 0, 1, 2, 3, 4, 5, 6)])

        clients = [_owner(found, each.client_id) if isinstance(each, Token) else each for each in found.tokens]
        assert [None, Tombstone.REVOKED, another, "gone", one, another, "to be read", one] == clients


async def test_other_clients_come_along(stores: Stores) -> None:
    """Those who were asked about by id, with the clients of tokens or alone; who must be read is not among them."""
    one, another, _ = [await stored(stores.clients, a_client(name)) for name in ("one", "another", "unread")]
    await stores.clients.get_many(["one", "another"])
    await stores.tokens.add([(_digest(1), a_token("one"))], versions={})

    for _ in range(3):
        found = await stores.tokens.get_many([_digest(1), _digest(2)], client_ids=["another", "nobody", "unread"])
        alone = await stores.tokens.get_many([_digest(1)], client_ids=["another", "nobody"], with_owners=False)

        assert (one.as_owner, {"another": another, "nobody": None}) == (found.owners["one"], dict(found.callers))
        assert ({}, {"another": another, "nobody": None}) == (dict(alone.owners), dict(alone.callers))
        assert [True, False] == [isinstance(one, Token) for one in found.tokens]
