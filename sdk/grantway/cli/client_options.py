"""The options that describe a client, as `clients create` and `clients update` take them."""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from grantway.cli.durations import parse_duration
from grantway.cli.failures import failure_of_refusal
from grantway.cli.moments import parse_moment
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
OwnAudiences = Annotated[
    list[str] | None,
    typer.Option(
        "--own-audience",
        metavar="A",
        help="An audience that the client is: it may see tokens meant for it. Those of --audience, unless given. "
        "Repeatable.",
    ),
]
Lifetime = Annotated[str | None, typer.Option("--lifetime", metavar="D", help="How long tokens live: 90s, 45m, 1h.")]
Permissions = Annotated[
    list[str] | None,
    typer.Option(
        "--permission",
        metavar="P",
        help="issue_tokens (alone, unless given), introspect_tokens (to ask about tokens over HTTP). Repeatable.",
    ),
]
AuthMethods = Annotated[
    list[str] | None,
    typer.Option(
        "--auth-method", metavar="M", help="client_secret_basic, client_secret_post (any, unless given). Repeatable."
    ),
]
Organization = Annotated[
    str | None,
    typer.Option("--organization", metavar="O", help="The customer's organisation that the client belongs to."),
]
Description = Annotated[str | None, typer.Option("--description", metavar="TEXT", help="What the client is for.")]
Labels = Annotated[
    list[str] | None,
    typer.Option("--label", metavar="NAME=VALUE", help="What `clients list --label` finds it by. Repeatable."),
]


_OPTION_OF = {
    "allowed_scopes": "--scope",
    "default_scopes": "--default-scope",
    "token_lifetime": "--lifetime",
    "organization": "--organization",
    "description": "--description",
    "labels": "--label",
    "idempotency_key": "--idempotency-key",
    "etag": "--etag",
    "overlap": "--overlap",
    "within": "--within",
    "issued_from": "--issued-from",
    "issued_before": "--issued-before",
}
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


def scope_tokens(values: Iterable[str] | None, option: str) -> list[str]:
    """The scopes that *option* asks for with *values*.

    RFC 6749 lets a scope have commas; whoever types one means two scopes.
    """
    scopes = words(values)
    if any("," in scope for scope in scopes):
        raise typer.BadParameter("separate scopes by spaces, not by commas", param_hint=option)
    return scopes


def chosen_default_scopes(default_scope: Iterable[str] | None, *, none: bool) -> ScopeSet | None:
    """The default scopes that --default-scope and --no-default-scope ask for together; None leaves it to the core."""
    scopes = scope_tokens(default_scope, "--default-scope")
    if scopes and none:
        raise typer.BadParameter("contradicts --no-default-scope", param_hint="--default-scope")
    return ScopeSet(scopes=scopes) if scopes or none else None


def chosen_labels(labels: Iterable[str] | None) -> dict[str, str]:
    """The labels that --label asks for; '' asks for none."""
    chosen: dict[str, str] = {}
    for label in labels or ():
        name, equals, value = label.partition("=")
        if not label:
            continue
        if not equals or name in chosen:
            raise typer.BadParameter("must be NAME=VALUE, each name once", param_hint="--label")
        chosen[name] = value
    return chosen


def chosen_duration(text: str | None, option: str) -> timedelta | None:
    """The duration that *option* asks for with *text*; None leaves it to the core."""
    if not text:
        return None
    try:
        return parse_duration(text)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint=option) from None


def chosen_moment(text: str | None, option: str) -> datetime | None:
    """The moment that *option* asks for with *text*; None leaves it to the core."""
    if not text:
        return None
    try:
        return parse_moment(text, now=datetime.now(UTC))
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint=option) from None
