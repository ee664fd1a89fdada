"""The JSON parser: one flat object of strings, and nothing that `json.loads` would let through besides."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grantway_gateway.json_body import parse_json
from grantway_gateway.oauth_errors import OAuthError


@pytest.mark.parametrize(
    ("body", "members"),
    [
        pytest.param(b"{}", [], id="nothing"),
        pytest.param(b' {"a": "1", "b": "2"} ', [("a", "1"), ("b", "2")], id="two-members"),
        pytest.param(b'{"a": null, "b": ""}', [("a", ""), ("b", "")], id="null-is-empty"),
        pytest.param('{"a": "é\\u00e9"}'.encode(), [("a", "éé")], id="utf-8-and-its-escape"),
        pytest.param(b'{"a": "[{[{[{"}', [("a", "[{[{[{")], id="brackets-in-a-string-are-no-depth"),
        pytest.param(b'{"a": "\\"[[[[[[["}', [("a", '"[[[[[[[')], id="brackets-after-an-escaped-quote"),
        pytest.param(
            b'{"resource": ["1", ""], "a": "2"}',
            [("resource", "1"), ("resource", ""), ("a", "2")],
            id="an-array-of-what-may-be-repeated",
        ),
        pytest.param(b'{"resource": []}', [], id="an-empty-array"),
        pytest.param(b'{"resource": null}', [("resource", "")], id="null-in-the-place-of-an-array"),
    ],
)
def test_members_are_read_in_order(body: bytes, members: list[tuple[str, str]]) -> None:
    """Names and values."""
    assert members == parse_json(body)


_NOT_JSON = "The body is not valid JSON in UTF-8"
_NO_OBJECT = "The body must be a JSON object"
_NO_STRING = "Every member of the JSON object must be a string or null"
_TOO_DEEP = "The JSON is nested too deeply"


@pytest.mark.parametrize(
    ("body", "description"),
    [
        pytest.param(b"", _NOT_JSON, id="empty"),
        pytest.param(b'{"a": "1"', _NOT_JSON, id="cut-off"),
        pytest.param(b'{"a": "1"} {}', _NOT_JSON, id="more-after-the-object"),
        pytest.param(b"{'a': '1'}", _NOT_JSON, id="single-quotes"),
        pytest.param(b'{"a": "\n"}', _NOT_JSON, id="a-control-character-unescaped"),
        pytest.param(b'\xef\xbb\xbf{"a": "1"}', _NOT_JSON, id="byte-order-mark"),
        pytest.param('{"a": "1"}'.encode("utf-16"), _NOT_JSON, id="utf-16"),
        pytest.param('{"a": "1"}'.encode("utf-32-le"), _NOT_JSON, id="utf-32"),
        pytest.param(b'{"a": "\xff"}', _NOT_JSON, id="no-utf-8"),
        pytest.param(b'{"a": NaN}', _NOT_JSON, id="not-a-number"),
        pytest.param(b'{"a": -Infinity}', _NOT_JSON, id="infinity"),
        pytest.param(b"[]", _NO_OBJECT, id="an-array"),
        pytest.param(b'[["a", "1"]]', _NO_OBJECT, id="an-array-like-members"),
        pytest.param(b'"a"', _NO_OBJECT, id="a-string"),
        pytest.param(b"null", _NO_OBJECT, id="null"),
        pytest.param(b"1", _NO_OBJECT, id="a-number"),
        pytest.param(b'{"a": 1}', _NO_STRING, id="a-number-inside"),
        pytest.param(b'{"a": ' + b"9" * 5000 + b"}", _NO_STRING, id="a-number-of-5000-digits"),
        pytest.param(b'{"a": 1e999999}', _NO_STRING, id="a-huge-exponent"),
        pytest.param(b'{"a": true}', _NO_STRING, id="a-boolean"),
        pytest.param(b'{"a": ["1"]}', _NO_STRING, id="an-array-inside"),
        pytest.param(b'{"a": {"b": "1"}}', _NO_STRING, id="an-object-inside"),
        pytest.param(b'{"resource": {}}', _NO_STRING, id="an-empty-object-in-the-place-of-an-array"),
        pytest.param(b'{"resource": 1}', _NO_STRING, id="a-number-in-the-place-of-an-array"),
        *(
            pytest.param(
                f'{{"resource": ["1", {element}]}}'.encode(),
                "resource must be a string or an array of strings: send strings.",
                id=f"{element}-in-an-array",
            )
            for element in ("1", "null", "true", "[]", '["1"]', "{}")
        ),
        pytest.param(b'{"resource": "1", "resource": "2"}', "resource is repeated", id="a-repeated-name-all-the-same"),
        pytest.param(b"[" * 8000, _TOO_DEEP, id="8000-arrays"),
        pytest.param(b'{"a":' * 1600, _TOO_DEEP, id="1600-objects"),
        pytest.param(b'{"a": [[[[]]]]}', _TOO_DEEP, id="five-deep"),
        pytest.param(b'{"a": "1", "a": "1"}', "A parameter is repeated", id="a-repeated-name"),
        pytest.param(b'{"scope": "1", "scope": null}', "scope is repeated", id="a-repeated-name-that-is-known"),
        pytest.param(b'{"scope": "1", "sc\\u006fpe": "1"}', "scope is repeated", id="a-repeated-name-in-disguise"),
    ],
)
def test_everything_else_is_refused(body: bytes, description: str) -> None:
    """By name, and without a word of what was sent."""
    with pytest.raises(OAuthError) as caught:
        parse_json(body)

    assert "invalid_request" == caught.value.error
    assert caught.value.description.startswith(description)


@given(st.dictionaries(st.text(), st.text() | st.none()))
def test_what_was_encoded_is_read_back(members: dict[str, str | None]) -> None:
    """Any object of strings survives the encoding of the standard library."""
    assert [(name, value or "") for name, value in members.items()] == parse_json(json.dumps(members).encode())


@given(st.binary(max_size=200) | st.text(alphabet='{}[]":, \\a1n', max_size=60).map(str.encode))
def test_any_bytes_are_members_or_a_refusal(body: bytes) -> None:
    """Nothing else comes out, whatever goes in."""
    with suppress(OAuthError):
        parse_json(body)
