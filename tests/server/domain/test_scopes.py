"""Scope (RFC 6749 section 3.3). T09, T10, T12 of the conformance list."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grantway_server.domain import scopes
from grantway_server.domain.refusals import Reason, Refusal
from tests.server.domain.outcomes import refusal_by

_MALFORMED = (
    Reason.INVALID_SCOPE,
    "scope must be scope tokens of printable ASCII without quotes and backslashes, separated by single spaces.",
    None,
)
_BAD_TOKEN = (
    Reason.INVALID_SCOPE,
    "A scope token must be printable ASCII without spaces, quotes and backslashes, and not empty.",
    None,
)

# RFC 6749 appendix A.4.
_TOKEN_CHARACTERS = [chr(code) for code in (0x21, *range(0x23, 0x5C), *range(0x5D, 0x7F))]
_SCOPE_TOKENS = st.text(st.sampled_from(_TOKEN_CHARACTERS), min_size=1, max_size=8)
_SCOPE_SETS = st.lists(_SCOPE_TOKENS, unique=True, max_size=6).map(tuple)


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        pytest.param("a", ("a",), id="one-token"),
        pytest.param("orders:read orders:write", ("orders:read", "orders:write"), id="two-tokens"),
        pytest.param("b a", ("b", "a"), id="the-order-is-kept"),
        pytest.param("a b a", ("a", "b"), id="duplicates-count-once"),
        pytest.param("a A", ("a", "A"), id="upper-and-lower-case-are-two"),
        pytest.param("".join(_TOKEN_CHARACTERS), ("".join(_TOKEN_CHARACTERS),), id="every-character-of-the-grammar"),
        pytest.param("https://api.example.com/read", ("https://api.example.com/read",), id="a-URL-is-a-token"),
        pytest.param("a" * 2048, ("a" * 2048,), id="the-longest"),
    ],
)
def test_a_scope_is_parsed(scope: str, expected: scopes.Scopes) -> None:
    """T09: scope tokens stand between single spaces."""
    assert expected == scopes.parse(scope)


@pytest.mark.parametrize(
    "scope",
    [
        pytest.param('a"b', id="a-quote"),
        pytest.param("a\\b", id="a-backslash"),
        pytest.param("a\tb", id="a-tab"),
        pytest.param("a\nb", id="a-line-feed"),
        pytest.param("a\n", id="a-line-feed-at-the-end"),
        pytest.param("a\r\nb", id="a-line-break"),
        pytest.param("a\0", id="a-NUL"),
        pytest.param("a\x7f", id="a-DEL"),
        pytest.param("a\x85b", id="a-control-character-beyond-ASCII"),
        pytest.param("a  b", id="two-spaces"),
        pytest.param(" a", id="a-leading-space"),
        pytest.param("a ", id="a-trailing-space"),
        pytest.param(" ", id="a-space-alone"),
        pytest.param("é", id="a-letter-beyond-ASCII"),
        pytest.param("a\u00a0b", id="a-no-break-space"),
        pytest.param("a\u2028b", id="a-line-separator"),
        pytest.param("\ud800", id="a-lone-surrogate"),
    ],
)
def test_a_malformed_scope_is_refused(scope: str) -> None:
    """T09: whatever the grammar does not hold is invalid_scope, in one fixed text."""
    assert refusal_by(lambda: scopes.parse(scope)) == _MALFORMED


def test_a_scope_longer_than_the_longest_is_refused() -> None:
    """2049 characters are too many, whether they are one token or many."""
    expected = (Reason.INVALID_SCOPE, "scope is longer than 2048 characters.", None)

    assert expected == refusal_by(lambda: scopes.parse("a" * 2049))
    assert expected == refusal_by(lambda: scopes.parse("a " * 1024 + "b"))


@given(st.characters())
def test_the_grammar_is_exactly_the_one_of_the_rfc(character: str) -> None:
    """RFC 6749 appendix A.4: a character is a scope token if it is in the grammar, and no other is."""
    try:
        parsed: scopes.Scopes | None = scopes.parse(character)
    except Refusal:
        parsed = None

    assert ((character,) if character in _TOKEN_CHARACTERS else None) == parsed


@pytest.mark.parametrize(
    ("scope_tokens", "expected"),
    [
        pytest.param([], (), id="none"),
        pytest.param(["b", "a"], ("a", "b"), id="sorted"),
        pytest.param(["a", "b", "a"], ("a", "b"), id="duplicates-count-once"),
        pytest.param(["a" * 1024, "b" * 1023], ("a" * 1024, "b" * 1023), id="the-longest-that-a-request-could-ask-for"),
    ],
)
def test_scope_tokens_of_a_client_are_put_in_order(scope_tokens: list[str], expected: scopes.Scopes) -> None:
    """A client's scopes are a sorted set."""
    assert expected == scopes.validated(scope_tokens)


@pytest.mark.parametrize(
    "scope_token",
    [
        pytest.param("", id="an-empty-one"),
        pytest.param("a b", id="two-in-one"),
        pytest.param('"', id="a-quote"),
        pytest.param("\\", id="a-backslash"),
        pytest.param("a\n", id="a-line-feed-at-the-end"),
        pytest.param("ü", id="a-letter-beyond-ASCII"),
    ],
)
def test_a_client_cannot_have_a_scope_that_cannot_be_asked_for(scope_token: str) -> None:
    """Each scope of a client is a scope token."""
    assert refusal_by(lambda: scopes.validated(["good", scope_token])) == _BAD_TOKEN


def test_a_clients_scopes_fit_into_one_request() -> None:
    """Scopes that no request could ask for together, for their length, are refused."""
    expected = (Reason.INVALID_SCOPE, "The scope tokens together are longer than 2048 characters.", None)

    assert expected == refusal_by(lambda: scopes.validated(["a" * 1024, "b" * 1024]))


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        pytest.param("", ("a",), id="no-scope-gets-the-default"),
        pytest.param("b", ("b",), id="a-scope-beyond-the-default-but-allowed"),
        pytest.param("b a", ("b", "a"), id="all-in-the-order-of-the-request"),
        pytest.param("a a", ("a",), id="a-duplicate-counts-once"),
    ],
)
def test_a_request_gets_what_it_asks_for(scope: str, expected: scopes.Scopes) -> None:
    """T10: no scope means the default; else the grant is the request."""
    assert expected == scopes.granted(scope, allowed=("a", "b"), default=("a",))


@pytest.mark.parametrize(
    ("scope", "which"),
    [
        pytest.param("c", "this scope", id="one-that-is-not-allowed"),
        pytest.param("a c", "scope 2 of 2", id="one-of-two-is-not-allowed"),
        pytest.param("a a c d b", "scope 3 of 5", id="the-first-of-two-is-told-by-its-place-in-what-was-sent"),
        pytest.param("A", "this scope", id="another-case"),
        pytest.param("a:b", "this scope", id="one-that-begins-like-an-allowed-one"),
    ],
)
def test_a_request_for_more_is_refused_whole(scope: str, which: str) -> None:
    """T12: a scope outside the client's set is refused, never narrowed; R04: and not repeated."""
    description = f"The client may not ask for {which}: ask for allowed scopes only."

    refusal = refusal_by(lambda: scopes.granted(scope, allowed=("a", "b"), default=("a",)))
    assert (Reason.INVALID_SCOPE, description, None) == refusal


@given(
    requested=st.one_of(st.text(max_size=20), st.lists(_SCOPE_TOKENS, max_size=6).map(" ".join)),
    allowed=_SCOPE_SETS,
    data=st.data(),
)
def test_the_grant_is_never_wider_than_the_request_and_the_client(
    requested: str, allowed: scopes.Scopes, data: st.DataObject
) -> None:
    """T12: whatever is asked for, the grant lies in the allowed set and, where a scope was asked for, is that scope."""
    default = tuple(data.draw(st.lists(st.sampled_from(allowed), unique=True))) if allowed else ()
    # Half of the requests are made of the client's own scopes, or hardly any would be granted.
    if data.draw(st.booleans()) and allowed:
        requested = " ".join(data.draw(st.lists(st.sampled_from(allowed), min_size=1)))

    try:
        granted = set(scopes.granted(requested, allowed=allowed, default=default))
    except Refusal:
        granted = set()

    assert granted <= set(allowed)
    assert granted <= (set(requested.split(" ")) if requested else set(default))
    if set(requested.split(" ")) <= set(allowed):
        assert set(requested.split(" ")) == granted
