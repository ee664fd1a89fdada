"""The services of a core: the use cases, put together over some stores and onto a gRPC server."""

import secrets
import time
from dataclasses import dataclass
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
from grantway_server.domain.client_authentication import ClientAuthenticator
from grantway_server.domain.client_changes import ClientChanges
from grantway_server.domain.client_fields import LifetimePolicy
from grantway_server.domain.client_import import ClientImport
from grantway_server.domain.client_secrets import SecretFormat
from grantway_server.domain.client_service import ClientService
from grantway_server.domain.failed_authentications import FailedAuthentications
from grantway_server.domain.foreign_secrets import ForeignSecrets
from grantway_server.domain.incidents import IncidentService
from grantway_server.domain.introspection import TokenIntrospection
from grantway_server.domain.issuance import TokenIssuance
from grantway_server.domain.leaks import LeakService
from grantway_server.domain.ports import AuditTrail, ClientStore, Clock, RevocationLog, TokenStore
from grantway_server.domain.revocation_watch import RevocationWatch
from grantway_server.domain.secret_adoption import SecretAdoption
from grantway_server.domain.secret_expiry import SecretExpiry
from grantway_server.domain.secret_rotation import SecretRotation
from grantway_server.domain.secret_service import SecretService
from grantway_server.domain.slow_authentication import SlowAuthentication
from grantway_server.domain.throttle import Throttle
from grantway_server.domain.token_lookup import TokenLookup
from grantway_server.domain.token_revocation import TokenRevocation
from grantway_server.domain.tokens import TokenFormat
from grantway_server.domain.use_notes import UseNotes
from grantway_server.rpc.audit_log import AuditLog
from grantway_server.rpc.audit_servicer import AuditServicer
from grantway_server.rpc.callers import Callers
from grantway_server.rpc.client_servicer import ClientServicer
from grantway_server.rpc.leak_servicer import LeakServicer
from grantway_server.rpc.open_streams import OpenStreams
from grantway_server.rpc.token_servicer import TokenServicer

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


@dataclass(frozen=True, slots=True)
class Stores:
    """What a core keeps its state in."""

    clients: ClientStore
    tokens: TokenStore
    audit_trail: AuditTrail
    revocations: RevocationLog


def _utc_now() -> datetime:
    return datetime.now(UTC)


def add_services(
    server: grpc.aio.Server,
    settings: Settings,
    stores: Stores,
    foreign_secrets: ForeignSecrets,
    clock: Clock = _utc_now,
) -> OpenStreams:
    """Puts the use cases over *stores* onto *server*; the calls that must end before it does."""
    streams, log = OpenStreams(), AuditLog(time.monotonic)
    callers = Callers(settings.admin_token_digests, admin_certificates=settings.admin_names)
    secret_format = SecretFormat(
        settings.environment, pepper=settings.pepper.get_secret_value().encode() if settings.pepper else None
    )
    secret_expiry = SecretExpiry(max_age=settings.secret_max_age, warning=settings.secret_warning)
    lifetimes = LifetimePolicy(
        default=timedelta(seconds=settings.token_lifetime_seconds),
        maximum=timedelta(seconds=settings.max_token_lifetime_seconds),
    )
    changes = ClientChanges(client_store=stores.clients, clock=clock, announce=log.announce)
    adoption = SecretAdoption(
        changes=changes,
        secret_format=secret_format,
        foreign_secrets=foreign_secrets,
        min_length=settings.imported_secret_min_length,
    )
    authenticator = ClientAuthenticator(
        environment=settings.environment,
        secret_format=secret_format,
        throttle=Throttle(burst=settings.auth_failure_burst, refill=settings.auth_failure_refill),
    )
    failures = FailedAuthentications(
        authenticator=authenticator,
        audit_trail=stores.audit_trail,
        announce=log.announce,
        clock=clock,
        random_bytes=secrets.token_bytes,
    )
    slow_authentication = SlowAuthentication(
        client_reader=stores.clients, adoption=adoption, failures=failures, random_bytes=secrets.token_bytes
    )
    token_format = TokenFormat(settings.environment)
    token_lookup = TokenLookup(
        client_reader=stores.clients,
        token_store=stores.tokens,
        authenticator=authenticator,
        use_notes=UseNotes(stores.tokens),
        token_format=token_format,
        clock=clock,
    )
    issuance = TokenIssuance(
        client_reader=stores.clients,
        token_store=stores.tokens,
        authenticator=authenticator,
        failures=failures,
        slow_authentication=slow_authentication,
        secret_expiry=secret_expiry,
        token_format=token_format,
        max_lifetime=lifetimes.maximum,
        clock=clock,
        random_bytes=secrets.token_bytes,
    )
    introspection = TokenIntrospection(
        token_lookup=token_lookup,
        failures=failures,
        slow_authentication=slow_authentication,
        environment=settings.environment,
    )
    revocation = TokenRevocation(
        token_store=stores.tokens,
        token_lookup=token_lookup,
        failures=failures,
        slow_authentication=slow_authentication,
        token_format=token_format,
        announce_foreign=log.announce_foreign,
    )
    client_service = ClientService(
        environment=settings.environment,
        client_store=stores.clients,
        changes=changes,
        secret_format=secret_format,
        secret_expiry=secret_expiry,
        lifetimes=lifetimes,
        clock=clock,
        random_bytes=secrets.token_bytes,
    )
    rotations = SecretRotation(
        client_store=stores.clients,
        changes=changes,
        secret_format=secret_format,
        secret_expiry=secret_expiry,
        max_secrets=settings.max_secrets_per_client,
        clock=clock,
        random_bytes=secrets.token_bytes,
    )
    secret_service = SecretService(
        client_store=stores.clients, changes=changes, longest_token_lifetime=lifetimes.maximum, clock=clock
    )
    incidents = IncidentService(
        client_store=stores.clients, changes=changes, longest_token_lifetime=lifetimes.maximum, clock=clock
    )
    imports = ClientImport(
        client_store=stores.clients,
        client_service=client_service,
        changes=changes,
        secret_format=secret_format,
        foreign_secrets=foreign_secrets,
        clock=clock,
        random_bytes=secrets.token_bytes,
    )
    leak_service = LeakService(
        client_store=stores.clients,
        introspection=introspection,
        revocation=revocation,
        changes=changes,
        adoption=adoption,
        announce=log.announce,
        secret_format=secret_format,
        environment=settings.environment,
        throttle=Throttle(burst=_REPORT_BURST, refill=_REPORT_REFILL),
        clock=clock,
    )
    token_service_pb2_grpc.add_TokenServiceServicer_to_server(
        TokenServicer(
            issuance,
            introspection=introspection,
            revocation=revocation,
            watch=RevocationWatch(stores.revocations),
            callers=callers,
            environment=settings.environment,
            streams=streams,
        ),
        server,
    )
    client_service_pb2_grpc.add_ClientServiceServicer_to_server(
        ClientServicer(
            client_service,
            secrets=secret_service,
            rotations=rotations,
            incidents=incidents,
            imports=imports,
            callers=callers,
            environment=settings.environment,
        ),
        server,
    )
    audit_service_pb2_grpc.add_AuditServiceServicer_to_server(
        AuditServicer(AuditService(stores.audit_trail, clock), callers, streams), server
    )
    leak_service_pb2_grpc.add_LeakServiceServicer_to_server(LeakServicer(leak_service, callers), server)
    return streams
