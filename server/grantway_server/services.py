"""The services of a core: the use cases by its settings, put onto a gRPC server."""

import secrets
import time
from datetime import UTC, datetime, timedelta

import grpc

from grantway.v1 import (
    audit_service_pb2,
    audit_service_pb2_grpc,
    client_service_pb2,
    client_service_pb2_grpc,
    leak_service_pb2,
    leak_service_pb2_grpc,
    token_service_pb2,
    token_service_pb2_grpc,
)
from grantway_server.config import Settings
from grantway_server.domain.audit_service import AuditService
from grantway_server.domain.client_fields import LifetimePolicy
from grantway_server.domain.client_secrets import SecretFormat
from grantway_server.domain.foreign_secrets import ForeignSecrets
from grantway_server.domain.ports import Clock
from grantway_server.domain.revocation_watch import RevocationWatch
from grantway_server.domain.secret_expiry import SecretExpiry
from grantway_server.domain.throttle import Throttle
from grantway_server.domain.use_notes import UseNotes
from grantway_server.rpc.audit_log import AuditLog
from grantway_server.rpc.audit_servicer import AuditServicer
from grantway_server.rpc.callers import Callers
from grantway_server.rpc.client_servicer import ClientServicer
from grantway_server.rpc.leak_servicer import LeakServicer
from grantway_server.rpc.open_streams import OpenStreams
from grantway_server.rpc.token_servicer import TokenServicer
from grantway_server.use_cases import Rules, Stores, use_cases

SERVICES = tuple(
    module.DESCRIPTOR.services_by_name[name].full_name
    for module, name in (
        (token_service_pb2, "TokenService"),
        (client_service_pb2, "ClientService"),
        (audit_service_pb2, "AuditService"),
        (leak_service_pb2, "LeakService"),
    )
)
"""The full names of the contract's services."""

_REPORT_BURST = 20
_REPORT_REFILL = timedelta(seconds=3)
"""Reports of leaks from one source: so many at once, then one in this time."""


def _utc_now() -> datetime:
    return datetime.now(UTC)


def add_services(
    server: grpc.aio.Server,
    settings: Settings,
    stores: Stores,
    foreign_secrets: ForeignSecrets,
    clock: Clock = _utc_now,
) -> tuple[OpenStreams, UseNotes]:
    """Puts the use cases over *stores* onto *server*.

    Returns:
        The calls that must end before the server does; and what must be closed after it, for it writes still.
    """
    streams, log = OpenStreams(), AuditLog(time.monotonic)
    callers = Callers(settings.admin_token_digests, admin_certificates=settings.admin_names)
    secret_format = SecretFormat(
        settings.environment, pepper=settings.pepper.get_secret_value().encode() if settings.pepper else None
    )
    rules = Rules(
        environment=settings.environment,
        secret_format=secret_format,
        secret_expiry=SecretExpiry(max_age=settings.secret_max_age, warning=settings.secret_warning),
        lifetimes=LifetimePolicy(
            default=timedelta(seconds=settings.token_lifetime_seconds),
            maximum=timedelta(seconds=settings.max_token_lifetime_seconds),
        ),
        max_secrets=settings.max_secrets_per_client,
        imported_secret_min_length=settings.imported_secret_min_length,
        failure_throttle=Throttle(burst=settings.auth_failure_burst, refill=settings.auth_failure_refill),
        report_throttle=Throttle(burst=_REPORT_BURST, refill=_REPORT_REFILL),
    )
    core = use_cases(
        rules,
        stores,
        foreign_secrets,
        announce=log.announce,
        announce_foreign=log.announce_foreign,
        clock=clock,
        random_bytes=secrets.token_bytes,
    )
    token_service_pb2_grpc.add_TokenServiceServicer_to_server(
        TokenServicer(
            core.issuance,
            introspection=core.introspection,
            revocation=core.revocation,
            watch=RevocationWatch(stores.revocations),
            callers=callers,
            environment=settings.environment,
            streams=streams,
        ),
        server,
    )
    client_service_pb2_grpc.add_ClientServiceServicer_to_server(
        ClientServicer(
            core.clients,
            secrets=core.secrets,
            rotations=core.rotations,
            incidents=core.incidents,
            imports=core.imports,
            callers=callers,
            environment=settings.environment,
        ),
        server,
    )
    audit_service_pb2_grpc.add_AuditServiceServicer_to_server(
        AuditServicer(AuditService(stores.audit_trail, clock), callers, streams), server
    )
    leak_service_pb2_grpc.add_LeakServiceServicer_to_server(LeakServicer(core.leaks, callers), server)
    return streams, core.use_notes
