"""Moments as numbers, as records hold them."""

from datetime import datetime, timedelta

from grantway_server.domain.whole_seconds import EPOCH

_MICROSECOND = timedelta(microseconds=1)


def microseconds(moment: datetime | None) -> int:
    """Microseconds since 1970-01-01T00:00:00Z; 0 for None."""
    return 0 if moment is None else (moment - EPOCH) // _MICROSECOND


def moment(microseconds: int) -> datetime:
    """The moment so many microseconds after 1970-01-01T00:00:00Z."""
    return EPOCH + microseconds * _MICROSECOND


def microseconds_or_none(moment: datetime | None) -> int | None:
    """The same; None for None, where a caller names the moment and may name that one."""
    return None if moment is None else microseconds(moment)


def moment_or_none(microseconds: int) -> datetime | None:
    """The same; None for 0."""
    return moment(microseconds) if microseconds else None
