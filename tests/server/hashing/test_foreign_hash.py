"""What holds of every stored hash, whatever its form."""

import time
from hashlib import sha256

import pytest

from grantway_server.hashing.foreign_hash import ForeignHash
from grantway_server.hashing.formats import parse

_OF_NOTHING = [
    # What django-oauth-toolkit stores of a public client; made with Django 5.2.19.
    pytest.param(
        "pbkdf2_sha256$1000$Zq3fT9bVxW1yKd7RmGhJ2c$7ZnheaJAYrL11ogjg+Upg5UGZnn3qzkaTW/kKRCbA5A=", id="Django's-PBKDF2"
    ),
    pytest.param("{SHA-256}e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", id="SHA-256"),
    pytest.param("$2a$05$CCCCCCCCCCCCCCCCCCCCC.7uG0VCzI2bS7j6ymqJi9CdcdxiRTWNy", id="bcrypt"),
]


@pytest.mark.parametrize("stored", _OF_NOTHING)
def test_the_empty_text_is_nobodys_secret(stored: str) -> None:
    """A client whose secret was left empty has none, though the hash is right."""
    parsed = parse(stored)

    assert (True, False) == (parsed.algorithm.matches(b""), parsed.matches(""))


@pytest.mark.parametrize(
    ("text", "matches"),
    [
        pytest.param("x" * 512, True, id="512-bytes"),
        pytest.param("x" * 513, False, id="513-bytes"),
        pytest.param("é" * 256, True, id="512-bytes-of-256-characters"),
        pytest.param("é" * 256 + "x", False, id="513-bytes-of-257-characters"),
    ],
)
def test_the_longest_text_has_512_bytes(text: str, matches: bool) -> None:  # noqa: FBT001 - a column of the table.
    """A longer text matches nothing, not even the hash of its beginning."""
    parsed = [parse("{SHA-256}" + sha256(data).hexdigest()) for data in (text.encode(), text.encode()[:512])]

    assert [matches, matches] == [one.matches(text) for one in parsed]


def test_half_a_surrogate_pair_is_as_wrong_as_any_text() -> None:
    """A text that UTF-8 has no bytes for is no error."""
    assert not parse("{SHA-256}" + "0" * 64).matches("\ud800")


def _work(parsed: ForeignHash, text: str) -> float:
    """Seconds of this thread's own work, which neighbours on the machine change little."""
    taken = []
    for _ in range(5):
        began = time.thread_time()
        parsed.matches(text)
        taken.append(time.thread_time() - began)
    return min(taken)


@pytest.mark.parametrize(
    "stored",
    [
        pytest.param("{SHA-256}" + "0" * 64, id="SHA-256"),
        pytest.param("pbkdf2_sha1$100000$seasalt2$aDapRanzW8aHTz97v2TcfHzWD+I=", id="PBKDF2"),
        pytest.param("$2a$08$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", id="bcrypt"),
        pytest.param(
            "$argon2id$v=19$m=8192,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc", id="Argon2"
        ),
    ],
)
@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param("x" * 73, id="more-than-bcrypt-reads"),
        pytest.param("x" * 1_000_000, id="far-too-long"),
        pytest.param("x\0y", id="with-a-NUL"),
    ],
)
def test_a_text_that_cannot_match_takes_as_long_as_one_that_might(stored: str, text: str) -> None:
    """Nobody learns from the time why a secret is wrong, nor saves the work of a hash."""
    parsed = parse(stored)

    assert 1 / 3 < _work(parsed, text) / _work(parsed, "x" * 40) < 3
