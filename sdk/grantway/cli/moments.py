"""Moments as people type and read them."""

import re
from datetime import UTC, datetime

from google.protobuf.timestamp_pb2 import Timestamp

from grantway.cli.durations import parse_duration
from grantway.cli.output import date

_RFC_3339 = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?(?:[Zz]|[+-][0-9]{2}:[0-9]{2})",
    re.ASCII,
)
_AGO = re.compile(r"[0-9]+[smhd]", re.ASCII)
"""With a unit: a bare number might be meant as a moment, in seconds since 1970."""


def parse_moment(text: str, *, now: datetime) -> datetime:
    """The moment that *text* names: by RFC 3339, or by how long before *now* it was (a duration with its unit).

    Raises:
        ValueError: It names none.
    """
    try:
        if _RFC_3339.fullmatch(text):
            return datetime.fromisoformat(text.upper())
        if _AGO.fullmatch(text):
            return now - parse_duration(text)
    except (ValueError, OverflowError):
        pass  # No such date, or one before the first.
    msg = "must be a time like 2026-03-01T08:00:00Z, or how long ago it was, like 2h"
    raise ValueError(msg)


def moment_words(moment: Timestamp) -> str:
    """*moment* as people read it."""
    return date(moment.ToDatetime(UTC))
