"""One call to a core that stays open and carries one exchange after the other.

The set-up of a call costs more than a small batch does. An open call leads to one core, so it is given up after some
exchanges: the next one goes to the next core, and all of them get their share.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Generic, TypeVar, cast

import grpc

from grantway.errors import Unreachable, error_of_call, refusal_in

Request = TypeVar("Request")
Answer = TypeVar("Answer")

_BROKEN = frozenset({grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED, grpc.StatusCode.INTERNAL})
"""How gRPC tells of a connection that is lost, cut off or reset, unless it is the core that says so."""

_MAX_EXCHANGES = 64
"""A call costs as much as three exchanges: one in 64 is not felt, and cores are balanced within a moment."""

_PAUSES_SECONDS = (0.0, 0.01, 0.03)
"""Before each try. A core that stops or is gone leaves the request undone; the next try leads to another."""


class OpenCall(Generic[Request, Answer]):
    """Exchanges with the core, one at a time, over calls that *start* starts.

    Args:
        start: Starts a call.
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
        unreachable = Unreachable("no core answered in time (DEADLINE_EXCEEDED)")
        with suppress(TimeoutError):
            async with asyncio.timeout(self._timeout_seconds):
                for pause_seconds in _PAUSES_SECONDS:
                    if pause_seconds:
                        await asyncio.sleep(pause_seconds)
                    answer = await self._try(request)
                    if not isinstance(answer, Unreachable):
                        return answer
                    unreachable = answer
        raise unreachable

    def close(self) -> None:
        """Gives the call up, and the exchange that is under way."""
        if self._call is not None:
            self._give_up(self._call)

    async def _try(self, request: Request) -> Answer | Unreachable:
        """The answer; returns `Unreachable` where another try may help, and raises it where none will."""
        try:
            call = self._call = self._call or self._start()
        except grpc.aio.UsageError:
            raise Unreachable("the client was closed") from None
        try:
            await call.write(request)
            answer = await call.read()
        except asyncio.InvalidStateError:  # It had ended before.
            answer = grpc.aio.EOF
        except grpc.aio.AioRpcError as error:
            self._give_up(call)
            if error.code() in _BROKEN and refusal_in(error) is None:
                return Unreachable(f"no core answered in time ({error.code().name})")
            raise error_of_call(error) from None
        except asyncio.CancelledError:
            # The answer may still come, and would be taken for that to the next request.
            self._give_up(call)
            if (caller := asyncio.current_task()) and caller.cancelling():
                raise
            # It was the channel that was closed, which cancels its calls.
            raise Unreachable("the client was closed") from None
        if answer is grpc.aio.EOF:
            self._give_up(call)
            return Unreachable("the core stopped")
        self._exchanges += 1
        if self._exchanges >= _MAX_EXCHANGES:
            self._give_up(call)
        return cast("Answer", answer)

    def _give_up(self, call: "grpc.aio.StreamStreamCall[Request, Answer]") -> None:
        call.cancel()
        self._call = None
        self._exchanges = 0
