"""What an incident action hits, or would hit."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from grantway_server.domain.client_secrets import Secret
from grantway_server.domain.clients import Client
from grantway_server.domain.revocations import EVERY_TOKEN, TokenSelection
from grantway_server.domain.secret_use import ClientUse, SecretUse, Verdict, verdict


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
    """How many were ever issued of those that end; some are dead already. 0 where it is known that all are."""
    last_token_at: datetime | None = None
    """When the last of them was issued, at the latest; None when none is hit."""
    last_expires_at: datetime | None = None
    """When the last of them would have expired by itself, if the client's lifetime was then what it is now."""
    all_tokens: bool = False
    """Whether all tokens end in the place of those that were to: too many revocations of parts stood already."""


def impact(  # noqa: PLR0913 - what may be hit.
    client: Client,
    use: ClientUse,
    *,
    now: datetime,
    longest_lifetime: timedelta,
    disables: bool = False,
    secret_ids: Iterable[str] = (),
    tokens: TokenSelection | None = None,
    all_tokens: bool = False,
) -> Impact:
    """What it hits to disable *client*, to end some of its secrets, and to end some of its tokens (None = none).

    With *all_tokens* all of them end in the place of *tokens*.
    """
    tokens = EVERY_TOKEN if all_tokens else tokens
    ending = set(secret_ids)
    states = [state for state in secret_states(client, use, now=now) if state.secret.secret_id in ending]
    # Those of a disabled client are dead already.
    hits_none = tokens is None or client.disabled_at is not None
    issued, last = (0, None) if hits_none or tokens is None else _tokens_hit(client, use, tokens, now)
    return Impact(
        disables=disables and client.disabled_at is None,
        secrets=states,
        tokens_issued=issued,
        last_token_at=last,
        last_expires_at=None if last is None else last + min(client.token_lifetime, longest_lifetime),
        all_tokens=all_tokens,
    )


def _tokens_hit(client: Client, use: ClientUse, tokens: TokenSelection, now: datetime) -> tuple[int, datetime | None]:
    """How many tokens there can be of *tokens*, and when the last of them was issued: as much as is known."""
    # A token is of a whole second: one that was issued right after its client was made may seem to be older.
    if tokens.issued_before is not None and tokens.issued_before <= client.created_at.replace(microsecond=0):
        return 0, None
    last_token_at = use.last_token_at
    if last_token_at is None:
        return 0, None
    # The last use may have obtained no token: the last token of a secret is none after the last one of its client.
    groups = [(one, seen.count, min(seen.last_at, last_token_at)) for one, seen in use.secrets.items() if seen.count]
    if not tokens.secret_id and use.retired_count:
        groups.append(("", use.retired_count, last_token_at))
    hit = [
        (count, last)
        for secret_id, count, last in groups
        if tokens.secret_id in {"", secret_id}
        and (tokens.issued_from is None or tokens.issued_from <= last)
        and not _are_dead(client, secret_id, last, now)
    ]
    if not hit:
        return 0, None
    last = max(last for _, last in hit)
    if tokens.issued_before is not None:
        last = min(last, tokens.issued_before)
    return sum(count for count, _ in hit), last


def _are_dead(client: Client, secret_id: str, last: datetime, now: datetime) -> bool:
    """Whether all tokens of a secret of *client* are dead, the last of which was issued at *last*."""
    return (
        last + client.longest_token_lifetime <= now
        or (client.tokens_revoked_at is not None and last < client.tokens_revoked_at)
        or any(revocation.ends_all_until(last, secret_id) for revocation in client.revocations)
    )
