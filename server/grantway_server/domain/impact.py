"""What an incident action hits, or would hit."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from grantway_server.domain.client_secrets import Secret
from grantway_server.domain.clients import Client
from grantway_server.domain.revocations import TokenSelection
from grantway_server.domain.secret_use import ClientUse, SecretUse, Verdict, verdict

EVERY_TOKEN = TokenSelection()


@dataclass(frozen=True, slots=True)
class SecretState:
    """A secret, its use, and whether it may be retired."""

    secret: Secret
    use: SecretUse | None
    verdict: Verdict


def secret_states(client: Client, use: ClientUse, *, now: datetime) -> list[SecretState]:
    """All secrets of *client*, the newest first."""
    return [
        SecretState(secret, use.secrets.get(secret.secret_id), verdict(secret, client.secrets, use, now=now))
        for secret in reversed(client.secrets)
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Impact:
    """What is hit."""

    disables: bool = False
    """Whether an enabled client stops getting tokens."""
    secrets: Sequence[SecretState] = ()
    """Those that end."""
    tokens_issued: int = 0
    """How many were ever issued of those that end; some have expired."""
    last_token_at: datetime | None = None
    """When the last of them was issued, at the latest; None when none is hit."""
    last_expires_at: datetime | None = None
    """When the last of them would have expired by itself, if the client's lifetime was then what it is now."""


def impact(  # noqa: PLR0913 - what may be hit.
    client: Client,
    use: ClientUse,
    *,
    now: datetime,
    longest_lifetime: timedelta,
    disables: bool = False,
    secret_ids: Iterable[str] = (),
    tokens: TokenSelection | None = None,
) -> Impact:
    """What it hits to disable *client*, to end some of its secrets, and to end some of its tokens (None = none)."""
    ending = set(secret_ids)
    states = [state for state in secret_states(client, use, now=now) if state.secret.secret_id in ending]
    # Those of a disabled client are dead already.
    hits_none = tokens is None or client.disabled_at is not None
    issued, last = (0, None) if hits_none or tokens is None else _tokens_hit(client, use, tokens)
    return Impact(
        disables=disables and client.disabled_at is None,
        secrets=states,
        tokens_issued=issued,
        last_token_at=last,
        last_expires_at=None if last is None else last + min(client.token_lifetime, longest_lifetime),
    )


def _tokens_hit(client: Client, use: ClientUse, tokens: TokenSelection) -> tuple[int, datetime | None]:
    """How many tokens there can be of *tokens*, and when the last of them was issued: as much as is known."""
    # A token is of a whole second: one that was issued right after its client was made may seem to be older.
    if tokens.issued_before is not None and tokens.issued_before <= client.created_at.replace(microsecond=0):
        return 0, None
    if tokens.secret_id:
        of_secret = use.secrets.get(tokens.secret_id)
        count = of_secret.count if of_secret else 0
        # The last use may have obtained no token: the last token of a secret is none after the last one of its client.
        last = min(of_secret.last_at, use.last_token_at) if of_secret and count and use.last_token_at else None
    else:
        count, last = use.retired_count + sum(one.count for one in use.secrets.values()), use.last_token_at
    if last is not None and tokens.issued_from is not None and last < tokens.issued_from:
        return 0, None
    if last is not None and tokens.issued_before is not None:
        last = min(last, tokens.issued_before)
    return count, last
