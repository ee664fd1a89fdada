"""The program `grantway-gateway`, as a process."""

import asyncio
import http.client
import signal
import socket
import time
from contextlib import AbstractContextManager
from urllib.parse import urlencode

import httpx
import pytest

from tests.fakes.core import FakeCore, running_fake_core
from tests.gateway.harness import CREDENTIALS, GRANT
from tests.programs import Ended, Program, running


def _gateway(core: str, **variables: str) -> AbstractContextManager[Program]:
    """A gateway process on a free port."""
    return running("grantway-gateway", **({"GRANTWAY_HTTP_PORT": "0", "GRANTWAY_GRPC": core} | variables))


def _url(gateway: Program) -> str:
    """Where it serves, once it does."""
    return f"http://{gateway.address()}"


async def test_a_gateway_serves_until_sigterm(core: FakeCore) -> None:
    """SIGTERM ends it with exit code 0; it says so in JSON on standard error, and nothing on standard output."""
    with _gateway(core.address) as gateway:
        async with httpx.AsyncClient(base_url=_url(gateway)) as client:
            assert 200 == (await client.post("/oauth/token", data=GRANT | CREDENTIALS)).status_code
        gateway.process.terminate()
        ended = await asyncio.to_thread(gateway.end)

    assert (0, "", ["gateway started", "gateway stopped"]) == (ended.exit_code, ended.output, ended.events)


async def test_sigint_ends_it_at_once(core: FakeCore) -> None:
    """No load balancer stands behind a terminal."""
    with _gateway(core.address, GRANTWAY_DRAIN_SECONDS="60") as gateway:
        _url(gateway)
        gateway.process.send_signal(signal.SIGINT)

        assert 0 == (await asyncio.to_thread(gateway.end, 2)).exit_code


async def test_sigterm_under_load_loses_no_request(core: FakeCore) -> None:
    """Promise 6: callers that go elsewhere when they are told to were answered every time."""
    with _gateway(core.address) as gateway:
        url = _url(gateway)
        answers: list[int] = []

        async def load() -> None:
            async with httpx.AsyncClient(base_url=url) as client:
                while True:
                    response = await client.post("/oauth/token", data=GRANT | CREDENTIALS)
                    answers.append(response.status_code)
                    if response.headers.get("connection") == "close":
                        return

        callers = [asyncio.create_task(load()) for _ in range(10)]
        await asyncio.sleep(0.3)
        gateway.process.terminate()
        await asyncio.gather(*callers)
        ended = await asyncio.to_thread(gateway.end)

    assert {200} == set(answers)
    assert 0 == ended.exit_code


@pytest.mark.parametrize("drain_seconds", ["0", "0.2"], ids=["at-once", "after-a-drain"])
@pytest.mark.parametrize("keep_alive", [True, False], ids=["connections-are-kept", "a-connection-a-request"])
async def test_whatever_was_sent_is_answered(core: FakeCore, drain_seconds: str, *, keep_alive: bool) -> None:
    """Promise 6, for callers that do not know of the stop: connections are refused in the end, and never reset."""
    with _gateway(core.address, GRANTWAY_DRAIN_SECONDS=drain_seconds) as gateway:
        netloc = httpx.URL(_url(gateway)).netloc.decode()

        def load() -> list[int]:
            """Calls until nobody listens any more; any other end of a connection fails the test."""
            statuses: list[int] = []
            headers = {"Content-Type": "application/x-www-form-urlencoded"}
            connection = http.client.HTTPConnection(netloc, timeout=5)
            while True:
                try:
                    if connection.sock is None:
                        connection.connect()
                except ConnectionRefusedError:
                    return statuses
                connection.request("POST", "/oauth/token", urlencode(GRANT | CREDENTIALS), headers)
                with connection.getresponse() as response:
                    response.read()
                    statuses.append(response.status)
                if not keep_alive:
                    connection.close()

        callers = [asyncio.create_task(asyncio.to_thread(load)) for _ in range(8)]
        await asyncio.sleep(0.3)
        gateway.process.terminate()
        statuses = await asyncio.gather(*callers)
        ended = await asyncio.to_thread(gateway.end)

    assert {200} == set().union(*statuses)
    assert 0 == ended.exit_code


async def test_a_half_sent_request_does_not_keep_it_from_stopping(core: FakeCore) -> None:
    """The longest stop is bounded."""
    with _gateway(core.address, GRANTWAY_RECEIVE_SECONDS="60", GRANTWAY_DRAIN_SECONDS="0") as gateway:
        url = httpx.URL(_url(gateway))
        _, writer = await asyncio.open_connection(url.host, url.port)
        writer.write(
            b"POST /oauth/token HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n"
        )
        await asyncio.sleep(0.1)
        started = time.monotonic()
        gateway.process.terminate()

        assert 0 == (await asyncio.to_thread(gateway.end)).exit_code
        assert time.monotonic() - started < 5
        writer.close()


async def test_a_core_that_comes_and_goes_writes_nothing_into_the_log() -> None:
    """GRPC would write lines of its own, which are no JSON."""
    async with running_fake_core() as core:
        address = core.address
        with _gateway(address) as gateway:
            async with httpx.AsyncClient(base_url=_url(gateway), timeout=5) as client:

                async def becomes(status: int) -> None:
                    async with asyncio.timeout(10):
                        while (await client.post("/oauth/token", data=GRANT | CREDENTIALS)).status_code != status:  # noqa: ASYNC110 - another process has no event to wait for.
                            await asyncio.sleep(0.05)

                await becomes(200)
                core.tokens.open.clear()
                cut_off = asyncio.create_task(becomes(503))
                await asyncio.sleep(0.1)
                await core.stop()
                await cut_off
                async with running_fake_core(address):
                    await becomes(200)
            gateway.process.terminate()
            ended = await asyncio.to_thread(gateway.end)

    assert ["gateway started", "gateway stopped"] == ended.events


def _run(**variables: str) -> Ended:
    with _gateway("127.0.0.1:1", **variables) as gateway:
        return gateway.end()


def test_wrong_settings_are_listed_together() -> None:
    """Exit code 2, a line for each, no traceback."""
    lines = (
        "grantway-gateway: GRANTWAY_HTTP_HOST: this address is not loopback, and the gateway speaks plaintext: "
        "set GRANTWAY_TLS_PROXY=true if a proxy with TLS stands in front, or listen on 127.0.0.1\n"
        "grantway-gateway: GRANTWAY_HTTP_PORT: must be a port, 0 to 65535\n"
    )

    assert (2, "", lines) == _run(GRANTWAY_HTTP_HOST="0.0.0.0", GRANTWAY_HTTP_PORT="99999")  # noqa: S104 - that is the test.


def test_a_port_that_is_taken_says_which_variable_to_change() -> None:
    """Whoever else listens there."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        line = (
            f"grantway-gateway: GRANTWAY_HTTP_PORT: port {port} on 127.0.0.1 is in use: "
            "choose another, or stop what uses it\n"
        )

        assert (2, "", line) == _run(GRANTWAY_HTTP_PORT=str(port))


@pytest.mark.parametrize("host", ["192.0.2.1", "no-such-host.invalid"])
def test_an_address_of_another_machine_says_which_variable_to_change(host: str) -> None:
    """Whether it is an address or a name."""
    line = (
        "grantway-gateway: GRANTWAY_HTTP_HOST: this machine has no such address: "
        "listen on 127.0.0.1, or on one of its own\n"
    )

    assert (2, "", line) == _run(GRANTWAY_HTTP_HOST=host, GRANTWAY_TLS_PROXY="true")
