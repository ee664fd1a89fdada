"""How leaked tokens and secrets are found: the document, the command line and the core say the same."""

import re
from base64 import b64encode
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import cast
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grantway.access_token import PATTERN
from grantway.cli.leak_detection import CLIENT_SECRET, credentials_in
from grantway_server.domain.client_secrets import SecretFormat
from grantway_server.domain.environment import Environment
from grantway_server.domain.tokens import TokenFormat

_DOCUMENT = (Path(__file__).parents[3] / "docs/leak-detection.md").read_text()
_VECTORS = re.findall(r"^\| `(\S+)` \| (an access token|a client secret|neither)", _DOCUMENT, re.MULTILINE)
_TOKEN = _VECTORS[0][0]
_SECRET = _VECTORS[2][0]


def _documented_leaks() -> Callable[[str], list[str]]:
    """The function of the document's example."""
    (example,) = re.findall(r"^```python\n(.*?)^```$", _DOCUMENT, re.MULTILINE | re.DOTALL)
    names: dict[str, object] = {}
    exec(example, names)  # noqa: S102 - the example is ours.
    return cast("Callable[[str], list[str]]", names["leaks"])


_FINDERS = [
    pytest.param(_documented_leaks(), id="the document's example"),
    pytest.param(lambda text: list(credentials_in(text)), id="the command line"),
]


def _token(environment: Environment, randomness: bytes) -> str:
    return TokenFormat(environment).mint(1, lambda length: randomness[:length])[0]


def _secret(environment: Environment, randomness: bytes) -> str:
    text, _ = SecretFormat(environment, pepper=None).mint(lambda length: randomness[:length], now=datetime.now(UTC))
    return text


def test_the_document_prints_the_patterns_that_are_used() -> None:
    """In its table, where a bar is escaped, and in its example."""
    for pattern in (PATTERN, CLIENT_SECRET):
        assert pattern.replace("|", r"\|") in _DOCUMENT
        assert _DOCUMENT.count(pattern) == 1


def test_the_vectors_are_what_the_core_makes_of_bytes_that_count_up() -> None:
    """A token and a secret of each environment."""
    counted = bytes(range(32))

    tokens = [text for text, kind in _VECTORS if kind == "an access token"]
    secrets = [text for text, kind in _VECTORS if kind == "a client secret"]
    assert [_token(environment, counted) for environment in Environment] == tokens
    assert [_secret(environment, counted) for environment in Environment] == secrets


@pytest.mark.parametrize("find", _FINDERS)
@pytest.mark.parametrize(("text", "kind"), _VECTORS)
def test_a_vector_is_what_it_says(find: Callable[[str], list[str]], text: str, kind: str) -> None:
    """Alone, and with letters on both sides."""
    expected = [] if kind == "neither" else [text]

    assert expected == find(text)
    assert expected == find(f"X{text}X")


@given(randomness=st.binary(min_size=32, max_size=32), environment=st.sampled_from(Environment))
def test_whatever_the_core_makes_is_found(randomness: bytes, environment: Environment) -> None:
    """By both, and it is as long as the document says."""
    token, secret = _token(environment, randomness), _secret(environment, randomness)

    assert (64, 69) == (len(token), len(secret))
    for find in (_documented_leaks(), credentials_in):
        assert [token, secret] == list(find(f"{token},{secret}"))


@pytest.mark.parametrize("find", _FINDERS)
def test_one_is_found_that_begins_within_what_only_looks_like_one(find: Callable[[str], list[str]]) -> None:
    """A decoy before it does not hide it."""
    assert [_SECRET] == find(f"gws_live_aaaaaaaa_{_SECRET}")


@pytest.mark.parametrize(
    "header",
    [
        pytest.param(b64encode(f"svc_live_x:{_SECRET}".encode()).decode(), id="as most clients send it"),
        pytest.param(b64encode(f"svc_live_xy:{_SECRET}".encode()).decode(), id="with padding"),
        pytest.param(b64encode(f"svc_live_xy:{_SECRET}".encode()).decode().rstrip("="), id="with its padding cut off"),
        pytest.param(quote(b64encode(f"a_?:{_SECRET}".encode()).decode(), safe=""), id="as a URL writes it"),
        pytest.param(b64encode(f"a_?:{_SECRET}".encode()).decode().replace("/", r"\/"), id="as JSON may write it"),
        pytest.param(
            b64encode(quote(f"svc_live_x:{_SECRET}").replace("_", "%5F").encode()).decode(), id="percent-encoded"
        ),
    ],
)
@pytest.mark.parametrize(
    "scheme", ["Authorization: Basic ", "basic: ", "authorization=Basic%20", "%20Basic+", "BASIC:"]
)
def test_the_command_line_looks_into_basic_headers(header: str, scheme: str) -> None:
    """As they stand in logs, in URLs and in JSON."""
    assert [_SECRET] == list(credentials_in(f"> {scheme}{header}\r\n"))


@given(text=st.text())
def test_other_text_is_nothing(text: str) -> None:
    """Whatever it is, and whatever stands where a header has its credentials."""
    assert [] == list(credentials_in(text))
    assert [] == list(credentials_in(f"Basic {100 * 'A'}{text}"))
