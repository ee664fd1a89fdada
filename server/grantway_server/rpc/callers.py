"""Who calls: the name that the audit trail knows an administrator by."""

import hmac
from collections.abc import Mapping
from contextlib import suppress
from hashlib import sha256
from secrets import token_hex
from typing import Any
from urllib.parse import unquote

import grpc

from grantway_server.domain.audit import CLIENT_ACTOR, Caller
from grantway_server.domain.refusals import Reason, Refusal

LOCAL_ACTOR = "local"
"""Whoever calls where no actors are configured."""

_BEARER = "bearer "

_Context = grpc.aio.ServicerContext[Any, Any]


class Callers:
    """The administrators.

    Args:
        admin_tokens: By name, the SHA-256 of each one's token. Empty means that whoever reaches the core is `local`.
    """

    def __init__(self, admin_tokens: Mapping[str, bytes]) -> None:
        self._admin_tokens = dict(admin_tokens)

    def administrator(self, context: _Context) -> Caller:
        """Who makes an administrative call.

        Raises:
            Refusal: UNKNOWN_ACTOR.
        """
        return Caller(self._actor(context), host_of(context), token_hex(8))

    def anybody(self, context: _Context, *, source: str) -> Caller:
        """Who makes a call that everybody may: an administrator who says so, or whoever has the client's credentials.

        *source* is from where, as the caller saw it; "" means the peer of the call.
        """
        actor = CLIENT_ACTOR
        if self._admin_tokens and _bearer_token(context):
            with suppress(Refusal):
                actor = self._actor(context)
        return Caller(actor, source or host_of(context), token_hex(8))

    def _actor(self, context: _Context) -> str:
        certificate = context.auth_context().get("x509_common_name")
        if certificate:
            return next(iter(certificate)).decode("utf-8", "replace")
        if not self._admin_tokens:
            return LOCAL_ACTOR
        presented = sha256(_bearer_token(context).encode()).digest()
        found = ""
        for name, digest in self._admin_tokens.items():  # All of them, so that the time tells nothing.
            if hmac.compare_digest(presented, digest):
                found = name
        if not found and _bearer_token(context):
            raise Refusal(Reason.UNKNOWN_ACTOR, "This admin token is none of those in GRANTWAY_ADMIN_TOKENS.")
        if not found:
            raise Refusal(
                Reason.UNKNOWN_ACTOR,
                "Say who you are: send an admin token as authorization metadata. "
                "The command line reads it from GRANTWAY_ADMIN_TOKEN.",
            )
        return found


def host_of(context: _Context) -> str:
    """The address that a call comes from, as a gateway would name it: "ipv4:127.0.0.1:50312" is "127.0.0.1"."""
    family, _, address = context.peer().partition(":")
    if family not in {"ipv4", "ipv6"}:
        return context.peer()
    return unquote(address.rpartition(":")[0]).strip("[]")


def _bearer_token(context: _Context) -> str:
    for name, value in context.invocation_metadata() or ():
        if name == "authorization" and isinstance(value, str) and value[: len(_BEARER)].lower() == _BEARER:
            return value[len(_BEARER) :].strip()
    return ""
