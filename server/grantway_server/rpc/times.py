"""Durations and moments in requests, which may be absent, or none at all."""

from datetime import UTC, datetime, timedelta
from typing import Any

from grantway_server.domain.refusals import invalid_request


def optional_duration(message: Any, field: str) -> timedelta | None:  # noqa: ANN401 - any message with this field.
    """A duration; None when it is absent.

    Raises:
        Refusal: INVALID_REQUEST.
    """
    if not message.HasField(field):
        return None
    duration = getattr(message, field)
    if duration.nanos:
        raise invalid_request(f"{field} must be whole seconds.")
    try:
        return timedelta(seconds=duration.seconds)
    except OverflowError:
        raise invalid_request(f"{field} is out of range.") from None


def optional_moment(message: Any, field: str) -> datetime | None:  # noqa: ANN401 - any message with this field.
    """A moment; None when it is absent.

    Raises:
        Refusal: INVALID_REQUEST.
    """
    if not message.HasField(field):
        return None
    try:
        moment: datetime = getattr(message, field).ToDatetime(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise invalid_request(f"{field} is out of range.") from None
    return moment
