"""S01b: there is something, there is nothing, nobody knows: three answers of a store, and none is taken for another."""

import ast
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from redis.asyncio import Redis

from grantway_server import storage
from grantway_server.domain.ports import StorageUnavailable, UnreadableRecord
from grantway_server.storage.redis_client_store import RedisClientStore
from grantway_server.storage.redis_connection import RedisConnections
from grantway_server.storage.redis_token_store import RedisTokenStore
from tests.fakes.redis_stores import redis_client_store, redis_token_store
from tests.server.samples import a_client, a_token
from tests.server.storage.conftest import Stores
from tests.server.storage.writes import stored

_DIGEST, _OTHER = bytes(16), bytes(15) + b"\1"


async def test_S01b_what_is_there_and_what_is_not(stores: Stores) -> None:  # noqa: N802 - the id in the list.
    """Whole, or missing: of clients, tokens, secrets and outcomes, on every store."""
    client, token = await stored(stores.clients, a_client("one")), a_token("one")
    await stores.tokens.add([(_DIGEST, token)], versions={})

    clients = await stores.clients.get_many(["one", "two"])
    found = await stores.tokens.get_many([_DIGEST, _OTHER], client_ids=["two"])
    owners = [await stores.clients.client_of_secret(one) for one in (client.secrets[0].secret_id, "zzzzzzzz")]

    assert {"one": client} == dict(clients)
    assert ([token, None], {"one": client.as_owner}, {"two": None}) == (
        found.tokens,
        dict(found.owners),
        dict(found.callers),
    )
    assert ["one", None] == owners
    assert await stores.clients.outcome(bytes(32)) is None


_ASKS: dict[str, Callable[[RedisClientStore, RedisTokenStore], Awaitable[object]]] = {
    "clients": lambda clients, _: clients.get_many(["one"]),
    "tokens": lambda _, tokens: tokens.get_many([_DIGEST]),
    "secrets": lambda clients, _: clients.client_of_secret("zzzzzzzz"),
    "outcomes": lambda clients, _: clients.outcome(bytes(32)),
    "uses": lambda clients, _: clients.uses(["one"]),
    "ends of tokens": lambda _, tokens: tokens.remove(_DIGEST),
}


@pytest.mark.parametrize("ask", _ASKS.values(), ids=_ASKS.keys())
async def test_S01b_a_store_that_fails_is_no_absence(  # noqa: N802 - as above.
    tmp_path: Path, ask: Callable[[RedisClientStore, RedisTokenStore], Awaitable[object]]
) -> None:
    """Where nobody listens it raises, whatever is asked."""
    connections = RedisConnections(f"unix://{tmp_path / 'nobody'}")
    clients = redis_client_store(connections)
    tokens = redis_token_store(connections)

    with pytest.raises(StorageUnavailable):
        await ask(clients, tokens)
    await connections.close()


async def test_S01b_what_cannot_be_read_is_no_absence(  # noqa: N802 - as above.
    valkey: Redis, connections: RedisConnections
) -> None:
    """It raises, too: a client or a token that this version cannot read is there."""
    await valkey.set("gw:{live}:c:one", b"12345678\xff")
    await valkey.set(b"gw:t:" + _DIGEST, b"\xff")

    with pytest.raises(UnreadableRecord):
        await redis_client_store(connections).get_many(["one"])
    with pytest.raises(UnreadableRecord):
        await redis_token_store(connections).get_many([_DIGEST])


_DECODING = {"DecodeError", "UnreadableRecord", "ValueError"}
"""What bytes may be that a store has answered: it did answer."""


def _handlers() -> list[tuple[str, ast.ExceptHandler]]:
    modules = sorted(Path(storage.__path__[0]).glob("*.py"))
    return [
        (f"{module.name}:{node.lineno}", node)
        for module in modules
        for node in ast.walk(ast.parse(module.read_text()))
        if isinstance(node, ast.ExceptHandler)
    ]


def _gives_nothing(handler: ast.ExceptHandler) -> bool:
    """Whether it answers with nothing, or goes on as if nothing had been."""
    return any(
        isinstance(node, ast.Pass | ast.Continue)
        or (isinstance(node, ast.Return) and (node.value is None or not _may_be_true(node.value)))
        for node in ast.walk(handler)
    )


def _may_be_true(value: ast.expr) -> bool:
    try:
        return bool(ast.literal_eval(value))
    except ValueError:
        return True


def test_S01b_no_failure_of_a_store_is_answered_with_nothing() -> None:  # noqa: N802 - as above.
    """No `except: return None` in the storage, but for what was read and is no record."""
    handlers = _handlers()

    assert [] == [
        place
        for place, handler in handlers
        if _gives_nothing(handler) and not (isinstance(handler.type, ast.Name) and handler.type.id in _DECODING)
    ]
    assert handlers
