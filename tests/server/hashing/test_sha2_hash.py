"""One round of SHA-2: what is malformed."""

from hashlib import sha256, sha512

import pytest

from grantway_server.domain.foreign_secrets import UnsupportedHash
from grantway_server.hashing.formats import parse

_HEX = "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b"
_BASE64 = "K7gNU3sdo+OL0wNhqoVWhr3g6s1xYv72ol/pe/Unols="


@pytest.mark.parametrize(
    "stored",
    [
        pytest.param("{SHA-256}", id="a-mark-and-nothing"),
        pytest.param("{SHA-256}{salt}", id="a-salt-and-nothing"),
        pytest.param(f"{{SHA-512}}{_HEX}", id="of-SHA-256-marked-as-SHA-512"),
        pytest.param(f"{{SHA-256}}{_HEX}{_HEX}", id="of-SHA-512-marked-as-SHA-256"),
        pytest.param(f"{{SHA-256}}{_HEX[:-1]}g", id="a-letter-that-is-no-digit"),
        pytest.param(f"{{SHA-256}}0x{_HEX[2:]}", id="marked-as-hex"),
        pytest.param(f"{{SHA-256}}{_BASE64[:-1]}", id="base64-without-padding"),
        pytest.param(f"{{SHA-256}}{_BASE64.replace('+', '-').replace('/', '_')}", id="base64url"),
        pytest.param("{SHA-256}MmJiODBkNTM3YjFkYTNlMzhiZDMwMzYxYWE4NTU2ODZiZGUwZWFjZA==", id="base64-of-hex"),
        pytest.param(f"{{SHA-256}}{{salt{_HEX}", id="a-brace-that-is-not-closed"),
        pytest.param(f"{{SHA-256}}{{sa}}lt}}{_HEX}", id="a-brace-in-the-salt"),
        pytest.param(f"{{SHA-256}}{{SHA-256}}{{salt}}{_HEX}", id="marked-twice"),
        pytest.param(f"{{SSHA256}}{_BASE64}", id="salted-without-a-salt"),
        pytest.param(f"{{SSHA512}}{_BASE64}", id="salted-and-too-short"),
        pytest.param(f"{{SSHA256}}{{salt}}{_BASE64}", id="two-ways-of-salting"),
    ],
)
def test_what_is_malformed_is_refused(stored: str) -> None:
    """Nothing is guessed at."""
    with pytest.raises(UnsupportedHash):
        parse(stored)


@pytest.mark.parametrize(
    ("stored", "text", "matches"),
    [
        pytest.param(f"{{SHA-256}}{{x}}{_HEX}", "secret", False, id="a-salt-counts"),
        pytest.param(f"{{SHA-256}}{{}}{_HEX}", "secret", False, id="so-does-an-empty-one"),
        pytest.param("{SHA-256}{}" + sha256(b"secret{}").hexdigest(), "secret", True, id="by-its-braces"),
        pytest.param("{SHA-512}{x}" + sha512(b"secret{x}").hexdigest(), "secret", True, id="behind-the-text"),
        pytest.param(f"{{SHA256}}{_HEX}", "secret", True, id="hex-with-LDAPs-mark"),
        pytest.param(f"{{SHA-256}}{_HEX[:32]}{_HEX[32:].upper()}", "secret", True, id="hex-in-both-cases"),
    ],
)
def test_a_digest_is_of_text_and_salt(stored: str, text: str, matches: bool) -> None:  # noqa: FBT001 - a column of the table.
    """Neither the mark nor the case of the digits makes a difference; the salt does."""
    assert matches == parse(stored).matches(text)
