"""The options that describe a client, as `clients create` and `clients update` take them."""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Annotated

import typer

from grantway.cli.durations import parse_duration
from grantway.cli.failures import failure_of_refusal
from grantway.errors import Refused
from grantway.v1.client_pb2 import ScopeSet

ClientId = Annotated[str, typer.Argument(metavar="ID", help="The client_id.")]
Scopes = Annotated[
    list[str] | None,
    typer.Option(
        "--scope", metavar="S", help="What the client may ask for: a scope, or several in quotes. Repeatable."
    ),
]
DefaultScopes = Annotated[
    list[str] | None,
    typer.Option("--default-scope", metavar="S", help="What a request without a scope gets: all, unless given."),
]
NoDefaultScope = Annotated[
    bool, typer.Option("--no-default-scope", help="A request without a scope gets a token without one.")
]
Audiences = Annotated[
    list[str] | None,
    typer.Option("--audience", metavar="A", help="An audience that the client may ask for. Repeatable."),
]
Lifetime = Annotated[str | None, typer.Option("--lifetime", metavar="D", help="How long tokens live: 3600, 45m, 1h.")]
Permissions = Annotated[
    list[str] | None,
    typer.Option(
        "--permission",
        metavar="P",
        help="issue_tokens (alone, unless given), introspect_tokens (which nothing checks yet). Repeatable.",
    ),
]
AuthMethods = Annotated[
    list[str] | None,
    typer.Option(
        "--auth-method", metavar="M", help="client_secret_basic, client_secret_post (any, unless given). Repeatable."
    ),
]


_OPTION_OF = {"allowed_scopes": "--scope", "default_scopes": "--default-scope", "token_lifetime": "--lifetime"}
"""For the fields that the core names where it refuses what an option said."""

_FIELD = re.compile(rf"\b(?:{'|'.join(_OPTION_OF)})\b")


@contextmanager
def told_of_options() -> Iterator[None]:
    """A refusal inside tells of the options that were typed, and not of fields that nobody sees here."""
    try:
        yield
    except Refused as refused:
        description = _FIELD.sub(lambda field: _OPTION_OF[field[0]], refused.description)
        raise failure_of_refusal(refused, description) from None


def words(values: Iterable[str] | None) -> list[str]:
    """The words of *values*: an option may be repeated, and each value may hold several words."""
    return [word for value in values or () for word in value.split()]


def chosen_default_scopes(default_scope: Iterable[str] | None, *, none: bool) -> ScopeSet | None:
    """The default scopes that --default-scope and --no-default-scope ask for together; None leaves it to the core."""
    scopes = words(default_scope)
    if scopes and none:
        raise typer.BadParameter("contradicts --no-default-scope", param_hint="--default-scope")
    return ScopeSet(scopes=scopes) if scopes or none else None


def chosen_lifetime(text: str | None) -> timedelta | None:
    """The lifetime that --lifetime asks for; None leaves it to the core."""
    if not text:
        return None
    try:
        return parse_duration(text)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--lifetime") from None
