"""One call to a core that stays open and carries one exchange after the other.

The set-up of a call costs more than a small batch does. An open call leads to one core, so it is given up after some
exchanges: the next one goes to the next core, and all of them get their share.
"""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Generic, TypeVar, cast

import grpc

from grantway.errors import Unreachable
from grantway.wire_errors import AIO_CALL_ERRORS, error_of_aio_call, refusal_in

Request = TypeVar("Request")
Answer = TypeVar("Answer")

_BROKEN = frozenset({grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED, grpc.StatusCode.INTERNAL})
"""How gRPC tells of a connection that is lost, cut off or reset, unless it is the core that says so."""

_MAX_EXCHANGES = 64
"""A call costs as much as three exchanges: one in 64 is not felt, and cores are balanced within a moment."""

_TRIES = ((0.0, 0.6), (0.01, 0.5), (0.03, 1.0))
"""How many seconds each waits, and which share of the time that is left it has.

A core that stops or is gone leaves the request undone; the next try leads to another. One that works answers within the
first share, for it has deadlines of its own; one that is frozen does not, and leaves two others enough.
"""


class OpenCall(Generic[Request, Answer]):
    """Exchanges with the core, one at a time, over calls that *start* starts.

    A request that is not answered goes out again, and may so be carried out more than once: it has to be one that this
    does not harm.

    Args:
        start: Starts a call. On a channel of its own the calls lead to the cores in turn.
        timeout: How long one exchange may take, its repetitions included.
    """

    def __init__(
        self, start: Callable[[], "grpc.aio.StreamStreamCall[Request, Answer]"], *, timeout: timedelta
    ) -> None:
        self._start = start
        self._timeout_seconds = timeout.total_seconds()
        self._call: grpc.aio.StreamStreamCall[Request, Answer] | None = None
        self._exchanges = 0

    async def exchange(self, request: Request) -> Answer:
        """The core's answer to *request*.

        Raises:
            Refused: The core refused.
            Unreachable: No core answered in time.
        """
        loop = asyncio.get_running_loop()
        ends_at = loop.time() + self._timeout_seconds
        problem = ""
        for pause_seconds, share in _TRIES:
            try:
                async with asyncio.timeout((ends_at - loop.time()) * share):
                    if pause_seconds:
                        await asyncio.sleep(pause_seconds)
                    return await self._try(request)
            except TimeoutError:
                problem = "no core answered in time (DEADLINE_EXCEEDED)"
            except _UnansweredError as unanswered:
                problem = str(unanswered)
        raise Unreachable(problem)

    def close(self) -> None:
        """Gives the call up, and the exchange that is under way."""
        if self._call is not None:
            self._call.cancel()
            self._call = None

    async def _try(self, request: Request) -> Answer:
        try:
            call = self._open()
            await call.write(request)
            answer = await call.read()
        except AIO_CALL_ERRORS as error:
            # The answer may still come, and would be taken for that to the next request.
            self.close()
            if isinstance(error, grpc.aio.AioRpcError) and error.code() in _BROKEN and refusal_in(error) is None:
                raise _UnansweredError(f"no core answered in time ({error.code().name})") from None
            raise error_of_aio_call(error) from None
        if answer is grpc.aio.EOF:
            self.close()
            raise _UnansweredError("the core stopped")
        self._exchanges += 1
        if self._exchanges >= _MAX_EXCHANGES:
            self.close()
        return cast("Answer", answer)

    def _open(self) -> "grpc.aio.StreamStreamCall[Request, Answer]":
        # A call on which nothing is under way may end at any moment: its core stops, or has too many of them.
        if self._call is None or self._call.done():
            self._call = self._start()
            self._exchanges = 0
        return self._call


class _UnansweredError(Exception):
    """No core said yes or no; another try may help."""
