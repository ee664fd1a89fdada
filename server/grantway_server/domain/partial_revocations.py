"""The revocations of parts of a client's tokens: how one more is added, and when one goes.

Each is looked at for every check of one of the client's tokens, so there are few of them. One goes when it says nothing
that a later one does not say, and when no token that it ends can be alive any more.
"""

from dataclasses import replace
from datetime import datetime

from grantway_server.domain.clients import Client
from grantway_server.domain.refusals import invalid_request
from grantway_server.domain.revocations import EVERY_TOKEN, PartialRevocation, TokenSelection
from grantway_server.domain.tokens import KEPT_AFTER_EXPIRY

MAX_PARTIAL_REVOCATIONS = 64
"""Of one client at a time."""


def with_revocation(client: Client, selection: TokenSelection, *, now: datetime, or_everything: bool = False) -> Client:
    """*client* after the tokens in *selection* that there are were ended; as it was when there can be none.

    Args:
        client: The client.
        selection: Which tokens.
        now: This moment.
        or_everything: Whether to end all of them, rather than to refuse, when there are too many revocations of parts.

    Raises:
        Refusal: INVALID_REQUEST (too many revocations of parts).
    """
    epoch = client.epoch + 1
    if selection.is_everything:
        # What its tokens could live for before does not matter any more.
        return replace(
            client,
            epoch=epoch,
            min_epoch=epoch,
            revocations=(),
            tokens_revoked_at=now,
            longest_token_lifetime=client.token_lifetime,
        )
    if _is_empty(selection, client, now=now):
        return client
    forget_at = now + client.tokens_are_known_for
    revocation = PartialRevocation(below_epoch=epoch, selection=selection, forget_at=forget_at, revoked_at=now)
    standing = tuple(old for old in client.revocations if now < old.forget_at and not revocation.covers(old))
    if len(standing) < MAX_PARTIAL_REVOCATIONS:
        return replace(client, epoch=epoch, revocations=(*standing, revocation))
    if or_everything:
        return with_revocation(client, EVERY_TOKEN, now=now)
    raise invalid_request(
        f"{MAX_PARTIAL_REVOCATIONS} revocations of parts of its tokens stand already: revoke all of them."
    )


def _is_empty(selection: TokenSelection, client: Client, *, now: datetime) -> bool:
    """Whether no token that is alive can be in *selection*, even if the clocks of the cores differ by minutes."""
    first = max(client.created_at, now - client.longest_token_lifetime) - KEPT_AFTER_EXPIRY
    return selection.issued_before is not None and selection.issued_before <= first
