"""Which URLs name a store, and what becomes of a command when its connection does not hold."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from redis.asyncio import SSLConnection, UnixDomainSocketConnection
from redis.asyncio.connection import AbstractConnection, Connection

from grantway_server.domain.ports import StorageUnavailable
from grantway_server.storage.redis_connection import RedisConnections, Script, Word
from tests.redis_server import BINARY, OPENSSL, redis_server_with_tls
from tests.server.patience import PATIENT_SECONDS
from tests.valkey_server import embedded_valkey

_ONE = Script("return 1")


@pytest.mark.parametrize(
    ("url", "connection_class"),
    [
        pytest.param("redis://127.0.0.1:6379/1", Connection, id="redis"),
        pytest.param("valkey://127.0.0.1:6379/1", Connection, id="valkey"),
        pytest.param("rediss://127.0.0.1:6379/1", SSLConnection, id="rediss is TLS"),
        pytest.param("valkeys://127.0.0.1:6379/1", SSLConnection, id="valkeys is TLS"),
        pytest.param("unix:///run/valkey.sock?db=1", UnixDomainSocketConnection, id="unix"),
    ],
)
async def test_a_url_names_its_kind_of_connection(url: str, connection_class: type[AbstractConnection]) -> None:
    """Every documented scheme is understood, with its database number."""
    connection = RedisConnections(url)._new_connection()  # noqa: SLF001 - none of these servers is there.

    assert (connection_class, 1) == (type(connection), connection.db)


@pytest.mark.skipif(BINARY is None or OPENSSL is None, reason="redis-server and openssl are not installed")
async def test_a_store_with_tls_is_used_once_its_ca_is_trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A private CA is trusted by OpenSSL's own variable; without it the store is as good as gone."""
    with redis_server_with_tls(tmp_path) as (url, certificate):
        monkeypatch.setenv("SSL_CERT_FILE", os.devnull)
        with pytest.raises(StorageUnavailable):
            await RedisConnections(url).execute("PING", repeatable=True)

        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        connections = RedisConnections(url, command_seconds=PATIENT_SECONDS)
        assert b"PONG" == await connections.execute("PING", repeatable=True)
        await connections.close()


async def test_another_scheme_is_refused() -> None:
    """What is no store's URL raises ValueError at once."""
    with pytest.raises(ValueError, match="scheme"):
        RedisConnections("http://127.0.0.1:6379")


@pytest.mark.parametrize("repeatable", [True, False], ids=["may be sent twice", "may be sent once"])
async def test_a_store_that_was_restarted_answers_the_next_command(tmp_path: Path, *, repeatable: bool) -> None:
    """Idle connections that the store has closed cost nobody an error."""
    with embedded_valkey(tmp_path, persist=False) as url:
        connections = RedisConnections(url, command_seconds=PATIENT_SECONDS)
        await asyncio.gather(*(connections.execute("PING", repeatable=True) for _ in range(3)))
    with pytest.raises(StorageUnavailable):
        await connections.execute("PING", repeatable=True)
    with embedded_valkey(tmp_path, persist=False):
        answers = [await connections.execute("PING", repeatable=repeatable) for _ in range(3)]

    assert [b"PONG"] * 3 == answers
    await connections.close()


@asynccontextmanager
async def _store(
    answer: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Coroutine[None, None, None]], **options: float
) -> AsyncIterator[RedisConnections]:
    """Connections, with *options*, to something that is no good store: it takes connections and does *answer*."""
    answering: list[asyncio.Task[None] | None] = []

    async def answer_and_close(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        answering.append(asyncio.current_task())
        with suppress(ConnectionError):
            await answer(reader, writer)
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()

    server = await asyncio.start_server(answer_and_close, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    connections = RedisConnections(f"redis://127.0.0.1:{port}/0", **options)
    try:
        yield connections
    finally:
        await connections.close()
        server.close()
        await asyncio.gather(*(task for task in answering if task))


@pytest.mark.parametrize(
    ("repeatable", "times"),
    [
        pytest.param(True, 2, id="that may be repeated is sent twice"),
        pytest.param(False, 1, id="that may not is sent once"),
    ],
)
async def test_a_command_whose_connection_breaks(repeatable: bool, times: int) -> None:  # noqa: FBT001 - a table row.
    """On a connection that was idle before: whether the store carried the first one out is not known."""
    commands = 0

    async def answer_ping_and_break(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal commands
        while data := await reader.read(4096):
            if b"GET" in data:
                commands += 1
                break
            # The client's introduction (CLIENT SETINFO) and PING.
            writer.write(b"+PONG\r\n" * data.count(b"*"))

    async with _store(answer_ping_and_break, command_seconds=PATIENT_SECONDS) as connections:
        await connections.execute("PING", repeatable=True)
        with pytest.raises(StorageUnavailable):
            await connections.execute("GET", "one", repeatable=repeatable)

    assert times == commands


async def test_one_deadline_holds_for_connecting_and_answering_together() -> None:
    """A store that takes connections and never says a word is unavailable after one deadline, not one for each step."""

    async def say_nothing(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async with _store(say_nothing) as connections:
        started = time.monotonic()
        with pytest.raises(StorageUnavailable):
            await connections.run(_ONE, [], [], repeatable=True)

    assert time.monotonic() - started < 0.6


@pytest.mark.parametrize(
    ("script", "command"),
    [
        pytest.param(_ONE, ["HGET", "text", "field"], id="the command"),
        pytest.param(Script("return redis.call('HGET', 'text', 'field')"), ["GET", "text"], id="the script"),
        pytest.param(Script("return redis.call('HGET', 'text', 'field')"), ["HGET", "text", "field"], id="both"),
    ],
)
async def test_a_refusal_of_one_of_two_is_that_of_both(
    connections: RedisConnections, script: Script, command: list[Word]
) -> None:
    """And what the other one answered answers nothing else: the connection goes on where it should."""
    await connections.execute("SET", "text", "abc", repeatable=True)
    connection = await connections.execute("CLIENT", "ID", repeatable=True)

    with pytest.raises(StorageUnavailable):
        await connections.run_then(script, [], [], command)

    assert b"abc" == await connections.execute("GET", "text", repeatable=True)
    assert connection == await connections.execute("CLIENT", "ID", repeatable=True)


async def test_a_script_that_the_store_forgot_is_told_again_and_the_command_done_after_it(
    connections: RedisConnections,
) -> None:
    """Once more, for what is read before the script says nothing of what is true after it."""
    count = Script("return redis.call('INCR', KEYS[1])")
    await connections.execute("SCRIPT", "FLUSH", repeatable=True)

    answers = [await connections.run_then(count, ["count"], [], ["GET", "count"]) for _ in range(2)]

    assert [[1, b"1"], [2, b"2"]] == answers


@pytest.mark.parametrize("is_silent", [False, True], ids=["and it closes", "and it is cancelled"])
async def test_a_connection_with_one_answer_of_two_is_asked_nothing_more(*, is_silent: bool) -> None:
    """Both commands are sent again on another one, at once or when somebody asks next: no answer is of another time."""
    times, hangs = 0, asyncio.Event()

    async def answer_one_and_then_two(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal times
        while data := await reader.read(4096):
            if b"EVALSHA" not in data:
                writer.write(b"+PONG\r\n" * data.count(b"*"))
                continue
            times += 1
            writer.write(b":%d\r\n" % times)
            if times > 1:
                writer.write(b"+after it\r\n")
            elif is_silent:
                await writer.drain()
                hangs.set()
            else:
                break

    async with _store(answer_one_and_then_two, command_seconds=PATIENT_SECONDS) as connections:
        await connections.execute("PING", repeatable=True)
        if is_silent:
            first = asyncio.create_task(connections.run_then(_ONE, [], [], ["GET", "text"]))
            await hangs.wait()
            await asyncio.sleep(0.05)
            first.cancel()
        answers = await connections.run_then(_ONE, [], [], ["GET", "text"])

    assert ([2, b"after it"], 2) == (answers, times)
