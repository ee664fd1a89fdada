"""Hashes as other systems store them: which are read, and that each is of its text and of no other."""

import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grantway_server.domain.foreign_secrets import UnsupportedHash
from grantway_server.hashing.formats import parse
from tests.server.hashing.vectors import CHEAP_VECTORS, VECTORS, Vector

_DESCRIPTION = re.compile(r"[ !#-&(-\[\]-~]+\.")
"""Printable ASCII without quotes and backslashes (RFC 6749 section 5.2), with a full stop."""


_every_vector = pytest.mark.parametrize(
    "vector", [pytest.param(vector, id=vector.source.replace(" ", "-")) for vector in VECTORS]
)
_cheap_vectors = pytest.mark.parametrize(
    "vector", [pytest.param(vector, id=vector.source.replace(" ", "-")) for vector in CHEAP_VECTORS]
)


@_every_vector
def test_a_hash_matches_its_text(vector: Vector) -> None:
    """Whatever another system has made is recognised, and matches the text it was made of."""
    stored = parse(vector.stored)

    assert (vector.format_name, True, False) == (
        stored.format_name,
        stored.matches(vector.text),
        stored.matches(vector.text + "x"),
    )


@_cheap_vectors
@pytest.mark.parametrize(
    "made_wrong",
    [
        pytest.param(lambda text: text[:-1], id="one-character-too-few"),
        pytest.param(lambda text: text + text[-1], id="the-last-character-twice"),
        pytest.param(lambda text: text.swapcase(), id="capitals-for-small-letters"),
        pytest.param(lambda text: text + "\n", id="a-line-feed-behind"),
        pytest.param(lambda text: " " + text, id="a-space-in-front"),
        pytest.param(lambda text: text + "\0", id="a-NUL-behind"),
        pytest.param(lambda text: text + "\0" + text, id="a-NUL-and-the-text-again"),
        pytest.param(lambda text: text + "\0x", id="a-NUL-and-something-else"),
        pytest.param(lambda text: "\0" + text, id="a-NUL-in-front"),
    ],
)
def test_a_hash_matches_no_other_text(vector: Vector, made_wrong: Callable[[str], str]) -> None:
    """Whatever differs in one character is wrong."""
    assert not parse(vector.stored).matches(made_wrong(vector.text))


@_cheap_vectors
def test_a_stolen_hash_is_no_secret(vector: Vector) -> None:
    """S07: what is stored does not authenticate, neither whole nor without its mark and its parameters."""
    stored = parse(vector.stored)
    digest = re.split(r"[$}]", vector.stored)[-1]

    assert [False, False] == [stored.matches(vector.stored), stored.matches(digest)]


@_every_vector
def test_what_is_parsed_shows_neither_salt_nor_digest(vector: Vector) -> None:
    """A hash may land in a log; what could be attacked off line does not."""
    digest = re.split(r"[$}]", vector.stored)[-1]
    shown = repr(parse(vector.stored))

    assert [] == [part for part in (digest[:12], digest[-12:], vector.text) if part in shown]


@pytest.mark.parametrize(
    "made_wrong",
    [
        pytest.param(lambda stored: stored + "A", id="one-character-too-many"),
        pytest.param(lambda stored: stored[:-1], id="one-character-too-few"),
        pytest.param(lambda stored: stored + "=", id="padded-once-more"),
        pytest.param(lambda stored: stored + "\n", id="a-line-feed-behind"),
        pytest.param(lambda stored: " " + stored, id="a-space-in-front"),
        pytest.param(lambda stored: '"' + stored + '"', id="in-quotes"),
        pytest.param(lambda stored: stored + "$", id="a-dollar-behind"),
        pytest.param(lambda stored: stored[:-2] + "é" + stored[-1], id="a-letter-beyond-ASCII"),
        pytest.param(lambda stored: stored[:-2] + "-" + stored[-1], id="base64url"),
        pytest.param(lambda stored: stored[:-2] + "\0" + stored[-1], id="a-NUL"),
        pytest.param(lambda stored: stored[: re.match(r"\W*\w+\W", stored).end()], id="the-mark-alone"),  # type: ignore[union-attr]
    ],
)
@_every_vector
def test_a_damaged_hash_is_refused(vector: Vector, made_wrong: Callable[[str], str]) -> None:
    """What was not copied whole is found out when it is moved in, not when its client comes.

    But for Argon2, where nothing tells the length: a digest with one character more or less may be well-formed.
    """
    try:
        parsed = parse(made_wrong(vector.stored))
    except UnsupportedHash:
        return
    assert ("argon2", False) == (vector.format_name.removeprefix("django-")[:6], parsed.matches(vector.text))


@_cheap_vectors
def test_a_hash_that_is_cut_off_anywhere_matches_nothing(vector: Vector) -> None:
    """Most are refused; where the length of the digest or of the salt is free, another text would be needed."""
    matches = {length: _is_taken_for(vector.stored[:length], vector.text) for length in range(len(vector.stored) + 1)}

    # The whole one is among them: so it was this text that the others did not match.
    assert [len(vector.stored)] == [length for length, matched in matches.items() if matched]


def _is_taken_for(stored: str, text: str) -> bool:
    try:
        return parse(stored).matches(text)
    except UnsupportedHash:
        return False


@pytest.mark.parametrize(
    ("stored", "sentence"),
    [
        pytest.param("", "secret_hash must begin with one of pbkdf2_sha256$ ", id="nothing"),
        pytest.param("hunter2hunter2", "secret_hash must begin with one of ", id="clear-text"),
        pytest.param("{noop}secret", "secret_hash is marked as clear text: ", id="clear-text-of-Spring"),
        pytest.param("{CLEARTEXT}secret", "secret_hash is marked as clear text: ", id="clear-text-of-LDAP"),
        pytest.param(
            "K7gNU3sdo+OL0wNhqoVWhr3g6s1xYv72ol/pe/Unols=",
            "secret_hash must begin with one of ",
            id="a-digest-unmarked",
        ),
        pytest.param("sha1$seasalt$cff36ea83f5706ce9aa7454e63e431fc726b2dc8", "secret_hash must begin", id="sha1$"),
        pytest.param("md5$seasalt$3f86d0d3d465b7b458c231bf3555c0e3", "secret_hash must begin", id="md5$"),
        pytest.param("sha256$salt$" + "0" * 64, "secret_hash must begin", id="sha256$-of-Werkzeug"),
        pytest.param("{SSHA}JFZFs0oHzxbMwkSJmYVeI8MnTDy/276a", "secret_hash must begin", id="SHA-1-of-LDAP"),
        pytest.param("{sha256}97cde38028ad898ebc02e690819fa220", "secret_hash must begin", id="sha256-of-Spring"),
        pytest.param("$2x$05$" + "C" * 53, "secret_hash must begin", id="the-buggy-bcrypt"),
        pytest.param("$argon2d$v=19$m=32,t=2,p=4$c2FsdHNhbHQ$AAAA", "secret_hash must begin", id="Argon2d"),
        pytest.param("$pbkdf2-sha384$i=1,l=48$c2FsdA$AAAA", "secret_hash must begin", id="SHA-384-of-Hydra-or-not"),
        pytest.param("$6$salt$hash", "secret_hash must begin", id="sha512crypt"),
        pytest.param("!" + "a" * 40, "secret_hash must begin", id="an-unusable-password-of-Django"),
        pytest.param("{SHA-256}" + "0" * 504, "secret_hash must be at most 512 printable", id="too-long"),
        pytest.param("{SHA-256} " + "0" * 64, "secret_hash must be at most 512 printable", id="with-a-space"),
    ],
)
def test_what_cannot_be_checked_is_refused_with_what_to_do(stored: str, sentence: str) -> None:
    """The sentence says what is wrong and is fit to be shown to anybody."""
    with pytest.raises(UnsupportedHash) as refused:
        parse(stored)

    assert str(refused.value).startswith(sentence)
    assert _DESCRIPTION.fullmatch(str(refused.value))


@given(
    st.one_of(
        st.text(),
        st.builds(
            lambda vector, at, patch: vector.stored[:at] + patch + vector.stored[at + len(patch) :],
            st.sampled_from(VECTORS),
            st.integers(0, 140),
            st.text(st.characters(max_codepoint=0x17F), max_size=12),
        ),
    )
)
def test_whatever_is_given_is_read_or_refused(stored: str) -> None:
    """No input makes any other error, and no error repeats input."""
    try:
        shown = parse(stored + "canary0canary").format_name
    except UnsupportedHash as refused:
        shown = str(refused)
        assert _DESCRIPTION.fullmatch(shown)

    assert "canary" not in shown
