"""Moments and durations of tokens in whole seconds."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from grantway_server.domain.whole_seconds import duration_of, moment_of, seconds_in, seconds_since_epoch


@pytest.mark.parametrize(
    ("moment", "seconds"),
    [
        pytest.param(datetime(1970, 1, 1, tzinfo=UTC), 0, id="the beginning"),
        pytest.param(datetime(2026, 11, 26, 12, tzinfo=UTC), 1_795_694_400, id="a noon"),
        pytest.param(datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC), -1, id="before the beginning"),
        pytest.param(
            datetime(2026, 11, 26, 14, tzinfo=timezone(timedelta(hours=2))), 1_795_694_400, id="told elsewhere"
        ),
    ],
)
def test_a_moment_is_a_number_of_seconds_and_back(moment: datetime, seconds: int) -> None:
    """Wherever it is told, it is the same moment."""
    assert (seconds, moment) == (seconds_since_epoch(moment), moment_of(seconds))


def test_what_is_less_than_a_second_is_left_out() -> None:
    """Moments and durations are rounded down."""
    assert 5 == seconds_since_epoch(datetime(1970, 1, 1, 0, 0, 5, 999_999, tzinfo=UTC))
    assert 5 == seconds_in(timedelta(seconds=5, microseconds=999_999))


def test_a_duration_is_a_number_of_seconds_and_back() -> None:
    """Also one of a year."""
    assert (31_536_000, timedelta(days=365)) == (seconds_in(timedelta(days=365)), duration_of(31_536_000))
