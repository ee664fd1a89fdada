"""What the watch does when something happens that nobody expected; all else is in test_token_verifier.py."""

import asyncio
import logging
from typing import TYPE_CHECKING

import pytest

from grantway.channel import open_channel
from grantway.elapsed_time import elapsed_seconds
from grantway.held_answers import HeldAnswers
from grantway.revocation_watch import RevocationWatch
from grantway.v1 import token_service_pb2 as pb
from grantway.v1 import token_service_pb2_grpc
from tests.sdk.told_core import told_core

if TYPE_CHECKING:
    from grantway.revocation_watch import Call


async def test_an_unexpected_error_is_logged_once_and_the_watch_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    """Without a watch every check would ask the core for ever, and nobody would know why."""
    errors = [RuntimeError("attached to a different loop"), RuntimeError("attached to a different loop")]
    async with told_core() as core, open_channel(core.address) as channel:
        stub: token_service_pb2_grpc.TokenServiceAsyncStub = token_service_pb2_grpc.TokenServiceStub(channel)

        def start(request: pb.WatchRevocationsRequest) -> "Call":
            if errors:
                raise errors.pop()
            return stub.WatchRevocations(request)

        watch = RevocationWatch(start, HeldAnswers(10, told=False), timeout_seconds=2)
        with caplog.at_level(logging.ERROR, "grantway"):
            watch.open()
            async with asyncio.timeout(5):
                while watch.believed_until < elapsed_seconds():  # noqa: ASYNC110 - there is no event for it.
                    await asyncio.sleep(0.01)
        await watch.close()

    assert ["revocations cannot be followed, so that every check asks the core"] == caplog.messages
