"""What every client store does. See `grantway_server.domain.ports.ClientStore`."""

import asyncio
from dataclasses import replace

import pytest

from grantway_server.domain.clients import Client
from tests.server.samples import a_client
from tests.server.storage.conftest import Stores


async def _stored(stores: Stores, client: Client) -> Client:
    stored = await stores.clients.put(client)
    assert stored is not None
    return stored


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
    stored = await _stored(stores, client)

    assert replace(client, version=stored.version) == stored
    assert stored.version not in {client.version, (await _stored(stores, stored)).version}
    stored = (await stores.clients.get_many([client.client_id]))[client.client_id]
    assert {client.client_id: stored} == dict(await stores.clients.get_many([client.client_id]))


async def test_only_clients_that_exist_are_answered(stores: Stores) -> None:
    """An unknown id is missing from the answer, which is no error."""
    one = await _stored(stores, a_client("one"))

    assert {"one": one} == dict(await stores.clients.get_many({"one", "two"}))
    assert dict(await stores.clients.get_many([])) == {}


async def test_a_client_is_created_once(stores: Stores) -> None:
    """A second client with the same id changes nothing."""
    first = await _stored(stores, a_client("one", name="First"))

    assert await stores.clients.put(a_client("one", name="Second")) is None
    assert {"one": first} == dict(await stores.clients.get_many(["one"]))


async def test_a_write_over_a_newer_version_changes_nothing(stores: Stores) -> None:
    """Whoever read first and writes last is refused."""
    first = await _stored(stores, a_client("one"))
    second = await _stored(stores, replace(first, name="Second"))

    assert await stores.clients.put(replace(first, name="Late")) is None
    assert not await stores.clients.delete(first)
    assert {"one": second} == dict(await stores.clients.get_many(["one"]))


async def test_of_many_writers_one_wins(stores: Stores) -> None:
    """Concurrent writes over one version leave exactly the acknowledged one."""
    first = await _stored(stores, a_client("one"))

    answers = await asyncio.gather(
        *(stores.clients.put(replace(first, name=f"Writer {number}")) for number in range(10))
    )

    (winner,) = [answer for answer in answers if answer is not None]
    assert {"one": winner} == dict(await stores.clients.get_many(["one"]))


async def test_a_deleted_client_is_gone(stores: Stores) -> None:
    """It is neither read nor listed, and cannot be written any more."""
    client = await _stored(stores, a_client("one"))

    assert await stores.clients.delete(client)

    assert dict(await stores.clients.get_many(["one"])) == {}
    assert list(await stores.clients.page(after="", limit=10)) == []
    assert await stores.clients.put(client) is None
    assert not await stores.clients.delete(client)


async def test_pages_hold_every_client_once_in_order(stores: Stores) -> None:
    """Ids sort by their bytes; a page begins behind the id that it is given, whether that id exists or not."""
    clients = [await _stored(stores, a_client(client_id)) for client_id in ("B", "a", "a-b", "a_b", "aa", "b")]

    assert clients == list(await stores.clients.page(after="", limit=10))
    assert clients[:2] == list(await stores.clients.page(after="", limit=2))
    assert clients[2:4] == list(await stores.clients.page(after="a", limit=2))
    assert clients[1:] == list(await stores.clients.page(after="Z", limit=10))
    assert list(await stores.clients.page(after="b", limit=10)) == []


async def test_what_was_read_is_remembered_as_it_was(stores: Stores) -> None:
    """Until it is read again; that a client does not exist is never remembered."""
    one = await _stored(stores, a_client("one"))
    await _stored(stores, a_client("two"))
    before = dict(stores.clients.remembered(["one"]))
    await stores.clients.get_many(["one", "nobody"])
    after = dict(stores.clients.remembered(["one", "nobody", "two"]))
    changed = await _stored(stores, one)
    still = dict(stores.clients.remembered(["one"]))
    await stores.clients.get_many(["one"])

    assert [{}, {"one": one}, {"one": one}, {"one": changed}] == [
        before,
        after,
        still,
        dict(stores.clients.remembered(["one"])),
    ]


async def test_a_client_that_was_not_changed_is_the_one_that_is_remembered(stores: Stores) -> None:
    """It is not made anew from its record, which costs more than to read it."""
    await _stored(stores, a_client("one"))
    first = (await stores.clients.get_many(["one"]))["one"]

    assert first is (await stores.clients.get_many(["one"]))["one"]
