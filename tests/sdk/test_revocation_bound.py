"""How long a revoked token lives: two real cores on a real store, checks and revocations at the same time.

`make bound` measures the same at length.
"""

import asyncio
import random
import signal
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import grpc
import pytest

from grantway import (
    GrantwayError,
    InvalidToken,
    TokenClient,
    TokenVerifier,
    Unreachable,
    bounded,
    strict,
    sync,
    watched,
)
from grantway.check_modes import Mode
from grantway.v1 import client_service_pb2, client_service_pb2_grpc, token_service_pb2_grpc
from grantway.v1 import token_service_pb2 as pb
from tests.revocation_bound import RevocationBound
from tests.two_cores import TwoCores, two_cores

_HEARTBEAT_TIMEOUT_SECONDS = 2.0
_GRACE_SECONDS = 0.5
"""A busy machine is late."""


@pytest.fixture(name="cores")
def _cores(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TwoCores]:
    with two_cores(Path(tmp_path_factory.mktemp("cores"))) as cores:
        yield cores


async def _issued(client: TokenClient, count: int) -> list[str]:
    """Tokens of a new client."""
    stub: client_service_pb2_grpc.ClientServiceAsyncStub = client_service_pb2_grpc.ClientServiceStub(client.channel)
    created = await stub.CreateClient(client_service_pb2.CreateClientRequest(name="Bound"), wait_for_ready=True)
    client_id, secret = created.client.client_id, created.client_secret
    issued = await asyncio.gather(*(client.issue(client_id=client_id, client_secret=secret) for _ in range(count)))
    return [one.access_token for one in issued]


async def _until(condition: Callable[[], bool], *, seconds: float = 10) -> None:
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - there is no event for it.
            await asyncio.sleep(0.005)


@asynccontextmanager
async def _watching(cores: str) -> AsyncIterator[TokenVerifier]:
    async with TokenVerifier(cores, mode=watched(heartbeat_timeout_seconds=_HEARTBEAT_TIMEOUT_SECONDS)) as verifier:
        await _until(lambda: verifier.watching)
        yield verifier


@pytest.mark.parametrize(
    ("mode", "bound_seconds"),
    [
        pytest.param(strict(), 0.0, id="strict"),
        pytest.param(watched(), _GRACE_SECONDS, id="watched, while the stream is alive"),
        pytest.param(bounded(0.3), 0.3, id="bounded"),
    ],
)
async def test_no_token_is_good_beyond_the_bound(cores: TwoCores, mode: Mode, bound_seconds: float) -> None:
    """Whatever was asked, held, shared and under way when it was revoked."""
    chance = random.Random(7009)  # noqa: S311 - nothing secret.
    bound = RevocationBound(bound_seconds)
    async with TokenClient(cores.both) as client, TokenVerifier(cores.both, mode=mode) as verifier:
        tokens = await _issued(client, 60)
        await verifier.verify(tokens[0])
        await _until(lambda: verifier.watching or mode.heartbeat_timeout_seconds is None)
        finished = asyncio.Event()

        async def check() -> None:
            while not finished.is_set():
                token = chance.choice(tokens)
                began_at = time.monotonic()
                try:
                    await verifier.verify(token)
                except InvalidToken:
                    bound.answered(token, began_at=began_at, good=False)
                else:
                    bound.answered(token, began_at=began_at, good=True)
                await asyncio.sleep(0)

        checks = [asyncio.create_task(check()) for _ in range(8)]
        await _until(lambda: all(bound.was_good(token) for token in tokens))
        for token in tokens[:50]:
            await client.revoke(token)
            bound.acknowledged(token, time.monotonic())
            await asyncio.sleep(0.02)
        await _until(lambda: all(bound.is_dead(token) for token in tokens[:50]))
        finished.set()
        await asyncio.gather(*checks)

    assert [] == bound.violations()
    assert bound.checks > 500
    assert (True, False) == (bound.was_good(tokens[-1]), bound.is_dead(tokens[-1]))


async def test_a_core_that_freezes_is_believed_for_the_timeout(cores: TwoCores) -> None:
    """Then nothing that is held is used; when it wakes up it tells what happened, and the rest is used again."""
    async with TokenClient(cores.addresses[1]) as other, _watching(cores.addresses[0]) as verifier:
        tokens = await _issued(other, 2)
        for token in tokens:
            await verifier.verify(token)
        cores.first.process.send_signal(signal.SIGSTOP)
        try:
            await other.revoke(tokens[0])
            acknowledged_at = time.monotonic()
            await _until(lambda: verifier.held(tokens[0]) is None)
            seconds = time.monotonic() - acknowledged_at
            with pytest.raises(Unreachable):
                await verifier.verify(tokens[0])
        finally:
            cores.first.process.send_signal(signal.SIGCONT)
        await _until(lambda: verifier.watching)

        assert seconds <= _HEARTBEAT_TIMEOUT_SECONDS + _GRACE_SECONDS
        assert (None, True) == (verifier.held(tokens[0]), (await verifier.verify(tokens[1])).from_cache)


async def test_a_core_that_is_gone_is_believed_no_more_and_another_goes_on(cores: TwoCores) -> None:
    """Within moments; what is held stays, for the other one knows the history."""
    async with TokenClient(cores.addresses[1]) as other, _watching(cores.both) as verifier:
        tokens = await _issued(other, 2)
        for token in tokens:
            await verifier.verify(token)
        cores.first.process.kill()
        await other.revoke(tokens[0])
        await _until(lambda: verifier.held(tokens[0]) is None, seconds=_HEARTBEAT_TIMEOUT_SECONDS + _GRACE_SECONDS)
        await _until(lambda: verifier.watching)

        assert (await verifier.verify(tokens[1])).from_cache
        with pytest.raises(InvalidToken):
            await verifier.verify(tokens[0])


async def test_a_process_that_stood_still_believes_nothing_that_waited_for_it(cores: TwoCores) -> None:
    """Messages that came meanwhile are of the past; a revocation may stand behind them."""
    async with _watching(cores.addresses[0]) as verifier, TokenClient(cores.addresses[0]) as client:
        tokens = await _issued(client, 2)
        for token in tokens:
            await verifier.verify(token)
        # The loop stands still; the revocation comes when messages that know nothing of it have long been waiting.
        time.sleep(_HEARTBEAT_TIMEOUT_SECONDS / 2)  # noqa: ASYNC251
        with grpc.insecure_channel(cores.addresses[1]) as channel:
            token_service_pb2_grpc.TokenServiceStub(channel).RevokeToken(pb.RevokeTokenRequest(token=tokens[0]))
        time.sleep(_HEARTBEAT_TIMEOUT_SECONDS)  # noqa: ASYNC251
        held = [verifier.held(token) for token in tokens]
        while not verifier.watching:
            held.append(verifier.held(tokens[0]))
            await asyncio.sleep(0)
        held.append(verifier.held(tokens[0]))

        assert {None} == set(held)
        with pytest.raises(InvalidToken):
            await verifier.verify(tokens[0])
        assert (await verifier.verify(tokens[1])).from_cache


def _revoked_later(cores: TwoCores, token: str, bound: RevocationBound, *, seconds: float) -> threading.Thread:
    """Ends *token* on a thread, through the other core."""

    def revoke() -> None:
        time.sleep(seconds)
        with grpc.insecure_channel(cores.addresses[1]) as channel:
            token_service_pb2_grpc.TokenServiceStub(channel).RevokeToken(pb.RevokeTokenRequest(token=token))
        bound.acknowledged(token, time.monotonic())

    thread = threading.Thread(target=revoke)
    thread.start()
    return thread


async def test_messages_that_wait_for_a_busy_loop_renew_nothing(cores: TwoCores) -> None:
    """Each turn has 0.3 s of other work, so messages are read ever later: they vouch for when the store was asked."""
    bound = RevocationBound(_HEARTBEAT_TIMEOUT_SECONDS)
    async with _watching(cores.addresses[0]) as verifier, TokenClient(cores.addresses[0]) as client:
        (token,) = await _issued(client, 1)
        await verifier.verify(token)
        revoking = _revoked_later(cores, token, bound, seconds=8)
        ends_at = time.monotonic() + 14
        while (began_at := time.monotonic()) < ends_at:
            with suppress(Unreachable):
                try:
                    bound.answered(token, began_at=began_at, good=bool(await verifier.verify(token)))
                except InvalidToken:
                    break
            time.sleep(0.3)  # noqa: ASYNC251 - the other work.
            await asyncio.sleep(0)
        await asyncio.to_thread(revoking.join)

    assert ([], 1) == (bound.violations(), len(bound.lives()))


async def test_threads_that_want_the_processor_renew_nothing(cores: TwoCores) -> None:
    """The loop of `grantway.sync` has its turn seldom among them."""
    bound = RevocationBound(_HEARTBEAT_TIMEOUT_SECONDS)
    async with TokenClient(cores.addresses[0]) as client:
        (token,) = await _issued(client, 1)
    ends_at = time.monotonic() + 12

    def check(verifier: sync.TokenVerifier) -> None:
        while (began_at := time.monotonic()) < ends_at:
            try:
                bound.answered(token, began_at=began_at, good=bool(verifier.verify(token)))
            except InvalidToken:
                return
            except GrantwayError:
                pass
            sum(range(60_000))

    with sync.TokenVerifier(cores.addresses[0]) as verifier, ThreadPoolExecutor(24) as threads:
        verifier.verify(token)
        checks = [threads.submit(check, verifier) for _ in range(24)]
        revoking = _revoked_later(cores, token, bound, seconds=5)
        await asyncio.to_thread(lambda: [one.result() for one in checks])
        revoking.join()

    assert ([], 1) == (bound.violations(), len(bound.lives()))
