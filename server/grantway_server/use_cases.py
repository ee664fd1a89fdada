"""The use cases of a core, put together over some stores: the one place that says which of them stands on which."""

from dataclasses import dataclass

from grantway_server.domain.audit import Announce
from grantway_server.domain.client_authentication import ClientAuthenticator
from grantway_server.domain.client_changes import ClientChanges
from grantway_server.domain.client_fields import LifetimePolicy
from grantway_server.domain.client_import import ClientImport
from grantway_server.domain.client_secrets import SecretFormat
from grantway_server.domain.client_service import ClientService
from grantway_server.domain.client_uses import ClientUses
from grantway_server.domain.environment import Environment
from grantway_server.domain.failed_authentications import FailedAuthentications
from grantway_server.domain.foreign_secrets import ForeignSecrets
from grantway_server.domain.incidents import IncidentService
from grantway_server.domain.introspection import TokenIntrospection
from grantway_server.domain.issuance import TokenIssuance
from grantway_server.domain.leaks import LeakService
from grantway_server.domain.ports import AuditTrail, ClientReader, ClientStore, Clock, RevocationLog, TokenStore
from grantway_server.domain.randomness import RandomBytes
from grantway_server.domain.secret_adoption import SecretAdoption
from grantway_server.domain.secret_expiry import SecretExpiry
from grantway_server.domain.secret_rotation import SecretRotation
from grantway_server.domain.secret_service import SecretService
from grantway_server.domain.slow_authentication import SlowAuthentication
from grantway_server.domain.throttle import Throttle
from grantway_server.domain.token_lookup import TokenLookup
from grantway_server.domain.token_revocation import AnnounceForeign, TokenRevocation
from grantway_server.domain.tokens import TokenFormat
from grantway_server.domain.use_notes import UseNotes


@dataclass(frozen=True, slots=True)
class Stores:
    """What a core keeps its state in."""

    clients: ClientStore
    tokens: TokenStore
    audit_trail: AuditTrail
    revocations: RevocationLog


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What the use cases decide by."""

    environment: Environment
    secret_format: SecretFormat
    secret_expiry: SecretExpiry
    lifetimes: LifetimePolicy
    max_secrets: int
    imported_secret_min_length: int
    failure_throttle: Throttle
    """Of failed authentications."""
    report_throttle: Throttle
    """Of reports of leaks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UseCases:
    """What callers can ask of a core."""

    clients: ClientService
    secrets: SecretService
    rotations: SecretRotation
    incidents: IncidentService
    imports: ClientImport
    issuance: TokenIssuance
    introspection: TokenIntrospection
    revocation: TokenRevocation
    leaks: LeakService
    use_notes: UseNotes
    """What is not written of the use of secrets: to be closed when nothing is asked any more."""


def use_cases(  # noqa: PLR0913 - what they are made of, all of it injected.
    rules: Rules,
    stores: Stores,
    foreign_secrets: ForeignSecrets,
    *,
    announce: Announce,
    announce_foreign: AnnounceForeign,
    clock: Clock,
    random_bytes: RandomBytes,
    client_reader: ClientReader | None = None,
) -> UseCases:
    """The use cases over *stores*.

    Args:
        rules: What they decide by.
        stores: What they keep their state in.
        foreign_secrets: Who checks secrets by the hashes of other systems.
        announce: Who is told of audit records.
        announce_foreign: Who is told of a client that would revoke another one's token.
        clock: What time it is.
        random_bytes: Where randomness comes from.
        client_reader: Who reads clients for tokens; None for the store of clients.
    """
    client_reader = client_reader or stores.clients
    changes = ClientChanges(client_store=stores.clients, clock=clock, announce=announce)
    adoption = SecretAdoption(
        changes=changes,
        secret_format=rules.secret_format,
        foreign_secrets=foreign_secrets,
        min_length=rules.imported_secret_min_length,
    )
    authenticator = ClientAuthenticator(
        environment=rules.environment,
        secret_format=rules.secret_format,
        throttle=rules.failure_throttle,
    )
    failures = FailedAuthentications(
        authenticator=authenticator,
        audit_trail=stores.audit_trail,
        announce=announce,
        clock=clock,
        random_bytes=random_bytes,
    )
    slow_authentication = SlowAuthentication(
        client_reader=client_reader, adoption=adoption, failures=failures, random_bytes=random_bytes
    )
    token_format = TokenFormat(rules.environment)
    use_notes = UseNotes(stores.tokens)
    client_uses = ClientUses(stores.clients, use_notes)
    token_lookup = TokenLookup(
        client_reader=client_reader,
        token_store=stores.tokens,
        authenticator=authenticator,
        use_notes=use_notes,
        token_format=token_format,
        clock=clock,
    )
    issuance = TokenIssuance(
        client_reader=client_reader,
        token_store=stores.tokens,
        authenticator=authenticator,
        failures=failures,
        slow_authentication=slow_authentication,
        secret_expiry=rules.secret_expiry,
        use_notes=use_notes,
        token_format=token_format,
        max_lifetime=rules.lifetimes.maximum,
        clock=clock,
        random_bytes=random_bytes,
    )
    introspection = TokenIntrospection(
        token_lookup=token_lookup,
        failures=failures,
        slow_authentication=slow_authentication,
        environment=rules.environment,
    )
    revocation = TokenRevocation(
        token_store=stores.tokens,
        token_lookup=token_lookup,
        failures=failures,
        slow_authentication=slow_authentication,
        token_format=token_format,
        announce_foreign=announce_foreign,
    )
    client_service = ClientService(
        environment=rules.environment,
        client_store=stores.clients,
        client_uses=client_uses,
        changes=changes,
        secret_format=rules.secret_format,
        secret_expiry=rules.secret_expiry,
        lifetimes=rules.lifetimes,
        clock=clock,
        random_bytes=random_bytes,
    )
    rotations = SecretRotation(
        client_store=stores.clients,
        client_uses=client_uses,
        changes=changes,
        secret_format=rules.secret_format,
        secret_expiry=rules.secret_expiry,
        max_secrets=rules.max_secrets,
        clock=clock,
        random_bytes=random_bytes,
    )
    secret_service = SecretService(
        client_store=stores.clients,
        client_uses=client_uses,
        changes=changes,
        longest_token_lifetime=rules.lifetimes.maximum,
        clock=clock,
    )
    incidents = IncidentService(
        client_uses=client_uses, changes=changes, longest_token_lifetime=rules.lifetimes.maximum, clock=clock
    )
    imports = ClientImport(
        client_store=stores.clients,
        client_service=client_service,
        changes=changes,
        secret_format=rules.secret_format,
        foreign_secrets=foreign_secrets,
        clock=clock,
        random_bytes=random_bytes,
    )
    leak_service = LeakService(
        client_store=stores.clients,
        introspection=introspection,
        revocation=revocation,
        changes=changes,
        adoption=adoption,
        announce=announce,
        secret_format=rules.secret_format,
        environment=rules.environment,
        throttle=rules.report_throttle,
        clock=clock,
    )
    return UseCases(
        clients=client_service,
        secrets=secret_service,
        rotations=rotations,
        incidents=incidents,
        imports=imports,
        issuance=issuance,
        introspection=introspection,
        revocation=revocation,
        leaks=leak_service,
        use_notes=use_notes,
    )
