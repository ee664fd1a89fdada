"""The outermost layer: heads that are ambiguous, and endpoints that fail."""

import asyncio
import json

import httpx
import pytest
from starlette.types import Message, Receive, Scope, Send

from grantway import ErrorReason, GrantwayError, Refused, Unreachable
from grantway_gateway.guard import RequestGuard
from grantway_gateway.request_body import ClientDisconnected
from tests.gateway.harness import NO_STORE, headers_of
from tests.log_reader import StartLog

_HOST = ("host", "gateway")


async def _fine(scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG001 - ASGI's signature.
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b""})


async def _answers(headers: list[tuple[str, str]]) -> httpx.Response:
    transport = httpx.ASGITransport(RequestGuard(_fine))
    request = httpx.Request("POST", "http://gateway/", headers=headers)
    request.headers = httpx.Headers(headers)  # Without those that httpx adds.
    async with httpx.AsyncClient(transport=transport) as client:
        return await client.send(request)


_NO_HOST = "There must be exactly one Host header: send one."
_TWICE = "A header that may come once came twice: send each header once."


@pytest.mark.parametrize(
    ("headers", "description"),
    [
        pytest.param([], _NO_HOST, id="no-host"),
        pytest.param([_HOST, _HOST], _NO_HOST, id="two-hosts"),
        pytest.param([_HOST, ("authorization", "a"), ("Authorization", "b")], _TWICE, id="two-authorizations"),
        pytest.param([_HOST, ("content-type", "a"), ("content-type", "a")], _TWICE, id="two-content-types"),
        pytest.param([_HOST, ("content-encoding", "a"), ("content-encoding", "a")], _TWICE, id="two-encodings"),
        pytest.param(
            [_HOST, ("transfer-encoding", "gzip"), ("transfer-encoding", "chunked")],
            _TWICE,
            id="two-transfer-encodings",
        ),
    ],
)
async def test_an_ambiguous_head_is_refused(headers: list[tuple[str, str]], description: str) -> None:
    """What two readers could read differently is read by none."""
    response = await _answers(headers)

    assert (400, NO_STORE) == (response.status_code, headers_of(response))
    assert {"error": "invalid_request", "error_description": description} == response.json()


@pytest.mark.parametrize("host", ["gateway", "", "evil/oauth/token?x=", "a@b", "x#"])
async def test_what_the_host_is_does_not_matter(host: str) -> None:
    """Nothing is derived from it."""
    response = await _answers([("host", host), ("x", "1"), ("x", "2")])

    assert 204 == response.status_code


class _Secret(Exception):
    """Its text holds what no log may hold."""


async def _fails(scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG001 - ASGI's signature.
    secret = "gws_live_canary"
    try:
        int(secret)
    except ValueError as error:
        raise _Secret(secret) from error


async def test_an_endpoint_that_fails_is_500_with_a_number_to_report(start_log: StartLog) -> None:
    """The caller gets a fixed text; the log gets the cause under the same number, and nothing that was sent."""
    read_log = start_log()
    transport = httpx.ASGITransport(RequestGuard(_fails))
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
        response = await client.post("/oauth/token?secret=canary", content=b"canary", headers={"x": "canary"})

    request_id = response.headers["x-request-id"]
    assert (500, NO_STORE | {"x-request-id": request_id}) == (response.status_code, headers_of(response))
    assert response.json() == {
        "error": "server_error",
        "error_description": "The service failed: try again, and report it if it goes on.",
    }
    (event,) = read_log()
    assert "canary" not in str(event)
    assert ("request failed", "error", request_id) == (event["event"], event["level"], event["request_id"])
    assert ["_Secret", "ValueError"] == [line.partition(":")[0] for line in event["cause"]]
    assert "_fails (" in event["cause"][0]


async def _sent(error: BaseException) -> list[Message]:
    """What is sent when the endpoint raises *error*."""
    messages: list[Message] = []

    async def raises(scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG001 - ASGI's signature.
        raise error

    async def receive() -> Message:
        raise NotImplementedError

    async def send(message: Message) -> None:
        messages.append(message)

    await RequestGuard(raises)({"type": "http", "headers": [(b"host", b"gateway")]}, receive, send)
    return messages


@pytest.mark.parametrize(
    ("error", "answer"),
    [
        pytest.param(
            Refused(ErrorReason.ERROR_REASON_INVALID_SCOPE, "Ask for less."),
            (400, {"error": "invalid_scope", "error_description": "Ask for less."}),
            id="the core said no",
        ),
        pytest.param(
            Unreachable("canary"),
            (
                503,
                {
                    "error": "temporarily_unavailable",
                    "error_description": (
                        "The service did not answer in time: try again after the time in Retry-After."
                    ),
                },
            ),
            id="no core answered",
        ),
    ],
)
async def test_what_the_core_did_not_grant_is_an_error(
    error: GrantwayError, answer: tuple[int, dict[str, str]]
) -> None:
    """Whichever endpoint has asked it."""
    start, body = await _sent(error)

    assert answer == (start["status"], json.loads(body["body"]))


async def test_a_client_that_went_away_is_no_failure() -> None:
    """Nobody is there to be answered."""
    assert [] == await _sent(ClientDisconnected())


async def test_a_request_that_is_cut_off_at_the_end_is_answered() -> None:
    """The server cancels what is not done in time when it stops."""
    start, body = await _sent(asyncio.CancelledError())

    assert 503 == start["status"]
    assert "The gateway is stopping: use another one." == json.loads(body["body"])["error_description"]
