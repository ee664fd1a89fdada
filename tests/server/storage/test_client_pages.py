"""How clients are found, on every store. See `ClientStore.page`."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from redis.asyncio import Redis

from grantway_server.domain.clients import Client
from grantway_server.domain.ports import ClientFilter, ClientStore, Page
from grantway_server.storage.redis_connection import RedisConnections
from tests.fakes.redis_stores import redis_client_store
from tests.server.samples import NOON, a_client
from tests.server.storage.conftest import Stores
from tests.server.storage.writes import delete, put, put_all, stored

_CLIENTS = {
    "c1": ("Concierge", "acme", False),
    "c2": ("concierge", "acme", True),
    "c3": ("CONCIERGE of the night", "globex", False),
    "c4": ("Compliance Sync", "acme", False),
    "c5": ("Straße", "globex", True),
    "c6": ("STRASSE 2", "", False),
    "c7": ("Éclair", "", False),
    "c8": ("éclair", "acme:eu", True),
    "c9": ("北京", "acme", False),
    "d1": ("北京 2", "acme", True),
    "d2": ("z", "", False),
}
"""The clients of these tests: name, organisation, and whether they are disabled."""


def _client(client_id: str) -> Client:
    name, organization, disabled = _CLIENTS[client_id]
    return a_client(client_id, name=name, organization=organization, disabled_at=NOON if disabled else None, secrets=())


@pytest.fixture(name="clients")
async def _clients(stores: Stores) -> ClientStore:
    await put_all(stores.clients, map(_client, _CLIENTS))
    return stores.clients


async def _pages(clients: ClientStore, wanted: ClientFilter, limit: int) -> AsyncIterator[Page[Client]]:
    """Page after page to the end; a list that does not end is an error."""
    after = b""
    for _ in range(100):
        page = await clients.page(wanted, after=after, limit=limit)
        yield page
        after = page.next_page
        if not after:
            return
    raise AssertionError("the list does not end")


async def _ids(clients: ClientStore, wanted: ClientFilter, limit: int) -> list[str]:
    """The ids of all clients *wanted*, read *limit* at a time."""
    return [client.client_id async for page in _pages(clients, wanted, limit) for client in page.items]


_FILTERS = {
    "all": (ClientFilter(), list(_CLIENTS)),
    "enabled ones": (ClientFilter(disabled=False), ["c1", "c3", "c4", "c6", "c7", "c9", "d2"]),
    "disabled ones": (ClientFilter(disabled=True), ["c2", "c5", "c8", "d1"]),
    "an organization": (ClientFilter(organization="acme"), ["c1", "c2", "c4", "c9", "d1"]),
    "an organization whose name begins with another's": (ClientFilter(organization="acme:eu"), ["c8"]),
    "an organization in other capitals is another": (ClientFilter(organization="ACME"), []),
    "an organization that nobody is of": (ClientFilter(organization="nobody"), []),
    "enabled ones of an organization": (ClientFilter(organization="acme", disabled=False), ["c1", "c4", "c9"]),
    "a beginning of names, in the order of the names": (ClientFilter(name_prefix="con"), ["c1", "c2", "c3"]),
    "in capitals": (ClientFilter(name_prefix="CONCIERGE"), ["c1", "c2", "c3"]),
    "a whole name": (ClientFilter(name_prefix="Compliance Sync"), ["c4"]),
    "more than a name": (ClientFilter(name_prefix="Compliance Sync 2"), []),
    "one letter": (ClientFilter(name_prefix="c"), ["c4", "c1", "c2", "c3"]),
    "a letter that has no capital of its own": (ClientFilter(name_prefix="straß"), ["c5", "c6"]),
    "what that letter stands for": (ClientFilter(name_prefix="STRASS"), ["c5", "c6"]),
    "a letter beyond ASCII in capitals": (ClientFilter(name_prefix="É"), ["c7", "c8"]),
    "a letter beyond Latin": (ClientFilter(name_prefix="北"), ["c9", "d1"]),
    "disabled ones by name": (ClientFilter(name_prefix="con", disabled=True), ["c2"]),
    "an organization's by name, in the order of ids": (
        ClientFilter(organization="acme", name_prefix="CO"),
        ["c1", "c2", "c4"],
    ),
    "everything at once": (ClientFilter(organization="acme", name_prefix="北京", disabled=True), ["d1"]),
    "a zero byte": (ClientFilter(name_prefix="\0"), []),
    "a name and what stands behind it in the index": (ClientFilter(name_prefix="concierge\0c"), []),
}


@pytest.mark.parametrize("limit", [1, 2, 3, 200])
@pytest.mark.parametrize(("wanted", "expected"), _FILTERS.values(), ids=_FILTERS.keys())
async def test_a_list_holds_those_that_are_wanted_once(
    clients: ClientStore, wanted: ClientFilter, expected: list[str], limit: int
) -> None:
    """In one order, whatever the size of the pages, each full but the last."""
    pages = [[client.client_id for client in page.items] async for page in _pages(clients, wanted, limit)]

    assert expected == [client_id for page in pages for client_id in page]
    assert {limit} >= {len(page) for page in pages[:-1]}


async def test_a_listed_client_is_the_stored_one(stores: Stores) -> None:
    """Whole, and at its version."""
    client = await stored(stores.clients, a_client("one"))

    assert Page([client], b"") == await stores.clients.page(ClientFilter(), after=b"", limit=10)


_CHANGES = {
    "its name": ({"name": "Zeppelin"}, ClientFilter(name_prefix="con"), ClientFilter(name_prefix="zep")),
    "its organization": (
        {"organization": "globex"},
        ClientFilter(organization="acme"),
        ClientFilter(organization="globex"),
    ),
    "no organization any more": ({"organization": ""}, ClientFilter(organization="acme"), ClientFilter()),
    "disabled": ({"disabled_at": NOON}, ClientFilter(disabled=False), ClientFilter(disabled=True)),
}


@pytest.mark.parametrize(("change", "old", "new"), _CHANGES.values(), ids=_CHANGES.keys())
async def test_a_client_is_found_by_what_it_is(
    clients: ClientStore, change: dict[str, object], old: ClientFilter, new: ClientFilter
) -> None:
    """From the write on it is found by what it became, and not by what it was."""
    before = (await clients.get_many(["c1"]))["c1"]
    assert "c1" in await _ids(clients, old, 200)

    await stored(clients, replace(before, **change), before=before)  # type: ignore[arg-type] # Fields of Client.

    assert (False, True) == ("c1" in await _ids(clients, old, 200), "c1" in await _ids(clients, new, 200))


async def test_a_deleted_client_is_in_no_list(clients: ClientStore) -> None:
    """And its neighbours are."""
    assert await delete(clients, (await clients.get_many(["c1"]))["c1"])

    assert [[client_id for client_id in expected if client_id != "c1"] for _, expected in _FILTERS.values()] == [
        await _ids(clients, wanted, 200) for wanted, _ in _FILTERS.values()
    ]


async def test_a_write_that_was_too_late_moves_nobody(clients: ClientStore) -> None:
    """Lists change with the client or not at all."""
    before = (await clients.get_many(["c1"]))["c1"]
    await stored(clients, before)

    assert await put(clients, replace(before, name="Zeppelin", organization="globex"), before=before) is None
    assert not await delete(clients, before)

    assert [expected for _, expected in _FILTERS.values()] == [
        await _ids(clients, wanted, 200) for wanted, _ in _FILTERS.values()
    ]


@pytest.mark.parametrize(
    "wanted",
    [
        pytest.param(ClientFilter(), id="of all"),
        pytest.param(ClientFilter(organization="acme"), id="of an organization"),
        pytest.param(ClientFilter(name_prefix="c"), id="by name"),
        pytest.param(ClientFilter(disabled=False), id="of enabled ones"),
    ],
)
async def test_who_is_neither_changed_nor_deleted_is_seen_once_meanwhile(
    clients: ClientStore, wanted: ClientFilter
) -> None:
    """The last client that was seen may go, and one that was not seen yet, and one may get another name."""
    expected = await _ids(clients, wanted, 200)
    first = await clients.page(wanted, after=b"", limit=2)
    renamed, *gone = expected[:3]
    for client in (await clients.get_many(gone)).values():
        assert await delete(clients, client)
    before = (await clients.get_many([renamed]))[renamed]
    await stored(clients, replace(before, name="Czar"), before=before)

    rest = await clients.page(wanted, after=first.next_page, limit=200)

    ids = [client.client_id for page in (first, rest) for client in page.items]
    assert expected[3:] == [client_id for client_id in ids if client_id not in {renamed, *gone}]


async def _put_1100(clients: ClientStore) -> None:
    """Disabled clients of one organisation."""
    await put_all(clients, (a_client(f"c{number:04}", organization="acme", secrets=()) for number in range(1100)))


async def test_whoever_is_hard_to_find_is_found(stores: Stores) -> None:
    """One in 1,100 that fits: a page may be empty and not the last, but the list has the client, once."""
    await _put_1100(stores.clients)
    rare = (await stores.clients.get_many(["c1099"]))["c1099"]
    await stored(stores.clients, replace(rare, disabled_at=None), before=rare)

    assert ["c1099"] == await _ids(stores.clients, ClientFilter(organization="acme", disabled=False), 10)


async def test_a_page_looks_at_a_thousand_clients_at_most(valkey: Redis, connections: RedisConnections) -> None:
    """However many there are: five looks at the index and five at the clients, and the next page goes on from there."""
    clients = redis_client_store(connections)
    await _put_1100(clients)
    await valkey.config_resetstat()

    page = await clients.page(ClientFilter(disabled=False), after=b"", limit=10)

    stats = await valkey.info("commandstats")
    assert (Page([], b"c0999"), 5, 5) == (page, stats["cmdstat_zrange"]["calls"], stats["cmdstat_mget"]["calls"])
    assert Page([], b"") == await clients.page(ClientFilter(disabled=False), after=page.next_page, limit=10)
