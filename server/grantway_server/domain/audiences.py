"""Audiences (RFC 8707): the resource servers that a token is meant for."""

import re
from collections.abc import Iterable

from grantway_server.domain.refusals import Reason, Refusal

MAX_LENGTH = 2048
"""Characters in one audience."""

MAX_TOTAL_LENGTH = 8192
"""Characters in all audiences of a client: a batch of answers about its tokens, or a page of clients, stays within a
message."""

# Auth0's audiences are any identifiers, RFC 8707's are URIs: printable ASCII without spaces holds both.
_AUDIENCE = re.compile(rf"[\x21-\x7e]{{1,{MAX_LENGTH}}}")

Audiences = tuple[str, ...]


def validated(audiences: Iterable[str]) -> Audiences:
    """*audiences* sorted and without duplicates.

    Raises:
        Refusal: INVALID_TARGET.
    """
    unique = tuple(sorted(set(audiences)))
    for audience in unique:
        if not _AUDIENCE.fullmatch(audience):
            raise Refusal(
                Reason.INVALID_TARGET,
                f"An audience must be 1 to {MAX_LENGTH} characters of printable ASCII without spaces.",
            )
    check_length(unique)
    return unique


def check_length(audiences: Iterable[str]) -> None:
    """Refuses *audiences* of a client that are too long together.

    Raises:
        Refusal: INVALID_TARGET.
    """
    if sum(map(len, audiences)) > MAX_TOTAL_LENGTH:
        raise Refusal(Reason.INVALID_TARGET, f"The audiences together are longer than {MAX_TOTAL_LENGTH} characters.")


def granted(requested: Audiences, *, allowed: Audiences) -> Audiences:
    """*requested*, all of it.

    Raises:
        Refusal: INVALID_TARGET (RFC 8707 section 2).
    """
    if not requested:
        return ()
    if not set(allowed).issuperset(requested):
        raise Refusal(Reason.INVALID_TARGET, "The client may not ask for this audience: ask for a registered one.")
    return tuple(dict.fromkeys(requested))


def are_met(token_audiences: Audiences, audiences: Audiences) -> bool:
    """Whether a token for *token_audiences* is meant for one that is *audiences*: one for nobody in particular is."""
    return not token_audiences or not set(audiences).isdisjoint(token_audiences)
