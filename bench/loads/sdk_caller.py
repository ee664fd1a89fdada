"""A Python service that needs tokens, or checks them.

    python -m bench.loads.sdk_caller issue|introspect|verify HOST:PORT CONCURRENCY SECONDS WARM_UP_SECONDS

It calls for the warm-up, says that it is ready, waits for a line, calls for the given seconds, and prints its findings
as `bench.loads.load.LoadFigures` in JSON. So neither its start nor its first calls are in anybody's figures.
"""

import asyncio
import itertools
import json
import os
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import asdict
from pathlib import Path

import uvloop

from bench.figures import percentile
from bench.loads.load import READY, LoadFigures
from grantway import GrantwayError, TokenClient, TokenVerifier, strict

Call = Callable[[], Awaitable[object]]


def _issue(client: TokenClient) -> Call:
    async def issue() -> None:
        await client.issue(
            client_id=os.environ["BENCH_CLIENT_ID"],
            client_secret=os.environ["BENCH_CLIENT_SECRET"],
            scope=os.environ["BENCH_SCOPE"],
        )

    return issue


def _tokens() -> Iterator[str]:
    return itertools.cycle(Path(os.environ["BENCH_TOKENS"]).read_text().split())


def _introspect(client: TokenClient) -> Call:
    tokens = _tokens()

    async def introspect() -> None:
        answer = await client.introspect(next(tokens))
        assert answer.active

    return introspect


def _verify(client: TokenClient) -> Call:
    tokens, verifier = _tokens(), TokenVerifier(client, mode=strict())

    async def verify() -> None:
        await verifier.verify(next(tokens))

    return verify


async def _call(call: Call, concurrency: int, seconds: float) -> LoadFigures:
    milliseconds: list[float] = []
    failures = 0
    start = time.perf_counter()

    async def worker() -> None:
        nonlocal failures
        while (before := time.perf_counter()) < start + seconds:
            try:
                await call()
            except (GrantwayError, AssertionError):
                failures += 1
            else:
                milliseconds.append((time.perf_counter() - before) * 1e3)

    async with asyncio.TaskGroup() as tasks:
        for _ in range(concurrency):
            tasks.create_task(worker())
    elapsed = time.perf_counter() - start
    milliseconds.sort()
    return LoadFigures(
        requests=len(milliseconds),
        seconds=elapsed,
        p50_ms=percentile(milliseconds, 50),
        p99_ms=percentile(milliseconds, 99),
        failures=failures,
    )


async def _serve(core: str, method: str, concurrency: int, seconds: float, warm_up_seconds: float) -> None:
    async with TokenClient(core) as client:
        call = {"issue": _issue, "introspect": _introspect, "verify": _verify}[method](client)
        await _call(call, concurrency, warm_up_seconds)
        print(READY, flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        print(json.dumps(asdict(await _call(call, concurrency, seconds))))


def main() -> None:
    """Calls for the given time."""
    method, core, concurrency, seconds, warm_up_seconds = sys.argv[1:]
    uvloop.run(_serve(core, method, int(concurrency), float(seconds), float(warm_up_seconds)))


if __name__ == "__main__":
    main()
