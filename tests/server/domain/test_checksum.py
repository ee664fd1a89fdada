"""The checksum at the end of tokens and secrets."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grantway_server.domain.checksum import LENGTH, checksum, has_valid_checksum, with_checksum

_ALPHABET = string.ascii_letters + string.digits + "_-"
_TEXTS = st.text(_ALPHABET, min_size=1, max_size=100)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("123456789", "cbf43926", id="the-check-value-that-every-CRC-32-is-published-with"),
        pytest.param("", "00000000", id="nothing"),
        pytest.param("a", "e8b7be43", id="one-letter"),
        pytest.param("client_oa2_live_" + "0" * 37 + "11b", "007e942a", id="leading-zeros-are-kept"),
    ],
)
def test_the_checksum_is_crc_32(text: str, expected: str) -> None:
    """The checksum is CRC-32 as 8 lower-case hex digits, so that any secret scanner can compute it."""
    assert expected == checksum(text)


@given(_TEXTS)
def test_a_text_with_its_checksum_is_valid(text: str) -> None:
    """What `with_checksum` makes is the text, 8 more characters, and valid."""
    checked = with_checksum(text)

    assert (text, LENGTH, True) == (checked[:-LENGTH], len(checked) - len(text), has_valid_checksum(checked))


@given(_TEXTS, st.data())
def test_any_single_typo_is_noticed(text: str, data: st.DataObject) -> None:
    """CRC-32 notices every change of one character, also one in the checksum itself."""
    checked = with_checksum(text)
    place = data.draw(st.integers(0, len(checked) - 1))
    typo = data.draw(st.sampled_from(_ALPHABET).filter(lambda character: character != checked[place]))

    assert not has_valid_checksum(checked[:place] + typo + checked[place + 1 :])


@given(_TEXTS)
def test_a_truncated_text_is_noticed(text: str) -> None:
    """A text that lost its last character is not valid."""
    truncated = with_checksum(text)[:-1]

    # One chance in 2^32 for each; a text that takes it would be a find.
    assert not has_valid_checksum(truncated)


@pytest.mark.parametrize("text", [pytest.param("", id="nothing"), pytest.param("e8b7be4", id="seven-characters")])
def test_a_text_too_short_for_a_checksum_is_not_valid(text: str) -> None:
    """Fewer than 8 characters hold no checksum."""
    assert not has_valid_checksum(text)
