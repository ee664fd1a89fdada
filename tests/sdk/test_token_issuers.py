"""Tokens from a real core and a real gateway, and from servers that are neither."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from grantway import GrantwayError, Refused, TokenClient, TokenSource
from grantway.v1 import token_service_pb2 as pb
from tests.deployment import Deployment, NewClient
from tests.programs import free_ports

_Make = Callable[..., TokenSource]


def _over_grpc(deployment: Deployment, **arguments: object) -> TokenSource:
    return TokenSource.over_grpc(deployment.grpc_target, **arguments)  # type: ignore[arg-type]


def _over_http(deployment: Deployment, **arguments: object) -> TokenSource:
    return TokenSource.over_http(deployment.http_url + "/", **arguments)  # type: ignore[arg-type]


_BOTH = pytest.mark.parametrize("make", [pytest.param(_over_grpc, id="grpc"), pytest.param(_over_http, id="http")])


@pytest.fixture(name="account")
def _account(deployment: Deployment) -> NewClient:
    return deployment.create_client(scopes=["a", "b"], audiences=["https://one.example", "https://two.example"])


def _introspected(deployment: Deployment, token: str) -> pb.IntrospectTokenResponse:
    return deployment.tokens.IntrospectToken(pb.IntrospectTokenRequest(token=token), timeout=5)


async def _failure(source: TokenSource) -> str:
    async with source:
        try:
            await source.token()
        except GrantwayError as error:
            return f"{type(error).__name__}: {error}"
    return "a token"


@_BOTH
async def test_a_source_gets_the_token_that_it_is_to_get(
    deployment: Deployment, account: NewClient, make: _Make
) -> None:
    """Of its client, its scope and its audiences; it is good."""
    audiences = ["https://one.example", "https://two.example"]
    async with make(deployment, **account.credentials, scope="b", audiences=audiences) as source:
        said = _introspected(deployment, await source.token())

    assert (True, account.client_id, "b", audiences) == (said.active, said.client_id, said.scope, list(said.audiences))


@_BOTH
async def test_a_token_that_was_revoked_is_replaced(deployment: Deployment, account: NewClient, make: _Make) -> None:
    """Once the service that it was shown to has said 401."""
    async with make(deployment, **account.credentials) as source:
        old = await source.token()
        deployment.tokens.RevokeToken(pb.RevokeTokenRequest(token=old), timeout=5)
        new = await source.renewed(old)

    assert [False, True] == [_introspected(deployment, token).active for token in (old, new)]


@_BOTH
@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        pytest.param(
            {"client_secret": "wrong"}, "Refused: INVALID_CLIENT: Client authentication failed: ", id="secret"
        ),
        pytest.param({"scope": "c"}, "Refused: INVALID_SCOPE: The client may not ask for this scope: ", id="scope"),
        pytest.param({"audiences": ["https://other.example"]}, "Refused: INVALID_TARGET: ", id="audience"),
    ],
)
async def test_a_refusal_is_the_same_on_both_ways(
    deployment: Deployment, account: NewClient, make: _Make, arguments: dict[str, object], expected: str
) -> None:
    """Its reason is what to decide by."""
    assert (await _failure(make(deployment, **(account.post | arguments)))).startswith(expected)


async def test_a_client_that_was_given_stays_open(deployment: Deployment, account: NewClient) -> None:
    """Its owner closes it."""
    async with TokenClient(deployment.grpc_target) as client:
        async with TokenSource.over_grpc(client, **account.credentials) as source:
            token = await source.token()

        assert (await client.introspect(token)).active


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        pytest.param(TokenSource.over_grpc, "Unreachable: no core answered in time (UNAVAILABLE)", id="grpc"),
        pytest.param(
            lambda address, **credentials: TokenSource.over_http(f"http://{address}", **credentials),
            "Unreachable: no gateway answered in time (ConnectError)",
            id="http",
        ),
    ],
)
async def test_nobody_there_is_told(make: _Make, expected: str) -> None:
    """Soon."""
    assert expected == await _failure(make(f"127.0.0.1:{free_ports(1)[0]}", client_id="a", client_secret="b"))


@asynccontextmanager
async def _answering(answer: bytes) -> AsyncIterator[tuple[str, list[bytes]]]:
    """A server that answers every request with *answer*: where it is, and the requests."""
    requests: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        requests.append(head + await reader.readexactly(length))
        writer.write(answer)
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", requests


def _response(status: str, body: bytes, *headers: bytes) -> bytes:
    lines = [b"HTTP/1.1 " + status.encode(), b"content-length: %d" % len(body), b"connection: close", *headers]
    return b"\r\n".join([*lines, b"", body])


_UNKNOWN = "Refused: INTERNAL: the request failed (HTTP {})"
_NO_TOKEN = "Refused: INTERNAL: the answer holds no Bearer token with a lifetime"


def _granting(**fields: object) -> bytes:
    """An answer that would be right without *fields*."""
    right = {"access_token": "canary", "token_type": "Bearer", "expires_in": 60}
    return _response("200 OK", json.dumps(right | fields).encode())


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        pytest.param(_response("200 OK", b"<html>"), _NO_TOKEN, id="no-json"),
        pytest.param(_response("200 OK", b"[]"), _NO_TOKEN, id="no-object"),
        pytest.param(_response("200 OK", b"[" * 100_000), _NO_TOKEN, id="nested-without-end"),
        pytest.param(_granting(expires_in=None), _NO_TOKEN, id="no-lifetime"),
        pytest.param(_granting(expires_in=-5), _NO_TOKEN, id="a-life-that-is-over"),
        pytest.param(_granting(expires_in=True), _NO_TOKEN, id="a-lifetime-that-is-no-number"),
        pytest.param(_granting(token_type="mac"), _NO_TOKEN, id="another-type"),
        pytest.param(_granting(token_type=None), _NO_TOKEN, id="no-type"),
        pytest.param(_granting(access_token="t\r\nX: y"), _NO_TOKEN, id="a-token-that-is-another-header"),
        pytest.param(_granting(access_token="t\u0661"), _NO_TOKEN, id="a-token-that-is-not-ascii"),
        pytest.param(_granting(access_token=""), _NO_TOKEN, id="an-empty-token"),
        pytest.param(_response("302 Found", b"", b"location: /"), _UNKNOWN.format(302), id="elsewhere"),
        pytest.param(
            _response("401 Unauthorized", b'{"error": "invalid_client"}'),
            "Refused: INVALID_CLIENT: the request failed (HTTP 401)",
            id="without-a-description",
        ),
        pytest.param(
            _response("429 Too Many Requests", b'{"error": "x", "error_description": "Wait."}', b"retry-after: 7"),
            "Refused: RATE_LIMITED: Wait.",
            id="too-many",
        ),
        pytest.param(
            _response("503 Service Unavailable", b""),
            "Refused: STORAGE_UNAVAILABLE: the request failed (HTTP 503)",
            id="busy",
        ),
        pytest.param(
            _response("502 Bad Gateway", b""), "Unreachable: no gateway answered in time (502)", id="nobody-behind"
        ),
        pytest.param(
            b"nonsense\r\n\r\n", "Unreachable: no gateway answered in time (RemoteProtocolError)", id="no-http"
        ),
    ],
)
async def test_an_answer_that_is_not_the_gateways_is_an_error(answer: bytes, expected: str) -> None:
    """Nothing of what it says is repeated, unless it says it as OAuth does."""
    async with _answering(answer) as (url, _):
        assert expected == await _failure(TokenSource.over_http(url, client_id="a", client_secret="b"))


@pytest.mark.parametrize(
    ("header", "retry_after"),
    [
        pytest.param(b"7", timedelta(seconds=7), id="seconds"),
        pytest.param(b"99999999999999999", timedelta(hours=1), id="longer-than-anybody-would-wait"),
        pytest.param(b"9" * 5000, None, id="more-digits-than-a-number-has"),
        pytest.param(b"Wed, 21 Oct 2015 07:28:00 GMT", None, id="a-date"),
        pytest.param(b"\xb2", None, id="a-digit-of-another-kind"),
    ],
)
async def test_a_gateway_says_how_long_to_wait(header: bytes, retry_after: timedelta | None) -> None:
    """For an hour at most."""
    body = b'{"error": "x", "error_description": "Wait."}'
    async with (
        _answering(_response("429 Too Many Requests", body, b"retry-after: " + header)) as (url, _),
        TokenSource.over_http(url, client_id="a", client_secret="b") as source,
    ):
        with pytest.raises(Refused) as caught:
            await source.token()

    assert retry_after == caught.value.retry_after


async def test_a_lifetime_without_end_is_counted_for_a_year() -> None:
    """No clock counts further."""
    async with (
        _answering(_granting(expires_in=10**400, token_type="bearer")) as (url, _),
        TokenSource.over_http(url, client_id="a", client_secret="b") as source,
    ):
        assert (await source.token(), source.held()) == ("canary", "canary")


async def test_a_gateway_that_hangs_is_given_up() -> None:
    """After the timeout."""
    over = asyncio.Event()

    async def hang(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await over.wait()
        writer.close()

    async with await asyncio.start_server(hang, "127.0.0.1", 0) as server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        timeout = timedelta(milliseconds=200)
        failure = await _failure(TokenSource.over_http(url, client_id="a", client_secret="b", timeout=timeout))
        over.set()
        await asyncio.sleep(0.01)

    assert failure == "Unreachable: no gateway answered in time (ReadTimeout)"


async def test_credentials_are_encoded_as_oauth_says() -> None:
    """RFC 6749 section 2.3.1: as in a form, then as Basic. Secrets that came from elsewhere may hold anything."""
    async with (
        _answering(_granting(access_token="x")) as (url, requests),
        TokenSource.over_http(url, client_id="a:b", client_secret="50% ü+") as source,
    ):
        token = await source.token()

    credentials = base64.b64encode(b"a%3Ab:50%25+%C3%BC%2B")
    assert token == "x"
    assert b"\r\nAuthorization: Basic " + credentials + b"\r\n" in requests[0]
