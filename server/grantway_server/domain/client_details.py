"""What people say of a client: its name, its organisation, what it is for, and labels."""

import re
from collections.abc import Iterable, Mapping

from grantway_server.domain.refusals import invalid_request

MAX_NAME_LENGTH = 100
MAX_DESCRIPTION_LENGTH = 500
MAX_LABELS = 32
_MAX_LABEL_LENGTH = 100

_ORGANIZATION = re.compile(r"[A-Za-z0-9._:@/-]{1,100}")
_LABEL_NAME = re.compile(r"[a-z0-9._/-]{1,63}")

Labels = tuple[tuple[str, str], ...]
"""Pairs of name and value, sorted by name."""


def validated_name(name: str) -> str:
    """*name*, if it can be a display name.

    Raises:
        Refusal: INVALID_REQUEST.
    """
    if not name.strip() or len(name) > MAX_NAME_LENGTH or not name.isprintable():
        raise invalid_request(f"name must be 1 to {MAX_NAME_LENGTH} printable characters, not only spaces.")
    return name


def validated_organization(organization: str) -> str:
    """*organization*, if it can be the id of an organisation; "" means none.

    Raises:
        Refusal: INVALID_REQUEST.
    """
    if organization and not _ORGANIZATION.fullmatch(organization):
        raise invalid_request("organization must be 1 to 100 characters of [A-Za-z0-9._:@/-].")
    return organization


def validated_description(description: str) -> str:
    """*description*, if it can be one; "" means none.

    Raises:
        Refusal: INVALID_REQUEST.
    """
    if len(description) > MAX_DESCRIPTION_LENGTH or not description.isprintable():
        raise invalid_request(f"description must be at most {MAX_DESCRIPTION_LENGTH} printable characters.")
    return description


def validated_labels(labels: Mapping[str, str] | Iterable[tuple[str, str]]) -> Labels:
    """*labels*, if they can be a client's.

    Raises:
        Refusal: INVALID_REQUEST.
    """
    pairs = tuple(sorted(dict(labels).items()))
    if len(pairs) > MAX_LABELS:
        raise invalid_request(f"A client has at most {MAX_LABELS} labels.")
    for name, value in pairs:
        if not _LABEL_NAME.fullmatch(name):
            raise invalid_request("The name of a label must be 1 to 63 characters of [a-z0-9._/-].")
        if len(value) > _MAX_LABEL_LENGTH or not value.isprintable():
            raise invalid_request(f"The value of a label must be at most {_MAX_LABEL_LENGTH} printable characters.")
    return pairs
