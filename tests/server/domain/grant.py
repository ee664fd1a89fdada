"""The whole grant logic over stores in memory, with a fake clock: what the tests of both services begin with."""

import secrets
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from grantway_server.domain.audit import AuditRecord
from grantway_server.domain.client_fields import ClientFields, LifetimePolicy
from grantway_server.domain.client_import import ClientImport
from grantway_server.domain.client_secrets import SecretFormat
from grantway_server.domain.client_service import ClientService
from grantway_server.domain.clients import Client
from grantway_server.domain.credentials import Credentials as PresentedCredentials
from grantway_server.domain.environment import Environment
from grantway_server.domain.foreign_secrets import ForeignSecrets
from grantway_server.domain.incidents import IncidentService
from grantway_server.domain.introspection import (
    ActiveToken,
    InactiveReason,
    InactiveToken,
    IntrospectionRequest,
    TokenIntrospection,
)
from grantway_server.domain.issuance import IssuedToken, TokenIssuance, TokenRequest
from grantway_server.domain.leaks import LeakService
from grantway_server.domain.ports import AuditTrail, ClientReader, ClientStore, TokenStore
from grantway_server.domain.randomness import RandomBytes
from grantway_server.domain.refusals import Refusal
from grantway_server.domain.secret_expiry import SecretExpiry
from grantway_server.domain.secret_rotation import SecretRotation
from grantway_server.domain.secret_service import SecretService
from grantway_server.domain.throttle import Throttle
from grantway_server.domain.token_revocation import ForeignRevocation, TokenRevocation
from grantway_server.hashing.verifier import ForeignSecretVerifier
from grantway_server.storage.memory_client_store import MemoryClientStore
from grantway_server.storage.memory_token_store import MemoryTokenStore
from grantway_server.storage.redis_connection import RedisConnections
from grantway_server.use_cases import Rules, use_cases
from tests.fakes.clock import FakeClock
from tests.fakes.redis_stores import redis_audit_trail, redis_client_and_token_store
from tests.fakes.stores import stores_of
from tests.fakes.watched_stores import CountingClientReader, CountingTokenStore
from tests.server.domain.administrator import Administrator
from tests.server.domain.outcomes import Said, said

LIFETIMES = LifetimePolicy(default=timedelta(hours=1), maximum=timedelta(days=1))
BURST = 5
REFILL = timedelta(seconds=10)
MAX_SECRETS = 5
MIN_IMPORTED_LENGTH = 12
NO_EXPIRY = SecretExpiry(max_age=None, warning=timedelta(days=30))

FIELDS = ClientFields(
    name="Concierge",
    allowed_scopes=("b", "a"),
    default_scopes=("a",),
    audiences=("https://api.example.com",),
    token_lifetime=timedelta(minutes=5),
)


@dataclass
class Grant:
    """All services over the same stores."""

    client_store: ClientStore
    token_store: TokenStore
    audit_trail: AuditTrail
    clock: FakeClock
    service: ClientService
    clients: Administrator
    """The same, called by somebody."""
    secrets: SecretService
    rotations: SecretRotation
    incidents: IncidentService
    imports: ClientImport
    issuance: TokenIssuance
    introspection: TokenIntrospection
    revocation: TokenRevocation
    leaks: LeakService
    environment: Environment
    announced: list[AuditRecord]
    """What the log was told of."""
    announced_foreign: list[ForeignRevocation]


@dataclass(frozen=True)
class Credentials:
    """A client and the text of its secret."""

    client: Client
    secret: str = field(repr=False)

    def request(self, **changes: object) -> TokenRequest:
        """A good token request of the client, changed so."""
        good = TokenRequest(
            grant_type="client_credentials",
            client_id=self.client.client_id,
            client_secret=self.secret,
            scope="",
            audiences=(),
            auth_method=None,
            source="here",
        )
        return replace(good, **changes)  # type: ignore[arg-type]  # The fields of TokenRequest, by name.

    def presented(self, **changes: object) -> PresentedCredentials:
        """The client's credentials, changed so."""
        good = PresentedCredentials(self.client.client_id, self.secret, None, "here")
        return replace(good, **changes)  # type: ignore[arg-type]  # The fields of credentials, by name.


def new_grant(
    *,
    environment: Environment = Environment.LIVE,
    client_store: ClientStore | None = None,
    token_store: TokenStore | None = None,
    audit_trail: AuditTrail | None = None,
    client_reader: ClientReader | None = None,
    foreign_secrets: ForeignSecrets | None = None,
    clock: FakeClock | None = None,
    random_bytes: RandomBytes = secrets.token_bytes,
    max_lifetime: timedelta = LIFETIMES.maximum,
    secret_expiry: SecretExpiry = NO_EXPIRY,
    min_imported_length: int = MIN_IMPORTED_LENGTH,
) -> Grant:
    """The grant logic; what is not given is new and empty."""
    clock = clock or FakeClock()
    stores = stores_of(client_store, token_store, audit_trail, clock=clock.now)
    announced: list[AuditRecord] = []
    announced_foreign: list[ForeignRevocation] = []
    rules = Rules(
        environment=environment,
        secret_format=SecretFormat(environment, pepper=None),
        secret_expiry=secret_expiry,
        lifetimes=replace(LIFETIMES, maximum=max_lifetime),
        max_secrets=MAX_SECRETS,
        imported_secret_min_length=min_imported_length,
        failure_throttle=Throttle(burst=BURST, refill=REFILL),
        report_throttle=Throttle(burst=BURST, refill=REFILL),
    )
    core = use_cases(
        rules,
        stores,
        foreign_secrets or ForeignSecretVerifier(),
        announce=announced.append,
        announce_foreign=announced_foreign.append,
        clock=clock.now,
        random_bytes=random_bytes,
        client_reader=client_reader,
    )
    return Grant(
        client_store=stores.clients,
        token_store=stores.tokens,
        audit_trail=stores.audit_trail,
        clock=clock,
        service=core.clients,
        clients=Administrator(core.clients, core.incidents),
        secrets=core.secrets,
        rotations=core.rotations,
        incidents=core.incidents,
        imports=core.imports,
        issuance=core.issuance,
        introspection=core.introspection,
        revocation=core.revocation,
        leaks=core.leaks,
        environment=environment,
        announced=announced,
        announced_foreign=announced_foreign,
    )


def counted_grant() -> tuple[Grant, MemoryClientStore, list[tuple[str, int]]]:
    """The grant logic, the clients that it knows, and the round trips that it makes from now on."""
    clock, clients, round_trips = FakeClock(), MemoryClientStore(), list[tuple[str, int]]()
    grant = new_grant(
        clock=clock,
        client_store=clients,
        client_reader=CountingClientReader(clients, round_trips),
        token_store=CountingTokenStore(MemoryTokenStore(clock.now, clients), round_trips),
    )
    return grant, clients, round_trips


def grant_on(connections: RedisConnections, *, environment: Environment = Environment.LIVE) -> Grant:
    """The grant logic of one core, over a real store: with a memory of its own."""
    clients, tokens = redis_client_and_token_store(connections, environment)
    return new_grant(
        environment=environment,
        client_store=clients,
        token_store=tokens,
        audit_trail=redis_audit_trail(connections, environment),
        clock=FakeClock(datetime.now(UTC)),
    )


async def register(grant: Grant, fields: ClientFields = FIELDS) -> Credentials:
    """A new client."""
    return Credentials(*await grant.clients.create(fields))


async def issue(grant: Grant, request: TokenRequest) -> IssuedToken | Said:
    """What one request gets; a refusal as what it says."""
    (outcome,) = await grant.issuance.issue([request])
    return said(outcome) if isinstance(outcome, Refusal) else outcome


async def token_of(grant: Grant, credentials: Credentials) -> str:
    """The text of a new token."""
    outcome = await issue(grant, credentials.request())
    assert isinstance(outcome, IssuedToken), outcome
    return outcome.access_token


Checked = ActiveToken | InactiveReason | Said
"""What a token is: one that is not active as why, a refused question as what it says."""


async def check(grant: Grant, *requests: IntrospectionRequest) -> list[Checked | None]:
    """What the tokens of *requests* are, as administrators are told; None where the caller is told no reason."""
    return [
        said(outcome)
        if isinstance(outcome, Refusal)
        else outcome.reason
        if isinstance(outcome, InactiveToken)
        else outcome
        for outcome in await grant.introspection.introspect(requests, tell_reasons=True)
    ]


async def are_active(grant: Grant, *access_tokens: str) -> list[bool]:
    """Which of *access_tokens* are active."""
    outcomes = await check(grant, *map(IntrospectionRequest, access_tokens))
    return [isinstance(outcome, ActiveToken) for outcome in outcomes]
