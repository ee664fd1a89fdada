"""A core in this process, when a part of it fails that never should: what else there is to do at its end is done."""

import asyncio
from datetime import timedelta
from typing import Any

import grpc
import pytest
import structlog
from grpc_health.v1 import health_pb2, health_pb2_grpc

from grantway.v1 import token_service_pb2, token_service_pb2_grpc
from grantway_server import serve
from grantway_server.config import Settings
from grantway_server.domain.audit import AuditRecord
from grantway_server.rpc.health import StoreHealth
from grantway_server.serve import running_core
from grantway_server.storage.redis_connection import RedisConnections
from grantway_server.storage.redis_token_store import RedisTokenStore
from tests.server.samples import WELL_FORMED_TOKEN

_SERVING = health_pb2.HealthCheckResponse.SERVING
_NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING


class _BrokenPartError(Exception):
    """What the broken part raises."""


async def _broken(*_: object, **__: object) -> bool:
    raise _BrokenPartError


async def _health(channel: grpc.aio.Channel) -> int:
    # The stubs' annotations do not know its methods.
    stub: Any = health_pb2_grpc.HealthStub(channel)
    return int((await stub.Check(health_pb2.HealthCheckRequest(), timeout=5)).status)


async def _becomes(channel: grpc.aio.Channel, status: int) -> None:
    async with asyncio.timeout(5):
        while await _health(channel) != status:  # noqa: ASYNC110 - health has no event to wait for.
            await asyncio.sleep(0.01)


@pytest.fixture(name="settings")
def _settings(valkey_url: str, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setattr(serve, "_LAME_SECONDS", 0)
    monkeypatch.setattr(serve, "_HEALTH_INTERVAL", timedelta(milliseconds=10))
    return Settings.model_validate({"grpc_port": 0, "redis_url": valkey_url})


async def test_a_look_at_the_store_that_fails_is_not_the_last(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The core does not serve while it cannot look, says why in the log, and serves again when it can."""
    execute = RedisConnections.execute
    with structlog.testing.capture_logs() as logs:
        async with running_core(settings) as port, grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
            await _becomes(channel, _SERVING)
            monkeypatch.setattr(RedisConnections, "execute", _broken)
            await _becomes(channel, _NOT_SERVING)
            monkeypatch.setattr(RedisConnections, "execute", execute)
            await _becomes(channel, _SERVING)

    failures = [line["exc_info"] for line in logs if line["event"] == "looking after the store failed"]
    assert {_BrokenPartError} == {type(failure) for failure in failures}


async def test_calls_under_way_are_finished_although_health_cannot_leave(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server stops in order, and the error is told."""
    monkeypatch.setattr(StoreHealth, "leave", _broken)
    entered, calls = asyncio.Event(), []
    remove = RedisTokenStore.remove

    async def slow(store: RedisTokenStore, digest: bytes, *, record: AuditRecord | None = None) -> bool:
        entered.set()
        await asyncio.sleep(0.2)
        return await remove(store, digest, record=record)

    async def stop_during_a_call() -> None:
        async with running_core(settings) as port:
            channel = grpc.aio.insecure_channel(f"127.0.0.1:{port}")
            stub: token_service_pb2_grpc.TokenServiceAsyncStub = token_service_pb2_grpc.TokenServiceStub(channel)
            calls.append(stub.RevokeToken(token_service_pb2.RevokeTokenRequest(token=WELL_FORMED_TOKEN), timeout=5))
            await entered.wait()

    monkeypatch.setattr(RedisTokenStore, "remove", slow)
    with pytest.raises(_BrokenPartError):
        await stop_during_a_call()

    assert [token_service_pb2.RevokeTokenResponse()] == [await call for call in calls]
