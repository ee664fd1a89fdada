"""Each HTTP adapter before a small API, on a real server: `GET /orders` needs the scope a, `GET /free` no token.

The realm is "orders", and the API answers with the id of the client whose token it was.
"""

import json
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager
from socketserver import ThreadingMixIn
from typing import TYPE_CHECKING, Annotated, Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import uvicorn
from django.core.handlers.asgi import ASGIHandler
from django.core.handlers.wsgi import WSGIHandler
from django.test import override_settings
from fastapi import FastAPI, Security
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

import grantway.sync
from grantway import TokenVerifier, VerifiedToken, strict
from grantway.adapters import asgi, wsgi
from grantway.adapters.fastapi import BearerToken
from tests.sdk.adapters import django_site

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

_START_SECONDS = 10


@contextmanager
def served_asgi(app: Any) -> Iterator[str]:
    """The URL of *app* on uvicorn, in a thread."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_config=None))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        deadline = time.monotonic() + _START_SECONDS
        while not server.started:
            assert thread.is_alive()
            assert time.monotonic() < deadline
            time.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Handler(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def served_wsgi(app: "WSGIApplication") -> Iterator[str]:
    """The URL of *app* on the server of the standard library, in a thread."""
    with make_server("127.0.0.1", 0, app, _Server, _Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def starlette_api(core: str) -> Iterator[str]:
    """The ASGI middleware before an application of Starlette."""
    verifier = TokenVerifier(core, mode=strict())

    async def orders(request: Request) -> JSONResponse:
        return JSONResponse({"client_id": asgi.token_in(request).client_id})

    async def free(_: Request) -> JSONResponse:
        return JSONResponse({"free": True})

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with verifier:
            yield

    app = Starlette(
        routes=[Route("/orders", orders), Route("/free", free)],
        middleware=[Middleware(asgi.BearerMiddleware, verifier=verifier, realm="orders", scopes="a", public=["/free"])],
        lifespan=lifespan,
    )
    with served_asgi(app) as url:
        yield url


@contextmanager
def fastapi_api(core: str) -> Iterator[str]:
    """The dependency in an application of FastAPI."""
    verifier = TokenVerifier(core, mode=strict())
    bearer = BearerToken(verifier, realm="orders")

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with verifier:
            yield

    app = FastAPI(lifespan=lifespan)

    @app.get("/orders")
    async def orders(token: Annotated[VerifiedToken, Security(bearer, scopes=["a"])]) -> dict[str, str]:
        return {"client_id": token.client_id}

    @app.get("/free")
    async def free() -> dict[str, bool]:
        return {"free": True}

    with served_asgi(app) as url:
        yield url


@contextmanager
def wsgi_api(core: str, *audiences: str) -> Iterator[str]:
    """The WSGI middleware before a bare application, which is *audiences*."""

    def app(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        start_response("200 OK", [("Content-Type", "application/json")])
        free = environ["PATH_INFO"] == "/free"
        said = {"free": True} if free else {"client_id": wsgi.token_in(environ).client_id}
        return [json.dumps(said).encode()]

    with (
        grantway.sync.TokenVerifier(core, audiences=audiences, mode=strict()) as verifier,
        served_wsgi(wsgi.BearerMiddleware(app, verifier, realm="orders", scopes="a", public=["/free"])) as url,
    ):
        yield url


@contextmanager
def django_wsgi_api(core: str) -> Iterator[str]:
    """The middleware of Django under WSGI."""
    with override_settings(GRANTWAY=django_site.grantway_settings(core)), served_wsgi(WSGIHandler()) as url:
        yield url


@contextmanager
def django_asgi_api(core: str) -> Iterator[str]:
    """The middleware of Django under ASGI."""
    with override_settings(GRANTWAY=django_site.grantway_settings(core)), served_asgi(ASGIHandler()) as url:
        yield url


@contextmanager
def drf_api(core: str) -> Iterator[str]:
    """Authentication and permission of Django REST framework, without the middleware."""
    with (
        override_settings(
            GRANTWAY=django_site.grantway_settings(core), MIDDLEWARE=[], ROOT_URLCONF="tests.sdk.adapters.drf_urls"
        ),
        served_wsgi(WSGIHandler()) as url,
    ):
        yield url


APIS: dict[str, Callable[[str], AbstractContextManager[str]]] = {
    "Starlette": starlette_api,
    "FastAPI": fastapi_api,
    "WSGI": wsgi_api,
    "Django under WSGI": django_wsgi_api,
    "Django under ASGI": django_asgi_api,
    "Django REST framework": drf_api,
}
"""By the name of the adapter: what serves the API, given the address of a core."""
