"""Clients: service accounts that obtain tokens, and the rules that every one of them keeps."""

import re
from base64 import b32encode
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from grantway_server.domain import audiences as audience_rules
from grantway_server.domain import scopes as scope_rules
from grantway_server.domain.audiences import Audiences
from grantway_server.domain.client_details import Labels
from grantway_server.domain.client_secrets import RetiredSecret, Secret
from grantway_server.domain.environment import Environment
from grantway_server.domain.randomness import RandomBytes
from grantway_server.domain.refusals import Reason, Refusal, invalid_request
from grantway_server.domain.revocations import PartialRevocation
from grantway_server.domain.scopes import Scopes
from grantway_server.domain.token_owners import TokenOwner, shared_standing
from grantway_server.domain.tokens import KEPT_AFTER_EXPIRY, MAX_LIFETIME
from grantway_server.domain.whole_seconds import seconds_in

MAX_LIST_LENGTH = 100
"""Scopes or audiences of one client."""

MAX_RETIRED_SECRETS = 20
"""How many a client remembers."""

_ID_BYTES = 10
_ID = re.compile(r"(?!gws_|client_oa2_)[A-Za-z0-9_-]{1,127}")
"""Of at most 127 characters, whose number is one byte in a stored record. What begins like a secret or a token is none:
whoever mixes them up must not find the secret written down as an id."""


_OWN_ID = re.compile(r"svc_(?:live|test)_[a-z2-7]{16}")


class Permission(StrEnum):
    """What a client may do. The values are stored."""

    ISSUE_TOKENS = "issue_tokens"
    INTROSPECT_TOKENS = "introspect_tokens"


class AuthMethod(StrEnum):
    """How a client presents its secret: the names of RFC 7591 section 2. The values are stored."""

    CLIENT_SECRET_BASIC = "client_secret_basic"  # noqa: S105 - a name of RFC 7591, no secret.
    CLIENT_SECRET_POST = "client_secret_post"  # noqa: S105 - as above.
    UNKNOWN = "unknown"
    """One that this version does not know, in a request: no client may use it. No client has it."""


KNOWN_AUTH_METHODS = frozenset(AuthMethod) - {AuthMethod.UNKNOWN}


Version = bytes
"""Which state of a client it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """A service account."""

    client_id: str
    name: str
    allowed_scopes: Scopes
    default_scopes: Scopes | None
    """What a request without a scope gets; None means all allowed scopes."""
    audiences: Audiences
    """Those that it may ask for."""
    token_lifetime: timedelta
    permissions: frozenset[Permission]
    auth_methods: frozenset[AuthMethod]
    """Empty means any, unless there are unknown ones."""
    secrets: tuple[Secret, ...]
    """Those that were not retired, in the order in which they were made; some may have expired."""
    created_at: datetime
    updated_at: datetime
    disabled_at: datetime | None = None
    created_by: str = ""
    """Who did, as `audit.Caller.actor` says; so the next two."""
    updated_by: str = ""
    disabled_by: str = ""
    """Empty while the client is enabled."""
    own_audiences: Audiences = ()
    """Those that it is, as a resource server; empty means those that it may ask for."""
    organization: str = ""
    """Empty means none."""
    description: str = ""
    labels: Labels = ()
    epoch: int = 1
    """Goes up with every revocation; see `revocations`."""
    min_epoch: int = 1
    """Tokens of an earlier epoch are dead."""
    revocations: tuple[PartialRevocation, ...] = ()
    """What else ends tokens of earlier epochs."""
    retired_secrets: tuple[RetiredSecret, ...] = ()
    """The last ones, the newest first."""
    tokens_revoked_at: datetime | None = None
    """When all that there were died last; None when they never did, or nobody wrote that down."""
    longest_token_lifetime: timedelta = MAX_LIFETIME
    """No token of it that is alive was given a longer life; the longest of all where nobody wrote that down."""
    unknown_auth_methods: frozenset[str] = frozenset()
    """Names of methods that only a newer version knows: not to be used here, and not to be lost by a change here."""
    version: Version = b""
    """Another random one after every write; empty means that the client was never stored."""
    _as_owner: TokenOwner | None = field(default=None, init=False, compare=False, repr=False)

    @property
    def as_owner(self) -> TokenOwner:
        """What a check of its tokens looks at: made once, when it is first asked for."""
        if self._as_owner is None:
            standing = shared_standing(
                disabled=self.disabled_at is not None, min_epoch=self.min_epoch, revocations=self.revocations
            )
            owner = TokenOwner(self.client_id, self.name, self.organization, standing, self.version)
            # It follows from what is frozen, so nobody sees that it was not there.
            object.__setattr__(self, "_as_owner", owner)
            return owner
        return self._as_owner

    @property
    def has_several_secrets(self) -> bool:
        """Whether a verdict, whether one of its secrets may be retired, may rest on their use (see `secret_use`)."""
        return len(self.secrets) > 1

    def may_use(self, method: AuthMethod | None) -> bool:
        """Whether the client may present its secret by *method*; None if the caller does not say by which it did."""
        any_will_do = not self.auth_methods and not self.unknown_auth_methods
        return method is None or method in (KNOWN_AUTH_METHODS if any_will_do else self.auth_methods)

    @property
    def tokens_are_known_for(self) -> timedelta:
        """So long after a token of it was issued the store has forgotten it, whatever the clocks of the cores say."""
        return self.longest_token_lifetime + KEPT_AFTER_EXPIRY

    def had(self, secret_id: str) -> bool:
        """Whether it has a secret of this id, or had it and remembers it."""
        ids = (*(one.secret_id for one in self.secrets), *(one.secret_id for one in self.retired_secrets))
        return secret_id in ids

    def without(self, secrets: Collection[Secret], *, now: datetime) -> "Client":
        """The client after *secrets* were retired. They are remembered for a while, and so is their use."""
        retired = tuple(RetiredSecret(secret.secret_id, secret.digest, now) for secret in secrets)
        return replace(
            self,
            secrets=tuple(secret for secret in self.secrets if secret not in secrets),
            retired_secrets=(*retired, *self.retired_secrets)[:MAX_RETIRED_SECRETS],
        )

    @property
    def effective_own_audiences(self) -> Audiences:
        """For whom tokens are meant that this client may see."""
        return self.own_audiences or self.audiences

    @property
    def etag(self) -> str:
        """Names this state of the client."""
        return self.version.hex()

    @property
    def effective_default_scopes(self) -> Scopes:
        """What a request without a scope gets (RFC 6749 section 3.3)."""
        return self.allowed_scopes if self.default_scopes is None else self.default_scopes


def as_owner(client: Client | None) -> TokenOwner | None:
    """*client* as the owner of its tokens; None for one that is gone."""
    return None if client is None else client.as_owner


def mint_id(environment: Environment, random_bytes: RandomBytes) -> str:
    """A new client id: `[A-Za-z0-9_-]` only, so that no way of encoding Basic credentials changes it."""
    return f"svc_{environment}_{b32encode(random_bytes(_ID_BYTES)).decode('ascii').lower()}"


def is_own_id(text: str) -> bool:
    """Whether *text* has the form of the ids that this service makes, of whatever environment."""
    return _OWN_ID.fullmatch(text) is not None


def is_id(text: str) -> bool:
    """Whether *text* could be a client id; if not, no look-up is needed."""
    return _ID.fullmatch(text) is not None


def validated_scopes(scopes: Iterable[str]) -> Scopes:
    """*scopes* as a client may be allowed them.

    Raises:
        Refusal: INVALID_REQUEST (too many), INVALID_SCOPE.
    """
    scopes = scope_rules.validated(scopes)
    if len(scopes) > MAX_LIST_LENGTH:
        raise invalid_request(f"A client has at most {MAX_LIST_LENGTH} scopes.")
    return scopes


def validated_default_scopes(scopes: Iterable[str] | None, *, allowed: Scopes) -> Scopes | None:
    """*scopes* as a client with the *allowed* scopes may have them by default; None means all of them.

    Raises:
        Refusal: INVALID_SCOPE.
    """
    if scopes is None:
        return None
    scopes = scope_rules.validated(scopes)
    if not set(scopes) <= set(allowed):
        raise Refusal(
            Reason.INVALID_SCOPE, "default_scopes must be a subset of allowed_scopes: give both when either changes."
        )
    return scopes


def validated_audiences(audiences: Iterable[str]) -> Audiences:
    """*audiences* as a client may be allowed them.

    Raises:
        Refusal: INVALID_REQUEST (too many), INVALID_TARGET.
    """
    audiences = audience_rules.validated(audiences)
    if len(audiences) > MAX_LIST_LENGTH:
        raise invalid_request(f"A client has at most {MAX_LIST_LENGTH} audiences.")
    return audiences


def validated_lifetime(lifetime: timedelta, *, maximum: timedelta) -> timedelta:
    """*lifetime*, if tokens may live that long.

    Raises:
        Refusal: INVALID_REQUEST.
    """
    if not timedelta(seconds=1) <= lifetime <= maximum or lifetime.microseconds:
        raise invalid_request(f"token_lifetime must be whole seconds from 1 to {seconds_in(maximum)}.")
    return lifetime
