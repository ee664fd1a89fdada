"""Introspection (RFC 7662): whether a token is active, whose it is, what it may do, and if not, why not.

The order of checks, of which the first that fails is the answer:
1. the shape of the request: INVALID_REQUEST,
2. where there are credentials, authentication of the client: INVALID_CLIENT, or RATE_LIMITED in its place,
3. where there are credentials, the client's permission to ask: UNAUTHORIZED_CLIENT,
4. the token's form: MALFORMED, OTHER_ENVIRONMENT,
5. whether it is stored: UNKNOWN, REVOKED (alone),
6. what became of its client: CLIENT_DELETED, CLIENT_DISABLED, REVOKED (with others),
7. its time: EXPIRED,
8. its audiences: WRONG_AUDIENCE.

From 4 on the answer is that the token is not active. RFC 7662 section 2.2 hides why; and section 4 that a token exists
which is meant for others: to whoever is not told reasons, all of them look alike.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, auto

from grantway_server.domain import audiences as audience_rules
from grantway_server.domain import tokens
from grantway_server.domain.audiences import Audiences
from grantway_server.domain.clients import MAX_LIST_LENGTH, Client, Permission
from grantway_server.domain.credentials import Credentials
from grantway_server.domain.environment import Environment
from grantway_server.domain.failed_authentications import FailedAuthentications
from grantway_server.domain.ports import EncodedPosition
from grantway_server.domain.refusals import Reason, Refusal, invalid_request
from grantway_server.domain.slow_authentication import SlowAuthentication
from grantway_server.domain.token_lookup import FoundTokens, TokenLookup
from grantway_server.domain.token_owners import TokenOwner
from grantway_server.domain.tokens import Token, TokenFormat


class InactiveReason(Enum):
    """Why a token is not active; see `grantway.v1.InactiveReason`."""

    MALFORMED = auto()
    OTHER_ENVIRONMENT = auto()
    UNKNOWN = auto()
    EXPIRED = auto()
    REVOKED = auto()
    CLIENT_DISABLED = auto()
    CLIENT_DELETED = auto()
    WRONG_AUDIENCE = auto()


# These three are made for every check; see `issuance` on why they are not frozen. Nobody but `introspect` changes one.


@dataclass(slots=True)
class IntrospectionRequest:
    """A question about a token (RFC 7662 section 2.1), as it came: nothing in it is validated."""

    token: str = field(repr=False)
    audiences: Audiences = ()
    """What the caller is. Empty means that it does not say; with credentials, all that their client is."""
    credentials: Credentials | None = None
    """None means that whoever reaches the core asks for itself."""


@dataclass(slots=True)
class ActiveToken:
    """A token that is good at this moment."""

    token_id: str
    token: Token
    owner: TokenOwner
    position: EncodedPosition
    """How fresh this is; see `FoundTokens.position`."""
    now: datetime
    """When it was good."""


@dataclass(slots=True)
class InactiveToken:
    """A token that is not good, or not for the caller."""

    reason: InactiveReason | None
    """None when the caller is not told."""
    position: EncodedPosition
    """As of one that is active; empty also where no revocation could change the answer."""


Introspected = ActiveToken | InactiveToken


class TokenIntrospection:
    """Checks tokens. Every method may raise `StorageUnavailable`."""

    def __init__(
        self,
        *,
        token_lookup: TokenLookup,
        failures: FailedAuthentications,
        slow_authentication: SlowAuthentication,
        environment: Environment,
    ) -> None:
        self._token_lookup = token_lookup
        self._failures = failures
        self._slow_authentication = slow_authentication
        self._other_format = TokenFormat(environment.other)

    async def introspect(
        self, requests: Sequence[IntrospectionRequest], *, tell_reasons: bool = False
    ) -> list[Introspected | Refusal]:
        """What the token of each of *requests* is, in order, with as many store round trips however many they are.

        One more writes down which of several secrets is in use; where it fails, that is noted and written later.

        Args:
            requests: The questions. None is kept waiting by another one's slow hash: that one is refused as ALONE_ONLY.
            tell_reasons: Whether those who ask without credentials are told why a token is not active.
        """
        presented = [request.credentials for request in requests]
        found = await self._token_lookup.look_up([request.token for request in requests], presented)
        outcomes: list[Introspected | Refusal] = []
        for request, caller in zip(requests, found.callers, strict=True):
            try:
                if not request.token:
                    raise invalid_request("token is missing.")
                # Most ask nothing but this.
                asked_for = _asked_for(request, caller) if request.audiences or caller is not None else None
            except Refusal as refusal:
                outcomes.append(refusal)
                continue
            outcome = self._state(request.token, asked_for, found)
            if isinstance(outcome, InactiveToken) and (caller is not None or not tell_reasons):
                outcome.reason = None
            outcomes.append(outcome)
        if any(presented):
            outcomes = await self._failures.counted(presented, outcomes)
        return outcomes

    async def introspect_alone(
        self, request: IntrospectionRequest, *, tell_reasons: bool = False
    ) -> Introspected | Refusal:
        """The same of one request, which waits for a slow hash where there is only that.

        Raises:
            Refusal: RATE_LIMITED (too many slow hashes).
        """
        if request.credentials is None:
            return (await self.introspect([request], tell_reasons=tell_reasons))[0]
        return await self._slow_authentication.alone(request.credentials, lambda: self.introspect([request]))

    def _state(self, text: str, asked_for: Audiences | None, found: FoundTokens) -> Introspected:
        token = found.stored.get(text)
        if isinstance(token, Token):
            owner = found.owners[token.client_id]
            if owner is None:
                reason = InactiveReason.CLIENT_DELETED
            elif not owner.standing.accepts(token):
                reason = InactiveReason.CLIENT_DISABLED if owner.standing.disabled else InactiveReason.REVOKED
            elif found.now >= token.expires_at:
                reason = InactiveReason.EXPIRED
            elif asked_for is not None and not audience_rules.are_met(token.audiences, asked_for):
                reason = InactiveReason.WRONG_AUDIENCE
            else:
                return ActiveToken(tokens.token_id(found.digests[text]), token, owner, found.position, found.now)
        elif text in found.stored:
            reason = InactiveReason.REVOKED if token else InactiveReason.UNKNOWN
        else:
            other = self._other_format.matches(text)
            return InactiveToken(InactiveReason.OTHER_ENVIRONMENT if other else InactiveReason.MALFORMED, b"")
        return InactiveToken(reason, found.position)


def _asked_for(request: IntrospectionRequest, caller: Client | Refusal | None) -> Audiences:
    """The audiences that *request* is asked for: one that may be asked.

    Raises:
        Refusal: Whatever stands before the token in the order of checks.
    """
    if len(request.audiences) > MAX_LIST_LENGTH or sum(map(len, request.audiences)) > audience_rules.MAX_TOTAL_LENGTH:
        raise invalid_request(
            f"audiences holds at most {MAX_LIST_LENGTH} of them, "
            f"together at most {audience_rules.MAX_TOTAL_LENGTH} characters."
        )
    if request.credentials is None:
        return request.audiences
    if isinstance(caller, Refusal):
        raise caller
    if caller is None or Permission.INTROSPECT_TOKENS not in caller.permissions:
        raise Refusal(Reason.UNAUTHORIZED_CLIENT, "The client may not introspect tokens.")
    if not request.audiences:
        return caller.effective_own_audiences
    return tuple(audience for audience in request.audiences if audience in caller.effective_own_audiences)
