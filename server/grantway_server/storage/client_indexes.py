"""What a client is found by: the entries that the store has for it beside its record."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from grantway_server.domain.client_secrets import Secret
from grantway_server.domain.clients import Client
from grantway_server.storage.keys import EnvironmentKeys
from grantway_server.storage.redis_connection import Word


class _Kind(StrEnum):
    MEMBER = "member"
    VALUE = "value"


@dataclass(frozen=True, slots=True)
class _Entry:
    """A member of a sorted set, or a string of its own."""

    key: str
    kind: _Kind
    member: bytes


def index_changes(
    before: Client | None, after: Client | None, keys: EnvironmentKeys
) -> Iterable[tuple[str, list[Word]]]:
    """What `scripts.WRITE_CLIENT` has to do, as keys and arguments; None stands for a client that does not exist."""
    old, new = _entries(before, keys), _entries(after, keys)
    for entry in sorted(old - new, key=lambda entry: entry.key):
        yield entry.key, ["remove" if entry.kind is _Kind.MEMBER else "release", entry.member]
    # Those that are there already too: a core that does not know an index may have written the client before.
    for entry in sorted(new, key=lambda entry: entry.key):
        value = "keep" if entry in old else "claim"
        yield entry.key, ["add" if entry.kind is _Kind.MEMBER else value, entry.member]
    if before is not None and after is not None:
        for secret_id in sorted(known_secrets(before) - known_secrets(after)):
            yield keys.use(after.client_id), ["forget", secret_id]


def known_secrets(client: Client) -> set[str]:
    """The ids of the secrets whose use is remembered."""
    return {secret.secret_id for secret in client.secrets} | {secret.secret_id for secret in client.retired_secrets}


def name_member(client: Client) -> bytes:
    """The client in the index of names."""
    return client.name.casefold().encode() + b"\0" + client.client_id.encode()


def expiry_place(moment: datetime) -> bytes:
    """Where the secrets that expire at *moment*, to the second, begin in the index of them."""
    return f"{int(moment.timestamp()):012}".encode()


def expiry_member(client_id: str, secret: Secret) -> bytes | None:
    """A secret of the client in the index of those that expire; None for one that does not."""
    if secret.expires_at is None:
        return None
    return expiry_place(secret.expires_at) + f" {client_id}:{secret.secret_id}".encode()


def _entries(client: Client | None, keys: EnvironmentKeys) -> set[_Entry]:
    if client is None:
        return set()
    client_id = client.client_id.encode()
    entries = {_Entry(keys.index, _Kind.MEMBER, client_id), _Entry(keys.names, _Kind.MEMBER, name_member(client))}
    if client.organization:
        entries.add(_Entry(keys.organization(client.organization), _Kind.MEMBER, client_id))
    if client.disabled_at is not None:
        entries.add(_Entry(keys.disabled, _Kind.MEMBER, client_id))
    for secret_id in known_secrets(client):
        entries.add(_Entry(keys.secret(secret_id), _Kind.VALUE, client_id))
    for secret in client.secrets:
        if (member := expiry_member(client.client_id, secret)) is not None:
            entries.add(_Entry(keys.expiring, _Kind.MEMBER, member))
    return entries
