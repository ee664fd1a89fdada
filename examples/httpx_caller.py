"""A service that calls one of the HTTP APIs here through httpx; run one of them beside it."""

import asyncio

import httpx

from dev_settings import setting
from grantway import TokenSource
from grantway.adapters.httpx import TokenAuth


async def main() -> None:
    """Calls it once; the token is obtained on the way, over gRPC."""
    source = TokenSource.over_grpc(
        setting("GRANTWAY_GRPC"),
        client_id=setting("GRANTWAY_CLIENT_ID"),
        client_secret=setting("GRANTWAY_CLIENT_SECRET"),
        scope="demo:read",
    )
    api = f"http://127.0.0.1:{setting('PORT', '8000')}"
    async with source, httpx.AsyncClient(base_url=api, auth=TokenAuth(source)) as orders:
        response = await orders.get("/orders")
        print(response.raise_for_status().json())


if __name__ == "__main__":
    asyncio.run(main())
