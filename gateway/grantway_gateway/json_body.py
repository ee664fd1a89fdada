"""The JSON form of a request, as Auth0's clients send it: one flat object of strings.

What a form may repeat is an array of strings here, as RFC 8707 section 2 has it of requests in a JWT.

RFC 6749 knows no JSON; the rules are those of RFC 8259 section 4 and RFC 7493 section 2, each enforced here because
`json.loads` does not: it takes UTF-16, NaN, repeated names and lone surrogates, and a deep or long enough document
makes it raise what is no ValueError.
"""

import json
import re
from typing import NoReturn

from grantway_gateway.oauth_errors import invalid_request
from grantway_gateway.parameters import REPEATABLE, repeated

_MAX_DEPTH = 4

_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"?', re.DOTALL)
_OPENING = re.compile(rb"[\[{]")
_BRACKET = re.compile(rb"[\[{\]}]")


class _Object(list[tuple[str, object]]):
    """The members of a JSON object, repeated names and all: tells an object from an array."""


def _number(_: str) -> float:
    """No number is wanted, so none is read: 5,000 digits would cost time, and then raise."""
    return 0.0


def _not_json(_: str) -> NoReturn:
    """`NaN` and `Infinity` are Python's own (RFC 8259 section 6)."""
    raise ValueError


_decoder = json.JSONDecoder(object_pairs_hook=_Object, parse_int=_number, parse_float=_number, parse_constant=_not_json)


def parse_json(body: bytes) -> list[tuple[str, str]]:
    """The members of the object in *body*, in order; null is an empty value, and each element of an array a member.

    Raises:
        OAuthError: invalid_request.
    """
    _check_depth(body)
    try:
        document = _decoder.decode(body.decode())  # UTF-8 alone (RFC 8259 section 8.1), and no BOM.
    except ValueError:
        raise invalid_request("The body is not valid JSON in UTF-8: send one object, like a form's fields.") from None
    if not isinstance(document, _Object):
        raise invalid_request("The body must be a JSON object: send one object, like a form's fields.")
    names = set()
    members = []
    for name, value in document:
        if name in names:  # RFC 7493 section 2.3
            raise repeated(name)
        names.add(name)
        if type(value) is list and name in REPEATABLE:  # An object is an `_Object`, a subclass.
            members += [(name, _element(name, element)) for element in value]
        else:
            members.append((name, _text(value)))
    return members


def _text(value: object) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise invalid_request("Every member of the JSON object must be a string or null: send strings.")
    return value


def _element(name: str, value: object) -> str:
    if not isinstance(value, str):
        raise invalid_request(f"{name} must be a string or an array of strings: send strings.")
    return value


def _check_depth(body: bytes) -> None:
    """Refuses a document that is nested more deeply than any request could be, before anything recurses into it."""
    if len(_OPENING.findall(body)) <= _MAX_DEPTH:
        return
    depth = 0
    for bracket in _BRACKET.findall(_STRING.sub(b"", body)):
        depth += 1 if bracket in b"[{" else -1
        if depth > _MAX_DEPTH:
            raise invalid_request("The JSON is nested too deeply: send one object of strings.")
