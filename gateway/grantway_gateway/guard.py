"""The outermost layer: refuses what no endpoint should have to think about, and answers whatever an endpoint raises."""

import asyncio
import secrets

import structlog
from starlette.types import ASGIApp, Receive, Scope, Send

from grantway import Refused, Unreachable
from grantway_gateway.oauth_errors import (
    OAuthError,
    invalid_request,
    oauth_error_of,
    server_error,
    temporarily_unavailable,
    unreachable,
)
from grantway_gateway.request_body import ClientDisconnected

_log = structlog.get_logger()

_AT_MOST_ONCE = (b"authorization", b"content-type", b"content-encoding", b"transfer-encoding")
"""Header fields that two readers could read differently if they came twice."""


class RequestGuard:
    """Wraps *app*. The size of a request's head is none of its business: `protocol` bounds it as it comes in."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        try:
            _check_headers(scope)
            await self._app(scope, receive, send)
        except OAuthError as error:
            await error.response().send(send)
        except Refused as refused:  # By the core.
            await oauth_error_of(refused).response().send(send)
        except Unreachable:
            await unreachable().response().send(send)
        except ClientDisconnected:
            pass
        except asyncio.CancelledError:
            # The server stops and this request has had its time. It gets an answer, and as this is the outermost
            # frame of its task, the cancellation has nobody left to tell.
            await temporarily_unavailable("The gateway is stopping: use another one.").response().send(send)
        except Exception:  # noqa: BLE001 - whatever it is, the caller gets an answer and the log the cause.
            request_id = secrets.token_hex(8)
            _log.exception("request failed", request_id=request_id)
            await server_error(request_id).response().send(send)


def _check_headers(scope: Scope) -> None:
    headers: list[tuple[bytes, bytes]] = scope["headers"]
    unique = dict(headers)
    if len(unique) == len(headers) and b"host" in unique and b"transfer-encoding" not in unique:
        return  # Nearly all requests.
    names = [name for name, _ in headers]
    hosts = names.count(b"host")
    # RFC 9112 section 3.2. HTTP/1.0 did not know it, and old health checkers speak that; HTTP/0.9, which has no headers
    # at all, ends here.
    if hosts > 1 or (hosts == 0 and scope["http_version"] != "1.0"):
        raise invalid_request("There must be exactly one Host header: send one.")
    for name in _AT_MOST_ONCE:
        if names.count(name) > 1:
            raise invalid_request("A header that may come once came twice: send each header once.")
    if b"transfer-encoding" in unique:
        _check_transfer_coding(unique[b"transfer-encoding"], scope["http_version"])


def _check_transfer_coding(coding: bytes, http_version: str) -> None:
    """The server has read the body as chunks by now; that is right only if it was nothing else (RFC 9112 section 6.1).

    Before HTTP/1.1 there were none: a proxy of that time in front would see another end of the request.
    """
    if coding.strip().lower() != b"chunked" or http_version != "1.1":
        raise invalid_request("This Transfer-Encoding is not supported: send a Content-Length, or chunks in HTTP/1.1.")
