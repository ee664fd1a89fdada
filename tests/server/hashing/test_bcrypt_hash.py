"""bcrypt: what it reads of a text, what is malformed, and what it may cost."""

import pytest

from grantway_server.domain.foreign_secrets import UnsupportedHash
from grantway_server.hashing.formats import parse

_LONG = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789chars after 72 are ignored"
_OF_LONG = "$2a$05$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui"
"""From crypt_blowfish's wrapper.c, as is the text."""
_OF_128 = "bcrypt$$2b$04$zMpd16ltQOLHuGtw3dKKOuhcr9xNN8e/7Kv5.Kb2tvfcJZtwK3wk."
"""Made with Django 5.2.19 and bcrypt 4.0.1, which checks it as the table says."""
_PREHASHED_128 = "bcrypt_sha256$$2b$04$Kg6D8LwcXpV43wxrHhpCTe0InC5lWu0tf1HwkFEBeeeKOvA9XHAKS"
"""Made with Django 5.2.19."""
_128 = "0123456789" * 12 + "abcdefgh"
"""As long as django-oauth-toolkit makes client secrets."""


@pytest.mark.parametrize(
    ("stored", "text", "matches"),
    [
        pytest.param(_OF_LONG, _LONG[:72], True, id="72-bytes"),
        pytest.param(_OF_LONG, _LONG[:71], False, id="71-of-72-bytes"),
        pytest.param(_OF_LONG, _LONG[:73], False, id="a-longer-text-of-nobody-knows-whom"),
        pytest.param(_OF_LONG, _LONG, False, id="the-longer-text-itself-of-nobody-knows-whom"),
        pytest.param(f"{{bcrypt}}{_OF_LONG}", _LONG, True, id="a-longer-text-of-Spring"),
        pytest.param(f"{{bcrypt}}{_OF_LONG}", _LONG[:72] + "else", True, id="another-longer-text-of-Spring"),
        pytest.param(_OF_128, _128, True, id="a-longer-text-of-Django"),
        pytest.param(_OF_128, _128[:72] + "else", True, id="another-longer-text-of-Django"),
        pytest.param(_OF_128, _128[:71], False, id="a-shorter-text-of-Django"),
        pytest.param(_PREHASHED_128, _128, True, id="a-longer-text-hashed-before"),
        pytest.param(_PREHASHED_128, _128[:72] + "else" * 14, False, id="another-longer-text-hashed-before"),
        pytest.param(_PREHASHED_128, _128[:72], False, id="the-beginning-of-a-text-hashed-before"),
    ],
)
def test_a_long_text_matches_where_its_own_system_would_let_it(
    stored: str,
    text: str,
    matches: bool,  # noqa: FBT001 - a column of the table.
) -> None:
    """Django and Spring cut secrets off, so that longer ones go on working; elsewhere a beginning is not enough."""
    assert matches == parse(stored).matches(text)


@pytest.mark.parametrize("last", "./ABCDEFGHIJKLM")
def test_bits_of_the_salt_that_nothing_reads_make_no_difference(last: str) -> None:
    """Systems that filled them at random checked such hashes well."""
    assert parse(f"$2a$05$CCCCCCCCCCCCCCCCCCCCC{last}E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW").matches("U*U")


_SALT = "C" * 21 + "."
_DIGEST = "E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"


@pytest.mark.parametrize(
    "stored",
    [
        pytest.param(f"$2b$5${_SALT}{_DIGEST}", id="a-cost-of-one-digit"),
        pytest.param(f"$2b$03${_SALT}{_DIGEST}", id="a-cost-that-is-too-low"),
        pytest.param(f"$2b$-5${_SALT}{_DIGEST}", id="a-negative-cost"),
        pytest.param(f"$2b$\u0660\u0665${_SALT}{_DIGEST}", id="digits-beyond-ASCII"),
        pytest.param(f"$2b$05${_SALT}{_DIGEST[:-1]}", id="too-short"),
        pytest.param(f"$2b$05${_SALT}{_DIGEST}.", id="too-long"),
        pytest.param(f"$2b$05${_SALT}{_DIGEST[:-1]}X", id="bits-that-mean-nothing-in-the-digest"),
        pytest.param(f"$2b$05${_SALT}+{_DIGEST[1:]}", id="a-character-of-ordinary-base64"),
        pytest.param(f"bcrypt$2b$05${_SALT}{_DIGEST}", id="Django's-with-one-dollar"),
        pytest.param(f"bcrypt_sha256$2b$05${_SALT}{_DIGEST}", id="Django's-second-with-one-dollar"),
        pytest.param(f"bcrypt$bcrypt$$2b$05${_SALT}{_DIGEST}", id="marked-twice"),
        pytest.param(f"{{bcrypt}}{{bcrypt}}$2b$05${_SALT}{_DIGEST}", id="marked-twice-as-Spring's"),
        pytest.param("{bcrypt}", id="a-mark-and-nothing"),
    ],
)
def test_what_is_malformed_is_refused(stored: str) -> None:
    """Nothing is guessed at."""
    with pytest.raises(UnsupportedHash):
        parse(stored)


@pytest.mark.parametrize("mark", ["", "bcrypt$", "bcrypt_sha256$", "{bcrypt}"])
def test_what_would_cost_too_much_is_refused(mark: str) -> None:
    """An imported hash takes some seconds of a thread at most."""
    assert parse(f"{mark}$2b$16${_SALT}{_DIGEST}").format_name
    for cost in (17, 31, 99):
        with pytest.raises(UnsupportedHash) as refused:
            parse(f"{mark}$2b${cost}${_SALT}{_DIGEST}")
        assert str(refused.value) == (
            "secret_hash asks for more than a bcrypt cost of 16: give this client a new secret instead."
        )
