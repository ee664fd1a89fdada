"""Why a store cannot be used, told apart: a real store where there is one to refuse."""

import asyncio
import socket
from pathlib import Path

import pytest
from redis.asyncio import Redis

from grantway_server.storage.redis_connection import RedisConnections
from grantway_server.storage.store_problem import StoreProbe
from tests.server.patience import PATIENT_SECONDS
from tests.valkey_server import embedded_valkey


async def _problem(url: str, *, command_seconds: float = PATIENT_SECONDS) -> str:
    connections = RedisConnections(url, command_seconds=command_seconds)
    try:
        return await StoreProbe(connections, url).problem()
    finally:
        await connections.close()


async def test_a_store_that_answers_has_no_problem(valkey_url: str) -> None:
    """The text is empty."""
    assert "" == await _problem(valkey_url)


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        pytest.param("redis://:canary@127.0.0.1:1", "cannot be reached: nothing listens there", id="nobody listens"),
        pytest.param("redis://me:canary@127.0.0.1:1/0", "cannot be reached: nothing listens there", id="with a user"),
    ],
)
async def test_a_store_is_named_without_its_password(url: str, problem: str) -> None:
    """By host and port."""
    assert f"the store at 127.0.0.1:1 (GRANTWAY_REDIS_URL) {problem}" == await _problem(url)


async def test_a_host_that_is_none_is_said() -> None:
    """With the port that the URL leaves out."""
    problem = "the store at no-such-host.invalid:6379 (GRANTWAY_REDIS_URL) cannot be reached: there is no such host"

    assert problem == await _problem("valkey://no-such-host.invalid")


async def test_a_socket_that_is_none_is_said(tmp_path: Path) -> None:
    """By its path, as files are named and not as URLs write it."""
    problem = f"the store at {tmp_path}/no store (GRANTWAY_REDIS_URL) cannot be reached: there is no such socket"

    assert problem == await _problem(f"unix://{tmp_path}/no%20store")


@pytest.mark.parametrize(
    ("credentials", "problem"),
    [
        pytest.param("", "wants a password", id="none"),
        pytest.param(":canary@", "refused the user or the password", id="a wrong password"),
        pytest.param("canary:hidden@", "refused the user or the password", id="an unknown user"),
        pytest.param(":hidden@", "", id="the right ones"),
    ],
)
async def test_what_a_store_with_a_password_says_of_credentials(tmp_path: Path, credentials: str, problem: str) -> None:
    """Wrong ones and none are two things to mend."""
    with embedded_valkey(tmp_path, persist=False) as url:
        async with Redis.from_url(url) as administrator:
            await administrator.config_set("requirepass", "hidden")
        path = url.removeprefix("unix://")

        assert (f"the store at {path} (GRANTWAY_REDIS_URL) {problem}" if problem else "") == await _problem(
            f"unix://{credentials}{path}"
        )


async def test_a_database_that_is_none_is_said(valkey_url: str) -> None:
    """The store speaks, and refuses."""
    assert (await _problem(f"{valkey_url}?db=99")).endswith(" refused: look at the number of the database")


async def test_what_says_nothing_may_be_no_store() -> None:
    """Somebody else listens there."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

        assert f"the store at 127.0.0.1:{port} (GRANTWAY_REDIS_URL) did not answer in time" == await _problem(
            f"redis://127.0.0.1:{port}", command_seconds=0.2
        )


async def test_what_hangs_up_may_be_no_store() -> None:
    """As a server does that speaks TLS only."""

    async def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()
        await writer.wait_closed()

    async with await asyncio.start_server(hang_up, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]

        assert f"the store at 127.0.0.1:{port} (GRANTWAY_REDIS_URL) closed the connection" == await _problem(
            f"redis://127.0.0.1:{port}"
        )
