"""Every answer of the gateway is made here: JSON that no cache may keep."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from http import HTTPStatus

from starlette.types import Send

Header = tuple[bytes, bytes]

_ON_EVERY_ANSWER: tuple[Header, ...] = (
    (b"content-type", b"application/json"),
    # RFC 6749 section 5.1 demands both of answers that hold a token; here nothing may be kept, errors included.
    (b"cache-control", b"no-store"),
    (b"pragma", b"no-cache"),
)

_encode = json.JSONEncoder(separators=(",", ":")).encode


@dataclass(frozen=True, slots=True)
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
        lines = [b"HTTP/1.1 %d %s" % (self.status, HTTPStatus(self.status).phrase.encode())]
        lines += [b"%s: %s" % header for header in (*headers, *self.headers, (b"connection", b"close"))]
        return b"\r\n".join([*lines, b"", self.body])


def json_response(status: int, document: Mapping[str, object], headers: tuple[Header, ...] = ()) -> Response:
    """An answer that holds *document*."""
    body = _encode(document).encode()
    return Response(status, (*_ON_EVERY_ANSWER, (b"content-length", b"%d" % len(body)), *headers), body)
