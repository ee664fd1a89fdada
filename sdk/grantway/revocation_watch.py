"""Follows the core's stream of revocations, and says until when it may be believed that none was missed.

A call that ends is taken up at the position that was reached, on whichever core the channel leads to. What a message
says was true when the core asked its store, and it may have waited since, in front of a loop that has other work, with
revocations behind it. So when it is read counts for nothing:
- A message vouches up to the beginning of its call, by the clock of this process, and as much longer as the core
  counted from when the call had reached it. That is too early by the time that the call took to get there, never too
  late. From a core that does not count, all messages vouch up to the beginning of the call.
- A call whose messages are older than half of the timeout when they are read is given up, and with it what waits: the
  next one begins with all of that in one message. So is one that is silent for as long: the next one leads to the
  next core.
- A call is renewed now and then, for the two clocks drift apart.
"""

import asyncio
import logging
import random
from collections.abc import Callable
from contextlib import suppress
from math import inf
from typing import TYPE_CHECKING, TypeAlias

from grantway.elapsed_time import elapsed_seconds
from grantway.errors import Refused
from grantway.held_answers import HeldAnswers
from grantway.v1 import error_reason_pb2
from grantway.v1 import token_service_pb2 as pb
from grantway.wire_errors import AIO_CALL_ERRORS, error_of_aio_call

if TYPE_CHECKING:
    import grpc

_log = logging.getLogger("grantway")

_MIN_PAUSE_SECONDS = 0.05
_MAX_PAUSE_SECONDS = 1.0
_RENEWED_AFTER_SECONDS = 300
"""Clocks that are kept right by NTP run at rates that differ by a thousandth at the very most: 0.3 s in that time."""

Call: TypeAlias = "grpc.aio.UnaryStreamCall[pb.WatchRevocationsRequest, pb.WatchRevocationsResponse]"
StartCall = Callable[[pb.WatchRevocationsRequest], Call]


class RevocationWatch:
    """Drops from *answers* what is revoked.

    Args:
        start: Starts a call of WatchRevocations.
        answers: What is held.
        timeout_seconds: How long after the moment up to which a message vouched it is believed that none was missed.

    Attributes:
        believed_until: When that ends, on the clock of `elapsed_time`; in the past while there is no stream.
        vouched_at: Up to when the messages so far vouch for what is held.
    """

    def __init__(self, start: StartCall, answers: HeldAnswers, *, timeout_seconds: float) -> None:
        self._start = start
        self._answers = answers
        self._timeout_seconds = timeout_seconds
        self._patience_seconds = timeout_seconds / 2
        self._position = b""
        self._task: asyncio.Task[None] | None = None
        self._problem = ""
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
            if await self._follow_undeterred() and elapsed_seconds() - began_at > _MAX_PAUSE_SECONDS:
                # It worked: another core can do what this one ends to do.
                pause_seconds = 0.0
            else:
                pause_seconds = min(max(2 * pause_seconds, _MIN_PAUSE_SECONDS), _MAX_PAUSE_SECONDS)
            # Subscribers of a core that stops do not all call the next one at the same moment.
            await asyncio.sleep(pause_seconds * random.uniform(0.5, 1))  # noqa: S311 - nothing secret.

    async def _follow_undeterred(self) -> bool:
        """Follows one call, and goes on after what nobody expected: without a watch every check would ask, for ever."""
        try:
            return await self._follow_one_call()
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told here, and nobody waits for this task.
            self.believed_until = -inf
            # Once, and not each second.
            if (problem := repr(error)) != self._problem:
                self._problem = problem
                _log.exception("revocations cannot be followed, so that every check asks the core")
            return False

    async def _follow_one_call(self) -> bool:
        """Follows one call to its end: whether a message came."""
        began_at = elapsed_seconds()
        # Not all that were started together at once.
        renewed_at = began_at + _RENEWED_AFTER_SECONDS * random.uniform(0.5, 1)  # noqa: S311 - nothing secret.
        heard = False
        call = None
        try:
            call = self._start(pb.WatchRevocationsRequest(position=self._position))
            while elapsed_seconds() < renewed_at:
                async with asyncio.timeout(self._patience_seconds):
                    message = await call.read()
                if not isinstance(message, pb.WatchRevocationsResponse):
                    self.believed_until = -inf
                    return heard
                vouched_at = began_at + message.elapsed.ToNanoseconds() / 1e9
                self._take(message, vouched_at=vouched_at)
                # Not the first one: it is as young as it can be. Nor one with more behind it: that is only slow.
                if heard and not message.more and elapsed_seconds() - vouched_at > self._patience_seconds:
                    return True
                self._problem = ""
                heard = True
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
        else:
            return True
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
        # Of two calls the later one may begin where the earlier one ended, and vouch for less.
        self.vouched_at = min(max(self.vouched_at, vouched_at), elapsed_seconds())
        self.believed_until = self.vouched_at + self._timeout_seconds
