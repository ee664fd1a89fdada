"""Access tokens: their text and their digests."""

import secrets
from datetime import timedelta
from hashlib import sha256

import pytest

from grantway_server.domain import tokens
from grantway_server.domain.checksum import with_checksum
from grantway_server.domain.environment import Environment
from grantway_server.domain.tokens import TokenFormat
from tests.server.domain.counting_random import CountingRandom
from tests.server.samples import NOON, a_token

_LIVE = TokenFormat(Environment.LIVE)
_ZEROS = "client_oa2_live_" + "0" * 40


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        pytest.param(Environment.LIVE, with_checksum("client_oa2_live_" + "0" * 39 + "1"), id="live"),
        pytest.param(Environment.TEST, with_checksum("client_oa2_test_" + "0" * 39 + "1"), id="test"),
    ],
)
def test_a_token_is_prefix_random_bits_and_checksum(environment: Environment, expected: str) -> None:
    """A token is its prefix, 160 random bits and 32 bits of checksum in hex: 64 characters in all."""
    (minted,) = TokenFormat(environment).mint(1, CountingRandom())

    assert (expected, 64) == (minted, len(minted))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(with_checksum(_ZEROS), True, id="a-token"),
        pytest.param("", False, id="nothing"),
        pytest.param(with_checksum(_ZEROS)[:-1], False, id="truncated"),
        pytest.param(with_checksum(_ZEROS) + "0", False, id="one-digit-too-many"),
        pytest.param(with_checksum(_ZEROS) + "\n", False, id="a-line-feed-at-the-end"),
        pytest.param(with_checksum(with_checksum(_ZEROS)), False, id="a-second-checksum-after-the-first"),
        pytest.param(" " + with_checksum(_ZEROS), False, id="a-leading-space"),
        pytest.param(with_checksum("client_oa2_test_" + "0" * 40), False, id="of-the-other-environment"),
        pytest.param(with_checksum("client_oa2_prod_" + "0" * 40), False, id="of-an-invented-environment"),
        pytest.param(_ZEROS + "00000000", False, id="a-wrong-checksum"),
        pytest.param(with_checksum("client_oa2_live_" + "A" * 40), False, id="upper-case-digits"),
        pytest.param(with_checksum("client_oa2_live_" + "g" * 40), False, id="digits-that-are-not-hex"),
        pytest.param("client_oa2_live_" + "\u0660" * 48, False, id="digits-of-another-script"),
        pytest.param(with_checksum("gws_live_abcdefgh_" + "a" * 43), False, id="a-client-secret"),
        pytest.param("x" * 100_000, False, id="something-huge"),
    ],
)
def test_only_the_text_of_a_token_matches(text: str, expected: bool) -> None:  # noqa: FBT001 - a column of the table.
    """What could not be a token of this environment is told without a look-up."""
    assert expected == _LIVE.matches(text)


def test_tokens_of_one_draw_share_no_bits() -> None:
    """Each of several has 160 bits of its own."""
    one, other = _LIVE.mint(2, lambda length: bytes(range(length)))

    assert (bytes(range(20)), bytes(range(20, 40))) == (bytes.fromhex(one[16:56]), bytes.fromhex(other[16:56]))


def test_a_typo_never_matches() -> None:
    """Every other hex digit in every place breaks the checksum."""
    (token,) = _LIVE.mint(1, secrets.token_bytes)
    typos = [
        token[:place] + digit + token[place + 1 :]
        for place in range(len("client_oa2_live_"), len(token))
        for digit in "0123456789abcdef"
        if digit != token[place]
    ]

    assert (48 * 15, []) == (len(typos), [typo for typo in typos if _LIVE.matches(typo)])


def test_A15_a_million_tokens_are_all_different() -> None:  # noqa: N802 - the id in the checklist.
    """10^6 draws are unique, all of one length and of the documented alphabet, and use all of it."""
    drawn: set[bytes] = set()
    lengths: set[int] = set()
    alphabet: set[str] = set()
    for _ in range(100):
        some = _LIVE.mint(10_000, secrets.token_bytes)
        drawn.update(bytes.fromhex(token[16:56]) for token in some)
        lengths.update(map(len, some))
        alphabet.update("".join(token[16:] for token in some))

    assert (1_000_000, {64}, set("0123456789abcdef")) == (len(drawn), lengths, alphabet)


def test_the_digest_is_half_of_a_sha_256() -> None:
    """The store knows a token by 128 bits that do not give it away."""
    token = with_checksum(_ZEROS)

    assert sha256(token.encode()).digest()[:16] == tokens.digest(token)


def test_the_token_id_is_sixteen_digits_of_the_digest() -> None:
    """The name of a token in logs tells 64 bits of its digest and nothing of its text."""
    assert tokens.token_id(bytes(range(16))) == "0001020304050607"


def test_a_token_expires_its_lifetime_after_its_issue() -> None:
    """`expires_at` is `issued_at` and the lifetime."""
    assert NOON + timedelta(minutes=2) == a_token(issued_at=NOON, lifetime=timedelta(minutes=2)).expires_at
