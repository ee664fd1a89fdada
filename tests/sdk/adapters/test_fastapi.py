"""FastAPI: what its OpenAPI document says, and dependencies in groups of routes."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

import httpx
import pytest
from fastapi import APIRouter, Depends, FastAPI, Security, WebSocket
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from grantway import TokenVerifier, VerifiedToken, strict
from grantway.adapters.fastapi import BearerToken
from tests.deployment import Deployment
from tests.sdk.adapters.served import served_asgi
from tests.sdk.adapters.tokens import Tokens


def _app(core: str, **options: Any) -> FastAPI:
    verifier = TokenVerifier(core, mode=strict())
    bearer = BearerToken(verifier, **options)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with verifier:
            yield

    app = FastAPI(lifespan=lifespan)
    router = APIRouter(dependencies=[Security(bearer, scopes=["a"])])

    @router.get("/read")
    async def read() -> None: ...

    @router.get("/write")
    async def write(token: Annotated[VerifiedToken, Security(bearer, scopes=["b"])]) -> list[str]:
        return sorted(token.scopes)

    @app.get("/any")
    async def any_token(token: Annotated[VerifiedToken, Depends(bearer)]) -> str:
        return token.client_id

    @app.websocket("/socket")
    async def socket(socket: WebSocket, token: Annotated[VerifiedToken, Security(bearer, scopes=["a"])]) -> None:
        await socket.accept()
        await socket.send_text(token.client_id)
        await socket.close()

    app.include_router(router)
    return app


@pytest.fixture(scope="module", name="api")
def _api(deployment: Deployment) -> Iterator[httpx.Client]:
    with served_asgi(_app(deployment.grpc_target)) as url, httpx.Client(base_url=url) as client:
        yield client


@pytest.mark.parametrize(
    ("path", "scope", "status"),
    [
        pytest.param("/any", "b", 200, id="any token where no scope is asked for"),
        pytest.param("/read", "a", 200, id="the scope of the group"),
        pytest.param("/read", "b", 403, id="not the scope of the group"),
        pytest.param("/write", "a b", 200, id="the scopes of the group and of the route"),
        pytest.param("/write", "b", 403, id="the scope of the route only"),
        pytest.param("/write", "a", 403, id="the scope of the group only"),
    ],
)
def test_each_route_needs_its_scopes_and_those_of_its_group(
    api: httpx.Client, tokens: Tokens, path: str, scope: str, status: int
) -> None:
    """As FastAPI gathers them."""
    response = api.get(path, headers={"Authorization": f"Bearer {tokens.issue(scope)}"})

    assert status == response.status_code


def test_a_websocket_needs_them_too(api: httpx.Client, tokens: Tokens) -> None:
    """The server says 403, whatever was wrong."""
    url = f"{api.base_url}/socket".replace("http", "ws")
    with connect(url, additional_headers={"Authorization": f"Bearer {tokens.issue('a')}"}) as socket:
        assert tokens.client.client_id == socket.recv()
    for text in ("x", tokens.issue("b")):
        with (
            pytest.raises(InvalidStatus, match="403"),
            connect(url, additional_headers={"Authorization": f"Bearer {text}"}),
        ):
            pass


def test_the_document_says_that_a_bearer_token_is_needed_and_which_scopes() -> None:
    """Without a place to get one."""
    document = _app("127.0.0.1:1").openapi()

    assert {"Grantway": {"type": "http", "scheme": "bearer", "description": "An access token of Grantway."}} == (
        document["components"]["securitySchemes"]
    )
    assert [{"Grantway": []}] == document["paths"]["/any"]["get"]["security"]
    assert [{"Grantway": ["a"]}] == document["paths"]["/read"]["get"]["security"]


def test_the_document_can_say_where_tokens_come_from() -> None:
    """For whoever makes a client from it."""
    document = _app(
        "127.0.0.1:1", token_url="https://auth.example/oauth/token", scopes={"a": "Read."}, scheme_name="Orders"
    ).openapi()

    flow = {"tokenUrl": "https://auth.example/oauth/token", "scopes": {"a": "Read."}}
    assert {"Orders": {"type": "oauth2", "flows": {"clientCredentials": flow}}} == (
        document["components"]["securitySchemes"]
    )
