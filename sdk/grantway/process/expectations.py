"""What a variable must be, in words, made from the type and the bounds of its field: they cannot say two things."""

from collections.abc import Iterable, Sequence
from enum import Enum
from types import NoneType
from typing import Annotated, Any, get_args, get_origin

from annotated_types import Ge, Gt, Le
from pydantic import Field
from pydantic.fields import FieldInfo

from grantway.addresses import MAX_PORT

Port = Annotated[int, Field(ge=0, le=MAX_PORT)]
"""Where to listen; 0 is any free port."""


def comma_separated(text: str) -> list[str]:
    """What a variable lists: spaces around an entry are none of it, and an empty one is none."""
    return [entry for entry in map(str.strip, text.split(",")) if entry]


def expectation(field: FieldInfo) -> str:
    """What *field* takes: "must be ..."."""
    kind, metadata = _unless_unset(field)
    if kind is bool:
        return "must be true or false"
    if isinstance(kind, type) and issubclass(kind, Enum):
        return f"must be {' or '.join(str(member.value) for member in kind)}"
    if kind is int:
        is_port = Le(MAX_PORT) in metadata
        return f"must be {'a port' if is_port else 'a whole number'}{_bounds(metadata)}"
    if kind is float:
        return f"must be a number{_bounds(metadata)}"
    return "is malformed"


def _unless_unset(field: FieldInfo) -> tuple[Any, Sequence[Any]]:
    """The type and the bounds of *field*; of one that may be None, those of what it is otherwise."""
    inner = [kind for kind in get_args(field.annotation) if kind is not NoneType]
    if NoneType not in get_args(field.annotation) or len(inner) != 1:
        return field.annotation, field.metadata
    if get_origin(inner[0]) is not Annotated:
        return inner[0], field.metadata
    kind, *extras = get_args(inner[0])
    return kind, [bound for extra in extras if isinstance(extra, FieldInfo) for bound in extra.metadata]


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
