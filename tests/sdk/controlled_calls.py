"""Calls of a `Batcher` that end when and as a test likes, and callers whose outcome can be compared."""

import asyncio
from collections.abc import Callable, Iterable
from datetime import timedelta

from grantway.batching import Batcher

Outcome = str | tuple[type[BaseException], str]
"""An answer, or an error and its text."""


class ControlledCalls:
    """Is the *call* of a `Batcher`: each call waits until the test answers it."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        """The requests of each call, in the order of the calls."""
        self.cancelled: list[int] = []
        """The numbers of the calls that were cancelled."""
        self._answers: list[asyncio.Future[list[str]]] = []

    async def __call__(self, requests: list[str]) -> list[str]:
        """One call."""
        number = len(self.batches)
        self.batches.append(requests)
        self._answers.append(asyncio.get_running_loop().create_future())
        try:
            return await self._answers[number]
        except asyncio.CancelledError:
            self.cancelled.append(number)
            raise

    def under_way(self) -> list[int]:
        """The numbers of the calls that have no end yet."""
        return [number for number, answers in enumerate(self._answers) if not answers.done()]

    def answer(self, number: int) -> None:
        """Ends call *number*: each request gets its own answer."""
        self._answers[number].set_result([answer_to(request) for request in self.batches[number]])

    def answer_with(self, number: int, answers: list[str]) -> None:
        """Ends call *number* with *answers*, right or not."""
        self._answers[number].set_result(answers)

    def fail(self, number: int, error: Exception) -> None:
        """Ends call *number* with an error."""
        self._answers[number].set_exception(error)


def answer_to(request: str) -> str:
    """What a request is answered."""
    return f"answer to {request}"


def new_batcher(
    calls: ControlledCalls,
    *,
    max_size: int = 100,
    max_wait: timedelta = timedelta(hours=1),
    max_waiting: int = 10_000,
    clock: Callable[[], float] = lambda: 0.0,
) -> Batcher[str, str]:
    """A batcher of *calls*; what is not given never matters. Its clock stands still, so that rounds alone count."""
    return Batcher(calls, max_size=max_size, max_wait=max_wait, max_waiting=max_waiting, clock=clock)


def submit(batcher: Batcher[str, str], *requests: str) -> list[asyncio.Task[str]]:
    """A caller for each of *requests*."""
    return [asyncio.create_task(batcher.submit(request), name=f"caller of {request}") for request in requests]


async def rounds(count: int) -> None:
    """Lets the loop go round so many times: whatever is ready at the beginning of a round runs in it."""
    for _ in range(count):
        await asyncio.sleep(0)


async def settled() -> None:
    """Lets the loop go round until nothing is left to do but what waits for the test or for a timer.

    That is more often than a batch waits for those who were just answered.
    """
    await rounds(20)


async def outcomes(callers: Iterable[asyncio.Task[str]]) -> list[Outcome]:
    """What each caller got."""
    results = await asyncio.gather(*callers, return_exceptions=True)
    return [(type(result), str(result)) if isinstance(result, BaseException) else result for result in results]


def other_tasks() -> set[asyncio.Task[object]]:
    """The tasks of the loop that have not ended, but for the test's own."""
    return {task for task in asyncio.all_tasks() if task is not asyncio.current_task()}
