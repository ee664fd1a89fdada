"""Clients and tokens to begin a test with."""

from base64 import b32encode
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from grantway_server.domain.audit import AuditRecord, Kind
from grantway_server.domain.checksum import with_checksum
from grantway_server.domain.client_secrets import Secret
from grantway_server.domain.clients import AuthMethod, Client, Permission
from grantway_server.domain.tokens import Token

WELL_FORMED_TOKEN = with_checksum("client_oa2_live_" + "0" * 40)
"""A token of the live environment that nobody issued."""

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)

FIRST_EPOCH = 1_795_521_600
"""Of a client that was made at noon: the seconds since 1970."""


_SOME_CLIENT = "svc_live_aaaaaaaaaaaaaaaa"


def a_client(client_id: str = _SOME_CLIENT, **fields: object) -> Client:
    """A client that was never stored, with every field set to something; the id of its secret is its own."""
    secret_id = (
        "abcdefgh" if client_id == _SOME_CLIENT else b32encode(sha256(client_id.encode()).digest())[:8].decode().lower()
    )
    values: dict[str, object] = {
        "client_id": client_id,
        "name": "Procurement Portal",
        "allowed_scopes": ("orders:read", "orders:write"),
        "default_scopes": ("orders:read",),
        "audiences": ("https://api.example.com",),
        "token_lifetime": timedelta(hours=1),
        "permissions": frozenset({Permission.ISSUE_TOKENS, Permission.INTROSPECT_TOKENS}),
        "auth_methods": frozenset({AuthMethod.CLIENT_SECRET_BASIC}),
        "secrets": (Secret(secret_id=secret_id, digest=bytes(range(32)), created_at=NOON),),
        "created_at": NOON,
        "updated_at": NOON + timedelta(microseconds=1),
        "disabled_at": NOON + timedelta(days=1),
        "epoch": 7,
    }
    return Client(**(values | fields))  # type: ignore[arg-type]  # The fields of Client, by name.


def a_token(client_id: str = "svc_live_aaaaaaaaaaaaaaaa", **fields: object) -> Token:
    """A token that was issued a moment ago, with every field set to something."""
    values: dict[str, object] = {
        "client_id": client_id,
        "epoch": 7,
        "issued_at": datetime.now(UTC).replace(microsecond=0),
        "lifetime": timedelta(hours=1),
        "scopes": ("orders:write", "orders:read"),
        "audiences": ("https://api.example.com",),
    }
    return Token(**(values | fields))  # type: ignore[arg-type]  # The fields of Token, by name.


def a_record(client_id: str = "svc_live_aaaaaaaaaaaaaaaa", **fields: object) -> AuditRecord:
    """The record of some change of a client."""
    values: dict[str, object] = {
        "at": NOON,
        "kind": Kind.CLIENT_UPDATED,
        "client_id": client_id,
        "actor": "alice",
        "source": "192.0.2.7",
        "request_id": "0123456789abcdef",
    }
    return AuditRecord(**(values | fields))  # type: ignore[arg-type]  # The fields of AuditRecord, by name.
