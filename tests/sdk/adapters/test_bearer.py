"""The parts of RFC 6750 that all adapters share. What they make of it over HTTP: tests/conformance/test_bearer.py."""

import re
from datetime import timedelta
from http import HTTPStatus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grantway import ErrorReason, GrantwayError, Refused, Unreachable
from grantway.adapters.bearer import Denied, Exemptions, checked_realm, checked_scopes, denial, read_token


@pytest.mark.parametrize(
    ("scopes", "each"),
    [
        pytest.param((), (), id="none"),
        pytest.param("", (), id="no word"),
        pytest.param("orders:read", ("orders:read",), id="one word is not its letters"),
        pytest.param("a b", ("a", "b"), id="words"),
        pytest.param(["b", "a"], ("b", "a"), id="a list, in its order"),
    ],
)
def test_scopes_are_a_list_or_words(scopes: str | list[str], each: tuple[str, ...]) -> None:
    """A string is not taken for a list of letters."""
    assert each == checked_scopes(scopes)


@pytest.mark.parametrize("scope", ["", "a b", 'a"', "a\\", "ä", "a\n"])
def test_what_is_no_scope_is_refused_at_the_start(scope: str) -> None:
    """It could never be granted."""
    with pytest.raises(ValueError, match="is no scope"):
        checked_scopes([scope])


@given(st.lists(st.text(alphabet=st.characters(max_codepoint=255)) | st.from_regex(r"(?i:bearer) .*"), max_size=2))
def test_nothing_but_one_whole_token_is_ever_taken_for_one(authorizations: list[str]) -> None:
    """Whatever the header holds."""
    answer = _token_or_denial(authorizations)

    if isinstance(answer, Denied):
        assert answer.status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.BAD_REQUEST}
        assert all(text.isascii() and text.isprintable() for text in answer.headers("orders").values())
    else:
        (authorization,) = authorizations
        assert ["bearer", answer] == [authorization.partition(" ")[0].lower(), authorization.rpartition(" ")[2]]
        assert re.fullmatch(r"[A-Za-z0-9._~+/-]+=*", answer)


def _token_or_denial(authorizations: list[str]) -> str | Denied:
    try:
        return read_token(authorizations)
    except Denied as denied:
        return denied


@pytest.mark.parametrize("realm", ['"', "\\", "ä", "a\r\nSet-Cookie: x"])
def test_what_cannot_be_quoted_is_no_realm(realm: str) -> None:
    """It would end the attribute, or the header."""
    with pytest.raises(ValueError, match="a realm is printable ASCII"):
        checked_realm(realm)


@pytest.mark.parametrize(
    ("authorization", "status", "error"),
    [
        pytest.param("Basic x, Bearer good", 400, "invalid_request", id="two schemes"),
        pytest.param("Basic x,bearer", 400, "invalid_request", id="two schemes, of one the name only"),
        pytest.param("Bearer good, Basic x", 400, "invalid_request", id="the other way round"),
        pytest.param("Bearer good,Bearer good", 400, "invalid_request", id="the same twice"),
        pytest.param('Digest username="a", realm="bearer"', 401, "", id="one scheme with commas"),
        pytest.param("Basic x", 401, "", id="another scheme"),
    ],
)
def test_headers_that_a_server_has_joined_are_several(authorization: str, status: int, error: str) -> None:
    """WSGI has one variable for all of them."""
    with pytest.raises(Denied) as caught:
        read_token([authorization])

    assert (status, error) == (caught.value.status, caught.value.error)


@pytest.mark.parametrize(
    ("name", "exempt"),
    [
        pytest.param("/healthz", True, id="whole"),
        pytest.param("/healthz/", False, id="with a slash more"),
        pytest.param("/healthz/deep", False, id="below a whole one"),
        pytest.param("/static/a/b", True, id="below"),
        pytest.param("/static", False, id="not itself below itself"),
        pytest.param("/staticfiles", False, id="begins alike"),
        pytest.param("/static/..a/.b/c..", True, id="dots within names"),
        pytest.param("/static/../orders", False, id="up again"),
        pytest.param("/static/a/..", False, id="up again at the end"),
        pytest.param("/static/./a", False, id="where it is"),
        pytest.param("/static/%2e%2E/orders", False, id="up again, encoded once more"),
        pytest.param("/static/..%2forders", False, id="up again, with an encoded slash"),
        pytest.param("/static/..\\orders", False, id="up again, with a backslash"),
        pytest.param("/static/..;x=y/orders", False, id="up again, with a parameter"),
        pytest.param("/", False, id="the root"),
        pytest.param("", False, id="nothing"),
    ],
)
def test_exemptions_are_whole_or_all_below(name: str, exempt: bool) -> None:  # noqa: FBT001 - a column of the table.
    """Nothing else is exempt."""
    assert exempt == (name in Exemptions(["/healthz", "/static/*"]))


@pytest.mark.parametrize("name", ["healthz", "", "*", "static/*"])
def test_an_exemption_that_could_not_match_is_refused_at_the_start(name: str) -> None:
    """It is a slip of the pen."""
    with pytest.raises(ValueError, match="does not begin with a slash"):
        Exemptions([name])


@pytest.mark.parametrize(
    ("error", "seconds"),
    [
        pytest.param(Unreachable("no core answered in time"), 1, id="no core"),
        pytest.param(Refused(ErrorReason.ERROR_REASON_STORAGE_UNAVAILABLE, "x"), 1, id="no store"),
        pytest.param(
            Refused(ErrorReason.ERROR_REASON_STORAGE_UNAVAILABLE, "x", timedelta(seconds=2.1)), 3, id="as the core says"
        ),
        pytest.param(Refused(ErrorReason.ERROR_REASON_STORAGE_UNAVAILABLE, "x", timedelta(0)), 1, id="but not at once"),
        pytest.param(Refused(ErrorReason.ERROR_REASON_INTERNAL, "x"), 1, id="a core at fault"),
    ],
)
def test_whatever_is_not_the_fault_of_the_token_is_503(error: GrantwayError, seconds: int) -> None:
    """A 401 would have the client throw a good token away."""
    denied = denial(error)

    assert (HTTPStatus.SERVICE_UNAVAILABLE, "temporarily_unavailable") == (denied.status, denied.error)
    assert {"Cache-Control": "no-store", "Retry-After": str(seconds)} == denied.headers("orders")


def test_what_is_no_error_of_ours_stays_what_it_is() -> None:
    """It is a bug, and not an answer."""
    with pytest.raises(KeyError):
        denial(KeyError("x"))
