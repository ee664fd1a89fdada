"""Tokens are read after their clients: what somebody writes between the two makes no token good, and hides no end."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest
from redis.asyncio import Redis

from grantway_server.domain.clients import Client, as_owner
from grantway_server.domain.environment import Environment
from grantway_server.domain.ports import ClientStore, StoredTokens, TokenStore, Tombstone
from grantway_server.domain.revocation_events import Position, RevokedToken
from grantway_server.domain.tokens import Token, token_id
from grantway_server.storage.redis_connection import RedisConnections, Script, Word
from grantway_server.storage.redis_revocation_log import RedisRevocationLog
from tests.fakes.redis_stores import redis_client_and_token_store, redis_client_store, redis_token_store
from tests.server.patience import PATIENT_SECONDS
from tests.server.samples import a_client, a_token
from tests.server.storage.writes import delete, stored

_DIGEST, _OTHER = bytes(16), bytes(15) + b"1"
_TOKEN = a_token("one")
_Write = Callable[[RedisConnections, Client], Awaitable[object]]


class _Interrupted(RedisConnections):
    """Connections to a store that does something else between a script and the command after it, when it is told to."""

    def __init__(self, url: str) -> None:
        super().__init__(url, command_seconds=PATIENT_SECONDS)
        self.meanwhile: Callable[[], Awaitable[object]] | None = None

    async def run_then(
        self, script: Script, keys: Sequence[Word], arguments: Sequence[Word], command: Sequence[Word]
    ) -> tuple[Any, Any]:
        """See `RedisConnections.run_then`."""
        returned = await self.run(script, keys, arguments, repeatable=True)
        if self.meanwhile is not None:
            await self.meanwhile()
            self.meanwhile = None
        return returned, await self.execute(*command, repeatable=True)


@pytest.fixture(name="interrupted")
async def _interrupted(valkey_url: str) -> AsyncIterator[_Interrupted]:
    connections = _Interrupted(valkey_url)
    yield connections
    await connections.close()


async def _end_the_token(connections: RedisConnections, _: Client) -> None:
    assert await redis_token_store(connections).remove(_DIGEST)


async def _disable_the_client(connections: RedisConnections, client: Client) -> None:
    await stored(redis_client_store(connections), replace(client, disabled_at=client.created_at), before=client)


async def _end_all_of_its_tokens(connections: RedisConnections, client: Client) -> None:
    await stored(redis_client_store(connections), replace(client, min_epoch=client.epoch + 1), before=client)


async def _delete_the_client(connections: RedisConnections, client: Client) -> None:
    assert await delete(redis_client_store(connections), client)


async def _issue_another_token(connections: RedisConnections, client: Client) -> None:
    assert await redis_token_store(connections).add([(_OTHER, _TOKEN)], versions={"one": client.version})


@pytest.mark.parametrize(
    ("write", "found"),
    [
        pytest.param(_end_the_token, [Tombstone.REVOKED, None], id="the token is ended"),
        pytest.param(_disable_the_client, [_TOKEN, None], id="the client is disabled"),
        pytest.param(_end_all_of_its_tokens, [_TOKEN, None], id="all tokens of the client are ended"),
        pytest.param(_delete_the_client, [_TOKEN, None], id="the client is deleted"),
        pytest.param(_issue_another_token, [_TOKEN, _TOKEN], id="another token is issued"),
    ],
)
async def test_a_write_between_the_clients_and_the_tokens(
    interrupted: _Interrupted, connections: RedisConnections, write: _Write, found: list[Token | Tombstone | None]
) -> None:
    """The client is told as it was before; so is the position, which claims no end that the tokens might lack.

    The next look tells of the write, as another core's first one does.
    """
    clients, tokens = redis_client_and_token_store(interrupted)
    client = await stored(clients, a_client("one", disabled_at=None))
    await tokens.add([(_DIGEST, _TOKEN)], versions={"one": client.version})
    await clients.get_many(["one"])
    before = [await tokens.get_many([_DIGEST, _OTHER]) for _ in range(3)][-1]

    interrupted.meanwhile = lambda: write(connections, client)
    during = await tokens.get_many([_DIGEST, _OTHER])
    assert interrupted.meanwhile is None

    assert StoredTokens(found, {"one": client.as_owner}, [], {}, before.position) == during
    assert await _seen_by(redis_client_and_token_store(connections)) == await _seen_by((clients, tokens))


async def _seen_by(core: tuple[ClientStore, TokenStore]) -> tuple[object, ...]:
    """Both tokens, their owners, and the position, as one core finds them now."""
    clients, tokens = core
    found = await tokens.get_many([_DIGEST, _OTHER])
    read = await clients.get_many(found.owners_to_read)
    known = {**found.owners, **{client_id: as_owner(read.get(client_id)) for client_id in found.owners_to_read}}
    owners = [known[token.client_id] for token in found.tokens if isinstance(token, Token)]
    return found.tokens, owners, found.position


async def test_no_good_token_is_told_with_a_position_that_claims_its_end(
    valkey: Redis, connections: RedisConnections, valkey_url: str
) -> None:
    """While tokens are ended one after the other, and scripts forgotten: what is told holds up to the position."""
    reading = RedisConnections(valkey_url, command_seconds=PATIENT_SECONDS)
    clients, tokens = redis_client_and_token_store(reading)
    client = await stored(clients, a_client("one", disabled_at=None))
    digests = [number.to_bytes(16, "little") for number in range(400)]  # Ids of tokens are their first bytes.
    await tokens.add([(digest, _TOKEN) for digest in digests], versions={"one": client.version})
    for _ in range(2):
        await tokens.get_many(digests)
    log = RedisRevocationLog(connections, environment=Environment.LIVE)
    chance = random.Random(6749)  # noqa: S311 - no secret.
    start, told, ended = (await log.read(None)).position, list[tuple[Position, list[bytes]]](), set[bytes]()

    async def end() -> None:
        for number, digest in enumerate(chance.sample(digests, len(digests))):
            await redis_token_store(connections).remove(digest)
            ended.add(digest)
            if number % 20 == 0:
                await valkey.script_flush()

    async def read() -> None:
        while not ending.done():
            asked, before = chance.sample(digests, 40), set(ended)
            found = await tokens.get_many(asked)
            good = [digest for digest, token in zip(asked, found.tokens, strict=True) if token == _TOKEN]
            assert not before.intersection(good)
            if found.position:
                told.append((Position.parse(found.position), good))

    ending = asyncio.create_task(end())
    await asyncio.gather(ending, *(read() for _ in range(8)))
    await reading.close()

    ends = {event: position for position, event in (await log.read(start)).events}
    assert len(digests) == len(ends)
    assert [] == [
        digest for position, good in told for digest in good if ends[RevokedToken(token_id(digest))] <= position
    ]
    assert any(good for _, good in told)
