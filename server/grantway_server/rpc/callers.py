"""Who calls: the name that the audit trail knows an administrator by."""

import hmac
from collections.abc import Iterable, Mapping
from contextlib import suppress
from hashlib import sha256
from secrets import token_bytes
from typing import Any
from urllib.parse import unquote

import grpc

from grantway_server.domain.audit import CLIENT_ACTOR, Caller
from grantway_server.domain.randomness import new_request_id
from grantway_server.domain.refusals import Reason, Refusal

LOCAL_ACTOR = "local"
"""Whoever calls where no actors are configured."""

_BEARER = "bearer "

_Context = grpc.aio.ServicerContext[Any, Any]


class Callers:
    """The administrators.

    Args:
        admin_tokens: By name, the SHA-256 of each one's token. Empty means that whoever reaches the core is `local`.
        admin_certificates: The names in the certificates of those who may administer without a token. None means that
            every caller with a certificate may.
    """

    def __init__(self, admin_tokens: Mapping[str, bytes], *, admin_certificates: frozenset[str] | None = None) -> None:
        self._admin_tokens = dict(admin_tokens)
        self._admin_certificates = admin_certificates

    def administrator(self, context: _Context) -> Caller:
        """Who makes an administrative call.

        Raises:
            Refusal: UNKNOWN_ACTOR.
        """
        return Caller(self._actor(context), host_of(context), new_request_id(token_bytes))

    def is_administrator(self, context: _Context) -> bool:
        """Whether who makes a call that everybody may is an administrator who says so."""
        # Asked of every batch of checks: where everybody is an administrator it costs nothing.
        if not self._admin_tokens and self._admin_certificates is None:
            return True
        with suppress(Refusal):
            return bool(self._actor(context))
        return False

    def anybody(self, context: _Context, *, source: str) -> Caller:
        """Who makes a call that everybody may: an administrator, or whoever has the client's credentials.

        *source* is from where, as the caller saw it; "" means that the caller speaks for itself: the peer of the call.
        Who speaks for somebody else (a gateway) is an administrator by a token only, not by being let in.
        """
        actor = CLIENT_ACTOR
        if not source or (self._admin_tokens and _bearer_token(context)):
            with suppress(Refusal):
                actor = self._actor(context)
        return Caller(actor, source or host_of(context), new_request_id(token_bytes))

    def _actor(self, context: _Context) -> str:
        certificate = context.auth_context()
        if "x509_pem_cert" in certificate:
            name = _name_in(certificate)
            if name and (self._admin_certificates is None or name in self._admin_certificates):
                return name
            if not self._admin_tokens:
                raise Refusal(
                    Reason.UNKNOWN_ACTOR,
                    "Your certificate is none of those in GRANTWAY_ADMIN_CERTIFICATES."
                    if name
                    else "Your certificate has no name: neither a common name nor a URI or a host name.",
                )
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


def _name_in(certificate: Mapping[str, Iterable[bytes]]) -> str:
    """The common name in a caller's certificate, else the first URI or host name in it; "" where there is none."""
    for field in ("x509_common_name", "peer_uri", "peer_dns"):
        for name in certificate.get(field, ()):
            if name:
                return name.decode("utf-8", "replace")
    return ""


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
