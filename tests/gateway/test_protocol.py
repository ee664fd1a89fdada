"""What comes in over bare connections: malformed, too large, too slow, too many."""

import asyncio
import json
import socket
import struct
import time
from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio

from tests.fakes.core import ACCESS_TOKEN, FakeCore, running_fake_core
from tests.gateway.harness import CREDENTIALS, GRANT, Gateway, serving_gateway
from tests.log_reader import StartLog

_BODY = b"grant_type=client_credentials&client_id=svc&client_secret=gws"
_HEAD = b"POST /oauth/token HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"
_LENGTH = b"Content-Length: %d\r\n" % len(_BODY)
_REQUEST = _HEAD + _LENGTH + b"\r\n" + _BODY
_LAST_REQUEST = _HEAD + _LENGTH + b"Connection: close\r\n\r\n" + _BODY

_NO_STORE = (b"content-type: application/json", b"cache-control: no-store", b"pragma: no-cache")


def _answers(received: bytes) -> list[tuple[int, str]]:
    """Status and description (or token) of each answer in *received*, none of which a cache may keep."""
    answers = []
    while received:
        head, _, rest = received.partition(b"\r\n\r\n")
        status_line, *lines = head.split(b"\r\n")
        assert set(_NO_STORE) <= set(lines)
        headers = dict(line.split(b": ", 1) for line in lines)
        length = int(headers[b"content-length"])
        document = json.loads(rest[:length])
        answers.append((int(status_line.split()[1]), document.get("error_description") or document["access_token"]))
        received = rest[length:]
    return answers


_OK = (200, ACCESS_TOKEN)
_MALFORMED = (400, "This is not a valid HTTP/1.1 request: check the client.")
_NO_HOST = (400, "There must be exactly one Host header: send one.")
_TWICE = (400, "A header that may come once came twice: send each header once.")
_HEAD_TOO_LARGE = (431, "The headers are too large or too many: send fewer.")
_URL_TOO_LONG = (414, "The URL is too long: send parameters in the body.")
_TOO_LARGE = (413, "The body is larger than 8192 bytes: send only the parameters of the request.")
_CODING = (400, "This Transfer-Encoding is not supported: send a Content-Length, or chunks in HTTP/1.1.")
_TOO_SLOW = (408, "The request did not come in time: send it faster.")


@pytest.mark.parametrize(
    ("request_bytes", "answer"),
    [
        pytest.param(_LAST_REQUEST, _OK, id="a-good-request"),
        pytest.param(
            _HEAD + b"Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n3d\r\n" + _BODY + b"\r\n0\r\n\r\n",
            _OK,
            id="a-chunked-body",
        ),
        pytest.param(
            _HEAD + b"Connection: close\r\nTransfer-Encoding: Chunked \r\n\r\n3d\r\n" + _BODY + b"\r\n0\r\n\r\n",
            _OK,
            id="a-chunked-body-in-another-case",
        ),
        pytest.param(
            _HEAD + _LENGTH + b"Connection: close\r\nExpect: foo\r\n\r\n" + _BODY, _OK, id="an-unknown-expectation"
        ),
        pytest.param(
            _HEAD + _LENGTH + b"Connection: close\r\n" + b"X-Field: 1\r\n" * 60 + b"\r\n" + _BODY, _OK, id="64-headers"
        ),
        pytest.param(
            _HEAD + _LENGTH + b"Connection: close\r\nX-Field: " + b"1" * 15_000 + b"\r\n\r\n" + _BODY,
            _OK,
            id="15-kb-of-headers",
        ),
        pytest.param(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", _MALFORMED, id="tls"),
        pytest.param(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", _MALFORMED, id="http-2"),
        pytest.param(b"GET /livez\r\n\r\n", _NO_HOST, id="http-0.9"),
        pytest.param(_HEAD.replace(b"1.1", b"1.0") + b"Host: x\r\n\r\n", _NO_HOST, id="two-hosts-in-http-1.0"),
        pytest.param(
            b"POST /oauth/token HTTP/1.0\r\nContent-Type: application/x-www-form-urlencoded\r\n"
            + _LENGTH
            + b"\r\n"
            + _BODY,
            _OK,
            id="no-host-in-http-1.0",
        ),
        pytest.param(b"BREW / HTTP/1.1\r\nHost: x\r\n\r\n", _MALFORMED, id="an-unknown-method"),
        pytest.param(b"CONNECT x:443 HTTP/1.1\r\nHost: x\r\n\r\n", _MALFORMED, id="connect"),
        pytest.param(b"POST /oauth/token HTTP/1.1\r\nConnection: close\r\n\r\n", _NO_HOST, id="no-host"),
        pytest.param(_HEAD + b"Host: x\r\nConnection: close\r\n\r\n", _NO_HOST, id="two-hosts"),
        pytest.param(
            _HEAD + b"Authorization: Basic eDp5\r\nauthorization: Basic eDp5\r\nConnection: close\r\n\r\n",
            _TWICE,
            id="two-authorizations",
        ),
        pytest.param(
            _HEAD + b"Content-Type: application/json\r\nConnection: close\r\n\r\n", _TWICE, id="two-content-types"
        ),
        pytest.param(_HEAD + _LENGTH + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", _MALFORMED, id="two-lengths"),
        pytest.param(_HEAD + _LENGTH + _LENGTH + b"\r\n" + _BODY, _MALFORMED, id="the-length-twice"),
        pytest.param(_HEAD + b"Content-Length: 3, 3\r\n\r\nabc", _MALFORMED, id="a-list-of-lengths"),
        pytest.param(_HEAD + b"Content-Length: -1\r\n\r\n", _MALFORMED, id="a-negative-length"),
        pytest.param(_HEAD + b"Content-Length: +3\r\n\r\nabc", _MALFORMED, id="a-length-with-a-sign"),
        pytest.param(_HEAD + b"Content-Length: 0x3\r\n\r\nabc", _MALFORMED, id="a-hexadecimal-length"),
        pytest.param(_HEAD + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", _MALFORMED, id="an-unknown-coding"),
        pytest.param(
            _HEAD + b"Transfer-Encoding: gzip, chunked\r\n\r\n3d\r\n" + _BODY + b"\r\n0\r\n\r\n",
            _CODING,
            id="chunks-of-an-unknown-coding",
        ),
        pytest.param(
            _HEAD.replace(b"1.1", b"1.0") + b"Transfer-Encoding: chunked\r\n\r\n3d\r\n" + _BODY + b"\r\n0\r\n\r\n",
            _CODING,
            id="chunks-in-http-1.0",
        ),
        pytest.param(_HEAD + b"X : 1\r\n\r\n", _MALFORMED, id="a-space-before-the-colon"),
        pytest.param(_HEAD + b"X: 1\r\n 2\r\n\r\n", _MALFORMED, id="a-folded-header"),
        pytest.param(_HEAD.replace(b"\r\n", b"\n") + b"\n", _MALFORMED, id="bare-line-feeds"),
        pytest.param(_HEAD + b"X: a\0b\r\n\r\n", _MALFORMED, id="nul-in-a-header"),
        pytest.param(b"POST /oauth/token?\x01 HTTP/1.1\r\nHost: x\r\n\r\n", _MALFORMED, id="a-control-byte-in-the-url"),
        pytest.param(_HEAD + b"X-Field: 1\r\n" * 63 + b"\r\n", _HEAD_TOO_LARGE, id="65-headers"),
        pytest.param(_HEAD + b"X-Field: 1\r\n" * 20_000 + b"\r\n", _HEAD_TOO_LARGE, id="20000-headers"),
        pytest.param(_HEAD + b"X: " + b"a" * 17_000 + b"\r\n\r\n", _HEAD_TOO_LARGE, id="17-kb-of-headers"),
        pytest.param(_HEAD + b"X: " + b"a" * 1_000_000 + b"\r\n\r\n", _HEAD_TOO_LARGE, id="a-header-of-1-mb"),
        pytest.param(_HEAD + b"X" * 1_000_000 + b": a\r\n\r\n", _HEAD_TOO_LARGE, id="a-name-of-1-mb"),
        pytest.param(b"POST /" + b"a" * 5000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", _URL_TOO_LONG, id="a-url-of-5-kb"),
        pytest.param(b"POST /" + b"a" * 1_000_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", _URL_TOO_LONG, id="a-url-of-1-mb"),
        pytest.param(
            _HEAD + b"Content-Length: 20000000\r\nConnection: close\r\n\r\n", _TOO_LARGE, id="20-mb-announced"
        ),
        pytest.param(
            _HEAD + b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n" + b"400\r\n" + b"a" * 1024 + b"\r\n" * 9,
            _MALFORMED,
            id="a-bad-end-of-a-chunk",
        ),
        pytest.param(
            _HEAD
            + b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
            + (b"400\r\n" + b"a" * 1024 + b"\r\n") * 9,
            _TOO_LARGE,
            id="9-kb-in-chunks",
        ),
        pytest.param(_HEAD + b"Content-Length: 5\r\n\r\nabc", _TOO_SLOW, id="a-body-that-stops"),
        pytest.param(_HEAD + b"X: ", _TOO_SLOW, id="a-head-that-stops"),
        pytest.param(b"P", _TOO_SLOW, id="a-method-that-stops"),
    ],
)
@pytest.mark.asyncio(loop_scope="module")
async def test_any_bytes_get_one_clear_answer(shared: Gateway, request_bytes: bytes, answer: tuple[int, str]) -> None:
    """JSON that no cache keeps, then the end of the connection."""
    assert [answer] == _answers(await shared.talk(request_bytes))


@pytest_asyncio.fixture(name="shared", loop_scope="module", scope="module")
async def _shared() -> AsyncIterator[Gateway]:
    """One gateway for the whole table: it stays up whatever it is sent."""
    async with running_fake_core() as core, serving_gateway(core.address) as gateway:
        yield gateway


async def test_two_requests_share_a_connection(gateway: Gateway) -> None:
    """One after the other, and both at once: answered in order."""
    async with gateway.connection() as (reader, writer):
        writer.write(_REQUEST)
        await reader.readuntil(b"}")
        writer.write(_REQUEST + _LAST_REQUEST)

        assert [_OK, _OK] == _answers(await reader.read())


async def test_an_upgrade_is_ignored(gateway: Gateway) -> None:
    """RFC 9110 section 7.8: the request is answered as if nobody had asked for one."""
    upgrade = b"Connection: Upgrade\r\nUpgrade: %s\r\n"
    for protocol in (b"websocket", b"h2c"):
        upgrading = _HEAD + upgrade % protocol + _LENGTH + b"\r\n" + _BODY

        assert [_OK, _OK] == _answers(await gateway.talk(upgrading + _LAST_REQUEST))
        # One at a time: what follows the first answer is the end of the connection.
        assert [_OK] == _answers(await gateway.talk(upgrading * 1000))


async def test_a_body_that_is_too_large_is_thrown_away(gateway: Gateway) -> None:
    """Its sender gets to read the answer, and the next request on the connection is a request."""
    async with gateway.connection() as (reader, writer):
        writer.write(_HEAD + b"Content-Length: 1000000\r\n\r\n" + b"a" * 1_000_000 + _LAST_REQUEST)

        assert [_TOO_LARGE, _OK] == _answers(await reader.read())


async def test_a_connection_that_idles_after_such_a_body_is_closed(gateway: Gateway) -> None:
    """Like any other."""
    async with gateway.connection() as (reader, writer):
        writer.write(_HEAD + b"Content-Length: 1000000\r\n\r\n" + b"a" * 999_999)
        await reader.readuntil(b"}")
        writer.write(b"a")
        started = time.monotonic()

        assert b"" == await reader.read()
        assert 0.9 < time.monotonic() - started < 2


async def test_a_client_that_waits_is_told_to_go_on(gateway: Gateway) -> None:
    """RFC 9110 section 10.1.1, as curl does it."""
    async with gateway.connection() as (reader, writer):
        writer.write(_HEAD + _LENGTH + b"Connection: close\r\nExpect: 100-continue\r\n\r\n")
        assert b"HTTP/1.1 100 Continue\r\n\r\n" == await reader.readuntil(b"\r\n\r\n")
        writer.write(_BODY)

        assert [_OK] == _answers(await reader.read())


async def test_a_client_that_waits_in_vain_is_not_told_to_go_on(gateway: Gateway) -> None:
    """The connection ends: its next byte could be of the body or of another request."""
    received = await gateway.talk(_HEAD + b"Content-Length: 20000000\r\nExpect: 100-continue\r\n\r\n")

    assert [_TOO_LARGE] == _answers(received)


_CHUNKED = _HEAD + b"Transfer-Encoding: chunked\r\n"
_CHUNK = b"%x\r\n" % len(_BODY) + _BODY + b"\r\n"


@pytest.mark.parametrize(
    ("request_bytes", "answer"),
    [
        pytest.param(
            _CHUNKED + b"Connection: close\r\n\r\n" + _CHUNK + b"0\r\nHost: y\r\nAuthorization: Basic !\r\n\r\n",
            _OK,
            id="trailers-are-no-headers",
        ),
        pytest.param(
            _CHUNKED + b"\r\n" + _CHUNK + b"0\r\n" + b"X: 1\r\n" * 50_000,
            (413, "The request is too large: send less."),
            id="50000-trailers",
        ),
        pytest.param(
            _CHUNKED + b"\r\n" + _CHUNK + b"0\r\nX: " + b"1" * 300_000,
            (413, "The request is too large: send less."),
            id="a-trailer-of-300-kb",
        ),
        pytest.param(
            _CHUNKED + b"\r\n3d;" + b"x" * 300_000,
            (413, "The request is too large: send less."),
            id="a-chunk-extension-of-300-kb",
        ),
        pytest.param(
            _CHUNKED + b"\r\n3d;" + b"x" * 100_000 + b"\r\n" + _BODY + b"\r\n0\r\n\r\n",
            (413, "The request is too large: send less."),
            id="a-whole-request-with-a-chunk-extension-of-100-kb",
        ),
    ],
)
async def test_what_surrounds_chunks_is_bounded_and_ignored(
    gateway: Gateway, request_bytes: bytes, answer: tuple[int, str]
) -> None:
    """RFC 9110 section 6.5.1: a trailer must not be taken for a header unless it is known to be harmless."""
    assert [answer] == _answers(await gateway.talk(request_bytes))


async def test_a_refused_chunked_body_ends_the_connection(gateway: Gateway) -> None:
    """It could go on for ever: its answer is readable all the same."""
    async with gateway.connection() as (reader, writer):
        writer.write(_CHUNKED.replace(b"POST", b"PUT") + b"\r\n")
        writer.write((b"400\r\n%s\r\n" % (b"a" * 1024)) * 40)

        assert [(405, "The method is not allowed here: use POST.")] == _answers(await reader.read())


async def test_rubbish_after_a_request_does_not_cost_its_answer(gateway: Gateway, core: FakeCore) -> None:
    """The 400 is not sent: the client would take it for the answer that it waits for."""
    core.tokens.open.clear()
    async with gateway.connection() as (reader, writer):
        writer.write(_REQUEST + b"\x00\x01")
        await asyncio.sleep(0.1)
        core.tokens.open.set()

        assert [_OK] == _answers(await reader.read())


async def test_rubbish_after_an_answered_request_is_not_answered_again(gateway: Gateway) -> None:
    """The rest of a body that was refused already goes wrong."""
    async with gateway.connection() as (reader, writer):
        writer.write(b"PUT /oauth/token HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
        await reader.readuntil(b"}")
        writer.write(b"xyz\r\n")

        assert b"" == await reader.read()


async def test_a_trickle_of_bytes_does_not_move_the_deadline(gateway: Gateway) -> None:
    """A byte every 50 ms: the request is given up after half a second all the same (slowloris)."""
    async with gateway.connection() as (reader, writer):
        started = time.monotonic()
        trickle = asyncio.create_task(_trickle(writer, _REQUEST))
        received = await reader.read()
        trickle.cancel()

    assert [_TOO_SLOW] == _answers(received)
    assert 0.4 < time.monotonic() - started < 1.5


async def test_the_deadline_of_a_later_request_begins_with_its_first_byte(gateway: Gateway) -> None:
    """A connection may be older than the deadline."""
    async with gateway.connection() as (reader, writer):
        for _ in range(3):
            writer.write(_REQUEST)
            await reader.readuntil(b"}")
            await asyncio.sleep(0.3)
        started = time.monotonic()
        writer.write(b"POST")
        received = await reader.read()

    assert [_TOO_SLOW] == _answers(received)
    assert 0.4 < time.monotonic() - started < 1.5


async def _trickle(writer: asyncio.StreamWriter, data: bytes) -> None:
    for byte in data:
        writer.write(bytes([byte]))
        await asyncio.sleep(0.05)


async def test_a_connection_that_says_nothing_is_closed(gateway: Gateway) -> None:
    """Silently: there is nothing to answer."""
    started = time.monotonic()

    assert b"" == await gateway.talk(b"")
    assert 0.4 < time.monotonic() - started < 1.5


async def test_an_idle_connection_is_closed(gateway: Gateway) -> None:
    """After a request, and also when empty lines pretend that another one is about to come."""
    for filler in (b"", b"\r\n"):
        async with gateway.connection() as (reader, writer):
            writer.write(_REQUEST)
            await reader.readuntil(b"}")
            started = time.monotonic()
            pretence = asyncio.create_task(_trickle(writer, filler * 100))

            assert b"" == await reader.read()
            assert time.monotonic() - started < 2
            pretence.cancel()


async def test_slow_connections_do_not_slow_down_others(gateway: Gateway) -> None:
    """Two hundred half requests, and one that is whole."""
    connections = [await asyncio.open_connection(*gateway.address) for _ in range(200)]
    for _, writer in connections:
        writer.write(_HEAD)
    started = time.monotonic()
    assert [_OK] == _answers(await gateway.talk(_LAST_REQUEST))
    assert time.monotonic() - started < 0.4

    for reader, writer in connections:
        assert [_TOO_SLOW] == _answers(await reader.read())
        writer.close()


async def test_one_connection_too_many_is_503(core: FakeCore) -> None:
    """Told at once, and there is room again when another one is closed."""
    async with serving_gateway(core.address, max_connections=1, receive_seconds=5) as gateway:
        async with gateway.connection() as (reader, writer):
            writer.write(_REQUEST)
            await reader.readuntil(b"}")
            refused = await gateway.talk(_LAST_REQUEST)
        await asyncio.sleep(0.1)
        answered = await gateway.talk(_LAST_REQUEST)

    assert [(503, "There are too many connections: try again after the time in Retry-After.")] == _answers(refused)
    assert b"\r\nretry-after: 1\r\n" in refused
    assert [_OK] == _answers(answered)


@pytest.mark.parametrize(
    ("trusted", "sources"),
    [
        pytest.param((), ["127.0.0.1"] * 2, id="nobody-is-believed"),
        pytest.param(("10.0.0.0/8",), ["127.0.0.1"] * 2, id="others-are-believed"),
        pytest.param(("127.0.0.1",), ["198.51.100.7", "x" * 64], id="this-proxy-is-believed"),
    ],
)
async def test_forwarded_addresses_are_believed_of_trusted_proxies_only(
    core: FakeCore, trusted: tuple[str, ...], sources: list[str]
) -> None:
    """P05, RFC 9700 section 4.13: else a client could name any address, and make failures somebody else's."""
    async with (
        serving_gateway(core.address, trusted_proxies=trusted) as gateway,
        httpx.AsyncClient(base_url=gateway.url) as client,
    ):
        for forwarded in ("192.0.2.1, 198.51.100.7", "x" * 100):
            await client.post("/oauth/token", data=GRANT | CREDENTIALS, headers={"x-forwarded-for": forwarded})

    assert sources == [request.source for request in core.tokens.requests]


async def test_what_is_no_request_is_not_logged(gateway: Gateway, start_log: StartLog) -> None:
    """A stranger could fill the disk otherwise, or write lines of his own into the log."""
    read_log = start_log()
    for request in (b"\x00", b"GET /\x1b[31m HTTP/1.1\r\n\r\n", _HEAD + b"X: \r\n\0", b"GET /\r\n\r\n"):
        await gateway.talk(request)

    assert [] == read_log()


_ABORT = struct.pack("ii", 1, 0)
"""SO_LINGER: closing resets the connection."""


@pytest.mark.parametrize("requests", [1, 2, 3, 16])
@pytest.mark.parametrize("linger", [None, _ABORT], ids=["closes", "resets"])
async def test_a_client_that_goes_away_is_not_logged(
    gateway: Gateway, core: FakeCore, start_log: StartLog, requests: int, linger: bytes | None
) -> None:
    """However many answers it had coming, and whether one of them is just being made or not."""
    read_log = start_log()
    for held in (True, False):
        if held:
            core.tokens.open.clear()
        async with gateway.connection() as (_, writer):
            if linger is not None:
                writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            writer.write(_REQUEST * requests)
            await asyncio.sleep(0.05 if held else 0)
        await asyncio.sleep(0.05)
        core.tokens.open.set()
        await asyncio.sleep(0.05)

    assert [] == read_log()
    assert [_OK] == _answers(await gateway.talk(_LAST_REQUEST))


@pytest.mark.parametrize(
    ("request_bytes", "answers"),
    [
        pytest.param(_REQUEST, [_OK], id="a-request"),
        pytest.param(_REQUEST * 3, [_OK] * 3, id="three-requests"),
        pytest.param(_REQUEST + _HEAD, [_OK], id="a-request-and-a-half-head"),
        pytest.param(_REQUEST * 2 + _HEAD + _LENGTH + b"\r\n", [_OK, _OK, _TOO_SLOW], id="two-and-a-head"),
        pytest.param(_HEAD + _LENGTH + b"\r\n", [], id="a-head"),
        pytest.param(b"", [], id="nothing"),
    ],
)
@pytest.mark.parametrize("held", [False, True], ids=["answered-at-once", "answered-later"])
async def test_a_client_may_close_its_side_and_wait(
    gateway: Gateway, core: FakeCore, request_bytes: bytes, answers: list[tuple[int, str]], *, held: bool
) -> None:
    """RFC 9112 section 9.6: its requests are answered, and then the connection ends."""
    if held:
        core.tokens.open.clear()
    async with gateway.connection() as (reader, writer):
        writer.write(request_bytes)
        writer.write_eof()
        await asyncio.sleep(0.1)
        core.tokens.open.set()

        assert answers == _answers(await reader.read())


async def test_one_packet_of_many_requests_is_not_kept(gateway: Gateway) -> None:
    """Of a thousand requests that come at once the first few are answered, in order; then the connection ends."""
    answers = _answers(await gateway.talk(_REQUEST * 1000))

    assert [_OK] * len(answers) == answers
    assert 16 <= len(answers) <= 17


async def test_some_requests_at_once_are_all_answered(gateway: Gateway) -> None:
    """Pipelining (RFC 9112 section 9.3.2) within reason works."""
    assert [_OK] * 16 == _answers(await gateway.talk(_REQUEST * 15 + _LAST_REQUEST))
