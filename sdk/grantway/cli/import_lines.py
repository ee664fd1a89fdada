"""One line of what `grantway clients import` reads: a client of another system, as a JSON object."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import typer

from grantway.cli.durations import parse_duration
from grantway.cli.vocabulary import auth_methods, permissions
from grantway.v1.client_pb2 import ScopeSet
from grantway.v1.client_service_pb2 import CreateClientRequest, ImportClientRequest

LONGEST_LINE = 256 * 1024
"""Bytes; a line is shorter."""

_LARGEST_CLIENT = 32 * 1024
"""Bytes that a client takes in a call: a hundred of them must fit into one. No client that the core takes is larger."""

INFORMATIONAL = (
    *("environment", "disabled", "client_id_issued_at", "created_by", "updated_at", "updated_by"),
    *("disabled_at", "disabled_by", "last_token_at"),
)
"""Members that `export` writes and that nobody can choose: of no effect here, but for `disabled`."""

_NO_HASH = (
    "it has no secret_hash and does not exist here: an export has no secrets, so take the hash from where the client "
    "was before, or create the client anew"
)
_DISABLED = "it is disabled there and would be enabled here: take disabled out of the line, and disable it afterwards"

_ID = re.compile(r"[A-Za-z0-9_-]{1,127}")
_NAME = re.compile(r"[A-Za-z_]{1,40}")
_CREDENTIAL = re.compile("gws_|client_oa2_")
"""How secrets and tokens begin."""

_TOO_LARGE = "it is larger than any client can be"

_LONGEST_LIFETIME = 10**9
"""Seconds; the core draws its own line far below."""


class BadLine(Exception):
    """A line is no client; the text says why and repeats nothing of the line's values.

    Attributes:
        client_id: What the line calls the client; "" where that is nothing that can be repeated.
    """

    client_id = ""


@dataclass(frozen=True, slots=True)
class ImportLine:
    """A client of another system.

    Attributes:
        request: What to ask the core. Without a secret_hash it finds the client if there is one, and makes none.
        not_created: Why it is not created where it does not exist; "" when it is.
    """

    request: ImportClientRequest
    not_created: str = ""


def import_line(line: bytes) -> ImportLine:
    """What *line* asks to import.

    Raises:
        BadLine: It is no client.
    """
    if len(line) >= LONGEST_LINE:
        raise BadLine(_TOO_LARGE)
    found = _object(line)
    try:
        return _read(found)
    except BadLine as error:
        error.client_id = shown_id(found.get("client_id"))
        raise


def _read(found: Mapping[str, Any]) -> ImportLine:
    members = _members(found)
    for name in ("client_id", "name"):
        if name not in members:
            raise BadLine(f"{name} is missing")
    not_created = ""
    if not members.get("secret_hash"):
        not_created = _NO_HASH
    elif found.get("disabled"):
        not_created = _DISABLED
    try:
        client = CreateClientRequest(
            **{_FIELD_OF.get(name, name): value for name, value in members.items() if name in _IN_CLIENT}
        )
        secret_hash = None if not_created else members["secret_hash"]
        request = ImportClientRequest(client_id=members["client_id"], secret_hash=secret_hash, client=client)
    except (ValueError, TypeError):
        # Half a surrogate pair; whatever else there may be, the text of the error would repeat it.
        raise BadLine("a text in it is not Unicode") from None
    if request.ByteSize() > _LARGEST_CLIENT:
        raise BadLine(_TOO_LARGE)
    return ImportLine(request, not_created)


def _object(line: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(line.decode(), object_pairs_hook=_distinct)
    except BadLine:
        raise
    except (ValueError, RecursionError):  # Also: bytes that are no UTF-8.
        found = None
    if not isinstance(found, dict):
        raise BadLine("it is not a JSON object")
    return found


def shown_id(client_id: object) -> str:
    """*client_id* where it looks like one, and not like a secret in the place of one."""
    is_shown = isinstance(client_id, str) and _ID.fullmatch(client_id) and not _CREDENTIAL.search(client_id)
    return str(client_id) if is_shown else ""


def _members(found: Mapping[str, Any]) -> Mapping[str, Any]:
    """The members of a line, as the contract's fields take them. null is as good as not there."""
    members = {}
    for name, value in found.items():
        if name in INFORMATIONAL:
            continue
        if name not in _MEMBERS:
            # Not just ignored: it may be what makes the client less than it would become here.
            shown = name if _NAME.fullmatch(name) else "with a strange name"
            raise BadLine(f"its member {shown} is unknown: take it out, or use one of {', '.join(_MEMBERS)}")
        if value is not None:
            members[name] = _MEMBERS[name](name, value)
    return members


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise BadLine("a member stands in it twice")
    return members


def _text(name: str, value: object) -> str:
    if not isinstance(value, str):
        raise BadLine(f"{name} must be a string")
    return value


def _words(name: str, value: object) -> list[str]:
    """A list of strings, or one string with spaces between, as RFC 6749 writes scopes."""
    if isinstance(value, str):
        return value.split()
    if not isinstance(value, list) or not all(isinstance(word, str) for word in value):
        raise BadLine(f"{name} must be a list of strings, or one string with spaces between")
    return value


def _scope_set(name: str, value: object) -> ScopeSet:
    return ScopeSet(scopes=_words(name, value))


def _labels(name: str, value: object) -> dict[str, str]:
    if not isinstance(value, dict) or not all(isinstance(text, str) for text in value.values()):
        raise BadLine(f"{name} must be an object of strings")
    return value


def _lifetime(name: str, value: object) -> timedelta:
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _LONGEST_LIFETIME:
        return timedelta(seconds=value)
    if isinstance(value, str):
        try:
            return parse_duration(value)
        except ValueError:
            pass
    raise BadLine(f"{name} must be a number of seconds, or a string like 1h")


def _vocabulary(names: Callable[[list[str]], list[str]]) -> Callable[[str, object], list[str]]:
    def read(name: str, value: object) -> list[str]:
        try:
            return names(_words(name, value))
        except typer.BadParameter as error:
            raise BadLine(f"{name} {error.message}") from None

    return read


_MEMBERS: Mapping[str, Callable[[str, object], Any]] = {
    "client_id": _text,
    "name": _text,
    "organization": _text,
    "secret_hash": _text,
    "scopes": _words,
    "description": _text,
    "labels": _labels,
    "default_scopes": _scope_set,
    "audiences": _words,
    "own_audiences": _words,
    "token_lifetime": _lifetime,
    "permissions": _vocabulary(permissions),
    "auth_methods": _vocabulary(auth_methods),
}

_IN_CLIENT = _MEMBERS.keys() - {"client_id", "secret_hash"}
_FIELD_OF = {"scopes": "allowed_scopes"}
