"""An API on FastAPI. Each route says which scopes it needs, and the OpenAPI document (/docs) says it too."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

import uvicorn
from fastapi import FastAPI, Security

from dev_settings import setting
from grantway import TokenVerifier, VerifiedToken
from grantway.adapters.fastapi import BearerToken

verifier = TokenVerifier(setting("GRANTWAY_GRPC"), audiences=["https://orders.example"])
bearer = BearerToken(
    verifier,
    realm="orders",
    token_url=setting("GRANTWAY_URL") + "/oauth/token",
    scopes={"demo:read": "See orders.", "demo:write": "Place orders."},
)


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    """The verifier lives as long as the application."""
    async with verifier:
        yield


app = FastAPI(title="Orders", lifespan=lifespan)


@app.get("/orders")
async def orders(token: Annotated[VerifiedToken, Security(bearer, scopes=["demo:read"])]) -> dict[str, str]:
    """Says whose orders these would be."""
    return {"orders_of": token.client_id}


if __name__ == "__main__":
    uvicorn.run(app, port=int(setting("PORT", "8000")))
