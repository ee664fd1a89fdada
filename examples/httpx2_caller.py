"""A service without asyncio that calls one of the HTTP APIs here through httpx2; run one of them beside it."""

import httpx2

from dev_settings import setting
from grantway.adapters.httpx2 import TokenAuth
from grantway.sync import TokenSource


def main() -> None:
    """Calls it once; the token is obtained on the way, over HTTP."""
    source = TokenSource.over_http(
        setting("GRANTWAY_URL"),
        client_id=setting("GRANTWAY_CLIENT_ID"),
        client_secret=setting("GRANTWAY_CLIENT_SECRET"),
        scope="demo:read",
    )
    api = f"http://127.0.0.1:{setting('PORT', '8000')}"
    with source, httpx2.Client(base_url=api, auth=TokenAuth(source)) as orders:
        response = orders.get("/orders")
        print(response.raise_for_status().json())


if __name__ == "__main__":
    main()
