"""Commands to Redis or Valkey: connections and their settings, and the one place where failures become the domain's.

redis-py makes the connections (TLS, authentication, RESP); what it puts on top of them is left out here. Its client and
its pool would make a lone request wait longer (docs/adr/0036), and their defaults would hold a request for a minute and
send a write twice (0013). Rules:

1. A command, or a script and what is sent with it, has one deadline, over waiting for a connection, connecting and the
   answers.
2. It is sent once, but for one case: the store closed an idle connection, and the command may be sent twice without
   harm. Whoever wants to try again otherwise is the caller, who knows whether that is safe. (A script that the store
   does not know is told it; what is sent with it is sent with it again.)
3. A connection on which anything went wrong, a cancelled command included, is closed: replies never cross.
"""

import asyncio
import re
from collections.abc import Coroutine, Sequence
from hashlib import sha1
from typing import Any

from hiredis import pack_command
from redis.asyncio import ConnectionPool
from redis.asyncio.connection import AbstractConnection
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import NoScriptError, ReadOnlyError, RedisError, ResponseError

from grantway_server.domain.ports import StorageUnavailable

_MAX_CONNECTIONS = 16

_VALKEY_SCHEME = re.compile(r"^valkey(s?)://")

Word = bytes | str | int
"""A part of a command."""


class Script:
    """A Lua script and the name that the store caches it under."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.digest = sha1(text.encode(), usedforsecurity=False).hexdigest()


class RedisConnections:
    """Connections to the store, made lazily.

    Args:
        url: Where it is: `redis://`, `rediss://`, `unix://`, `valkey://` or `valkeys://`.
        command_seconds: The deadline of one command. Issuing takes up to three of them, within the SDK's 0.75 s; one
            more after a write of any client, and two more each time that one of its clients is changed meanwhile.

    Raises:
        ValueError: *url* is none.
    """

    def __init__(self, url: str, *, command_seconds: float = 0.2) -> None:
        self._command_seconds = command_seconds
        # Makes connections and never holds one.
        self._factory = ConnectionPool.from_url(
            _VALKEY_SCHEME.sub(r"redis\1://", url),
            # The deadline of the command is the only one: each of theirs costs as much as the command.
            socket_timeout=None,
            socket_connect_timeout=None,
            retry=Retry(NoBackoff(), 0),
            # RESP2: RESP3 costs the same, and its push messages are not wanted here.
            protocol=2,
        )
        self._idle: list[AbstractConnection] = []
        self._free = asyncio.Semaphore(_MAX_CONNECTIONS)
        self._generation = 0
        """Goes up when all connections that there are lead to the wrong server."""

    async def execute(self, *words: Word, repeatable: bool, waits_seconds: float = 0) -> Any:  # noqa: ANN401 - what the command answers.
        """The store's answer to one command.

        Args:
            words: The command and its arguments.
            repeatable: Whether the store may get the command twice.
            waits_seconds: How long the command itself may wait for something to happen, beside its deadline.

        Raises:
            StorageUnavailable: It refused, or did not answer in time.
        """
        (answer,) = await self._in_time(self._send([words], repeatable=repeatable), waits_seconds)
        return answer

    async def run(self, script: Script, keys: Sequence[Word], arguments: Sequence[Word], *, repeatable: bool) -> Any:  # noqa: ANN401 - as above.
        """What *script* returns. The store forgets scripts when it likes, and is then told again; see `execute`."""
        (returned,) = await self._in_time(self._run(script, (len(keys), *keys, *arguments), repeatable=repeatable))
        return returned

    async def run_then(
        self, script: Script, keys: Sequence[Word], arguments: Sequence[Word], command: Sequence[Word]
    ) -> Any:  # noqa: ANN401 - two of these, as above.
        """What *script* returns, and the answer to *command*, which is done after it; see `run`.

        They are sent together and are not one step: what others do may come between them. The store may get both twice.
        """
        return await self._in_time(self._run(script, (len(keys), *keys, *arguments), command, repeatable=True))

    async def close(self) -> None:
        """Closes the connections that are not in use."""
        while self._idle:
            await self._idle.pop().disconnect(nowait=True)

    async def _in_time(self, answers: Coroutine[Any, Any, list[Any]], waits_seconds: float = 0) -> list[Any]:
        try:
            async with asyncio.timeout(self._command_seconds + waits_seconds):
                return await answers
        except (RedisError, OSError, TimeoutError) as error:
            raise StorageUnavailable("the store did not answer, or refused") from error

    async def _run(self, script: Script, words: Sequence[Word], *then: Sequence[Word], repeatable: bool) -> list[Any]:
        try:
            return await self._send([("EVALSHA", script.digest, *words), *then], repeatable=repeatable)
        except NoScriptError:
            return await self._send([("EVAL", script.text, *words), *then], repeatable=repeatable)

    async def _send(self, commands: Sequence[Sequence[Word]], *, repeatable: bool) -> list[Any]:
        async with self._free:
            connection = self._idle.pop() if self._idle else self._new_connection()
            generation = self._generation
            try:
                return await _exchange(connection, commands, repeatable=repeatable)
            except ReadOnlyError:
                # The connections lead to what is a replica since a failover: find the primary anew.
                self._generation += 1
                await self.close()
                raise
            except ResponseError:
                raise  # An answer like any other.
            except BaseException:
                await connection.disconnect(nowait=True)
                raise
            finally:
                if generation != self._generation:
                    await connection.disconnect(nowait=True)
                self._idle.append(connection)  # A closed one too: it connects again.

    def _new_connection(self) -> AbstractConnection:
        connection: AbstractConnection = self._factory.make_connection()  # type: ignore[no-untyped-call] # Theirs.
        return connection


async def _exchange(
    connection: AbstractConnection, commands: Sequence[Sequence[Word]], *, repeatable: bool
) -> list[Any]:
    packed = b"".join([pack_command(tuple(words)) for words in commands])  # type: ignore[arg-type] # Their stub takes one word only.
    idle = connection.is_connected
    if idle and not repeatable and await connection.can_read():
        await connection.disconnect(nowait=True)  # Nothing was asked: what can be read is that the store hung up.
    try:
        return await _ask(connection, packed, len(commands))
    except RedisConnectionError:
        if not (idle and repeatable):
            raise
    return await _ask(connection, packed, len(commands))


async def _ask(connection: AbstractConnection, packed: bytes, count: int) -> list[Any]:
    """The answers to *count* commands. All are read: one that is left would be the answer to what is asked next.

    Raises:
        ResponseError: The store refused one of them, the first of these.
    """
    await connection.send_packed_command(packed, check_health=False)
    answers: list[Any] = []
    refused: ResponseError | None = None
    for _ in range(count):
        try:
            answers.append(await connection.read_response())
        except ResponseError as error:
            refused = refused or error
    if refused is not None:
        raise refused
    return answers
