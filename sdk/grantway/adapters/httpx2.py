"""Access tokens for the requests of httpx2: obtained, renewed before they end, and once more when an API rejects one.

    source = TokenSource.over_grpc("127.0.0.1:50051", client_id=..., client_secret=..., scope="orders:read")
    async with source, httpx2.AsyncClient(base_url="https://orders.example", auth=TokenAuth(source)) as orders:
        print((await orders.get("/orders")).json())

With the source of `grantway.sync` the same for `httpx2.Client`. Each request of the client gets the token, wherever it
goes: have a client for each API. A redirect to another origin goes without it.
"""

import httpx2

from grantway.adapters.token_flows import TokenFlows


class TokenAuth(TokenFlows[httpx2.Request, httpx2.Response], httpx2.Auth):
    """Sends a token of a source with each request; after a 401, once, another one (rules: `token_flows`).

    Requests raise `Refused` or `Unreachable` where there is no token to be had.

    Args:
        source: Whoever made it opens and closes it. One of `grantway` is for `AsyncClient`, one of `grantway.sync` for
            `Client`.
    """

    body_in_memory = httpx2.ByteStream
