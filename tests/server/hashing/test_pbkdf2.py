"""PBKDF2 as Django and Hydra store it: what is malformed, and what it may cost."""

from base64 import b64encode

import pytest

from grantway_server.domain.foreign_secrets import UnsupportedHash
from grantway_server.hashing.formats import parse

_20_BYTES = b64encode(bytes(20)).decode()
_32_BYTES = b64encode(bytes(32)).decode()
_32_BYTES_RAW = _32_BYTES.rstrip("=")
_64_BYTES_RAW = b64encode(bytes(64)).decode().rstrip("=")


@pytest.mark.parametrize(
    "stored",
    [
        pytest.param(f"pbkdf2_sha256$0$salt${_32_BYTES}", id="no-iterations"),
        pytest.param(f"pbkdf2_sha256$-1$salt${_32_BYTES}", id="fewer-than-none"),
        pytest.param(f"pbkdf2_sha256$01$salt${_32_BYTES}", id="a-zero-in-front"),
        pytest.param(f"pbkdf2_sha256$1_000$salt${_32_BYTES}", id="an-underscore-in-the-number"),
        pytest.param(f"pbkdf2_sha256$\u0661$salt${_32_BYTES}", id="a-digit-beyond-ASCII"),
        pytest.param(f"pbkdf2_sha256$$salt${_32_BYTES}", id="iterations-left-out"),
        pytest.param(f"pbkdf2_sha256$1$${_32_BYTES}", id="without-a-salt"),
        pytest.param(f"pbkdf2_sha256$1$sa$lt${_32_BYTES}", id="a-dollar-in-the-salt"),
        pytest.param("pbkdf2_sha256$1$salt$", id="without-a-digest"),
        pytest.param(f"pbkdf2_sha256$1$salt${_20_BYTES}", id="a-digest-of-SHA-1"),
        pytest.param(f"pbkdf2_sha1$1$salt${_32_BYTES}", id="a-digest-of-SHA-256"),
        pytest.param(f"pbkdf2_sha256$1$salt${_32_BYTES_RAW}", id="without-padding"),
        pytest.param(f"pbkdf2_sha256$1$salt${_32_BYTES[:-2]}B=", id="bits-that-mean-nothing"),
        pytest.param("pbkdf2_sha256$1$salt$" + "00" * 32, id="in-hex"),
        pytest.param(f"$pbkdf2-sha256$l=32,i=1$c2FsdA${_32_BYTES_RAW}", id="Hydra's-options-in-another-order"),
        pytest.param(f"$pbkdf2-sha256$i=1$c2FsdA${_32_BYTES_RAW}", id="Hydra's-without-the-length"),
        pytest.param(f"$pbkdf2-sha256$I=1,l=32$c2FsdA${_32_BYTES_RAW}", id="Hydra's-in-capitals"),
        pytest.param(f"$pbkdf2-sha256$i=1,l=31$c2FsdA${_32_BYTES_RAW}", id="Hydra's-of-another-length"),
        pytest.param(f"$pbkdf2-sha256$i=1,l=32$c2FsdA==${_32_BYTES_RAW}", id="Hydra's-with-a-padded-salt"),
        pytest.param(f"$pbkdf2-sha256$i=1,l=32$c2FsdA${_32_BYTES}", id="Hydra's-with-a-padded-digest"),
        pytest.param(f"$pbkdf2-sha256$i=1,l=32$c2FsdB${_32_BYTES_RAW}", id="Hydra's-with-bits-that-mean-nothing"),
        pytest.param(f"$pbkdf2-sha256$i=1,l=32$${_32_BYTES_RAW}", id="Hydra's-without-a-salt"),
        pytest.param("$pbkdf2-sha256$i=1,l=15$c2FsdA$AAAAAAAAAAAAAAAAAAAA", id="Hydra's-too-short-to-be-safe"),
        pytest.param(f"$pbkdf2-sha256$29000$c2FsdA${_32_BYTES_RAW}", id="Passlib's"),
    ],
)
def test_what_is_malformed_is_refused(stored: str) -> None:
    """Nothing is guessed at."""
    with pytest.raises(UnsupportedHash):
        parse(stored)


@pytest.mark.parametrize(
    ("stored", "allowed"),
    [
        pytest.param(f"pbkdf2_sha256$10000000$salt${_32_BYTES}", True, id="ten-million-iterations"),
        pytest.param(f"pbkdf2_sha256$10000001$salt${_32_BYTES}", False, id="one-more"),
        pytest.param(f"pbkdf2_sha256$999999999999$salt${_32_BYTES}", False, id="a-day-of-them"),
        pytest.param(f"pbkdf2_sha1$10000001$salt${_20_BYTES}", False, id="one-more-with-SHA-1"),
        pytest.param(f"$pbkdf2-sha256$i=10000000,l=32$c2FsdA${_32_BYTES_RAW}", True, id="ten-million-of-Hydra"),
        pytest.param(f"$pbkdf2-sha256$i=10000001,l=32$c2FsdA${_32_BYTES_RAW}", False, id="one-more-of-Hydra"),
        pytest.param(f"$pbkdf2-sha256$i=5000000,l=64$c2FsdA${_64_BYTES_RAW}", True, id="half-of-them-twice"),
        pytest.param(f"$pbkdf2-sha256$i=5000001,l=64$c2FsdA${_64_BYTES_RAW}", False, id="one-more-than-half-twice"),
        pytest.param(f"$pbkdf2-sha512$i=10000000,l=64$c2FsdA${_64_BYTES_RAW}", True, id="ten-million-in-one-block"),
    ],
)
def test_what_would_cost_too_much_is_refused(stored: str, allowed: bool) -> None:  # noqa: FBT001 - a column of the table.
    """An imported hash takes some seconds of a thread at most."""
    if allowed:
        assert parse(stored).format_name
        return
    with pytest.raises(UnsupportedHash) as refused:
        parse(stored)
    assert str(refused.value) == (
        "secret_hash asks for more than 10000000 iterations of PBKDF2: give this client a new secret instead."
    )
