"""Scope (RFC 6749 section 3.3): its grammar, and what a client is granted of what it asks for.

Scopes inside are tuples without duplicates, in the order in which they were given; a scope string is space-separated.
"""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from grantway_server.domain.refusals import Reason, Refusal

MAX_LENGTH = 2048
"""Characters in a scope string."""

# RFC 6749 appendix A.4: scope-token = 1*( %x21 / %x23-5B / %x5D-7E ), separated by single spaces.
_SCOPE_TOKEN = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+")
_SCOPE = re.compile(rf"{_SCOPE_TOKEN.pattern}(?: {_SCOPE_TOKEN.pattern})*")

Scopes = tuple[str, ...]


@lru_cache(maxsize=1024)  # Clients ask for the same again and again.
def parse(scope: str) -> Scopes:
    """The scope tokens of a scope string that is not empty; duplicates count once.

    Raises:
        Refusal: INVALID_SCOPE.
    """
    if len(scope) > MAX_LENGTH:
        raise Refusal(Reason.INVALID_SCOPE, f"scope is longer than {MAX_LENGTH} characters.")
    if not _SCOPE.fullmatch(scope):
        raise Refusal(
            Reason.INVALID_SCOPE,
            "scope must be scope tokens of printable ASCII without quotes and backslashes, separated by single spaces.",
        )
    return tuple(dict.fromkeys(scope.split(" ")))


def validated(scope_tokens: Iterable[str]) -> Scopes:
    """*scope_tokens* sorted and without duplicates, each of them a scope token.

    Raises:
        Refusal: INVALID_SCOPE.
    """
    scopes = tuple(sorted(set(scope_tokens)))
    for scope in scopes:
        if not _SCOPE_TOKEN.fullmatch(scope):
            raise Refusal(
                Reason.INVALID_SCOPE,
                "A scope token must be printable ASCII without spaces, quotes and backslashes, and not empty.",
            )
    if len(" ".join(scopes)) > MAX_LENGTH:
        raise Refusal(Reason.INVALID_SCOPE, f"The scope tokens together are longer than {MAX_LENGTH} characters.")
    return scopes


def granted(scope: str, *, allowed: Scopes, default: Scopes) -> Scopes:
    """What a request for *scope* gets: all of it or a refusal, never less and never more; *default* when it is empty.

    Raises:
        Refusal: INVALID_SCOPE.
    """
    if not scope:
        return default
    requested = parse(scope)
    if not set(allowed).issuperset(requested):
        raise _not_allowed(scope.split(" "), allowed)
    return requested


def _not_allowed(scope_tokens: Sequence[str], allowed: Scopes) -> Refusal:
    """The refusal of the first of *scope_tokens* that is not *allowed*: by its place, as input is never repeated."""
    place = next(place for place, token in enumerate(scope_tokens, start=1) if token not in allowed)
    which = f"scope {place} of {len(scope_tokens)}" if len(scope_tokens) > 1 else "this scope"
    return Refusal(Reason.INVALID_SCOPE, f"The client may not ask for {which}: ask for allowed scopes only.")
