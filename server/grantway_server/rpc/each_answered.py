"""A batch in which one item cannot be answered: the others are answered all the same."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

import structlog

from grantway_server.domain.ports import ClientsKeepChanging, UnreadableRecord
from grantway_server.domain.refusals import Refusal
from grantway_server.rpc.status import refusal_of

_log = structlog.get_logger()

_AT_ONCE = 8
"""Half of the connections to the store: whoever waits for one has as much less time for its answer."""

Item = TypeVar("Item")
Outcome = TypeVar("Outcome")


async def each_answered(
    use_case: Callable[[Sequence[Item]], Awaitable[Sequence[Outcome]]], items: Sequence[Item]
) -> Sequence[Outcome | Refusal]:
    """What *use_case* makes of *items*, together if it can be.

    An item that meets an unreadable record is INTERNAL, one of a client that is changed all the time is
    STORAGE_UNAVAILABLE. The use case has changed nothing when it raises either, so that it may be tried again for each
    alone.
    """
    try:
        return await use_case(items)
    except (UnreadableRecord, ClientsKeepChanging):
        return await _some_at_once(use_case, items)


async def _some_at_once(
    use_case: Callable[[Sequence[Item]], Awaitable[Sequence[Outcome]]], items: Sequence[Item]
) -> Sequence[Outcome | Refusal]:
    """One after the other, a large batch would take longer than its caller waits."""
    outcomes: list[Outcome | Refusal] = []
    for start in range(0, len(items), _AT_ONCE):
        some = (_alone(use_case, item) for item in items[start : start + _AT_ONCE])
        # All of them come to an end: what is under way when one fails is nobody's afterwards.
        for found in await asyncio.gather(*some, return_exceptions=True):
            if isinstance(found, BaseException):
                raise found
            outcomes += found
    return outcomes


async def _alone(
    use_case: Callable[[Sequence[Item]], Awaitable[Sequence[Outcome]]], item: Item
) -> Sequence[Outcome | Refusal]:
    try:
        return await use_case([item])
    except ClientsKeepChanging as error:
        return [refusal_of(error)]  # The log has every change, and who makes them.
    except UnreadableRecord as error:
        refusal = refusal_of(error)
        _log.error("record unreadable", request_id=refusal.request_id, exc_info=error)
        return [refusal]
