"""Moments as people type them."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from grantway.cli.moments import parse_moment

_NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        pytest.param("2026-03-01T08:00:00Z", datetime(2026, 3, 1, 8, tzinfo=UTC), id="in UTC"),
        pytest.param("2026-03-01t08:00:00z", datetime(2026, 3, 1, 8, tzinfo=UTC), id="in small letters"),
        pytest.param(
            "2026-03-01T08:00:00.250+05:30",
            datetime(2026, 3, 1, 8, 0, 0, 250_000, tzinfo=timezone(timedelta(hours=5, minutes=30))),
            id="with a fraction and an offset",
        ),
        pytest.param(
            "2026-03-01T08:00:00.123456789Z", datetime(2026, 3, 1, 8, 0, 0, 123_456, tzinfo=UTC), id="with nanoseconds"
        ),
        pytest.param("90s", _NOW - timedelta(seconds=90), id="seconds ago"),
        pytest.param("2h", _NOW - timedelta(hours=2), id="hours ago"),
        pytest.param("7d", _NOW - timedelta(days=7), id="days ago"),
        pytest.param("0s", _NOW, id="now"),
    ],
)
def test_a_moment_is_a_time_or_how_long_ago_it_was(text: str, moment: datetime) -> None:
    """RFC 3339, or a duration with its unit."""
    assert moment == parse_moment(text, now=_NOW)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param("3600", id="a bare number: seconds ago, or since 1970?"),
        pytest.param("2026-03-01", id="a date alone: whose midnight?"),
        pytest.param("2026-03-01T08:00:00", id="a time without a zone"),
        pytest.param("2026-02-30T08:00:00Z", id="no such day"),
        pytest.param("2026-03-01T08:00:00+99:00", id="no such offset"),
        pytest.param("2026-03-01T08:00:00Z\n", id="a line"),
        pytest.param("3652500d", id="before the first year"),
        pytest.param("yesterday", id="a word"),
    ],
)
def test_anything_else_is_no_moment(text: str) -> None:
    """It says how one looks."""
    with pytest.raises(
        ValueError, match=r"^must be a time like 2026-03-01T08:00:00Z, or how long ago it was, like 2h$"
    ):
        parse_moment(text, now=_NOW)
