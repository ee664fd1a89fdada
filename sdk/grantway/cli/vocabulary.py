"""The contract's enum values by the names that people type and read: `PERMISSION_ISSUE_TOKENS` is "issue_tokens".

The contract is the only list of them, so a new value needs no change here.
"""

from collections.abc import Iterable, Mapping, Sequence

import typer

from grantway.v1 import audit_service_pb2, client_pb2, token_service_pb2

_NEVER_ASKED_FOR = frozenset({"unspecified", "unknown"})


def _by_short_name(names: Iterable[str], prefix: str) -> Mapping[str, str]:
    """What can be asked for of an enum: its names without *prefix* and in lower case, each with its full name."""
    shortened = {name.removeprefix(prefix).lower(): name for name in names}
    return {short: name for short, name in shortened.items() if short not in _NEVER_ASKED_FOR}


_PERMISSIONS = _by_short_name(client_pb2.Permission.keys(), "PERMISSION_")
_AUTH_METHODS = _by_short_name(client_pb2.ClientAuthMethod.keys(), "CLIENT_AUTH_METHOD_")
AUDIT_KINDS = _by_short_name(audit_service_pb2.AuditKind.keys(), "AUDIT_KIND_")
"""The kinds of audit records: what is typed, and the name in the contract."""


def permissions(words: Sequence[str]) -> list[str]:
    """The names in the contract of the permissions that were typed as *words*."""
    return _full_names(words, _PERMISSIONS, "--permission")


def auth_methods(words: Sequence[str]) -> list[str]:
    """The names in the contract of the authentication methods that were typed as *words*."""
    return _full_names(words, _AUTH_METHODS, "--auth-method")


def audit_kinds(words: Sequence[str]) -> list[str]:
    """The names in the contract of the kinds of audit records that were typed as *words*."""
    return _full_names(words, AUDIT_KINDS, "--kind")


def _full_names(words: Sequence[str], names: Mapping[str, str], option: str) -> list[str]:
    unknown = [word for word in words if word not in names]
    if unknown:
        raise typer.BadParameter(f"must be one of {', '.join(sorted(names))}", param_hint=option)
    return [names[word] for word in words]


def permission_name(value: "client_pb2.Permission") -> str:
    """What people read for the permission *value*."""
    return _short_name(client_pb2.Permission.items(), value, "PERMISSION_")


def auth_method_name(value: "client_pb2.ClientAuthMethod") -> str:
    """What people read for the authentication method *value*."""
    return _short_name(client_pb2.ClientAuthMethod.items(), value, "CLIENT_AUTH_METHOD_")


def environment_name(value: "client_pb2.Environment") -> str:
    """What people read for the environment *value*."""
    return _short_name(client_pb2.Environment.items(), value, "ENVIRONMENT_")


def inactive_reason_name(value: "token_service_pb2.InactiveReason") -> str:
    """What people read for the reason *value* why a token is not active."""
    return _short_name(token_service_pb2.InactiveReason.items(), value, "INACTIVE_REASON_")


def basis_name(value: "client_pb2.RetirementVerdict.Basis") -> str:
    """What people read for the basis *value* of a verdict."""
    return _short_name(client_pb2.RetirementVerdict.Basis.items(), value, "BASIS_")


def audit_kind_name(value: "audit_service_pb2.AuditKind") -> str:
    """What people read for the kind *value* of an audit record."""
    return _short_name(audit_service_pb2.AuditKind.items(), value, "AUDIT_KIND_")


def failure_name(value: "audit_service_pb2.AuthenticationFailure") -> str:
    """What people read for the reason *value* of a failed authentication."""
    return _short_name(audit_service_pb2.AuthenticationFailure.items(), value, "AUTHENTICATION_FAILURE_")


def _short_name(items: Iterable[tuple[str, int]], value: int, prefix: str) -> str:
    # A newer core may know values that this program does not.
    names = {number: name for name, number in items}
    return names.get(value, str(value)).removeprefix(prefix).lower()
