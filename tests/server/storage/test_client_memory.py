"""What a core remembers of clients is never stale, whoever changes them."""

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
from grantway_server.storage.redis_token_store import RedisTokenStore
from tests.fakes.redis_stores import redis_client_store, redis_token_store
from tests.server.domain.grant import Grant, are_active, grant_on, new_grant, register
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
        memory.keep([replace(small, client_id=name)])
    many = remembered()
    memory.keep([large])

    assert (["one", "two", "three", "four"], ["four", "large"]) == (many, remembered())


_VERSIONS = {"one": b"1", "two": b"2", "three": b"3", "nobody": b""}


def _at(client_id: str) -> Client:
    return a_client(client_id, version=_VERSIONS[client_id])


def _remembering(*clients: Client) -> ClientMemory:
    memory = ClientMemory()
    memory.keep(clients)
    return memory


def test_those_at_other_versions_are_not_remembered_at_these() -> None:
    """Nor is one that does not exist."""
    memory = _remembering(_at("one"), a_client("two", version=b"1"))

    assert {"one": _at("one")} == memory.those_at(_VERSIONS)


def test_what_was_confirmed_is_at_these_very_versions() -> None:
    """Not at others, and be they the same: whether they are would have to be looked at one by one."""
    memory = _remembering(_at("one"), _at("two"))
    memory.confirm(_VERSIONS, {"one": _at("one")})
    memory.confirm(_VERSIONS, {"two": _at("two")})

    both = dict(memory.confirmed(_VERSIONS))
    others = dict(memory.confirmed(dict(_VERSIONS)))
    memory.confirm(dict(_VERSIONS), {"three": _at("three")})

    assert ({"one": _at("one"), "two": _at("two")}, {}, {}) == (both, others, memory.confirmed(_VERSIONS))


def _changed(memory: ClientMemory) -> None:
    memory.keep([a_client("one", version=b"4")])


def _forgotten(memory: ClientMemory) -> None:
    memory.forget("one")


def _crowded_out(memory: ClientMemory) -> None:
    memory.keep([a_client("large", description="x" * 5_000)])


@pytest.mark.parametrize("end", [_changed, _forgotten, _crowded_out])
def test_nobody_is_confirmed_who_was_forgotten(
    monkeypatch: pytest.MonkeyPatch, end: Callable[[ClientMemory], None]
) -> None:
    """So they take no memory. Who is answering by them still has all: nobody may seem to be gone meanwhile."""
    monkeypatch.setattr(client_memory, "_MAX_WEIGHT", 5_000)
    memory = _remembering(_at("one"), _at("two"))
    memory.confirm(_VERSIONS, memory.those_at(_VERSIONS))
    held = memory.confirmed(_VERSIONS)

    end(memory)

    assert ({"one": _at("one"), "two": _at("two")}, {}) == (held, memory.confirmed(_VERSIONS))
    memory.confirm(_VERSIONS, {"two": _at("two")})
    assert ({"one": _at("one"), "two": _at("two")}, {"two": _at("two")}) == (held, memory.confirmed(_VERSIONS))
