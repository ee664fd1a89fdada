"""How an answer leaves, as one sees it from the other end of a bare connection."""

import asyncio

import pytest

from tests.fakes.core import FakeCore
from tests.gateway.harness import serving_gateway

_FORM = b"grant_type=client_credentials&client_id=svc&client_secret=gws"


def _request(method: bytes, *headers: bytes) -> bytes:
    lines = [b"%s /oauth/token HTTP/1.1" % method, b"Host: x", b"Content-Type: application/x-www-form-urlencoded"]
    return b"\r\n".join([*lines, b"Content-Length: %d" % len(_FORM), *headers, b"", _FORM])


@pytest.mark.parametrize(
    ("method", "status"), [pytest.param(b"POST", b"200 OK", id="granted"), pytest.param(b"PUT", b"405", id="refused")]
)
async def test_head_and_body_come_together(core: FakeCore, method: bytes, status: bytes) -> None:
    """The first thing that can be read is all of it: a client never waits for a second packet."""
    async with serving_gateway(core.address) as gateway, gateway.connection() as (reader, writer):
        for _ in range(20):
            writer.write(_request(method))
            head, _, body = (await asyncio.wait_for(reader.read(65536), 5)).partition(b"\r\n\r\n")

            assert head.startswith(b"HTTP/1.1 " + status)
            assert b"content-length: %d" % len(body) in head
            assert b"connection:" not in head


async def test_an_answer_that_is_the_last_says_so(core: FakeCore) -> None:
    """Asked to close, the gateway says that it does, and does."""
    async with serving_gateway(core.address) as gateway, gateway.connection() as (reader, writer):
        writer.write(_request(b"POST", b"Connection: close"))
        head, _, body = (await asyncio.wait_for(reader.read(), 5)).partition(b"\r\n\r\n")

    assert b"connection: close" in head.splitlines()
    assert b"content-length: %d" % len(body) in head


async def test_the_answer_to_head_has_no_body(core: FakeCore) -> None:
    """RFC 9110 section 9.3.2: its length is that of the body which is not there."""
    async with serving_gateway(core.address) as gateway, gateway.connection() as (reader, writer):
        writer.write(b"HEAD /oauth/token HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        head, _, body = (await asyncio.wait_for(reader.read(), 5)).partition(b"\r\n\r\n")

    assert (True, b"") == (head.startswith(b"HTTP/1.1 405"), body)
    assert b"content-length: 0" not in head
