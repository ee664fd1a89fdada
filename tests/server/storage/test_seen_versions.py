"""What was seen of clients is not looked at again, and is never older than the last write of any."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, TypeVar

import pytest
from redis.asyncio import Redis

from grantway_server.domain.clients import Client, Version
from grantway_server.domain.environment import Environment
from grantway_server.domain.ports import ClientStore, TokenStore
from grantway_server.domain.token_owners import TokenOwner
from grantway_server.storage import client_memory, seen_versions
from grantway_server.storage.audit_codec import encode_audit_record
from grantway_server.storage.client_codec import encode_client
from grantway_server.storage.keys import EnvironmentKeys
from grantway_server.storage.redis_connection import RedisConnections
from grantway_server.storage.seen_versions import SeenVersions, Sight
from tests.fakes.redis_stores import redis_client_and_token_store, redis_client_store, redis_token_store
from tests.server.samples import a_client, a_record, a_token
from tests.server.storage.command_calls import calls
from tests.server.storage.conftest import Stores
from tests.server.storage.writes import delete, put, stored

_NAMES = [f"client-{number}" for number in range(40)]
_KEYS = EnvironmentKeys(Environment.LIVE)
_Answer = TypeVar("_Answer")
_Core = tuple[ClientStore, TokenStore]


def _digest(name: str) -> bytes:
    return name.encode().rjust(16, b"-")


async def _add(tokens: TokenStore, versions: Mapping[str, Version]) -> bool:
    """Whether tokens of all of these clients are written."""
    return await tokens.add([(_digest(name), a_token(name)) for name in versions], versions=versions)


async def _told(core: _Core, names: Sequence[str], *, others: Sequence[str] = ()) -> dict[str, Version]:
    """At what versions the clients are found: of *names* those who have tokens. What is unread is read, as ever."""
    clients, tokens = core
    found = await tokens.get_many([_digest(name) for name in names], client_ids=others)
    read = await clients.get_many({*found.owners_to_read, *others} - found.callers.keys())
    known = {**found.owners, **found.callers, **read}
    return {name: client.version if (client := known.get(name)) else b"" for name in (*names, *others)}


async def _clients(connections: RedisConnections, names: Sequence[str] = _NAMES) -> dict[str, Version]:
    store = redis_client_store(connections)
    return {name: (await stored(store, a_client(name))).version for name in names}


async def _costs(valkey: Redis, act: Awaitable[_Answer]) -> tuple[_Answer, int, int]:
    """What *act* answers, how often it made the store look at a client, and how many round trips it took."""
    looks, trips = await calls(valkey, "getrange"), await calls(valkey, "evalsha")
    answer = await act
    return answer, await calls(valkey, "getrange") - looks, await calls(valkey, "evalsha") - trips


def test_what_is_seen_holds_until_a_client_is_written() -> None:
    """Then nothing does, for it may be any of them."""
    seen = SeenVersions()

    seen.see(b"1", {"one": b"a", "two": b"b"})
    kept = seen.latest
    before = dict(seen.unseen({"one": b"a", "two": b"c", "three": b"d"}))
    seen.see(b"2", {"two": b"c"})
    after = dict(seen.unseen({"one": b"a", "two": b"c"}))

    assert ({"two": b"c", "three": b"d"}, {"one": b"a"}) == (before, after)
    assert (Sight(b"1", {"one": b"a", "two": b"b"}), Sight(b"2", {"two": b"c"})) == (kept, seen.latest)


def test_what_is_forgotten_is_what_was_seen_then() -> None:
    """Not what somebody else saw meanwhile, after the write that came to light."""
    seen = SeenVersions()
    seen.see(b"2", {"one": b"a"})

    seen.forget(b"1")
    kept = seen.latest
    seen.forget(b"2")

    assert (Sight(b"2", {"one": b"a"}), Sight()) == (kept, seen.latest)


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
    kept = seen.latest

    seen.see(b"1", {"d": b"x"})

    assert ({"d"}, set("abc")) == (set(seen.latest.versions), set(kept.versions))


@pytest.mark.parametrize(
    ("looks", "all_were_seen"),
    [
        pytest.param([(b"1", "ab")], False, id="the first look"),
        pytest.param([(b"1", "ab"), (b"1", "a")], True, id="some of them again"),
        pytest.param([(b"1", "ab"), (b"1", "abc")], False, id="one more"),
        pytest.param([(b"1", "ab"), (b"2", "ab")], False, id="after a write"),
        pytest.param([(b"1", "ab"), (b"2", "ab"), (b"2", "ab")], True, id="the one after that"),
        pytest.param([(b"", "ab"), (b"", "ab")], False, id="where no write is known"),
    ],
)
def test_it_says_whether_all_were_seen(
    looks: Sequence[tuple[bytes, str]],
    all_were_seen: bool,  # noqa: FBT001 - a table row.
) -> None:
    """Who has just met clients that were not expects more of them, and asks for all."""
    seen = SeenVersions()
    answers = [seen.see(last_write, dict.fromkeys(names, b"x")) for last_write, names in looks]

    assert all_were_seen is answers[-1]


async def test_clients_are_looked_at_once(valkey: Redis, connections: RedisConnections) -> None:
    """However many they are, and however often tokens of them are written and read."""
    versions, core, reading = await _clients(connections), redis_client_and_token_store(connections), []
    tokens = core[1]
    assert await _add(tokens, versions)
    await _told(core, _NAMES)  # Whether there are more whom it has not seen it does not know yet.
    before = await calls(valkey, "getrange")

    for _ in range(3):
        assert await _add(tokens, versions)
        reading.append(await _told(core, _NAMES))

    assert (0, [versions] * 3) == (await calls(valkey, "getrange") - before, reading)


async def test_clients_that_were_found_unchanged_are_not_compared_again(connections: RedisConnections) -> None:
    """A batch of any of them is answered with all of them, whoever asks, until one is written; then again."""
    versions, core = await _clients(connections), redis_client_and_token_store(connections)
    clients, tokens = core
    await _add(tokens, versions)

    async def unchanged() -> Mapping[str, TokenOwner | None]:
        for _ in range(3):
            await _told(core, _NAMES)
        few = await tokens.get_many(list(map(_digest, _NAMES[:20])))
        others = await tokens.get_many(list(map(_digest, _NAMES[20:])), client_ids=["client-0", "nobody"])
        assert few.owners is others.owners
        return few.owners

    before = await unchanged()
    changed = await stored(clients, (await clients.get_many(["client-0"]))["client-0"])
    after = await unchanged()

    assert (set(_NAMES), set(_NAMES)) == (set(before), set(after))
    assert {"client-0": changed.as_owner} == {name: after[name] for name in _NAMES if before[name] != after[name]}


async def test_owners_are_told_where_there_is_no_room_for_their_clients(
    connections: RedisConnections, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is read for a check of their tokens."""
    versions, core = await _clients(connections), redis_client_and_token_store(connections)
    clients, tokens = core
    await _add(tokens, versions)
    for _ in range(3):
        await _told(core, _NAMES)

    monkeypatch.setattr(client_memory, "_MAX_WEIGHT", 0)
    await clients.get_many(["client-0"])
    found = await tokens.get_many(list(map(_digest, _NAMES)))

    assert {} == clients.remembered(_NAMES)
    assert (set(_NAMES), []) == (set(found.owners), list(found.owners_to_read))


async def test_who_asks_is_looked_at_each_time(valkey: Redis, connections: RedisConnections) -> None:
    """In the one round trip that there is anyhow, whether there is such a client or not: it must not be told apart."""
    versions, core = await _clients(connections), redis_client_and_token_store(connections)
    await _add(core[1], versions)
    await _told(core, _NAMES)

    async def costs(other: str) -> tuple[int, int]:
        told, looks, trips = await _costs(valkey, _told(core, ["client-0"], others=[other]))
        assert {"client-0": versions["client-0"], other: versions.get(other, b"")} == told
        return looks, trips

    assert [(1, 1)] * 4 == [await costs(name) for name in ("client-1", "nobody", "nobody else", "client-1")]


async def test_a_client_that_was_not_seen_makes_a_batch_ask_again(valkey: Redis, connections: RedisConnections) -> None:
    """Once: the next one asks for all at once, and the one after that for none."""
    versions, core = await _clients(connections), redis_client_and_token_store(connections)
    await _add(redis_token_store(connections), versions)
    for _ in range(2):
        await _told(core, _NAMES[:30])

    costs = [await _costs(valkey, _told(core, _NAMES)) for _ in range(3)]

    assert [(versions, 40, 2), (versions, 40, 1), (versions, 0, 1)] == costs


async def test_a_write_of_any_client_makes_the_next_batch_ask_again(
    valkey: Redis, connections: RedisConnections
) -> None:
    """Only the next one."""
    versions, tokens = await _clients(connections), redis_token_store(connections)
    await _add(tokens, versions)
    await _clients(connections, ["another"])

    costs = [await _costs(valkey, _add(tokens, versions)) for _ in range(2)]

    assert [(True, 40, 2), (True, 0, 1)] == costs


async def test_a_write_of_any_client_makes_the_next_check_ask_again(
    valkey: Redis, connections: RedisConnections
) -> None:
    """Once; the check after it looks at all versions, in one round trip, and then none does."""
    versions, core = await _clients(connections), redis_client_and_token_store(connections)
    await _add(core[1], versions)
    for _ in range(2):
        await _told(core, _NAMES)
    await _clients(connections, ["another"])

    costs = [await _costs(valkey, _told(core, _NAMES)) for _ in range(3)]

    assert [(versions, 40, 2), (versions, 40, 1), (versions, 0, 1)] == costs


async def test_who_does_not_ask_for_owners_takes_one_round_trip_after_a_write_too(
    valkey: Redis, connections: RedisConnections
) -> None:
    """Nor does the store look at any of them."""
    versions, core = await _clients(connections), redis_client_and_token_store(connections)
    await _add(core[1], versions)
    for _ in range(2):
        await _told(core, _NAMES)
    await _clients(connections, ["another"])

    asking = core[1].get_many([_digest(name) for name in _NAMES], with_owners=False)
    found, looks, trips = await _costs(valkey, asking)

    assert (40, 0, 1) == (len(found.tokens), looks, trips)


async def test_a_batch_of_a_client_that_was_written_is_refused_once(
    valkey: Redis, connections: RedisConnections
) -> None:
    """It takes two round trips to find out; the batch after it knows of the write, and takes one."""
    versions, tokens = await _clients(connections), redis_token_store(connections)
    await _add(tokens, versions)
    store = redis_client_store(connections)
    changed = await stored(store, (await store.get_many(["client-0"]))["client-0"])

    now = {**versions, "client-0": changed.version}
    costs = [await _costs(valkey, _add(tokens, at)) for at in (versions, now, now)]

    assert [(False, 1, 2), (True, 40, 1), (True, 0, 1)] == costs


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
    writing, reading = redis_token_store(connections), redis_client_and_token_store(connections)
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
                asking = chance.randrange(2)
                told = await _told((stores.clients, stores.tokens), batch[asking:], others=batch[:asking])
                assert {name: clients[name].version for name in batch} == told


async def test_no_answer_is_older_than_the_question(connections: RedisConnections) -> None:
    """While other cores write clients: the answer is what was acknowledged before the question, or came later."""
    store, core = redis_client_store(connections), redis_client_and_token_store(connections)
    histories = {name: [await stored(store, a_client(name))] for name in _NAMES}
    await _add(core[1], {name: history[-1].version for name, history in histories.items()})
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
            asking = chance.choice([0, 3])
            told = await _told(core, batch[asking:], others=batch[:asking])
            for name, version in told.items():
                # What is written at this moment is not acknowledged, and may be told all the same.
                versions = [client.version for client in histories[name]]
                assert version not in versions[: known[name] - 1]
            asked += 1
        return asked

    asking = [asyncio.create_task(ask()) for _ in range(4)]
    await write()

    assert min([await one for one in asking]) > 10
