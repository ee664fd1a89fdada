"""What HTTP clients do with tokens: one goes with each request, and another one after a 401. For httpx and httpx2.

Rules:
1. Once more only: an API that rejects a fresh token as well rejects something else.
2. Only if the token was there: a redirect to another origin goes without it.
3. Only if the body is in memory. A stream may be half used up; its request is answered with the 401, and the next
   one has another token.
"""

from collections.abc import AsyncGenerator, Generator, MutableMapping
from contextlib import suppress
from http import HTTPStatus
from typing import ClassVar, Generic, Protocol, TypeVar

import grantway.sync
from grantway import GrantwayError, TokenSource

_HEADER = "Authorization"


class _Request(Protocol):
    """A request of either library."""

    @property
    def headers(self) -> MutableMapping[str, str]: ...

    @property
    def stream(self) -> object: ...


class _Response(Protocol):
    """A response of either library."""

    @property
    def status_code(self) -> int: ...

    @property
    def request(self) -> _Request: ...


_Sent = TypeVar("_Sent", bound=_Request)
_Received = TypeVar("_Received", bound=_Response)


class TokenFlows(Generic[_Sent, _Received]):
    """Both flows of a library's `Auth`, by the rules above.

    Requests raise `Refused` or `Unreachable` where there is no token to be had.

    Args:
        source: Whoever made it opens and closes it. One of `grantway` is for `AsyncClient`, one of `grantway.sync` for
            `Client`.
    """

    body_in_memory: ClassVar[type]
    """What the stream of a request is whose body is in memory."""

    def __init__(self, source: TokenSource | grantway.sync.TokenSource) -> None:
        self._source = source

    async def async_auth_flow(self, request: _Sent) -> AsyncGenerator[_Sent, _Received]:
        """Called by `AsyncClient`."""
        source = self._source
        if not isinstance(source, TokenSource):
            raise TypeError("an AsyncClient needs a grantway.TokenSource, not one of grantway.sync")
        token = await source.token()
        request.headers[_HEADER] = _credentials(token)
        response = yield request
        if not _rejects(response, token):
            return
        if isinstance(request.stream, self.body_in_memory):
            request.headers[_HEADER] = _credentials(await source.renewed(token))
            yield request
        else:
            with suppress(GrantwayError):  # The answer to this request is the 401, whatever happens here.
                await source.renewed(token)

    def sync_auth_flow(self, request: _Sent) -> Generator[_Sent, _Received, None]:
        """Called by `Client`."""
        source = self._source
        if isinstance(source, TokenSource):
            raise TypeError("a Client needs a grantway.sync.TokenSource, not one of grantway")
        token = source.token()
        request.headers[_HEADER] = _credentials(token)
        response = yield request
        if not _rejects(response, token):
            return
        if isinstance(request.stream, self.body_in_memory):
            request.headers[_HEADER] = _credentials(source.renewed(token))
            yield request
        else:
            with suppress(GrantwayError):
                source.renewed(token)


def _credentials(token: str) -> str:
    """The value of the header (RFC 6750 section 2.1)."""
    return f"Bearer {token}"


def _rejects(response: _Response, token: str) -> bool:
    """Whether *response* rejects *token*, which its request brought."""
    sent = response.request.headers.get(_HEADER)
    return response.status_code == HTTPStatus.UNAUTHORIZED and sent == _credentials(token)
