"""Joins calls that wait at the same moment into one.

Rules:
1. A lone request, one before which nobody was answered just then, leaves at once: no timer ever holds anything back.
2. A batch is whatever queued up while the call before it was under way. Several take in what the loop has ready, until
   a round of the loop brings nothing new. Where others were answered just then, whoever comes, one alone too, is given
   a few rounds in which they may be back: until as many wait as were answered or queued. Else those who ask again and
   again fall into groups that take turns, and pay for twice as many calls. Enough of them, or a moment, end both.
3. Each caller gets the answer to its own request, or its own error; a caller that goes away takes nobody with it.
4. A call that nobody waits for any more is cancelled.
5. Nobody waits longer in the queue than *max_wait*, and no more than *max_waiting* wait at once.
6. Everybody gets an answer or an error: also when the batcher is closed, and when the core answers nonsense.
"""

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Sequence
from datetime import timedelta
from itertools import islice
from time import monotonic
from typing import Any, Generic, TypeVar

from grantway.errors import Refused, Unreachable
from grantway.v1 import error_reason_pb2

Request = TypeVar("Request")
Answer = TypeVar("Answer")

_CLOSED = "the client was closed"

_MAX_ROUNDS = 8
"""How many rounds of the loop those who were just answered have to be back: 10 us of uvloop's, 20 to 40 us of asyncio's
own, where they have nothing else to do. With as many again, calls that nobody comes back from cost more.
"""

_MOMENT_SECONDS = 0.002
"""How long they have where rounds are long, for the loop does other work in them: after so long no further round."""

_WORTHWHILE = 32
"""A batch of so many waits for nobody: its share of a call's price is small, and the next ones can be read while the
core works on these.
"""


class _Waiting(Generic[Request, Answer]):
    """One request and whoever waits for its answer."""

    __slots__ = ("answer", "batch", "expires_at", "request")

    def __init__(self, request: Request, answer: "asyncio.Future[Answer]", expires_at: float) -> None:
        self.request = request
        self.answer = answer
        self.expires_at = expires_at
        self.batch: _Batch[Answer] | None = None


class _Batch(Generic[Answer]):
    """A call under way and how many wait for it, or did when it ended."""

    __slots__ = ("call", "waiting")

    def __init__(self, call: "asyncio.Task[Sequence[Answer]]", waiting: int) -> None:
        self.call = call
        self.waiting = waiting

    def leave(self) -> None:
        """One caller went away."""
        self.waiting -= 1
        if self.waiting == 0:
            self.call.cancel()


class Batcher(Generic[Request, Answer]):
    """Sends requests through *call*, joined into batches.

    Args:
        call: Makes one call for some requests and returns their answers, in order. An error that it raises reaches
            everyone whose request was in it.
        max_size: How many requests one call may hold.
        max_wait: How long a request may wait for its call to start; then it fails with `Unreachable`.
        max_waiting: How many requests may wait; one more fails with `Unreachable` at once.
        clock: Says how long rounds take, in seconds. Not the loop's: uvloop's stands still in a round.
    """

    def __init__(
        self,
        call: Callable[[list[Request]], Coroutine[Any, Any, Sequence[Answer]]],
        *,
        max_size: int,
        max_wait: timedelta,
        max_waiting: int,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._call = call
        self._max_size = max_size
        self._max_wait_seconds = max_wait.total_seconds()
        self._max_waiting = max_waiting
        self._clock = clock
        # In the order of arrival. Not a deque: whoever goes away leaves the queue at once, wherever in it.
        self._queue: dict[_Waiting[Request, Answer], None] = {}
        self._sender: asyncio.Task[None] | None = None
        self._expiry: asyncio.TimerHandle | None = None
        self._closed = False

    async def submit(self, request: Request) -> Answer:
        """The answer to *request*.

        Raises:
            Unreachable: Too many wait already, the request's turn did not come in time, or the batcher is closed.
        """
        if self._closed:
            raise Unreachable(_CLOSED)
        if len(self._queue) >= self._max_waiting:
            raise Unreachable("too many requests wait for the core: this one was not sent")
        loop = asyncio.get_running_loop()
        # Its type is said beside it: `_Waiting[...](...)` would look the type up for every request.
        waiting: _Waiting[Request, Answer] = _Waiting(
            request, loop.create_future(), loop.time() + self._max_wait_seconds
        )
        self._queue[waiting] = None
        if self._sender is None:
            # The task starts in the loop's next round, so whatever this round submits goes along.
            self._sender = loop.create_task(self._send_queue())
        if self._expiry is None:
            self._expiry = loop.call_at(waiting.expires_at, self._expire)
        try:
            return await waiting.answer
        except asyncio.CancelledError:
            if waiting.batch is None:
                self._queue.pop(waiting, None)
            else:
                waiting.batch.leave()
            raise

    async def close(self) -> None:
        """Gives up the call under way; everyone who waits, and everyone who comes later, gets `Unreachable`."""
        self._closed = True
        if self._expiry is not None:
            self._expiry.cancel()
            self._expiry = None
        _fail(self._queue, Unreachable(_CLOSED))
        self._queue.clear()
        if self._sender is not None:
            self._sender.cancel()
            await asyncio.wait([self._sender])

    async def _send_queue(self) -> None:
        """Sends batch after batch, until nobody waits and nobody is expected back."""
        expected = 1
        try:
            while self._queue or expected > 1:
                await self._take_in(expected)
                batch = self._next_batch()
                answered = await self._send(batch) if batch else 0
                expected = answered + len(self._queue)
        finally:
            self._sender = None

    async def _take_in(self, expected: int) -> None:
        """Lets the loop bring in whoever is *expected*, then what each round has ready. No lone request waits."""
        enough = min(self._max_size, _WORTHWHILE)
        latest = self._clock() + _MOMENT_SECONDS
        known = 1
        for _ in range(_MAX_ROUNDS):
            waiting = len(self._queue)
            if waiting >= enough or self._clock() > latest or (waiting >= expected and waiting == known):
                return
            known = waiting
            await asyncio.sleep(0)

    def _next_batch(self) -> list[_Waiting[Request, Answer]]:
        if len(self._queue) <= self._max_size:
            batch, self._queue = list(self._queue), {}
        else:
            batch = list(islice(self._queue, self._max_size))
            for waiting in batch:
                del self._queue[waiting]
        return [waiting for waiting in batch if not waiting.answer.done()]

    async def _send(self, batch: list[_Waiting[Request, Answer]]) -> int:
        """Sends *batch*; how many of it did not go away before they were answered."""
        call = asyncio.get_running_loop().create_task(self._answers([waiting.request for waiting in batch]))
        under_way = _Batch(call, len(batch))
        for waiting in batch:
            waiting.batch = under_way
        try:
            answers = await call
        except asyncio.CancelledError:
            _fail(batch, Unreachable(_CLOSED))
            # Either this task was cancelled, and ends; or the call was, and the next batch goes out.
            if (sender := asyncio.current_task()) and sender.cancelling():
                raise
        except Exception as error:  # noqa: BLE001 - whatever it is, it belongs to those who wait for it.
            _fail(batch, error)
        else:
            for waiting, answer in zip(batch, answers, strict=True):
                if not waiting.answer.done():
                    waiting.answer.set_result(answer)
        return under_way.waiting

    async def _answers(self, requests: list[Request]) -> Sequence[Answer]:
        answers = await self._call(requests)
        if len(answers) != len(requests):
            raise Refused(error_reason_pb2.ERROR_REASON_INTERNAL, "the core did not answer each request of a batch")
        return answers

    def _expire(self) -> None:
        now = asyncio.get_running_loop().time()
        self._expiry = None
        while self._queue:
            oldest = next(iter(self._queue))
            if oldest.expires_at > now:
                self._expiry = asyncio.get_running_loop().call_at(oldest.expires_at, self._expire)
                return
            del self._queue[oldest]
            _fail([oldest], Unreachable("no core took the request in time"))


def _fail(batch: Iterable[_Waiting[Request, Answer]], error: Exception) -> None:
    for waiting in batch:
        if not waiting.answer.done():
            waiting.answer.set_exception(error)
