"""The body of a request: what it may be, how much of it there may be, and getting it."""

from collections.abc import Callable, Mapping
from functools import lru_cache

from starlette.types import Message, Receive

from grantway_gateway.form import parse_form
from grantway_gateway.json_body import parse_json
from grantway_gateway.oauth_errors import OAuthError, invalid_request

MAX_BODY_BYTES = 8 * 1024

Parser = Callable[[bytes], list[tuple[str, str]]]

_PARSERS: Mapping[bytes, Parser] = {
    b"application/x-www-form-urlencoded": parse_form,  # RFC 6749 section 4.4.2
    b"application/json": parse_json,
}


class ClientDisconnected(Exception):
    """The client went away before its request was here: nobody is left to answer."""


async def read_fields(receive: Receive, headers: Mapping[bytes, bytes]) -> list[tuple[str, str]]:
    """The names and values that the body of a request with these *headers* holds.

    Raises:
        OAuthError: invalid_request.
        ClientDisconnected: The client went away.
    """
    parse = parser_for(headers)  # What nobody can read is not waited for.
    return parse(await read_body(receive, headers))


def parser_for(headers: Mapping[bytes, bytes]) -> Parser:
    """What reads a body with these *headers*.

    Raises:
        OAuthError: invalid_request: no such media type, charset or encoding.
    """
    if b"content-encoding" in headers:
        _check_encoding(headers[b"content-encoding"])
    return _parser_of(headers.get(b"content-type", b""))


def _check_encoding(encoding: bytes) -> None:
    # No decompression: a few bytes could become any number (RFC 9110 section 15.5.16, RFC 7694 section 3).
    if encoding.strip().lower() not in (b"", b"identity"):
        raise invalid_request(
            "The body is compressed: send it without Content-Encoding.",
            status=415,
            headers=((b"accept-encoding", b"identity"),),
        )


@lru_cache(maxsize=64)  # Clients send the same few.
def _parser_of(content_type: bytes) -> Parser:
    media_type, *parameters = content_type.lower().split(b";")
    parser = _PARSERS.get(media_type.strip())
    if parser is None:
        raise invalid_request(
            "The Content-Type is not supported: send application/x-www-form-urlencoded or application/json."
        )
    for parameter in parameters:
        name, _, value = parameter.partition(b"=")
        # RFC 9110 section 5.6.6 has no spaces around "=", but whoever writes some means the charset all the same.
        if name.strip() == b"charset" and value.strip().strip(b'"') not in (b"utf-8", b"utf8"):
            raise invalid_request("The charset is not supported: send UTF-8.")
    return parser


async def read_body(receive: Receive, headers: Mapping[bytes, bytes]) -> bytes:
    """The whole body.

    Raises:
        OAuthError: invalid_request: it is too large.
        ClientDisconnected: It never came.
    """
    # The server has checked that this is a number. Refused on its word, before a byte of the body is read.
    if int(headers.get(b"content-length", b"0")) > MAX_BODY_BYTES:
        raise _too_large()
    message = await _next(receive)
    body: bytes = message["body"]
    while message["more_body"]:
        # A chunked body says nothing of its length in advance.
        if len(body) > MAX_BODY_BYTES:
            raise _too_large()
        message = await _next(receive)
        body += message["body"]
    if len(body) > MAX_BODY_BYTES:
        raise _too_large()
    return body


async def _next(receive: Receive) -> Message:
    message = await receive()
    if message["type"] == "http.disconnect":
        raise ClientDisconnected
    return message


def _too_large() -> OAuthError:
    return invalid_request(
        f"The body is larger than {MAX_BODY_BYTES} bytes: send only the parameters of the request.", status=413
    )
