"""An API on Starlette. The middleware is plain ASGI: it stands before any other framework, too."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from dev_settings import setting
from grantway import TokenVerifier
from grantway.adapters.asgi import BearerMiddleware, token_in

verifier = TokenVerifier(setting("GRANTWAY_GRPC"), audiences=["https://orders.example"])


async def orders(request: Request) -> JSONResponse:
    """Says whose orders these would be."""
    return JSONResponse({"orders_of": token_in(request).client_id})


@asynccontextmanager
async def lifespan(_: Starlette) -> AsyncIterator[None]:
    """The verifier lives as long as the application."""
    async with verifier:
        yield


app = Starlette(
    routes=[Route("/orders", orders)],
    middleware=[Middleware(BearerMiddleware, verifier=verifier, realm="orders", scopes="demo:read")],
    lifespan=lifespan,
)

if __name__ == "__main__":
    uvicorn.run(app, port=int(setting("PORT", "8000")))
