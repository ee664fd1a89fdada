"""A channel to the core."""

import asyncio

from grantway.channel import open_channel


async def test_opening_a_channel_calls_nobody() -> None:
    """A channel to nowhere opens and closes; only a call would notice."""
    channel = open_channel("127.0.0.1:1")

    await asyncio.wait_for(channel.close(), timeout=5)
