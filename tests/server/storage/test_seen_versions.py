"""What was seen of clients is not looked at again, and is never older than the last write of any."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import pytest
from redis.asyncio import Redis

from grantway_server.domain.clients import Client, Version
from grantway_server.domain.environment import Environment
from grantway_server.domain.ports import TokenStore
from grantway_server.storage import seen_versions
from grantway_server.storage.audit_codec import encode_audit_record
from grantway_server.storage.client_codec import encode_client
from grantway_server.storage.keys import EnvironmentKeys
from grantway_server.storage.redis_connection import RedisConnections
from grantway_server.storage.seen_versions import SeenVersions
from tests.fakes.redis_stores import redis_client_store, redis_token_store
from tests.server.samples import a_client, a_record, a_token
from tests.server.storage.conftest import Stores
from tests.server.storage.writes import delete, put, stored

_NAMES = [f"client-{number}" for number in range(40)]
_KEYS = EnvironmentKeys(Environment.LIVE)


def _digest(name: str) -> bytes:
    return name.encode().rjust(16, b"-")


async def _add(tokens: TokenStore, versions: Mapping[str, Version]) -> bool:
    """Whether tokens of all of these clients are written."""
    return await tokens.add([(_digest(name), a_token(name)) for name in versions], versions=versions)


async def _told(tokens: TokenStore, names: Sequence[str], *, others: Sequence[str] = ()) -> dict[str, Version]:
    """At what versions the clients are said to be: of *names* those who have tokens."""
    found = await tokens.get_many([_digest(name) for name in names], client_ids=others)
    return {name: found.versions[name] for name in (*names, *others)}


async def _clients(connections: RedisConnections, names: Sequence[str] = _NAMES) -> dict[str, Version]:
    store = redis_client_store(connections)
    return {name: (await stored(store, a_client(name))).version for name in names}


async def _looks(valkey: Redis) -> int:
    """How often the store was made to look at a client."""
    return int((await valkey.info("commandstats")).get("cmdstat_getrange", {"calls": 0})["calls"])


def test_what_is_seen_holds_until_a_client_is_written() -> None:
    """Then nothing does, for it may be any of them."""
    seen = SeenVersions()

    seen.see(b"1", {"one": b"a", "two": b"b"})
    kept = seen.versions
    before = dict(seen.unseen({"one": b"a", "two": b"c", "three": b"d"}))
    seen.see(b"2", {"two": b"c"})
    after = dict(seen.unseen({"one": b"a", "two": b"c"}))

    assert ({"two": b"c", "three": b"d"}, {"one": b"a"}) == (before, after)
    assert ({"one": b"a", "two": b"b"}, {"two": b"c"}, b"2") == (kept, seen.versions, seen.last_write)


def test_nothing_is_seen_where_no_write_is_known() -> None:
    """An empty trail says nothing of when it became so."""
    seen = SeenVersions()

    seen.see(b"", {"one": b"a"})

    assert {"one": b"a"} == seen.unseen({"one": b"a"})


def test_so_many_clients_are_seen_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """Then it begins again: it takes no more memory, and what was handed out stays as it is."""
    monkeypatch.setattr(seen_versions, "_MAX_SEEN", 2)
    seen = SeenVersions()
    seen.see(b"1", dict.fromkeys("abc", b"x"))
    kept = seen.versions

    seen.see(b"1", {"d": b"x"})

    assert ({"d"}, set("abc")) == (set(seen.versions), set(kept))


@pytest.mark.parametrize(
    ("looks", "moved", "mostly_new"),
    [
        pytest.param([(b"1", "ab")], True, True, id="the first look"),
        pytest.param([(b"1", "ab"), (b"1", "ab")], False, False, id="the same again"),
        pytest.param([(b"1", "ab"), (b"1", "abc")], False, False, id="one more"),
        pytest.param([(b"1", "ab"), (b"1", "bcd")], False, True, id="two more beside one"),
        pytest.param([(b"1", "ab"), (b"2", "ab")], True, True, id="after a write"),
        pytest.param([(b"1", "ab"), (b"2", "ab"), (b"2", "ab")], False, False, id="the one after that"),
    ],
)
def test_it_says_what_to_expect_of_the_next_look(
    looks: Sequence[tuple[bytes, str]],
    moved: bool,  # noqa: FBT001 - a table row.
    mostly_new: bool,  # noqa: FBT001 - a table row.
) -> None:
    """Who expects that a client was written, or that most are new, asks for all at once."""
    seen = SeenVersions()
    for last_write, names in looks:
        seen.see(last_write, dict.fromkeys(names, b"x"))

    assert (moved, mostly_new) == (seen.moved, seen.mostly_new)


async def test_clients_are_looked_at_once(valkey: Redis, connections: RedisConnections) -> None:
    """However many they are, and however often tokens of them are written and read."""
    versions, tokens, reading = await _clients(connections), redis_token_store(connections), []
    for _ in range(2):
        assert await _add(tokens, versions)
    before = await _looks(valkey)

    for _ in range(3):
        assert await _add(tokens, versions)
        reading.append(await _told(tokens, _NAMES, others=["nobody"]))

    # Nobody had asked for the one that does not exist.
    assert (1, [{**versions, "nobody": b""}] * 3) == (await _looks(valkey) - before, reading)


async def test_only_clients_that_were_not_seen_are_looked_at(valkey: Redis, connections: RedisConnections) -> None:
    """A few that are new among many that are not."""
    versions, tokens, other = (
        await _clients(connections),
        redis_token_store(connections),
        redis_token_store(connections),
    )
    await _add(other, versions)
    old = dict(list(versions.items())[:30])
    for _ in range(2):
        await _add(tokens, old)
    before = await _looks(valkey)

    told = await _told(tokens, _NAMES)
    again = await _told(tokens, _NAMES)

    assert (10, versions, versions) == (await _looks(valkey) - before, told, again)


async def test_a_write_of_any_client_makes_the_next_two_batches_look(
    valkey: Redis, connections: RedisConnections
) -> None:
    """The second one because there may be another write; from the third on all is as it was."""
    versions, tokens = await _clients(connections), redis_token_store(connections)
    for _ in range(2):
        await _add(tokens, versions)
    await _clients(connections, ["another"])

    looks = []
    for _ in range(4):
        before = await _looks(valkey)
        assert await _add(tokens, versions)
        looks.append(await _looks(valkey) - before)

    assert [40, 40, 0, 0] == looks


_Write = Callable[[RedisConnections, Redis, Client], Awaitable[object]]


async def _change(connections: RedisConnections, _: Redis, client: Client) -> None:
    await put(redis_client_store(connections), client)


async def _delete(connections: RedisConnections, _: Redis, client: Client) -> None:
    await delete(redis_client_store(connections), client)


async def _make_anew(connections: RedisConnections, _: Redis, client: Client) -> None:
    store = redis_client_store(connections)
    await delete(store, client)
    await put(store, a_client(client.client_id, epoch=client.epoch + 1))


async def _older_core(_: RedisConnections, valkey: Redis, client: Client) -> None:
    """What a core does that knows of no nonce."""
    await valkey.set(_KEYS.client(client.client_id), b"12345678" + encode_client(client)[8:])
    await valkey.xadd(_KEYS.audit, {"record": encode_audit_record(a_record(client.client_id))})


async def _lose_and_repeat(connections: RedisConnections, valkey: Redis, client: Client) -> None:
    """A store that has lost its last write comes to the same place of the trail by another one."""
    place, _ = await _last_record(valkey)
    milliseconds, number = place.split(b"-")
    assert number == b"0"
    await valkey.delete(_KEYS.audit)  # So that an earlier place can be the last.
    await valkey.xadd(_KEYS.audit, {"record": b"", "nonce": "0123abcd"}, id=b"%d-0" % (int(milliseconds) - 1))
    await put(redis_client_store(connections), client)
    _, fields = await _last_record(valkey)
    await valkey.delete(_KEYS.audit)
    await valkey.xadd(_KEYS.audit, fields, id=place)


async def _last_record(valkey: Redis) -> Any:
    """Its place and its fields, in bytes: their stub does not know."""
    return (await valkey.xrevrange(_KEYS.audit, count=1) or [])[0]


async def _lose_the_trail(connections: RedisConnections, valkey: Redis, client: Client) -> None:
    await put(redis_client_store(connections), client)
    await valkey.delete(_KEYS.audit)


@pytest.mark.parametrize(
    "write",
    [
        pytest.param(_change, id="it is changed"),
        pytest.param(_delete, id="it is deleted"),
        pytest.param(_make_anew, id="it is deleted and made anew"),
        pytest.param(_older_core, id="an older core changes it"),
        pytest.param(_lose_and_repeat, id="it is changed again after a write that was lost"),
        pytest.param(_lose_the_trail, id="it is changed and somebody deletes the audit trail"),
    ],
)
async def test_what_was_seen_of_a_client_is_not_believed_after_a_write(
    valkey: Redis, connections: RedisConnections, write: _Write
) -> None:
    """No token is written for it as it was, and it is told as it is."""
    one = await stored(redis_client_store(connections), a_client("one"))
    writing, reading = redis_token_store(connections), redis_token_store(connections)
    for _ in range(2):
        assert await _add(writing, {"one": one.version})
        assert {"one": one.version} == await _told(reading, ["one"])

    await write(connections, valkey, one)

    now = ((await valkey.get(_KEYS.client("one"))) or b"")[:8]
    assert now != one.version
    assert (False, {"one": now}) == (await _add(writing, {"one": one.version}), await _told(reading, ["one"]))
    assert {"one": now} == await _told(reading, [], others=["one"])


async def test_whatever_happens_they_are_told_as_they_are(stores: Stores) -> None:
    """A thousand random steps of one store: clients are written now and then, looked at in all kinds of batches."""
    chance = random.Random(29)  # noqa: S311 - the same steps each time.
    clients = {name: await stored(stores.clients, a_client(name)) for name in _NAMES}
    await _add(stores.tokens, {name: client.version for name, client in clients.items()})
    for _ in range(1_000):
        batch = chance.sample(_NAMES, chance.choice([1, 2, 20]))
        match chance.randrange(20):
            case 0:
                clients[batch[0]] = await stored(stores.clients, clients[batch[0]])
            case at if at < 10:
                right = {name: clients[name].version for name in batch}
                wrong = chance.random() < 0.2
                assert await _add(stores.tokens, {**right, batch[-1]: bytes(8)} if wrong else right) is not wrong
            case _:
                told = await _told(stores.tokens, batch[1:], others=batch[:1])
                assert {name: clients[name].version for name in batch} == told


async def test_no_answer_is_older_than_the_question(connections: RedisConnections) -> None:
    """While other cores write clients: the answer is what was acknowledged before the question, or came later."""
    store, tokens = redis_client_store(connections), redis_token_store(connections)
    histories = {name: [await stored(store, a_client(name))] for name in _NAMES}
    await _add(tokens, {name: history[-1].version for name, history in histories.items()})
    chance, done = random.Random(30), False  # noqa: S311 - as above.

    async def write() -> None:
        nonlocal done
        for _ in range(300):
            history = histories[chance.choice(_NAMES)]
            history.append(await stored(store, history[-1]))
            await asyncio.sleep(chance.choice([0, 0, 0.002]))
        done = True

    async def ask() -> int:
        asked = 0
        while not done:
            batch = chance.sample(_NAMES, 10)
            known = {name: len(histories[name]) for name in batch}
            told = await _told(tokens, batch[:7], others=batch[7:])
            for name, version in told.items():
                # What is written at this moment is not acknowledged, and may be told all the same.
                versions = [client.version for client in histories[name]]
                assert version not in versions[: known[name] - 1]
            asked += 1
        return asked

    asking = [asyncio.create_task(ask()) for _ in range(4)]
    await write()

    assert min([await one for one in asking]) > 10
