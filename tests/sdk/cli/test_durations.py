"""Durations as people type them."""

from datetime import timedelta

import pytest

from grantway.cli.durations import duration_words, parse_duration


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        pytest.param("90s", timedelta(seconds=90), id="s is seconds"),
        pytest.param("45m", timedelta(minutes=45), id="m is minutes"),
        pytest.param("1h", timedelta(hours=1), id="h is hours"),
        pytest.param("7d", timedelta(days=7), id="d is days"),
        pytest.param("0", timedelta(0), id="nothing is the core's to refuse"),
    ],
)
def test_a_duration_is_a_number_and_a_unit(text: str, duration: timedelta) -> None:
    """Nothing needs no unit."""
    assert duration == parse_duration(text)


@pytest.mark.parametrize("text", ["", "h", "1 h", "-1", "1.5h", "1H", "1h30m", "\u0661h", "1" * 10, "1h\n", "9999999d"])
def test_anything_else_is_no_duration(text: str) -> None:
    """It says how one looks."""
    with pytest.raises(ValueError, match=r"like 1h$"):
        parse_duration(text)


@pytest.mark.parametrize("number", ["7", "007", "999999999"])
def test_a_bare_number_is_asked_what_it_counts(number: str) -> None:
    """Seconds to one, days to another."""
    with pytest.raises(ValueError, match=rf"^{number} what\? say {number}s, {number}m, {number}h or {number}d$"):
        parse_duration(number)


@pytest.mark.parametrize(
    ("duration", "words"),
    [
        pytest.param(timedelta(0), "0 s", id="nothing"),
        pytest.param(timedelta(seconds=59, milliseconds=900), "59 s", id="seconds"),
        pytest.param(timedelta(minutes=1), "1 min", id="a minute"),
        pytest.param(timedelta(minutes=119), "1 h", id="an hour and most of another"),
        pytest.param(timedelta(days=3, hours=23), "3 d", id="days"),
        pytest.param(timedelta(days=400), "400 d", id="more than a year"),
    ],
)
def test_a_duration_is_said_in_one_unit(duration: timedelta, words: str) -> None:
    """The largest that fits, cut to whole ones."""
    assert words == duration_words(duration)
