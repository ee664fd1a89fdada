"""Time for a store on a machine that is at work on other things, where the test is not about how long it takes."""

import asyncio

from grantway_server.domain.ports import StorageUnavailable
from grantway_server.storage.redis_connection import RedisConnections

PATIENT_SECONDS = 4


async def until_answered(connections: RedisConnections) -> None:
    """Waits for one of *connections*, whose own deadline is short, to be open: a test begins on it, stalled or not."""
    async with asyncio.timeout(PATIENT_SECONDS):
        while True:
            try:
                await connections.execute("PING", repeatable=True)
            except StorageUnavailable:
                await asyncio.sleep(0.01)
            else:
                return
