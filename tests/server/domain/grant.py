"""The whole grant logic over stores in memory, with a fake clock: what the tests of both services begin with."""

import secrets
from dataclasses import dataclass, field, replace
from datetime import timedelta

from grantway_server.domain.client_authentication import ClientAuthenticator
from grantway_server.domain.client_secrets import SecretFormat
from grantway_server.domain.client_service import ClientFields, ClientService, LifetimePolicy
from grantway_server.domain.clients import Client
from grantway_server.domain.environment import Environment
from grantway_server.domain.failure_throttle import FailureThrottle
from grantway_server.domain.ports import ClientReader, ClientStore, TokenStore
from grantway_server.domain.randomness import RandomBytes
from grantway_server.domain.refusals import Refusal
from grantway_server.domain.token_service import IssuedToken, TokenRequest, TokenService
from grantway_server.domain.tokens import TokenFormat
from tests.fakes.clock import FakeClock
from tests.fakes.stores import pair_of_stores
from tests.server.domain.outcomes import Said, said

LIFETIMES = LifetimePolicy(default=timedelta(hours=1), maximum=timedelta(days=1))
BURST = 5
REFILL = timedelta(seconds=10)

FIELDS = ClientFields(
    name="Concierge",
    allowed_scopes=("b", "a"),
    default_scopes=("a",),
    audiences=("https://api.example.com",),
    token_lifetime=timedelta(minutes=5),
)


@dataclass
class Grant:
    """Both services over the same stores."""

    client_store: ClientStore
    token_store: TokenStore
    clock: FakeClock
    clients: ClientService
    tokens: TokenService
    environment: Environment


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


def new_grant(
    *,
    environment: Environment = Environment.LIVE,
    client_store: ClientStore | None = None,
    token_store: TokenStore | None = None,
    client_reader: ClientReader | None = None,
    clock: FakeClock | None = None,
    random_bytes: RandomBytes = secrets.token_bytes,
    max_lifetime: timedelta = LIFETIMES.maximum,
) -> Grant:
    """The grant logic; what is not given is new and empty."""
    clock = clock or FakeClock()
    client_store, token_store = pair_of_stores(client_store, token_store, clock=clock.now)
    secret_format = SecretFormat(environment, pepper=None)
    return Grant(
        client_store=client_store,
        token_store=token_store,
        clock=clock,
        clients=ClientService(
            environment=environment,
            client_store=client_store,
            secret_format=secret_format,
            lifetimes=LIFETIMES,
            clock=clock.now,
            random_bytes=random_bytes,
        ),
        tokens=TokenService(
            client_reader=client_reader or client_store,
            token_store=token_store,
            authenticator=ClientAuthenticator(
                secret_format=secret_format, throttle=FailureThrottle(burst=BURST, refill=REFILL)
            ),
            token_format=TokenFormat(environment),
            max_lifetime=max_lifetime,
            clock=clock.now,
            random_bytes=random_bytes,
        ),
        environment=environment,
    )


async def register(grant: Grant, fields: ClientFields = FIELDS) -> Credentials:
    """A new client."""
    return Credentials(*await grant.clients.create(fields))


async def issue(grant: Grant, request: TokenRequest) -> IssuedToken | Said:
    """What one request gets; a refusal as what it says."""
    (outcome,) = await grant.tokens.issue([request])
    return said(outcome) if isinstance(outcome, Refusal) else outcome


async def token_of(grant: Grant, credentials: Credentials) -> str:
    """The text of a new token."""
    outcome = await issue(grant, credentials.request())
    assert isinstance(outcome, IssuedToken), outcome
    return outcome.access_token


async def are_active(grant: Grant, *access_tokens: str) -> list[bool]:
    """Which of *access_tokens* are active."""
    return [active is not None for active in await grant.tokens.introspect(access_tokens)]
