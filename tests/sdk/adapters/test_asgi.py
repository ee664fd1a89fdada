"""The ASGI middleware before WebSockets, and where it does not stand."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from grantway import TokenVerifier, strict
from grantway.adapters.asgi import BearerMiddleware, token_in
from tests.deployment import Deployment
from tests.sdk.adapters.served import served_asgi
from tests.sdk.adapters.tokens import Tokens


@pytest.fixture(scope="module", name="url")
def _url(deployment: Deployment) -> Iterator[str]:
    """A WebSocket that needs the scope a."""
    verifier = TokenVerifier(deployment.grpc_target, mode=strict())

    async def whose(socket: WebSocket) -> None:
        await socket.accept()
        await socket.send_text(token_in(socket).client_id)
        await socket.close()

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with verifier:
            yield

    middleware = Middleware(BearerMiddleware, verifier=verifier, realm="orders", scopes=["a"])
    app = Starlette(routes=[WebSocketRoute("/whose", whose)], middleware=[middleware], lifespan=lifespan)
    with served_asgi(app) as url:
        yield url.replace("http", "ws") + "/whose"


def test_a_websocket_opens_with_a_good_token(url: str, tokens: Tokens) -> None:
    """The token is in its scope."""
    headers = {"Authorization": f"Bearer {tokens.issue('a')}"}
    with connect(url, additional_headers=headers) as socket:
        assert tokens.client.client_id == socket.recv()


@pytest.mark.parametrize(
    ("scope", "status", "error"),
    [
        pytest.param(None, 401, None, id="no token"),
        pytest.param("b", 403, 'error="insufficient_scope"', id="another scope"),
    ],
)
def test_a_websocket_is_denied_with_an_http_response(
    url: str, tokens: Tokens, scope: str | None, status: int, error: str | None
) -> None:
    """With the challenge, where the server can send one."""
    headers = {} if scope is None else {"Authorization": f"Bearer {tokens.issue(scope)}"}
    with pytest.raises(InvalidStatus) as denied, connect(url, additional_headers=headers):
        pass

    challenge = denied.value.response.headers["www-authenticate"]
    assert (status, True) == (denied.value.response.status_code, challenge.startswith('Bearer realm="orders"'))
    assert error is None or error in challenge


def test_where_nothing_was_checked_there_is_no_token() -> None:
    """It is not None, which could be taken for somebody."""
    with pytest.raises(LookupError):
        token_in({"type": "http"})
