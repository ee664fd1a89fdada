"""The composition root: puts domain, storage and rpc together, and takes them apart in the reverse order."""

import asyncio
import signal
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta

import grpc
import structlog
from grpc_health.v1 import health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from grantway.process.garbage import set_garbage_collection
from grantway.process.listening import listening_socket
from grantway.process.logs import log_loop_error
from grantway_server.config import Settings
from grantway_server.domain.ports import StorageUnavailable
from grantway_server.domain.use_notes import UseNotes
from grantway_server.hashing.verifier import ForeignSecretVerifier
from grantway_server.metrics import SecretMetrics
from grantway_server.rpc.health import StoreHealth
from grantway_server.rpc.interceptors import ErrorInterceptor
from grantway_server.rpc.store_failures import StoreFailures
from grantway_server.services import SERVICES, add_services
from grantway_server.storage.index_backfill import IndexBackfill
from grantway_server.storage.redis_audit_trail import RedisAuditTrail
from grantway_server.storage.redis_connection import RedisConnections
from grantway_server.storage.redis_revocation_log import RedisRevocationLog
from grantway_server.storage.redis_stores import redis_stores
from grantway_server.storage.store_problem import StoreProbe
from grantway_server.tls import ServerTls
from grantway_server.use_cases import Stores

_log = structlog.get_logger()

_HEALTH_INTERVAL = timedelta(seconds=1)
_LAME_SECONDS = 0.5
"""Between saying NOT_SERVING and refusing calls: time for callers to hear it."""
_GRACE_SECONDS = 5
"""For the calls that are under way when the server stops."""

_BACKFILL_PAUSE_SECONDS = 5
"""Before it is tried again, when the store fails."""

_MAX_CALLS = 8192
"""Under way at once, the open ones included, of which a gateway has a few: memory is bounded, and honest callers never
notice."""

_SERVER_OPTIONS = (
    # Two cores on one port would go unnoticed, and the kernel would not balance them anyway.
    ("grpc.so_reuseport", 0),
    # Twice the SDK's largest batch: 128 requests of 16 KiB.
    ("grpc.max_receive_message_length", 4 * 1024 * 1024),
    # Of them on one connection: what is beyond, the caller's own gRPC holds back.
    ("grpc.max_concurrent_streams", 2048),
    # The pings that the SDK's channels send.
    ("grpc.http2.min_ping_interval_without_data_ms", 5_000),
    ("grpc.keepalive_permit_without_calls", 1),
    # Calls stay open: a caller whose machine is gone must not keep its own for hours.
    ("grpc.keepalive_time_ms", 30_000),
    ("grpc.keepalive_timeout_ms", 5_000),
)


def new_server() -> grpc.aio.Server:
    """A gRPC server with the core's options and interceptors, and nothing on it yet."""
    return grpc.aio.server(
        interceptors=[ErrorInterceptor(StoreFailures(time.monotonic))],
        options=_SERVER_OPTIONS,
        maximum_concurrent_rpcs=_MAX_CALLS,
    )


async def serve(settings: Settings) -> None:
    """Serves until SIGTERM or SIGINT.

    Raises:
        BadSettings: The address cannot be listened on.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(log_loop_error)
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with running_core(settings):
        set_garbage_collection()
        await stop.wait()


@asynccontextmanager
async def running_core(
    settings: Settings, *, connect: Callable[[str], RedisConnections] = RedisConnections
) -> AsyncIterator[int]:
    """A core that serves inside the body, which gets the port that it listens on.

    On leaving: health says NOT_SERVING, then new calls are refused, then calls under way may finish, then the uses of
    secrets that they noted are written, then Redis is closed. A store that does not answer is no reason not to start:
    health tells, and calls are refused until it does.

    Args:
        settings: What the core was told.
        connect: Makes the connections to the store at a URL.

    Raises:
        BadSettings: The address cannot be listened on.
    """
    redis_url = settings.redis_url.get_secret_value()
    redis = connect(redis_url)
    probe = StoreProbe(redis, redis_url)
    server = new_server()
    health = StoreHealth(SERVICES, store_problem=probe.problem, interval=_HEALTH_INTERVAL)
    foreign_secrets = ForeignSecretVerifier()
    clients, tokens = redis_stores(
        redis,
        environment=settings.environment,
        max_records=settings.audit_max_records,
        max_events=settings.revocations_max_events,
    )
    metrics = SecretMetrics(clients, warning=settings.secret_warning)
    streams, use_notes = add_services(
        server,
        settings,
        Stores(
            clients=clients,
            tokens=tokens,
            audit_trail=RedisAuditTrail(
                redis, environment=settings.environment, max_records=settings.audit_max_records
            ),
            revocations=RedisRevocationLog(redis, environment=settings.environment),
        ),
        foreign_secrets,
    )
    health_pb2_grpc.add_HealthServicer_to_server(health.servicer, server)
    reflection.enable_server_reflection((*SERVICES, "grpc.health.v1.Health", reflection.SERVICE_NAME), server)
    # Each step of the end is taken whatever becomes of the ones before it.
    async with AsyncExitStack() as stack:
        stack.push_async_callback(redis.close)
        stack.push_async_callback(foreign_secrets.close)
        stack.push_async_callback(_write_notes, use_notes)
        port = _listen(server, settings)
        await health.refresh()
        await server.start()  # When it fails there is nothing to stop: gRPC stops only what has started.
        stack.push_async_callback(server.stop, _GRACE_SECONDS)
        stack.callback(streams.end)
        stack.push_async_callback(asyncio.sleep, _LAME_SECONDS)
        stack.push_async_callback(health.leave)
        stack.callback(asyncio.create_task(health.watch()).cancel)
        backfill = IndexBackfill(redis, environment=settings.environment)
        stack.callback(asyncio.create_task(_list_older_clients(backfill)).cancel)
        if settings.metrics_port is not None:
            stack.enter_context(metrics.served(settings.metrics_host, settings.metrics_port))
            stack.callback(asyncio.create_task(metrics.watch()).cancel)
        _log.info(
            "core started",
            host=settings.grpc_host,
            port=port,
            environment=settings.environment,
            **_tls_words(settings.tls),
        )
        try:
            yield port
        finally:
            _log.info("core stopping")
    _log.info("core stopped")


async def _write_notes(use_notes: UseNotes) -> None:
    if not await use_notes.close():
        _log.warning("uses of secrets not written down")


async def _list_older_clients(backfill: IndexBackfill) -> None:
    while True:
        try:
            listed = await backfill.run()
        except StorageUnavailable:
            await asyncio.sleep(_BACKFILL_PAUSE_SECONDS)
        else:
            if listed:
                _log.info("clients listed in the indexes", clients=listed)
            return


def _tls_words(tls: ServerTls | None) -> dict[str, str]:
    if tls is None:
        return {}
    return {"tls": "mutual" if tls.caller_authorities else "of the core only"}


def _listen(server: grpc.aio.Server, settings: Settings) -> int:
    host = f"[{settings.grpc_host}]" if ":" in settings.grpc_host else settings.grpc_host
    address = f"{host}:{settings.grpc_port}"
    try:
        if settings.tls is not None:
            return server.add_secure_port(address, settings.tls.credentials())
        return server.add_insecure_port(address)
    except RuntimeError:
        # gRPC does not say why; the system does.
        listening_socket("GRANTWAY_GRPC", settings.grpc_host, settings.grpc_port, backlog=1).close()
        raise  # By now it could be listened there.
