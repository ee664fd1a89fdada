"""The program `grantway-gateway`, as a process."""

import asyncio
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

import httpx
import pytest

from tests.fakes.core import FakeCore, running_fake_core
from tests.gateway.harness import CREDENTIALS, GRANT

_PROGRAM = str(Path(sys.executable).with_name("grantway-gateway"))


@contextmanager
def _gateway(core: str, **variables: str) -> Iterator["subprocess.Popen[str]"]:
    """A gateway process on a free port."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("GRANTWAY_")}
    with subprocess.Popen(
        [_PROGRAM],
        env=environment | {"GRANTWAY_HTTP_PORT": "0", "GRANTWAY_GRPC": core} | variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def _started(process: "subprocess.Popen[str]") -> str:
    """The URL of a gateway, once it says that it has started."""
    assert process.stderr is not None
    event = json.loads(process.stderr.readline())
    assert "gateway started" == event["event"]
    return f"http://{event['host']}:{event['port']}"


async def test_a_gateway_serves_until_sigterm(core: FakeCore) -> None:
    """SIGTERM ends it with exit code 0; it says so in JSON on standard error, and nothing on standard output."""
    with _gateway(core.address) as process:
        async with httpx.AsyncClient(base_url=_started(process)) as client:
            assert 200 == (await client.post("/oauth/token", data=GRANT | CREDENTIALS)).status_code
        process.send_signal(signal.SIGTERM)
        output, log = await asyncio.to_thread(process.communicate, timeout=10)

    assert (process.returncode, output) == (0, "")
    assert [json.loads(line)["event"] for line in log.splitlines()] == ["gateway stopped"]


async def test_sigint_ends_it_at_once(core: FakeCore) -> None:
    """No load balancer stands behind a terminal."""
    with _gateway(core.address, GRANTWAY_DRAIN_SECONDS="60") as process:
        _started(process)
        process.send_signal(signal.SIGINT)

        assert 0 == await asyncio.to_thread(process.wait, 2)


async def test_sigterm_under_load_loses_no_request(core: FakeCore) -> None:
    """Promise 6: callers that go elsewhere when they are told to were answered every time."""
    with _gateway(core.address) as process:
        url = _started(process)
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
        process.send_signal(signal.SIGTERM)
        await asyncio.gather(*callers)
        await asyncio.to_thread(process.wait, 10)

    assert {200} == set(answers)
    assert 0 == process.returncode


@pytest.mark.parametrize("drain_seconds", ["0", "0.2"], ids=["at-once", "after-a-drain"])
@pytest.mark.parametrize("keep_alive", [True, False], ids=["connections-are-kept", "a-connection-a-request"])
async def test_whatever_was_sent_is_answered(core: FakeCore, drain_seconds: str, *, keep_alive: bool) -> None:
    """Promise 6, for callers that do not know of the stop: connections are refused in the end, and never reset."""
    with _gateway(core.address, GRANTWAY_DRAIN_SECONDS=drain_seconds) as process:
        netloc = httpx.URL(_started(process)).netloc.decode()

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
        process.send_signal(signal.SIGTERM)
        statuses = await asyncio.gather(*callers)
        await asyncio.to_thread(process.wait, 10)

    assert {200} == set().union(*statuses)
    assert 0 == process.returncode


async def test_a_half_sent_request_does_not_keep_it_from_stopping(core: FakeCore) -> None:
    """The longest stop is bounded."""
    with _gateway(core.address, GRANTWAY_RECEIVE_SECONDS="60", GRANTWAY_DRAIN_SECONDS="0") as process:
        url = httpx.URL(_started(process))
        _, writer = await asyncio.open_connection(url.host, url.port)
        writer.write(
            b"POST /oauth/token HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n"
        )
        await asyncio.sleep(0.1)
        started = time.monotonic()
        process.send_signal(signal.SIGTERM)

        assert 0 == await asyncio.to_thread(process.wait, 10)
        assert time.monotonic() - started < 5
        writer.close()


async def test_a_core_that_comes_and_goes_writes_nothing_into_the_log() -> None:
    """GRPC would write lines of its own, which are no JSON."""
    async with running_fake_core() as core:
        address = core.address
        with _gateway(address) as process:
            async with httpx.AsyncClient(base_url=_started(process), timeout=5) as client:

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
            process.terminate()
            _, log = await asyncio.to_thread(process.communicate, timeout=10)

    assert ["gateway stopped"] == [json.loads(line)["event"] for line in log.splitlines()]


def _run(**variables: str) -> tuple[int, str, str]:
    with _gateway("127.0.0.1:1", **variables) as process:
        output, errors = process.communicate(timeout=10)
    return process.returncode, output, errors


def test_wrong_settings_are_listed_together() -> None:
    """Exit code 2, a line for each, no traceback."""
    lines = (
        "grantway-gateway: GRANTWAY_HTTP_HOST: this address is not loopback, and the gateway speaks plaintext: "
        "set GRANTWAY_TLS_PROXY=true if a proxy with TLS stands in front, or listen on 127.0.0.1\n"
        "grantway-gateway: GRANTWAY_HTTP_PORT: Input should be less than or equal to 65535\n"
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
