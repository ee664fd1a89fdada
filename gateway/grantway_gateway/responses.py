"""Every answer of the gateway is made here: JSON that no cache may keep."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from email.utils import formatdate
from http import HTTPStatus
from json.encoder import encode_basestring_ascii as _quoted

from starlette.types import Send

Header = tuple[bytes, bytes]

_ON_EVERY_ANSWER: tuple[Header, ...] = (
    (b"content-type", b"application/json"),
    # RFC 6749 section 5.1 demands both of answers that hold a token; here nothing may be kept, errors included.
    (b"cache-control", b"no-store"),
    (b"pragma", b"no-cache"),
)

_STATUS_LINES = {int(status): b"HTTP/1.1 %d %s\r\n" % (status, status.phrase.encode()) for status in HTTPStatus}

_encode = json.JSONEncoder(separators=(",", ":")).encode


@dataclass(slots=True)  # Frozen would take several times as long, for every request.
class Response:
    """An answer, ready to be sent as often as one likes."""

    status: int
    headers: tuple[Header, ...]
    body: bytes

    async def send(self, send: Send) -> None:
        """Sends it through ASGI."""
        await send({"type": "http.response.start", "status": self.status, "headers": self.headers})
        await send({"type": "http.response.body", "body": self.body})

    def http1(self, headers: Iterable[Header] = ()) -> bytes:
        """As the last message of an HTTP/1.1 connection, with *headers* added: for answers to what is no request."""
        return head(self.status, (*headers, *self.headers), last=True) + self.body


def head(status: int, headers: Iterable[Header], *, last: bool) -> bytes:
    """The head of an HTTP/1.1 answer, after which the connection ends if it is the *last*."""
    lines = [_STATUS_LINES[status]]
    for name, value in headers:
        lines += (name, b": ", value, b"\r\n")
    lines.append(b"connection: close\r\n\r\n" if last else b"\r\n")
    return b"".join(lines)


def json_response(status: int, document: Mapping[str, object], headers: tuple[Header, ...] = ()) -> Response:
    """An answer that holds *document*."""
    return _response(status, _encode(document).encode(), headers)


def token_response(
    access_token: str, *, expires_in_seconds: int, scope: str | None, secret_ends_at: float | None = None
) -> Response:
    """A token (RFC 6749 section 5.1). *scope* is None when the answer is to say nothing of it.

    *secret_ends_at*, in seconds since 1970, is when the secret that obtained it is no good any more; None when that is
    not worth a word.

    Written by hand: setting the standard library's encoder up takes longer than all that it writes here.
    """
    more = "" if scope is None else f',"scope":{_quoted(scope)}'
    return _response(
        200,
        f'{{"access_token":{_quoted(access_token)},"token_type":"Bearer","expires_in":{expires_in_seconds}{more}}}'.encode(),
        () if secret_ends_at is None else ((b"sunset", formatdate(secret_ends_at, usegmt=True).encode()),),
    )


def _response(status: int, body: bytes, headers: tuple[Header, ...] = ()) -> Response:
    return Response(status, (*_ON_EVERY_ANSWER, (b"content-length", b"%d" % len(body)), *headers), body)
