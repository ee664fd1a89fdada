"""Refusals as values that can be compared: an exception equals only itself."""

import re
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from grantway_server.domain.refusals import Reason, Refusal

Said = tuple[Reason, str, timedelta | None]
"""All that a caller is told of a refusal."""

# RFC 6749 section 5.2: error_description holds nothing else.
_DESCRIPTION = re.compile(r"[\x20-\x21\x23-\x5b\x5d-\x7e]+")

INVALID_CLIENT: Said = (
    Reason.INVALID_CLIENT,
    "Client authentication failed: check the client id and the client secret.",
    None,
)


def said(refusal: Refusal) -> Said:
    """What *refusal* tells; no description may hold what RFC 6749 section 5.2 forbids."""
    assert _DESCRIPTION.fullmatch(refusal.description), refusal.description
    return refusal.reason, refusal.description, refusal.retry_after


async def outcome_of(answer: Awaitable[object]) -> object:
    """What a use case answers; a refusal as what it says."""
    try:
        return await answer
    except Refusal as refusal:
        return said(refusal)


def refusal_by(function: Callable[[], object]) -> Said:
    """What the refusal that *function* raises tells."""
    with pytest.raises(Refusal) as caught:
        function()
    return said(caught.value)
