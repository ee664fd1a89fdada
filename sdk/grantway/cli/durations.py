"""Durations as people type them."""

import re
from datetime import timedelta

_DURATION = re.compile(r"(?P<number>[0-9]{1,9})(?P<unit>[smhd]?)", re.ASCII)
_UNITS = {"": "seconds", "s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def parse_duration(text: str) -> timedelta:
    """The duration that *text* names: a number of seconds, or a number and one of the units s, m, h, d.

    Raises:
        ValueError: It names none.
    """
    match = _DURATION.fullmatch(text)
    if match is None:
        msg = "must be a number of seconds like 3600, or a number with a unit (s, m, h, d) like 1h"
        raise ValueError(msg)
    return timedelta(**{_UNITS[match["unit"]]: int(match["number"])})
