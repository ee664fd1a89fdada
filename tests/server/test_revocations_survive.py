"""Watching revocations while stores die, are emptied and fail over: nothing is missed that is not said to be."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import grpc
import pytest
from redis.asyncio import Redis

from grantway.v1 import token_service_pb2 as pb
from grantway.v1 import token_service_pb2_grpc
from grantway_server.config import Settings
from grantway_server.domain.tokens import token_id
from grantway_server.serve import running_core
from grantway_server.storage.redis_connection import RedisConnections
from tests.fakes.redis_stores import redis_token_store
from tests.server.samples import a_token
from tests.server.switchable_line import switchable_line
from tests.server.valkey_on_a_port import valkey_on_a_port
from tests.valkey_server import embedded_valkey

_SILENCE_SECONDS = 1.5
"""Without a message for so long: nobody vouches. They come every 0.4 s on an idle machine."""

_connect = partial(RedisConnections, command_seconds=1)
"""How long a store may take is tested elsewhere: a machine at work on other things is no failure of these."""


class _Subscriber:
    """Somebody who watches, and comes back with their position when the call ends."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._stub: Any = token_service_pb2_grpc.TokenServiceStub(channel)
        self._position = b""
        self._call: Any = None
        self.told: list[str] = []
        """The ids of the tokens that died; "gap" where something may be missing."""

    async def message(self) -> None:
        """Takes one message."""
        while True:
            self._call = self._call or self._stub.WatchRevocations(pb.WatchRevocationsRequest(position=self._position))
            try:
                message = await self._call.read()
            except grpc.aio.AioRpcError as error:
                assert grpc.StatusCode.UNAVAILABLE is error.code()  # noqa: PT017 - anything else would be wrong.
                message = grpc.aio.EOF
            if message is not grpc.aio.EOF:
                break
            self._call = None
            await asyncio.sleep(0.05)
        if message.gap:
            self.told.append("gap")
        self.told += [revocation.token.token_id for revocation in message.revocations]
        self._position = message.position

    async def until(self, *last: str) -> list[str]:
        """All that was told, once *last* is the end of it."""
        async with asyncio.timeout(15):
            while tuple(self.told[-len(last) :]) != last:
                await self.message()
        return self.told

    async def is_told_nothing(self) -> bool:
        """Whether no message comes, not even an empty one."""
        try:
            async with asyncio.timeout(_SILENCE_SECONDS):
                await self.message()
        except TimeoutError:
            self._call = None  # A read that was cancelled ended the call.
            return True
        return False


@asynccontextmanager
async def _subscriber(redis_url: str) -> AsyncIterator[_Subscriber]:
    """One on a core that uses the store at *redis_url*, who has got the first message."""
    settings = Settings.model_validate({"grpc_port": 0, "redis_url": redis_url})
    async with (
        running_core(settings, connect=_connect) as port,
        grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel,
    ):
        subscriber = _Subscriber(channel)
        await subscriber.message()
        yield subscriber


async def _revoke(redis_url: str, number: int) -> str:
    """The id of a token that was revoked in the store at *redis_url*."""
    digest = number.to_bytes(8, "big") + bytes(8)
    connections = _connect(redis_url)
    tokens = redis_token_store(connections)
    await tokens.add([(digest, a_token())], versions={})
    assert await tokens.remove(digest)
    await connections.close()
    return token_id(digest)


async def test_a_core_that_stops_lets_its_subscribers_go(valkey_url: str) -> None:
    """With OK: they go on at another one."""
    settings = Settings.model_validate({"grpc_port": 0, "redis_url": valkey_url})
    ends = []
    async with AsyncExitStack() as stack:
        async with running_core(settings, connect=_connect) as port:
            channel = await stack.enter_async_context(grpc.aio.insecure_channel(f"127.0.0.1:{port}"))
            stub: Any = token_service_pb2_grpc.TokenServiceStub(channel)
            calls = [stub.WatchRevocations(pb.WatchRevocationsRequest()) for _ in range(10)]
            for call in calls:
                await call.read()
            ends = [asyncio.create_task(_end(call)) for call in calls]
        codes = await asyncio.gather(*ends)

    assert [grpc.StatusCode.OK] * 10 == codes


async def _end(call: Any) -> grpc.StatusCode:
    while await call.read() is not grpc.aio.EOF:
        pass
    code: grpc.StatusCode = await call.code()
    return code


@pytest.mark.parametrize(
    ("persist", "between"),
    [pytest.param(True, [], id="with its data"), pytest.param(False, ["gap"], id="empty")],
)
async def test_a_store_that_is_restarted(tmp_path: Path, *, persist: bool, between: list[str]) -> None:
    """While it is gone nobody is told anything; then subscribers go on where they were, if that is there."""
    directory = tmp_path / "valkey"
    with ExitStack() as stack:
        url = stack.enter_context(embedded_valkey(directory, persist=persist))
        async with _subscriber(url) as subscriber:
            first = await _revoke(url, 1)
            await subscriber.until(first)
            await asyncio.to_thread(stack.close)
            assert await subscriber.is_told_nothing()
            stack.enter_context(embedded_valkey(directory, persist=persist))
            if between:
                await subscriber.until(*between)
            second = await _revoke(url, 2)

            assert [first, *between, second] == await subscriber.until(second)


async def _in_step(primary: Redis) -> None:
    """Waits until the replica has all that the primary has."""
    async with asyncio.timeout(15):
        while True:
            state = await primary.info("replication")
            if state["connected_slaves"] and state["slave0"]["offset"] == state["master_repl_offset"]:
                return
            await asyncio.sleep(0.02)


@pytest.mark.parametrize(
    ("loses", "between"),
    [pytest.param(False, [], id="that has everything"), pytest.param(True, ["gap"], id="that lost the last one")],
)
async def test_a_failover_to_a_replica(tmp_path: Path, *, loses: bool, between: list[str]) -> None:
    """What was written to the primary and has not reached the replica is missing, and said to be; nothing else is."""
    with (
        valkey_on_a_port(tmp_path / "a") as (port, primary),
        valkey_on_a_port(tmp_path / "b") as (replica_port, _),
    ):
        url, replica_url = (f"redis://127.0.0.1:{one}/0" for one in (port, replica_port))
        async with (
            Redis(port=port) as a,
            Redis(port=replica_port) as b,
            switchable_line(port) as line,
        ):
            await b.replicaof("127.0.0.1", str(port))
            await _in_step(a)
            async with _subscriber(f"redis://127.0.0.1:{line.port}/0") as subscriber:
                told = [await _revoke(url, number) for number in range(3)]
                await _in_step(a)
                if loses:
                    await b.replicaof("NO", "ONE")
                    told.append(await _revoke(url, 3))
                await subscriber.until(*told)
                primary.kill()
                await b.replicaof("NO", "ONE")
                line.switch(replica_port)
                if between:
                    await subscriber.until(*between)
                last = await _revoke(replica_url, 4)

                assert [*told, *between, last] == await subscriber.until(last)


async def test_what_happens_during_a_failover_is_told(tmp_path: Path) -> None:
    """Also when the first that is read of the new primary is something new."""
    with valkey_on_a_port(tmp_path / "a") as (port, primary), valkey_on_a_port(tmp_path / "b") as (replica_port, _):
        async with Redis(port=port) as a, Redis(port=replica_port) as b, switchable_line(port) as line:
            await b.replicaof("127.0.0.1", str(port))
            await _in_step(a)
            async with _subscriber(f"redis://127.0.0.1:{line.port}/0") as subscriber:
                told = [await _revoke(f"redis://127.0.0.1:{port}/0", 1)]
                await subscriber.until(*told)
                await _in_step(a)
                primary.kill()
                await b.replicaof("NO", "ONE")
                told += [await _revoke(f"redis://127.0.0.1:{replica_port}/0", number) for number in range(2, 5)]
                line.switch(replica_port)

                assert told == await subscriber.until(told[-1])


async def test_a_primary_that_became_a_replica_is_left(tmp_path: Path) -> None:
    """It is not dead, and goes on answering those who only read: nobody vouches for what it says (ADR 0021)."""
    with valkey_on_a_port(tmp_path / "a") as (port, _), valkey_on_a_port(tmp_path / "b") as (replica_port, _):
        async with Redis(port=port) as a, Redis(port=replica_port) as b, switchable_line(port) as line:
            await b.replicaof("127.0.0.1", str(port))
            await _in_step(a)
            async with _subscriber(f"redis://127.0.0.1:{line.port}/0") as subscriber:
                await _in_step(a)
                await b.replicaof("NO", "ONE")
                await a.replicaof("127.0.0.1", "1")  # Of nobody who answers: it keeps what it has.
                while not await subscriber.is_told_nothing():
                    pass
                told = await _revoke(f"redis://127.0.0.1:{replica_port}/0", 1)
                line.switch(replica_port)

                assert [told] == await subscriber.until(told)
