"""Waiting for a call to arrive where a test wants it."""

import asyncio
from typing import Any


async def arrived(entered: asyncio.Event, *callers: "asyncio.Future[Any]") -> None:
    """Waits until one of *callers* has got so far that *entered* is set.

    A caller that ends before will never get there: it fails the test at once, with its own error where it has one.
    """
    entering = asyncio.ensure_future(entered.wait())
    try:
        await asyncio.wait([entering, *callers], return_when=asyncio.FIRST_COMPLETED)
        if not entered.is_set():
            raise AssertionError(f"ended before it arrived: {[one.result() for one in callers if one.done()]}")
    finally:
        entering.cancel()
