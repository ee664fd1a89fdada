"""Durations as people type them."""

from datetime import timedelta

import pytest

from grantway.cli.durations import parse_duration


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        pytest.param("3600", timedelta(hours=1), id="a number is seconds"),
        pytest.param("90s", timedelta(seconds=90), id="s is seconds"),
        pytest.param("45m", timedelta(minutes=45), id="m is minutes"),
        pytest.param("1h", timedelta(hours=1), id="h is hours"),
        pytest.param("7d", timedelta(days=7), id="d is days"),
        pytest.param("0", timedelta(0), id="nothing is the core's to refuse"),
    ],
)
def test_a_duration_is_a_number_and_a_unit(text: str, duration: timedelta) -> None:
    """The unit may be left out."""
    assert duration == parse_duration(text)


@pytest.mark.parametrize("text", ["", "h", "1 h", "-1", "1.5h", "1H", "1h30m", "\u0661h", "1" * 10, "1h\n"])
def test_anything_else_is_no_duration(text: str) -> None:
    """It says how one looks."""
    with pytest.raises(ValueError, match=r"like 1h$"):
        parse_duration(text)
