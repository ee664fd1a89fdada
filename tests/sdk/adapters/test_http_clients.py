"""httpx and httpx2: what they send with each request, and what they do after a 401."""

from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager
from typing import Any

import httpx
import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

import grantway.adapters.httpx
import grantway.adapters.httpx2
import grantway.sync
from grantway import InvalidToken, Refused, TokenSource, TokenVerifier, strict
from tests.deployment import Deployment, NewClient
from tests.sdk.adapters.served import served_asgi
from tests.sdk.adapters.tokens import Tokens

_LIBRARIES: dict[str, tuple[Any, Any]] = {
    "httpx": (httpx, grantway.adapters.httpx),
    "httpx2": (httpx2, grantway.adapters.httpx2),
}


class Api:
    """An API that notes what it is sent.

    Attributes:
        seen: The token and the body of each request.
        elsewhere: Where `/elsewhere` redirects to.
    """

    def __init__(self, core: str) -> None:
        self.seen: list[tuple[str | None, bytes]] = []
        self.elsewhere = ""
        self._verifier = TokenVerifier(core, mode=strict())
        routes = [
            Route("/echo", self._echo, methods=["GET", "POST"]),
            Route("/never", self._never, methods=["GET", "POST"]),
            Route("/elsewhere", self._elsewhere),
        ]
        self.app = Starlette(routes=routes, lifespan=self._lifespan)

    @asynccontextmanager
    async def _lifespan(self, _: Starlette) -> AsyncIterator[None]:
        async with self._verifier:
            yield

    async def _note(self, request: Request) -> tuple[str, bytes]:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        body = await request.body()
        self.seen.append((token or None, body))
        return token, body

    async def _echo(self, request: Request) -> Response:
        token, body = await self._note(request)
        try:
            await self._verifier.verify(token)
        except InvalidToken:
            return Response(status_code=401)
        return JSONResponse({"body": body.decode()})

    async def _never(self, request: Request) -> Response:
        await self._note(request)
        return Response(status_code=401)

    async def _elsewhere(self, request: Request) -> Response:
        await self._note(request)
        return RedirectResponse(self.elsewhere)


class Caller:
    """A client of one library with `TokenAuth`, asyncio's or not.

    Attributes:
        source: Where its tokens come from.
    """

    def __init__(self, library: str, url: str, source: Any) -> None:
        self.source = source
        self._library, adapter = _LIBRARIES[library]
        self._options = {"base_url": url, "auth": adapter.TokenAuth(source), "follow_redirects": True}

    async def send(self, method: str, path: str, **content: Any) -> Any:
        """The response."""
        if isinstance(self.source, TokenSource):
            async with self._library.AsyncClient(**self._options) as client:
                return await client.request(method, path, **content)
        with self._library.Client(**self._options) as client:
            return client.request(method, path, **content)

    async def token(self) -> str:
        """The token that is held."""
        token = self.source.token()
        return token if isinstance(token, str) else str(await token)

    def body_of_stream(self, *parts: bytes) -> Any:
        """A body that can be sent once."""

        async def parts_later() -> AsyncIterator[bytes]:
            for part in parts:
                yield part

        return parts_later() if isinstance(self.source, TokenSource) else (part for part in parts)


@pytest.fixture(name="api")
def _api(deployment: Deployment) -> Api:
    return Api(deployment.grpc_target)


@pytest.fixture(name="url")
def _url(api: Api) -> Iterator[str]:
    with served_asgi(api.app) as url:
        yield url


@pytest.fixture(params=_LIBRARIES, name="library")
def _library(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=["asyncio", "threads"], name="caller")
async def _caller(
    request: pytest.FixtureRequest, deployment: Deployment, client: NewClient, library: str, url: str
) -> AsyncIterator[Caller]:
    """A caller of the API with a source of the core's tokens."""
    if request.param == "asyncio":
        async with TokenSource.over_grpc(deployment.grpc_target, **client.credentials, scope="a") as source:
            yield Caller(library, url, source)
    else:
        with grantway.sync.TokenSource.over_grpc(
            deployment.grpc_target, **client.credentials, scope="a"
        ) as threads_source:
            yield Caller(library, url, threads_source)


async def test_requests_share_a_token(caller: Caller, api: Api) -> None:
    """It is obtained once."""
    statuses = [(await caller.send("GET", "/echo")).status_code for _ in range(3)]

    assert [200, 200, 200] == statuses
    assert [(await caller.token(), b"")] * 3 == api.seen


@pytest.mark.parametrize(
    "content",
    [
        pytest.param({"content": b"hello"}, id="bytes"),
        pytest.param({"json": "hello"}, id="JSON"),
        pytest.param({"data": {"a": "hello"}}, id="form"),
        pytest.param({}, id="none"),
    ],
)
async def test_a_request_whose_token_was_rejected_is_sent_again_with_another(
    caller: Caller, api: Api, tokens: Tokens, content: dict[str, Any]
) -> None:
    """Once, and whole; whoever sent it sees the answer only."""
    first = await caller.token()
    tokens.revoke(first)

    response = await caller.send("POST", "/echo", **content)

    second = await caller.token()
    assert httpx.codes.OK == response.status_code
    assert [first, second] == [token for token, _ in api.seen]
    assert first != second
    assert api.seen[0][1] == api.seen[1][1]
    assert (b"hello" in api.seen[1][1]) == bool(content)


async def test_an_api_that_rejects_everything_is_asked_twice(caller: Caller, api: Api) -> None:
    """The second 401 is the answer."""
    response = await caller.send("GET", "/never")

    assert (401, 2) == (response.status_code, len(api.seen))


async def test_a_stream_is_not_sent_again(caller: Caller, api: Api, tokens: Tokens) -> None:
    """Its 401 is the answer, and the next request has another token."""
    first = await caller.token()
    tokens.revoke(first)

    response = await caller.send("POST", "/echo", content=caller.body_of_stream(b"he", b"llo"))
    again = await caller.send("POST", "/echo", content=caller.body_of_stream(b"he", b"llo"))

    assert [401, 200] == [response.status_code, again.status_code]
    assert [b"hello", b"hello"] == [body for _, body in api.seen]
    assert first != api.seen[1][0]


async def test_another_origin_sees_no_token_and_ends_none(caller: Caller, api: Api, deployment: Deployment) -> None:
    """A redirect leads there without it, and its 401 is not about it."""
    other = Api(deployment.grpc_target)
    with ExitStack() as stack:
        api.elsewhere = stack.enter_context(served_asgi(other.app)) + "/never"
        before = await caller.token()
        response = await caller.send("GET", "/elsewhere")

    assert httpx.codes.UNAUTHORIZED == response.status_code
    assert ([(before, b"")], [(None, b"")]) == (api.seen, other.seen)
    assert before == await caller.token()


async def test_where_there_is_no_token_the_request_is_not_sent(
    library: str, api: Api, url: str, deployment: Deployment
) -> None:
    """The reason is the core's."""
    async with TokenSource.over_grpc(
        deployment.grpc_target, client_id="svc_live_nobody", client_secret="wrong"
    ) as source:
        with pytest.raises(Refused, match="INVALID_CLIENT"):
            await Caller(library, url, source).send("GET", "/echo")

    assert [] == api.seen


async def test_a_source_of_the_other_kind_is_refused(library: str, deployment: Deployment, client: NewClient) -> None:
    """Rather than block the loop, or need one."""
    module, adapter = _LIBRARIES[library]
    source = TokenSource.over_grpc(deployment.grpc_target, **client.credentials)
    other = grantway.sync.TokenSource.over_grpc(deployment.grpc_target, **client.credentials)
    with (
        module.Client(auth=adapter.TokenAuth(source)) as threads_client,
        pytest.raises(TypeError, match=r"needs a grantway\.sync\.TokenSource"),
    ):
        threads_client.get("http://127.0.0.1:1")
    async with module.AsyncClient(auth=adapter.TokenAuth(other)) as async_client:
        with pytest.raises(TypeError, match=r"needs a grantway\.TokenSource"):
            await async_client.get("http://127.0.0.1:1")
    await source.close()
    other.close()
