"""What every client store does. See `grantway_server.domain.ports.ClientStore`."""

import asyncio
from dataclasses import replace

import pytest
from redis.asyncio import Redis

from grantway_server.domain.clients import Client
from grantway_server.domain.ports import ClientFilter, Page, SecretIdTaken, UsedEpoch
from grantway_server.storage.redis_connection import RedisConnections
from tests.fakes.redis_stores import redis_client_store
from tests.server.samples import a_client
from tests.server.storage.conftest import Stores
from tests.server.storage.writes import delete, put, stored


@pytest.mark.parametrize(
    "client",
    [
        pytest.param(a_client(), id="every field set"),
        pytest.param(a_client(disabled_at=None), id="enabled"),
        pytest.param(a_client(default_scopes=None), id="all scopes by default"),
        pytest.param(a_client(default_scopes=()), id="no scopes by default"),
        pytest.param(a_client(allowed_scopes=(), default_scopes=None, audiences=()), id="nothing allowed"),
        pytest.param(a_client(auth_methods=frozenset()), id="any authentication method"),
        pytest.param(a_client(name="Büro für Ämter"), id="a name beyond ASCII"),
        pytest.param(a_client(secrets=()), id="no secret"),
    ],
)
async def test_a_stored_client_is_read_back_whole(stores: Stores, client: Client) -> None:
    """Every field of a client survives being stored, and it has another version."""
    first = await stored(stores.clients, client)

    assert replace(client, version=first.version) == first
    assert {client.client_id: first} == dict(await stores.clients.get_many([client.client_id]))
    assert first.version not in {client.version, (await stored(stores.clients, first)).version}


async def test_only_clients_that_exist_are_answered(stores: Stores) -> None:
    """An unknown id is missing from the answer, which is no error."""
    one = await stored(stores.clients, a_client("one"))

    assert {"one": one} == dict(await stores.clients.get_many({"one", "two"}))
    assert dict(await stores.clients.get_many([])) == {}


async def test_a_client_is_created_once(stores: Stores) -> None:
    """A second client with the same id changes nothing."""
    first = await stored(stores.clients, a_client("one", name="First"))

    assert await put(stores.clients, a_client("one", name="Second")) is None
    assert {"one": first} == dict(await stores.clients.get_many(["one"]))


async def test_a_write_over_a_newer_version_changes_nothing(stores: Stores) -> None:
    """Whoever read first and writes last is refused."""
    first = await stored(stores.clients, a_client("one"))
    second = await stored(stores.clients, replace(first, name="Second"))

    assert await put(stores.clients, replace(first, name="Late")) is None
    assert not await delete(stores.clients, first)
    assert {"one": second} == dict(await stores.clients.get_many(["one"]))


async def test_of_many_writers_one_wins(stores: Stores) -> None:
    """Concurrent writes over one version leave exactly the acknowledged one."""
    first = await stored(stores.clients, a_client("one"))

    answers = await asyncio.gather(
        *(put(stores.clients, replace(first, name=f"Writer {number}")) for number in range(10))
    )

    (winner,) = [answer for answer in answers if answer is not None]
    assert {"one": winner} == dict(await stores.clients.get_many(["one"]))


async def test_a_deleted_client_is_gone(stores: Stores) -> None:
    """It is neither read nor listed, and cannot be written any more."""
    client = await stored(stores.clients, a_client("one"))

    assert await delete(stores.clients, client)

    assert dict(await stores.clients.get_many(["one"])) == {}
    assert await stores.clients.page(ClientFilter(), after=b"", limit=10) == Page([], b"")
    assert await put(stores.clients, client) is None
    assert not await delete(stores.clients, client)


async def test_pages_hold_every_client_once_in_order(stores: Stores) -> None:
    """Ids sort by their bytes; a page begins behind where the one before ended, whether that client exists or not."""
    clients = [await stored(stores.clients, a_client(client_id)) for client_id in ("B", "a", "a-b", "a_b", "aa", "b")]

    async def page(after: bytes, limit: int) -> tuple[list[Client], bytes]:
        answer = await stores.clients.page(ClientFilter(), after=after, limit=limit)
        return list(answer.items), answer.next_page

    assert (clients, b"") == await page(b"", 10)
    assert (clients, b"") == await page(b"", 6)
    assert (clients[:2], b"a") == await page(b"", 2)
    assert (clients[2:4], b"a_b") == await page(b"a", 2)
    assert (clients[4:], b"") == await page(b"a_b", 2)
    assert (clients[1:], b"") == await page(b"Z", 10)
    assert ([], b"") == await page(b"b", 10)


async def test_what_was_read_is_remembered_as_it_was(stores: Stores) -> None:
    """Until it is read again, and found changed or gone; that a client does not exist is never remembered."""
    one = await stored(stores.clients, a_client("one"))
    await stored(stores.clients, a_client("two"))
    before = dict(stores.clients.remembered(["one"]))
    await stores.clients.get_many(["one", "nobody"])
    after = dict(stores.clients.remembered(["one", "nobody", "two"]))
    changed = await stored(stores.clients, one)
    still = dict(stores.clients.remembered(["one"]))
    await stores.clients.get_many(["one"])
    read_again = dict(stores.clients.remembered(["one"]))
    await delete(stores.clients, changed)
    await stores.clients.get_many(["one"])
    gone = dict(stores.clients.remembered(["one"]))

    assert [{}, {"one": one}, {"one": one}, {"one": changed}, {}] == [before, after, still, read_again, gone]


async def test_a_client_that_was_not_changed_is_the_one_that_is_remembered(stores: Stores) -> None:
    """It is not made anew from its record, which costs more than to read it."""
    await stored(stores.clients, a_client("one"))
    first = (await stores.clients.get_many(["one"]))["one"]

    assert first is (await stores.clients.get_many(["one"]))["one"]


async def test_a_secret_id_belongs_to_one_client(stores: Stores) -> None:
    """Who comes second with it writes nothing; the first one can be changed in all else, and it stays its own."""
    first = await stored(stores.clients, a_client("one"))
    second = await stored(stores.clients, a_client("two"))

    for client in (
        a_client("three", secrets=first.secrets),
        replace(second, secrets=(*second.secrets, *first.secrets)),
    ):
        with pytest.raises(SecretIdTaken):
            await put(stores.clients, client, before=second if client.version else None)
    await stored(stores.clients, replace(first, name="New"), before=first)

    assert "one" == await stores.clients.client_of_secret(first.secrets[0].secret_id)
    assert {"one", "two"} == set(await stores.clients.get_many(["one", "two", "three"]))
    assert second == (await stores.clients.get_many(["two"]))["two"]


async def test_a_client_without_its_secret_id_is_changed_and_deleted_like_any(
    valkey: Redis, connections: RedisConnections
) -> None:
    """An older core let two clients have one id: neither is shut out, and the other one's entry stays."""
    redis = redis_client_store(connections)
    first = await stored(redis, a_client("one"))
    (secret,) = first.secrets
    await valkey.set(f"gw:{{live}}:s:{secret.secret_id}", "two")

    changed = await stored(redis, replace(first, name="New"), before=first)
    retired = await stored(redis, replace(changed, secrets=()), before=changed)
    assert await delete(redis, retired)

    assert "two" == await redis.client_of_secret(secret.secret_id)


async def test_a_new_client_begins_above_the_last_epoch_of_its_id(stores: Stores) -> None:
    """For as long as tokens of the deleted one may be alive; who does not is told the last one, and writes nothing."""
    client = await stored(stores.clients, a_client("one", epoch=9))
    await delete(stores.clients, client)

    for epoch in (8, 9):
        with pytest.raises(UsedEpoch) as used:
            await put(stores.clients, a_client("one", epoch=epoch))
        assert 9 == used.value.last
    assert {} == await stores.clients.get_many(["one"])

    assert await put(stores.clients, a_client("one", epoch=10))
