"""Client secrets: their text, and how one is checked."""

import hmac
import re
import secrets
import timeit
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable
from hashlib import sha256

import pytest

from grantway_server.domain.checksum import with_checksum
from grantway_server.domain.client_secrets import Secret, SecretFormat
from grantway_server.domain.environment import Environment
from tests.server.domain.counting_random import CountingRandom
from tests.server.samples import NOON, a_client

_PEPPER = b"a pepper of the tests"
_LIVE = SecretFormat(Environment.LIVE, pepper=None)
_PEPPERED = SecretFormat(Environment.LIVE, pepper=_PEPPER)

_FORMATS = [pytest.param(_LIVE, id="without-a-pepper"), pytest.param(_PEPPERED, id="with-a-pepper")]


@pytest.mark.parametrize(
    ("environment", "prefix"),
    [pytest.param(Environment.LIVE, "gws_live_", id="live"), pytest.param(Environment.TEST, "gws_test_", id="test")],
)
def test_a_secret_is_prefix_id_random_bits_and_checksum(environment: Environment, prefix: str) -> None:
    """A secret is its prefix, its id, 256 random bits and a checksum; stored are the id, a digest and the moment."""
    expected = with_checksum(f"{prefix}aaaaaaab_" + "A" * 42 + "I")

    minted = SecretFormat(environment, pepper=None).mint(CountingRandom(), now=NOON)

    assert (expected, Secret("aaaaaaab", sha256(expected.encode()).digest(), NOON)) == minted


def test_a_pepper_keys_the_digest() -> None:
    """With a pepper, what is stored cannot be computed from the text alone."""
    text, secret = _PEPPERED.mint(secrets.token_bytes, now=NOON)

    assert hmac.digest(_PEPPER, text.encode(), "sha256") == secret.digest


def test_A15_a_hundred_thousand_secrets_are_all_different() -> None:  # noqa: N802 - the id in the checklist.
    """Draws are unique, all of one length, and of `[A-Za-z0-9_-]`, which no client's encoding changes."""
    drawn = [_LIVE.mint(secrets.token_bytes, now=NOON)[0] for _ in range(100_000)]

    assert (100_000, {69}) == (len(set(drawn)), set(map(len, drawn)))
    assert re.fullmatch(r"[A-Za-z0-9_-]+", "".join(drawn))


@pytest.mark.parametrize("secret_format", _FORMATS)
def test_the_right_secret_is_found_among_several(secret_format: SecretFormat) -> None:
    """Each of a client's secrets is told from the others."""
    minted = [secret_format.mint(secrets.token_bytes, now=NOON) for _ in range(3)]
    stored = tuple(secret for _, secret in minted)

    assert list(stored) == [secret_format.verify(text, stored) for text, _ in minted]


def _with_other_random_bits(text: str) -> str:
    """A well-formed secret with the same secret id and a right checksum."""
    return with_checksum(text[:18] + ("B" if text[18] == "A" else "A") + text[19:-8])


@pytest.mark.parametrize("secret_format", _FORMATS)
@pytest.mark.parametrize(
    "made_wrong",
    [
        pytest.param(lambda _: "", id="nothing"),
        pytest.param(lambda text: text[:-1], id="truncated"),
        pytest.param(lambda text: text + "0", id="one-character-too-many"),
        pytest.param(lambda text: text + "0" * 1_000_000, id="a-million-characters-too-many"),
        pytest.param(lambda text: text + "\n", id="a-line-feed-at-the-end"),
        pytest.param(lambda text: text.upper(), id="in-upper-case"),
        pytest.param(lambda text: text.replace("gws_live_", "gws_test_"), id="of-the-other-environment"),
        pytest.param(
            lambda text: with_checksum(text.replace("gws_live_", "gws_test_")[:-8]),
            id="of-the-other-environment-with-a-right-checksum",
        ),
        pytest.param(_with_other_random_bits, id="other-random-bits-with-a-right-checksum"),
        pytest.param(lambda text: text[:-8] + "00000000", id="a-wrong-checksum"),
        pytest.param(lambda text: with_checksum("gws_live_zzzzzzzz_" + text[18:-8]), id="another-secret-id"),
        pytest.param(lambda text: text[9:17], id="the-secret-id-alone"),
        pytest.param(lambda text: text[18:], id="without-what-is-public-of-it"),
        pytest.param(lambda text: text + "é", id="a-letter-beyond-ASCII"),
    ],
)
def test_nothing_but_the_secret_is_the_secret(secret_format: SecretFormat, made_wrong: Callable[[str], str]) -> None:
    """Whatever differs in one character or more is no secret of the client."""
    text, secret = secret_format.mint(secrets.token_bytes, now=NOON)

    assert (secret, None) == (secret_format.verify(text, (secret,)), secret_format.verify(made_wrong(text), (secret,)))


@pytest.mark.parametrize("secret_format", _FORMATS)
@pytest.mark.parametrize(
    "presented",
    [
        pytest.param(lambda digest: digest.hex(), id="in-hex"),
        pytest.param(lambda digest: digest.hex().upper(), id="in-upper-case-hex"),
        pytest.param(lambda digest: b64encode(digest).decode(), id="in-base64"),
        pytest.param(lambda digest: urlsafe_b64encode(digest).decode().rstrip("="), id="in-base64url"),
        pytest.param(lambda digest: digest.decode("latin-1"), id="raw-as-latin-1"),
        pytest.param(
            lambda digest: with_checksum("gws_live_aaaaaaaa_" + urlsafe_b64encode(digest).decode().rstrip("=")),
            id="dressed-up-as-a-secret",
        ),
    ],
)
def test_a_stolen_digest_is_no_secret(secret_format: SecretFormat, presented: Callable[[bytes], str]) -> None:
    """S07: who has read the store cannot authenticate with what is in it."""
    _, secret = secret_format.mint(CountingRandom(), now=NOON)
    stored = Secret("aaaaaaaa", secret.digest, NOON)

    assert secret_format.verify(presented(stored.digest), (stored,)) is None


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(_LIVE, id="without-the-pepper"),
        pytest.param(SecretFormat(Environment.LIVE, pepper=b"another pepper"), id="with-another-pepper"),
        pytest.param(SecretFormat(Environment.TEST, pepper=_PEPPER), id="in-the-other-environment"),
    ],
)
def test_a_secret_is_bound_to_its_pepper_and_environment(other: SecretFormat) -> None:
    """What was stored with one pepper, in one environment, verifies with no other."""
    text, secret = _PEPPERED.mint(secrets.token_bytes, now=NOON)

    assert (secret, None) == (_PEPPERED.verify(text, (secret,)), other.verify(text, (secret,)))


def test_a_client_without_secrets_has_no_right_secret() -> None:
    """A secret that is right in every way but known to nobody is wrong; so is one for a digest of zeros."""
    text, _ = _LIVE.mint(secrets.token_bytes, now=NOON)

    assert [None, None] == [_LIVE.verify(text, ()), _LIVE.verify("", (Secret("", bytes(32), NOON),))]


@pytest.mark.parametrize("secret_format", _FORMATS)
def test_what_is_stored_shows_no_secret(secret_format: SecretFormat) -> None:
    """S07: neither the stored secret nor its client shows any part of the random bits."""
    text, secret = secret_format.mint(secrets.token_bytes, now=NOON)
    random_part = text[18:-8]
    shown = repr(secret) + repr(a_client(secrets=(secret,)))

    assert [] == [part for part in (random_part[:8], random_part[8:16], random_part[16:24], text[-8:]) if part in shown]


@pytest.mark.parametrize("secret_format", _FORMATS)
def test_S08_a_check_costs_microseconds(secret_format: SecretFormat) -> None:  # noqa: N802 - the id in the list.
    """Less than 20 of them, right or wrong, of five secrets: no slow hash stands in the way of a token."""
    minted = [secret_format.mint(secrets.token_bytes, now=NOON) for _ in range(6)]
    stored = tuple(secret for _, secret in minted[:5])

    def check() -> None:
        secret_format.verify(minted[0][0], stored)
        secret_format.verify(minted[5][0], stored)

    # The best of many rounds: what others do to this machine meanwhile is no cost of ours.
    assert min(timeit.repeat(check, number=100, repeat=50)) < 2 * 100 * 20e-6
