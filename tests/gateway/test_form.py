"""The form parser: what it reads, and what it refuses to guess."""

from contextlib import suppress
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grantway_gateway.form import decode, parse_form
from grantway_gateway.oauth_errors import OAuthError


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        pytest.param(b"", [], id="nothing"),
        pytest.param(b"a=1&b=2", [("a", "1"), ("b", "2")], id="two-fields"),
        pytest.param(b"a=1&a=2", [("a", "1"), ("a", "2")], id="a-repeated-name-stays-repeated"),
        pytest.param(b"a&b=", [("a", ""), ("b", "")], id="a-name-without-a-value"),
        pytest.param(b"&&a=1&", [("a", "1")], id="empty-fields-are-none"),
        pytest.param(b"=1", [("", "1")], id="an-empty-name"),
        pytest.param(b"a=b=c", [("a", "b=c")], id="only-the-first-equals-sign-separates"),
        pytest.param(b"a=1;b=2", [("a", "1;b=2")], id="a-semicolon-is-data"),
        pytest.param(b"a%3D=%26", [("a=", "&")], id="encoded-separators-are-data"),
        # RFC 6749 appendix B's own example.
        pytest.param(b"a=+%25%26%2B%C2%A3%E2%82%AC", [("a", " %&+£€")], id="the-vector-of-rfc-6749"),
        pytest.param("a=é".encode(), [("a", "é")], id="utf-8-that-is-not-encoded"),
    ],
)
def test_fields_are_read_in_order(body: bytes, fields: list[tuple[str, str]]) -> None:
    """Names and values, decoded."""
    assert fields == parse_form(body)


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"a=%zz", id="no-hexadecimal-digits"),
        pytest.param(b"a=%", id="nothing-after-the-percent-sign"),
        pytest.param(b"a=%4", id="one-digit"),
        pytest.param(b"%=a", id="in-a-name"),
        pytest.param(b"a=%u0041", id="javascript's-escape"),
        pytest.param(b"a=%ff", id="no-utf-8"),
        pytest.param(b"a=\xff", id="no-utf-8-unencoded"),
        pytest.param(b"a=%C0%80", id="overlong-nul"),
        pytest.param(b"a=%ED%A0%80", id="lone-surrogate"),
        pytest.param(b"a=%C2&b=%A3", id="a-character-across-two-fields"),
    ],
)
def test_malformed_forms_are_refused(body: bytes) -> None:
    """Nothing is replaced, skipped or passed on as it is."""
    with pytest.raises(OAuthError, match="The form is malformed") as caught:
        parse_form(body)

    assert "invalid_request" == caught.value.error


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b'{"token": "a"}', id="an-object"),
        pytest.param(b'\r\n {"token": "100%"}', id="after-white-space-and-with-a-percent-sign"),
        pytest.param(b"{", id="its-beginning"),
    ],
)
def test_json_is_told_its_media_type(body: bytes) -> None:
    """A form would have the brace as %7B."""
    with pytest.raises(OAuthError) as caught:
        parse_form(body)

    assert ("invalid_request", "The body looks like JSON: send Content-Type: application/json.") == (
        caught.value.error,
        caught.value.description,
    )


_TEXT = st.text(st.characters(exclude_categories=["Cs"]))


@given(st.lists(st.tuples(_TEXT, _TEXT).filter(lambda field: field != ("", ""))))
def test_what_was_encoded_is_read_back(fields: list[tuple[str, str]]) -> None:
    """Any text survives the encoding of the standard library."""
    assert fields == parse_form(urlencode(fields).encode())


@given(st.binary(max_size=200))
def test_any_bytes_are_a_form_or_a_refusal(body: bytes) -> None:
    """Nothing else comes out, whatever goes in."""
    with suppress(OAuthError):
        parse_form(body)


@given(st.text(st.characters(categories=["L", "Nd"])))
def test_decoding_leaves_unreserved_text_alone(text: str) -> None:
    """Ids and secrets of the core read the same encoded and raw."""
    assert text == decode(text)
