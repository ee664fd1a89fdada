"""Audiences (RFC 8707)."""

import pytest

from grantway_server.domain import audiences
from grantway_server.domain.refusals import Reason
from tests.server.domain.outcomes import refusal_by

_MALFORMED = (
    Reason.INVALID_TARGET,
    "An audience must be 1 to 2048 characters of printable ASCII without spaces.",
    None,
)
_NOT_ALLOWED = (
    Reason.INVALID_TARGET,
    "The client may not ask for this audience: ask for a registered one.",
    None,
)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param([], (), id="none"),
        pytest.param(["b", "a", "b"], ("a", "b"), id="sorted-without-duplicates"),
        pytest.param(["https://api.example.com/v1?x=%20"], ("https://api.example.com/v1?x=%20",), id="a-URL"),
        pytest.param(["urn:example:orders"], ("urn:example:orders",), id="a-URN"),
        pytest.param(['"\\'], ('"\\',), id="quotes-and-backslashes-which-scopes-may-not-have"),
        pytest.param(["a" * 2048], ("a" * 2048,), id="the-longest"),
    ],
)
def test_audiences_of_a_client_are_put_in_order(given: list[str], expected: audiences.Audiences) -> None:
    """A client's audiences are a sorted set of any identifiers."""
    assert expected == audiences.validated(given)


@pytest.mark.parametrize(
    "audience",
    [
        pytest.param("", id="an-empty-one"),
        pytest.param("a b", id="a-space"),
        pytest.param("a\n", id="a-line-feed-at-the-end"),
        pytest.param("a\0", id="a-NUL"),
        pytest.param("a\x7f", id="a-DEL"),
        pytest.param("https://bücher.example", id="a-letter-beyond-ASCII"),
        pytest.param("a" * 2049, id="one-character-too-many"),
    ],
)
def test_a_malformed_audience_is_refused(audience: str) -> None:
    """One bad audience among good ones is invalid_target."""
    assert refusal_by(lambda: audiences.validated(["good", audience])) == _MALFORMED


@pytest.mark.parametrize(
    ("requested", "expected"),
    [
        pytest.param((), (), id="none-asked-for-none-granted"),
        pytest.param(("b",), ("b",), id="one-of-the-registered"),
        pytest.param(("b", "a"), ("b", "a"), id="all-in-the-order-of-the-request"),
        pytest.param(("a", "a"), ("a",), id="a-duplicate-counts-once"),
    ],
)
def test_a_request_gets_the_audiences_it_asks_for(
    requested: audiences.Audiences, expected: audiences.Audiences
) -> None:
    """The grant is the request; no audience asked for is no audience, not all of them."""
    assert expected == audiences.granted(requested, allowed=("a", "b"))


@pytest.mark.parametrize(
    ("requested", "allowed"),
    [
        pytest.param(("c",), ("a", "b"), id="one-that-is-not-registered"),
        pytest.param(("a", "c"), ("a", "b"), id="one-of-two-is-not-registered"),
        pytest.param(("a",), (), id="the-client-has-none"),
        pytest.param(("a/",), ("a",), id="a-slash-more-is-another-audience"),
        pytest.param(("",), ("a",), id="an-empty-one"),
    ],
)
def test_a_request_for_another_audience_is_refused_whole(
    requested: audiences.Audiences, allowed: audiences.Audiences
) -> None:
    """RFC 8707 section 2: an audience that is not the client's is invalid_target, never dropped."""
    assert refusal_by(lambda: audiences.granted(requested, allowed=allowed)) == _NOT_ALLOWED
