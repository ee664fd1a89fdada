"""Options that narrow what a command is about: one that is given holds something."""

from collections.abc import Sequence
from typing import TypeVar

import typer

_Value = TypeVar("_Value", bound=str | Sequence[str] | None)


def narrowing(value: _Value) -> _Value:
    """What such an option holds. An empty one is a variable of a shell that nobody has set, and would narrow nothing.

    Raises:
        typer.BadParameter: It is given, and empty.
    """
    texts: Sequence[str] = () if value is None else value
    if any(not text.strip() for text in ([texts] if isinstance(texts, str) else texts)):
        msg = "is empty; leave it out, or say what is meant"
        raise typer.BadParameter(msg)
    return value
