"""Durations as people type them."""

import re
from datetime import timedelta

_DURATION = re.compile(r"(?P<number>[0-9]{1,9})(?P<unit>[smhd])", re.ASCII)
_BARE = re.compile(r"[0-9]{1,9}", re.ASCII)
_LONGEST = timedelta(days=3_652_500)
"""What the contract's durations can hold: 10,000 years."""

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def parse_duration(text: str) -> timedelta:
    """The duration that *text* names: a number and one of the units s, m, h, d, or 0.

    Raises:
        ValueError: It names none.
    """
    if _BARE.fullmatch(text):
        if int(text) == 0:
            return timedelta(0)
        # Who types 7 may think of days, and seconds would cut somebody off.
        msg = f"{text} what? say {text}s, {text}m, {text}h or {text}d"
        raise ValueError(msg)
    match = _DURATION.fullmatch(text)
    duration = timedelta(**{_UNITS[match["unit"]]: int(match["number"])}) if match else None
    if duration is None or duration > _LONGEST:
        msg = "must be a number with its unit (s, m, h, d), like 1h"
        raise ValueError(msg)
    return duration


def duration_words(duration: timedelta) -> str:
    """*duration* as people say it: in the largest unit of which it has at least one, cut to whole ones."""
    seconds = int(duration.total_seconds())
    for unit, length in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= length:
            return f"{seconds // length} {unit}"
    return f"{seconds} s"
