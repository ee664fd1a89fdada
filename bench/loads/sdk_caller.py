"""A Python service that needs tokens, or checks them.

    python -m bench.loads.sdk_caller issue|introspect HOST:PORT CONCURRENCY SECONDS

It prints its findings as `bench.loads.load.LoadFigures` in JSON.
"""

import asyncio
import itertools
import json
import os
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import uvloop

from bench.figures import percentile
from grantway import GrantwayError, TokenClient

Call = Callable[[], Awaitable[object]]


def _issue(client: TokenClient) -> Call:
    async def issue() -> None:
        await client.issue(
            client_id=os.environ["BENCH_CLIENT_ID"],
            client_secret=os.environ["BENCH_CLIENT_SECRET"],
            scope=os.environ["BENCH_SCOPE"],
        )

    return issue


def _introspect(client: TokenClient) -> Call:
    tokens = itertools.cycle(Path(os.environ["BENCH_TOKENS"]).read_text().split())

    async def introspect() -> None:
        answer = await client.introspect(next(tokens))
        assert answer.active

    return introspect


async def _call(core: str, method: str, concurrency: int, seconds: float) -> dict[str, float]:
    milliseconds: list[float] = []
    failures = 0

    async def worker(call: Call, until: float) -> None:
        nonlocal failures
        while (start := time.perf_counter()) < until:
            try:
                await call()
            except (GrantwayError, AssertionError):
                failures += 1
            else:
                milliseconds.append((time.perf_counter() - start) * 1e3)

    async with TokenClient(core) as client:
        call = {"issue": _issue, "introspect": _introspect}[method](client)
        start = time.perf_counter()
        async with asyncio.TaskGroup() as tasks:
            for _ in range(concurrency):
                tasks.create_task(worker(call, start + seconds))
        elapsed = time.perf_counter() - start
    milliseconds.sort()
    return {
        "requests": len(milliseconds),
        "seconds": elapsed,
        "p50_ms": percentile(milliseconds, 50),
        "p99_ms": percentile(milliseconds, 99),
        "failures": failures,
    }


def main() -> None:
    """Calls for the given time."""
    method, core, concurrency, seconds = sys.argv[1:]
    print(json.dumps(uvloop.run(_call(core, method, int(concurrency), float(seconds)))))


if __name__ == "__main__":
    main()
