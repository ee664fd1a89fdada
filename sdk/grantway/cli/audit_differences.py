"""What a change made of a client, for people: what came and what went, not all there was and all there is."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from grantway.v1.audit_service_pb2 import AuditChange

_INTERNAL = frozenset({"epoch"})
"""How the core does what the other words say."""


def value_of(text: str) -> Any:  # noqa: ANN401 - whatever JSON holds.
    """What stands on one side of a change; None when there was nothing."""
    try:
        return json.loads(text) if text else None
    except ValueError:  # Nothing that a core of today sends.
        return text


def differences(change: AuditChange) -> Iterator[str]:
    """The differences that *change* made, in words."""
    before, after = value_of(change.before), value_of(change.after)
    if change.field in _INTERNAL:
        return
    if change.field == "disable_time":
        yield "enabled" if after is None else "disabled"
    elif change.field == "secrets" and _are(dict, before, after):
        yield from _secrets(_by_id(before), _by_id(after))
    elif change.field == "revocations" and after is None:
        # There are none any more when there is nothing that they could end.
        yield "- all tokens"
    elif change.field == "revocations" and _are(dict, before, after):
        yield from (_revoked(one) for one in after or () if one not in (before or ()))
    elif _are(str, before, after):
        yield f"{change.field}: {_words(before or (), after or ()) or 'none'}"
    elif all(side is None or isinstance(side, dict) for side in (before, after)):
        yield f"{change.field}: {_words(_pairs(before), _pairs(after))}"
    elif before is None:
        yield f"{change.field}: {change.after}"
    else:
        yield f"{change.field}: {change.before} -> {change.after or '-'}"


def _are(kind: type, before: object, after: object) -> bool:
    """Whether both sides are lists of this *kind*, or nothing, and one is a list."""
    sides = [side for side in (before, after) if side is not None]
    return all(isinstance(side, list) and all(isinstance(one, kind) for one in side) for side in sides)


def _words(before: Sequence[str], after: Sequence[str]) -> str:
    return " ".join(
        (*(f"+{one}" for one in after if one not in before), *(f"-{one}" for one in before if one not in after))
    )


def _pairs(labels: Mapping[str, str] | None) -> Sequence[str]:
    return [f"{name}={value}" for name, value in (labels or {}).items()]


def _by_id(secrets: Sequence[Mapping[str, Any]] | None) -> Mapping[str, Mapping[str, Any]]:
    return {secret.get("secret_id", ""): secret for secret in secrets or ()}


def _secrets(before: Mapping[str, Mapping[str, Any]], after: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    for secret_id, secret in after.items():
        until = secret.get("expire_time")
        was = before.get(secret_id)
        if was is None:
            yield f"+ secret {secret_id}" + (f" until {_date(until)}" if until else "")
        elif was.get("expire_time") != until:
            yield f"secret {secret_id} now " + (f"until {_date(until)}" if until else "for ever")
    yield from (f"- secret {secret_id}" for secret_id in before if secret_id not in after)


def _revoked(revocation: Mapping[str, Any]) -> str:
    of, since, until = (revocation.get(name) for name in ("secret_id", "issued_from", "issued_before"))
    return "- tokens" + "".join(
        (
            f" of secret {of}" if of else "",
            f" issued from {_date(since)} on" if since else "",
            f" issued before {_date(until)}" if until else "",
        )
    )


def _date(moment: str) -> str:
    """A moment of RFC 3339 in UTC, as people read it: to the second."""
    return f"{moment[:19].replace('T', ' ')} UTC"
