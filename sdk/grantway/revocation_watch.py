"""Follows the core's stream of revocations, and says until when it may be believed that none was missed.

A call that ends is taken up at the position that was reached, on whichever core the channel leads to. What a message
says was true when it was sent, so one that comes late must not count as fresh:
- The first message of a call was sent after the call began: it counts from then.
- A call that is silent for half of the timeout is given up, and with it what is still on its way: that waited
  somewhere, with revocations behind it. The next call leads to the next core, before the answers become useless.
"""

import asyncio
import random
from collections.abc import Callable
from contextlib import suppress
from math import inf
from typing import TYPE_CHECKING, TypeAlias

from grantway.elapsed_time import elapsed_seconds
from grantway.errors import AIO_CALL_ERRORS, Refused, error_of_aio_call
from grantway.held_answers import HeldAnswers
from grantway.v1 import error_reason_pb2
from grantway.v1 import token_service_pb2 as pb

if TYPE_CHECKING:
    import grpc

_MIN_PAUSE_SECONDS = 0.05
_MAX_PAUSE_SECONDS = 1.0

Call: TypeAlias = "grpc.aio.UnaryStreamCall[pb.WatchRevocationsRequest, pb.WatchRevocationsResponse]"
StartCall = Callable[[pb.WatchRevocationsRequest], Call]


class RevocationWatch:
    """Drops from *answers* what is revoked.

    Args:
        start: Starts a call of WatchRevocations.
        answers: What is held.
        timeout_seconds: How long after the last message it is believed that none was missed.

    Attributes:
        believed_until: When that ends, on the clock of `elapsed_time`; in the past while there is no stream.
        vouched_at: Up to when the last message vouched for what is held.
    """

    def __init__(self, start: StartCall, answers: HeldAnswers, *, timeout_seconds: float) -> None:
        self._start = start
        self._answers = answers
        self._timeout_seconds = timeout_seconds
        self._patience_seconds = timeout_seconds / 2
        self._position = b""
        self._task: asyncio.Task[None] | None = None
        self.believed_until = -inf
        self.vouched_at = -inf

    def open(self) -> None:
        """Begins, on the running loop."""
        self._task = asyncio.get_running_loop().create_task(self._follow(), name="grantway: watch revocations")

    async def close(self) -> None:
        """Ends; nothing is believed any more."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await asyncio.wait([self._task])
        self.believed_until = -inf

    async def _follow(self) -> None:
        pause_seconds = 0.0
        while True:
            began_at = elapsed_seconds()
            if await self._follow_one_call() and elapsed_seconds() - began_at > _MAX_PAUSE_SECONDS:
                # It worked: another core can do what this one ends to do.
                pause_seconds = 0.0
            else:
                pause_seconds = min(max(2 * pause_seconds, _MIN_PAUSE_SECONDS), _MAX_PAUSE_SECONDS)
            # Subscribers of a core that stops do not all call the next one at the same moment.
            await asyncio.sleep(pause_seconds * random.uniform(0.5, 1))  # noqa: S311 - nothing secret.

    async def _follow_one_call(self) -> bool:
        """Follows one call to its end: whether a message came."""
        heard_at = elapsed_seconds()
        heard = False
        call = None
        try:
            call = self._start(pb.WatchRevocationsRequest(position=self._position))
            while True:
                async with asyncio.timeout(self._patience_seconds):
                    message = await call.read()
                if not isinstance(message, pb.WatchRevocationsResponse):
                    self.believed_until = -inf
                    return heard
                now = elapsed_seconds()
                if now - heard_at > self._patience_seconds:
                    return heard  # The machine was suspended, and the loop's clock with it.
                self._take(message, vouched_at=now if heard else heard_at)
                heard, heard_at = True, now
        except TimeoutError:
            return heard
        except AIO_CALL_ERRORS as error:
            self.believed_until = -inf
            reason = error_of_aio_call(error)
            if isinstance(reason, asyncio.CancelledError):
                raise
            if isinstance(reason, Refused) and reason.reason == error_reason_pb2.ERROR_REASON_INVALID_REQUEST:
                # This is another service than the one that gave the position.
                self._position = b""
                self._answers.hold_nothing()
            return heard
        finally:
            if call is not None:
                call.cancel()

    def _take(self, message: pb.WatchRevocationsResponse, *, vouched_at: float) -> None:
        if message.gap or not self._position:
            self._answers.forget()
        for revocation in message.revocations:
            self._answers.revoke(revocation)
        self._position = message.position
        if message.more:
            return  # Something that is held may be revoked by the next message.
        self.vouched_at = vouched_at
        self.believed_until = vouched_at + self._timeout_seconds
