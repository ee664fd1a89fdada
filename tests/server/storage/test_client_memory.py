"""What a core remembers of clients is never stale, whoever changes them."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import replace

import pytest
from redis.asyncio import Redis

from grantway_server.domain.client_fields import ClientFields
from grantway_server.domain.client_secrets import Secret
from grantway_server.domain.clients import Client, Version
from grantway_server.domain.environment import Environment
from grantway_server.domain.issuance import IssuedToken
from grantway_server.domain.ports import StorageUnavailable
from grantway_server.domain.refusals import Reason, Refusal
from grantway_server.domain.revocations import PartialRevocation, TokenSelection
from grantway_server.domain.secret_use import NewUse
from grantway_server.domain.tokens import Token
from grantway_server.storage import client_memory
from grantway_server.storage.client_memory import ClientMemory
from grantway_server.storage.redis_client_store import RedisClientStore
from grantway_server.storage.redis_connection import RedisConnections
from grantway_server.storage.redis_token_store import RedisTokenStore, _Found
from tests.fakes.redis_stores import redis_client_store, redis_token_store
from tests.server.domain.grant import Grant, are_active, grant_on, new_grant, register, token_of
from tests.server.samples import NOON, a_client, a_token
from tests.server.storage.writes import stored


async def _disable(core: Grant, client_id: str) -> None:
    await core.clients.disable(client_id)


async def _disable_and_enable(core: Grant, client_id: str) -> None:
    await core.clients.disable(client_id)
    await core.clients.enable(client_id)


async def _delete(core: Grant, client_id: str) -> None:
    await core.clients.delete(client_id)


async def _take_the_scope_away(core: Grant, client_id: str) -> None:
    await core.clients.update(
        client_id,
        ClientFields(allowed_scopes=("b",), default_scopes=None),
        mask=frozenset({"allowed_scopes", "default_scopes"}),
    )


_Change = Callable[[Grant, str], Awaitable[None]]


@pytest.mark.parametrize(
    ("change", "reason", "active"),
    [
        pytest.param(_disable, Reason.INVALID_CLIENT, False, id="disabled"),
        pytest.param(_disable_and_enable, None, False, id="disabled and enabled again"),
        pytest.param(_delete, Reason.INVALID_CLIENT, False, id="deleted"),
        pytest.param(_take_the_scope_away, Reason.INVALID_SCOPE, True, id="that may ask for less"),
    ],
)
async def test_a_client_that_another_core_changed(
    connections: RedisConnections,
    change: _Change,
    reason: Reason | None,
    active: bool,  # noqa: FBT001 - a table row.
) -> None:
    """From the acknowledgement on the core that remembers it as it was treats it as it is."""
    one, other = grant_on(connections), grant_on(connections)
    credentials = await register(one)
    request = credentials.request(scope="a")
    for _ in range(2):  # The second time from memory.
        (before,) = await one.issuance.issue([request])
    assert isinstance(before, IssuedToken)

    await change(other, credentials.client.client_id)

    (after,) = await one.issuance.issue([request])
    introspected = await are_active(one, before.access_token)
    assert (reason, [active]) == (after.reason if isinstance(after, Refusal) else None, introspected)


async def test_a_new_secret_works_at_once_where_the_old_one_is_remembered(connections: RedisConnections) -> None:
    """What is remembered never refuses."""
    core = grant_on(connections)
    credentials = await register(core)
    await core.issuance.issue([credentials.request()])
    elsewhere = redis_client_store(connections)
    other = await register(core)
    await core.clients.delete(other.client.client_id)
    swapped = replace(credentials.client, secrets=other.client.secrets)
    await stored(elsewhere, swapped, before=credentials.client)

    outcomes = await core.issuance.issue([credentials.request(client_secret=other.secret), credentials.request()])

    assert [True, False] == [isinstance(outcome, IssuedToken) for outcome in outcomes]


class _ChangedMeanwhile(RedisTokenStore):
    """A token store before whose next write somebody changes a client: each of `changes` once."""

    def __init__(self, connections: RedisConnections) -> None:
        super().__init__(
            connections, environment=Environment.LIVE, memory=ClientMemory(), max_records=1_000, max_events=1_000
        )
        self.changes: list[Callable[[], Awaitable[object]]] = []

    async def add(
        self, tokens: Sequence[tuple[bytes, Token]], *, versions: Mapping[str, Version], uses: Collection[NewUse] = ()
    ) -> bool:
        """See `TokenStore.add`."""
        if self.changes:
            await self.changes.pop(0)()
        return await super().add(tokens, versions=versions, uses=uses)


@pytest.mark.parametrize("known", [True, False], ids=["that is remembered", "that was just read"])
async def test_a_client_that_is_changed_while_it_is_decided_on(connections: RedisConnections, *, known: bool) -> None:
    """No token is written by what was so a moment ago: it is decided again."""
    other, tokens = grant_on(connections), _ChangedMeanwhile(connections)
    core = new_grant(client_store=redis_client_store(connections), token_store=tokens)
    credentials = await register(other)
    if known:
        await core.issuance.issue([credentials.request()])
    tokens.changes = [lambda: _disable(other, credentials.client.client_id)]

    (outcome,) = await core.issuance.issue([credentials.request()])

    assert isinstance(outcome, Refusal)
    assert outcome.reason is Reason.INVALID_CLIENT


async def test_clients_that_never_hold_still_are_a_failure_of_the_store(connections: RedisConnections) -> None:
    """Somebody changes a client before each write: no token, and the caller may try again."""
    other, tokens = grant_on(connections), _ChangedMeanwhile(connections)
    core = new_grant(client_store=redis_client_store(connections), token_store=tokens)
    credentials = await register(other)

    async def touch() -> None:
        client = await other.clients.get(credentials.client.client_id)
        await other.clients.update(client.client_id, ClientFields(name=client.name + "'"), mask=frozenset({"name"}))

    tokens.changes = [touch] * 10
    with pytest.raises(StorageUnavailable):
        await core.issuance.issue([credentials.request()])


async def _written_since(clients: RedisClientStore, tokens: RedisTokenStore) -> bool:
    """Whether tokens are written for the client one as *clients* remembers it."""
    versions = {client_id: client.version for client_id, client in clients.remembered(["one"]).items()}
    assert versions
    return await tokens.add([(bytes(16), a_token("one"))], versions=versions)


async def _backup(valkey: Redis) -> dict[bytes | str, bytes]:
    return {key: value for key in await valkey.keys("*") if (value := await valkey.dump(key)) is not None}


async def _restore(valkey: Redis, backup: dict[bytes | str, bytes]) -> None:
    await valkey.flushall()
    for key, value in backup.items():
        await valkey.restore(key, 0, value)


async def test_a_store_that_lost_a_change_is_noticed(valkey: Redis, connections: RedisConnections) -> None:
    """A backup, or a replica that was behind, has no client at a version that is remembered of it; nor later."""
    clients = redis_client_store(connections)
    tokens = redis_token_store(connections)
    first = await stored(clients, a_client("one", disabled_at=None))
    backup = await _backup(valkey)
    await stored(clients, first)
    await clients.get_many(["one"])
    assert await _written_since(clients, tokens)

    await _restore(valkey, backup)
    at_once = await _written_since(clients, tokens)
    # As many changes as before.
    await stored(redis_client_store(connections), first)

    assert (False, False) == (at_once, await _written_since(clients, tokens))


@pytest.mark.parametrize("others", [0, 1], ids=["the only client", "one of two clients"])
async def test_a_store_that_lost_a_creation_is_noticed(
    valkey: Redis, connections: RedisConnections, others: int
) -> None:
    """A client that the store has forgotten gets no token, even where it is remembered and nothing was ever changed."""
    clients = redis_client_store(connections)
    tokens = redis_token_store(connections)
    for number in range(others):
        await stored(clients, a_client(f"other{number}"))
    backup = await _backup(valkey)
    await stored(clients, a_client("one"))
    await clients.get_many(["one"])

    await _restore(valkey, backup)

    assert not await _written_since(clients, tokens)


_RULE = PartialRevocation(below_epoch=1, selection=TokenSelection(secret_id="abcdefgh"), forget_at=NOON)


@pytest.mark.parametrize(
    "much",
    [
        pytest.param({"audiences": tuple("x" * 1_000 + str(number) for number in range(3))}, id="audiences"),
        pytest.param({"labels": tuple((f"label{number}", "x" * 100) for number in range(14))}, id="labels"),
        pytest.param({"description": "x" * 3000}, id="a description"),
        pytest.param({"secrets": tuple(Secret(f"{number}", b"", NOON) for number in range(11))}, id="secrets"),
        pytest.param({"revocations": (_RULE,) * 10}, id="revocations"),
    ],
)
def test_no_more_is_remembered_than_allowed(monkeypatch: pytest.MonkeyPatch, much: dict[str, object]) -> None:
    """The clients that were read first are forgotten first; one with more of anything counts for more."""
    small = a_client("small", allowed_scopes=(), default_scopes=None, audiences=())
    large = replace(small, client_id="large", **much)  # type: ignore[arg-type]  # Fields of Client, by name.
    monkeypatch.setattr(client_memory, "_MAX_WEIGHT", 5_000)
    memory = ClientMemory()

    def remembered() -> list[str]:
        return list(memory.those_of(["one", "two", "three", "four", "large"]))

    for name in ("one", "two", "three", "four"):
        memory.keep({name: replace(small, client_id=name)})
    many = remembered()
    memory.keep({"large": large})

    assert (["one", "two", "three", "four"], ["four", "large"]) == (many, remembered())


_VERSIONS = {"one": b"1", "two": b"2", "three": b"3", "nobody": b""}


def _at(client_id: str) -> Client:
    return a_client(client_id, version=_VERSIONS[client_id])


def _remembering(*clients: Client) -> ClientMemory:
    memory = ClientMemory()
    memory.keep({client.client_id: client for client in clients})
    return memory


def test_those_at_other_versions_are_not_remembered_at_these() -> None:
    """Nor is one that nobody read. One without a version is gone, even if it is remembered."""
    memory = _remembering(_at("one"), a_client("two", version=b"1"), a_client("nobody", version=b"4"))

    assert {"one": _at("one"), "nobody": None} == memory.those_at(_VERSIONS)


def test_who_was_asked_for_and_is_not_there_is_forgotten() -> None:
    """Whoever was deleted is remembered no longer than until somebody asks."""
    memory = _remembering(_at("one"), _at("two"), _at("three"))

    memory.keep({"one": _at("one")}, asked_for=["one", "two", "nobody"])

    assert {"one": _at("one"), "three": _at("three")} == memory.those_of(["one", "two", "three", "nobody"])


async def test_a_client_that_another_core_deleted_stays_deleted(connections: RedisConnections) -> None:
    """However often its tokens are checked: by what it was before, a core answers neither at once nor later."""
    one, other = grant_on(connections), grant_on(connections)
    several = [await register(other) for _ in range(2)]
    texts = [await token_of(other, credentials) for credentials in several]
    before = [await are_active(one, *texts) for _ in range(4)]

    await other.clients.delete(several[0].client.client_id)

    assert ([[True, True]] * 4, [[False, True]] * 4) == (before, [await are_active(one, *texts) for _ in range(4)])


class _HeldBack(RedisTokenStore):
    """A token store of which the next answer, when it is `held`, arrives at once and is looked at late."""

    held = False

    def __init__(self, connections: RedisConnections, memory: ClientMemory) -> None:
        super().__init__(connections, environment=Environment.LIVE, memory=memory, max_records=1_000, max_events=1_000)
        self.arrived, self.released = asyncio.Event(), asyncio.Event()

    async def _get_apart(self, digests: Sequence[bytes], callers: Collection[str]) -> _Found:
        found = await super()._get_apart(digests, callers)
        if self.held:
            self.held = False
            self.arrived.set()
            await self.released.wait()
        return found


async def test_what_was_found_before_a_write_is_not_noted_for_after_it(connections: RedisConnections) -> None:
    """An answer that is looked at when a later one has told of the write is about the time before."""
    memory = ClientMemory()
    clients, tokens = redis_client_store(connections), _HeldBack(connections, memory)
    first = await stored(clients, a_client("one"))
    memory.keep({"one": first})
    await tokens.add([(bytes(16), a_token("one"))], versions={"one": first.version})
    await tokens.get_many([bytes(16)])  # From now on it expects that nothing was written.
    tokens.held = True
    before = asyncio.create_task(tokens.get_many([bytes(16)]))
    await tokens.arrived.wait()

    await stored(clients, first)
    during = await tokens.get_many([bytes(16)])
    tokens.released.set()
    owners_before = dict((await before).owners)
    after = [await tokens.get_many([bytes(16)]) for _ in range(3)]

    assert ({"one": first.as_owner}, [{}] * 4) == (owners_before, [dict(each.owners) for each in (during, *after)])
    assert [["one"]] * 4 == [list(each.owners_to_read) for each in (during, *after)]
