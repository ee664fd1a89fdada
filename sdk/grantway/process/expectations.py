"""What a variable must be, in words, made from the type and the bounds of its field: they cannot say two things."""

from collections.abc import Iterable
from enum import Enum
from typing import Annotated, Any

from annotated_types import Ge, Gt, Le
from pydantic import Field
from pydantic.fields import FieldInfo

from grantway.addresses import MAX_PORT

Port = Annotated[int, Field(ge=0, le=MAX_PORT)]
"""Where to listen; 0 is any free port."""


def expectation(field: FieldInfo) -> str:
    """What *field* takes: "must be ..."."""
    kind = field.annotation
    if kind is bool:
        return "must be true or false"
    if isinstance(kind, type) and issubclass(kind, Enum):
        return f"must be {' or '.join(str(member.value) for member in kind)}"
    if kind is int:
        is_port = Le(MAX_PORT) in field.metadata
        return f"must be {'a port' if is_port else 'a whole number'}{_bounds(field.metadata)}"
    if kind is float:
        return f"must be a number{_bounds(field.metadata)}"
    return "is malformed"


def _bounds(metadata: Iterable[Any]) -> str:
    lowest, up_to, highest = "", "", ""
    for bound in metadata:
        match bound:
            case Ge():
                lowest, up_to = f", {bound.ge}", " to"
            case Gt():
                lowest, up_to = f", above {bound.gt}", ", at most"
            case Le():
                highest = f"{bound.le}"
    return f"{lowest}{up_to} {highest}" if highest else f"{lowest} or more"
