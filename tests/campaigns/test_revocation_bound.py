"""How long a revoked token lives, and what checking one costs. Prints a table.

Two cores on one store, subscribers in this process, revocations from another. A life is the time from the moment that a
revocation was acknowledged to the first moment at which a subscriber was seen to use its answer no more.
"""

import asyncio
import signal
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from statistics import median

import pytest

from grantway import GrantwayError, InvalidToken, TokenClient, TokenVerifier, strict, sync
from grantway.v1 import client_service_pb2, client_service_pb2_grpc
from tests.revocation_bound import RevocationBound
from tests.two_cores import TwoCores, two_cores

pytestmark = pytest.mark.campaign

_SUBSCRIBERS = 50
_REVOCATIONS = 10_000
_FREEZES = 50
_REVOCATIONS_OF_A_FREEZE = 200
_SUBSCRIBERS_OF_A_FREEZE = 10
_HEARTBEAT_TIMEOUT_SECONDS = 2.0
_TARGET_P99_SECONDS = 0.020
_TARGET_MICROSECONDS = 5
_ROUNDS = 10_000
_GRACE_SECONDS = 0.1
"""How long looking at all answers may take, and waking up."""


@pytest.fixture(name="cores")
def _cores(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TwoCores]:
    with two_cores(Path(tmp_path_factory.mktemp("bound"))) as cores:
        yield cores


async def _issued(cores: str, count: int) -> list[str]:
    async with TokenClient(cores) as client:
        stub: client_service_pb2_grpc.ClientServiceAsyncStub = client_service_pb2_grpc.ClientServiceStub(client.channel)
        created = await stub.CreateClient(client_service_pb2.CreateClientRequest(name="Bound"), wait_for_ready=True)
        client_id, secret = created.client.client_id, created.client_secret
        tokens: list[str] = []
        while len(tokens) < count:
            some = range(min(1000, count - len(tokens)))
            issued = await asyncio.gather(*(client.issue(client_id=client_id, client_secret=secret) for _ in some))
            tokens += [one.access_token for one in issued]
        return tokens


async def _until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not condition():  # noqa: ASYNC110 - there is no event for it.
            await asyncio.sleep(0.005)


@asynccontextmanager
async def _subscribers(cores: str, count: int) -> AsyncIterator[list[TokenVerifier]]:
    async with AsyncExitStack() as stack:
        verifiers = [await stack.enter_async_context(TokenVerifier(cores)) for _ in range(count)]
        await _until(lambda: all(verifier.watching for verifier in verifiers))
        yield verifiers


@asynccontextmanager
async def _revoker(core: str) -> AsyncIterator[Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.campaigns.revoker", core, stdin=PIPE, stdout=PIPE, cwd=Path(__file__).parents[2]
    )
    try:
        yield process
    finally:
        assert process.stdin is not None
        process.stdin.close()
        await process.wait()


async def _revoked(process: Process, tokens: Sequence[str]) -> list[float]:
    """When the revocation of each was acknowledged."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write("".join(f"{token}\n" for token in tokens).encode())
    return [float(await process.stdout.readline()) for _ in tokens]


def _row(name: str, seconds: Sequence[float]) -> str:
    ordered = sorted(seconds)
    p50, p99 = ordered[len(ordered) // 2], ordered[len(ordered) * 99 // 100]
    return f"| {name} | {p50 * 1e3:,.2f} | {p99 * 1e3:,.2f} | {ordered[-1] * 1e3:,.2f} | {len(ordered):,} |"


def _print(*rows: str) -> None:
    print("", *rows, sep="\n")  # noqa: T201 - the finding.


_HEAD = ("| life of a revoked token, ms | p50 | p99 | max | lives |", "| --- | ---: | ---: | ---: | ---: |")


async def test_a_revoked_token_is_dead_within_the_bound(cores: TwoCores) -> None:
    """10,000 revocations, 50 subscribers; a strict verifier checks all the time and is never wrong."""
    tokens = await _issued(cores.both, _REVOCATIONS)
    bound = RevocationBound(0)
    each: list[float] = []
    last: list[float] = []
    current = [tokens[0]]

    async def check_strictly(verifier: TokenVerifier) -> None:
        while current:
            token, began_at = current[0], time.monotonic()
            try:
                await verifier.verify(token)
            except InvalidToken:
                bound.answered(token, began_at=began_at, good=False)
            except GrantwayError:
                continue  # Nobody knows, on a machine that is too busy, and nothing is learned.
            else:
                bound.answered(token, began_at=began_at, good=True)

    async with (
        _subscribers(cores.both, _SUBSCRIBERS) as verifiers,
        TokenVerifier(cores.both, mode=strict()) as judge,
        _revoker(cores.addresses[1]) as revoker,
    ):
        strict_checks = asyncio.create_task(check_strictly(judge))
        for token in tokens:
            current[0] = token
            while not (bound.was_good(token) and all(_holds(verifier, token) for verifier in verifiers)):
                await asyncio.gather(*(verifier.verify(token) for verifier in verifiers), return_exceptions=True)
                await asyncio.sleep(0)
            revoking = asyncio.create_task(_revoked(revoker, [token]))
            gone = await _gone(verifiers, token)
            (acknowledged_at,) = await revoking
            bound.acknowledged(token, acknowledged_at)
            while not bound.is_dead(token):  # noqa: ASYNC110 - there is no event for it.
                await asyncio.sleep(0.001)
            lives = [max(0.0, at - acknowledged_at) for at in gone]
            each += lives
            last.append(max(lives))
        current.clear()
        await strict_checks

    _print(
        *_HEAD,
        _row("strict", bound.lives()),
        _row(f"watched, each of {_SUBSCRIBERS} subscribers", each),
        _row(f"watched, the last of {_SUBSCRIBERS}", last),
        f"(strict checks meanwhile: {bound.checks:,})",
    )
    assert [] == bound.violations()
    assert sorted(each)[len(each) * 99 // 100] <= _TARGET_P99_SECONDS
    assert max(each) <= _HEARTBEAT_TIMEOUT_SECONDS + _GRACE_SECONDS


async def _gone(verifiers: Sequence[TokenVerifier], token: str) -> list[float]:
    """When each was first seen to hold *token* no more."""
    gone: dict[TokenVerifier, float] = {}
    while len(gone) < len(verifiers):
        for verifier in verifiers:
            if verifier not in gone and not _holds(verifier, token):
                gone[verifier] = time.monotonic()
        await asyncio.sleep(0)
    return list(gone.values())


def _holds(verifier: TokenVerifier, token: str) -> bool:
    try:
        return verifier.held(token) is not None
    except InvalidToken:
        return False


async def test_a_stream_that_dies_is_believed_for_the_timeout(cores: TwoCores) -> None:
    """The only core that subscribers know is frozen 50 times; each time 200 tokens are revoked through another."""
    tokens = await _issued(cores.both, _FREEZES * _REVOCATIONS_OF_A_FREEZE)
    lives: list[float] = []
    async with (
        _subscribers(cores.addresses[0], _SUBSCRIBERS_OF_A_FREEZE) as verifiers,
        _revoker(cores.addresses[1]) as revoker,
    ):
        for number in range(_FREEZES):
            await _until(lambda: all(verifier.watching for verifier in verifiers))
            some = tokens[number * _REVOCATIONS_OF_A_FREEZE :][:_REVOCATIONS_OF_A_FREEZE]
            for verifier in verifiers:
                while not all(_holds(verifier, token) for token in some):
                    await asyncio.gather(*(verifier.verify(token) for token in some), return_exceptions=True)
            cores.first.process.send_signal(signal.SIGSTOP)
            try:
                acknowledged_at = await _revoked(revoker, some)
                gone_at: dict[str, float] = {}
                while len(gone_at) < len(some):
                    for token in some:
                        if token not in gone_at and not any(_holds(verifier, token) for verifier in verifiers):
                            gone_at[token] = time.monotonic()
                    await asyncio.sleep(0.001)
            finally:
                cores.first.process.send_signal(signal.SIGCONT)
            lives += [max(0.0, gone_at[token] - at) for token, at in zip(some, acknowledged_at, strict=True)]

    _print(*_HEAD, _row(f"watched, the stream dies, the last of {_SUBSCRIBERS_OF_A_FREEZE}", lives))
    assert max(lives) <= _HEARTBEAT_TIMEOUT_SECONDS + _GRACE_SECONDS


async def test_a_check_of_what_is_held_costs_microseconds(cores: TwoCores) -> None:
    """On the loop, and on any thread."""
    tokens = await _issued(cores.both, 50)
    awaited, held = [], []
    async with _subscribers(cores.both, 1) as (verifier,):
        for token in tokens:
            await verifier.verify(token)
            began_at = time.perf_counter()
            for _ in range(_ROUNDS):
                await verifier.verify(token)
            awaited.append(time.perf_counter() - began_at)
            await asyncio.sleep(0.01)  # The stream needs the loop now and then.
            began_at = time.perf_counter()
            for _ in range(_ROUNDS):
                verifier.held(token)
            held.append(time.perf_counter() - began_at)
    through_facade = await asyncio.to_thread(_checked_without_asyncio, cores, tokens)

    costs = {"await verify": _cost(awaited), "held": _cost(held), "grantway.sync": _cost(through_facade)}
    _print("| a check of what is held | us |", "| --- | ---: |", *(f"| {a} | {b:.2f} |" for a, b in costs.items()))
    assert costs["await verify"] <= _TARGET_MICROSECONDS


def _checked_without_asyncio(cores: TwoCores, tokens: Sequence[str]) -> list[float]:
    """The seconds of some rounds."""
    seconds = []
    with sync.TokenVerifier(cores.both) as verifier:
        while not verifier.watching:
            verifier.verify(tokens[0])
        for token in tokens:
            verifier.verify(token)
            began_at = time.perf_counter()
            for _ in range(_ROUNDS):
                verifier.verify(token)
            seconds.append(time.perf_counter() - began_at)
            time.sleep(0.01)  # As above.
    return seconds


def _cost(seconds: Sequence[float]) -> float:
    """Microseconds of one check."""
    return median(seconds) / _ROUNDS * 1e6
