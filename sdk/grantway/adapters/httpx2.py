"""Access tokens for the requests of httpx2: obtained, renewed before they end, and once more when an API rejects one.

    source = TokenSource.over_grpc("127.0.0.1:50051", client_id=..., client_secret=..., scope="orders:read")
    async with source, httpx2.AsyncClient(base_url="https://orders.example", auth=TokenAuth(source)) as orders:
        print((await orders.get("/orders")).json())

With the source of `grantway.sync` the same for `httpx2.Client`. Each request of the client gets the token, wherever it
goes: have a client for each API. A redirect to another origin goes without it.
"""

from collections.abc import AsyncGenerator, Generator
from contextlib import suppress

import httpx2

import grantway.sync
from grantway import GrantwayError, TokenSource
from grantway.adapters.rejected_tokens import HEADER, credentials, rejects


class TokenAuth(httpx2.Auth):
    """Sends a token of *source* with each request; after a 401, once, another one (rules: `rejected_tokens`).

    Requests raise `Refused` or `Unreachable` where there is no token to be had.

    Args:
        source: Whoever made it opens and closes it. One of `grantway` is for `AsyncClient`, one of `grantway.sync` for
            `Client`.
    """

    def __init__(self, source: TokenSource | grantway.sync.TokenSource) -> None:
        self._source = source

    async def async_auth_flow(self, request: httpx2.Request) -> AsyncGenerator[httpx2.Request, httpx2.Response]:
        """Called by `AsyncClient`."""
        source = self._source
        if not isinstance(source, TokenSource):
            raise TypeError("an AsyncClient needs a grantway.TokenSource, not one of grantway.sync")
        token = await source.token()
        request.headers[HEADER] = credentials(token)
        response = yield request
        if not rejects(response.status_code, response.request.headers, token):
            return
        if isinstance(request.stream, httpx2.ByteStream):
            request.headers[HEADER] = credentials(await source.renewed(token))
            yield request
        else:
            with suppress(GrantwayError):  # The answer to this request is the 401, whatever happens here.
                await source.renewed(token)

    def sync_auth_flow(self, request: httpx2.Request) -> Generator[httpx2.Request, httpx2.Response, None]:
        """Called by `Client`."""
        source = self._source
        if isinstance(source, TokenSource):
            raise TypeError("a Client needs a grantway.sync.TokenSource, not one of grantway")
        token = source.token()
        request.headers[HEADER] = credentials(token)
        response = yield request
        if not rejects(response.status_code, response.request.headers, token):
            return
        if isinstance(request.stream, httpx2.ByteStream):
            request.headers[HEADER] = credentials(source.renewed(token))
            yield request
        else:
            with suppress(GrantwayError):
                source.renewed(token)
