"""An HTTP token endpoint that checks nothing, served the way the gateway serves.

python -m bench.floors.edge PORT local               mints a random token itself: what uvicorn and Starlette cost
python -m bench.floors.edge PORT unary HOST:PORT     asks the echo core with one unary call per request
python -m bench.floors.edge PORT batched HOST:PORT   asks the echo core through `grantway.batching`

`GET /issued` says how many tokens there were so far: a floor keeps none that could be counted.
"""

import json
import secrets
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from urllib.parse import parse_qsl

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from grantway import TokenClient
from grantway.process.garbage import set_garbage_collection
from grantway.v1 import token_service_pb2 as pb
from grantway.v1 import token_service_pb2_grpc

_TIMEOUT = timedelta(seconds=5)

Issue = Callable[[dict[str, str]], Awaitable[str]]
"""The token for a form."""


class TokenEndpoint:
    """Reads a form, answers with a token: raw ASGI, no `Request`, no `Response`."""

    def __init__(self, issue: Issue) -> None:
        self.issue = issue
        self.issued = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI passes it.
        """One request."""
        message = await receive()
        body = message["body"]
        while message.get("more_body"):
            message = await receive()
            body += message["body"]
        token = await self.issue(dict(parse_qsl(body.decode("ascii"), strict_parsing=True)))
        self.issued += 1
        answer = json.dumps({"access_token": token, "token_type": "Bearer", "expires_in": 3600}).encode()
        await send(
            {
                "type": "http.response.start",
                "status": 200,
                "headers": [
                    (b"content-type", b"application/json"),
                    (b"content-length", b"%d" % len(answer)),
                    (b"cache-control", b"no-store"),
                    (b"pragma", b"no-cache"),
                ],
            }
        )
        await send({"type": "http.response.body", "body": answer})


async def _issue_locally(form: dict[str, str]) -> str:
    assert form["grant_type"] == "client_credentials"
    return f"client_oa2_live_{secrets.token_hex(24)}"


def _issue_by_unary_calls(client: TokenClient) -> Issue:
    stub: token_service_pb2_grpc.TokenServiceAsyncStub = token_service_pb2_grpc.TokenServiceStub(client.channel)
    seconds = _TIMEOUT.total_seconds()

    async def issue(form: dict[str, str]) -> str:
        return (await stub.IssueToken(pb.IssueTokenRequest(**form), timeout=seconds)).access_token

    return issue


def _issue_in_batches(client: TokenClient) -> Issue:
    async def issue(form: dict[str, str]) -> str:
        answer = await client.issue(
            client_id=form["client_id"],
            client_secret=form["client_secret"],
            grant_type=form["grant_type"],
            scope=form["scope"],
        )
        return answer.access_token

    return issue


def create_app(kind: str, core: str) -> Starlette:
    """The application; *kind* as on the command line."""
    endpoint = TokenEndpoint(_issue_locally)

    async def issued(_request: Request) -> PlainTextResponse:
        return PlainTextResponse(str(endpoint.issued))

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:  # noqa: ARG001 - Starlette passes it.
        if kind == "local":
            yield
            return
        async with TokenClient(core, timeout=_TIMEOUT) as client:
            endpoint.issue = {"unary": _issue_by_unary_calls, "batched": _issue_in_batches}[kind](client)
            yield

    routes = [Route("/oauth/token", endpoint, methods=["POST"]), Route("/issued", issued)]
    return Starlette(routes=routes, lifespan=lifespan)


def main() -> None:
    """Serves until told to stop."""
    port, kind, *core = sys.argv[1:]
    app = create_app(kind, core[0] if core else "")
    set_garbage_collection()
    uvicorn.run(app, port=int(port), loop="uvloop", http="httptools", ws="none", access_log=False, log_level="warning")


if __name__ == "__main__":
    main()
