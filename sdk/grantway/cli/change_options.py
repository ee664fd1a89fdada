"""The options that say how a change is made, whatever is changed."""

import sys
from typing import Annotated

import typer

from grantway.cli.failures import CommandFailed
from grantway.cli.narrowing import narrowing

Etag = Annotated[
    str | None,
    typer.Option(
        "--etag", metavar="E", callback=narrowing, help="Only if the client is still as `show` said with this etag."
    ),
]
IdempotencyKey = Annotated[
    str | None,
    typer.Option(
        "--idempotency-key",
        metavar="K",
        callback=narrowing,
        help="Makes the command repeatable for 24 hours, secret included: 16 characters or more that nobody can guess.",
    ),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Change nothing; say what it would hit.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask. A terminal only is asked, and not with --json.")]


def asks(*, yes: bool, as_json: bool) -> bool:
    """Whether somebody can be asked, and is not told not to be."""
    return not (yes or as_json) and sys.stdin.isatty()


def confirm(question: str, *, yes: bool, as_json: bool, otherwise: str) -> None:
    """Asks *question* where somebody can answer it, unless *yes* or *as_json*.

    Raises:
        CommandFailed: The answer was not yes; it says *otherwise*.
    """
    if not asks(yes=yes, as_json=as_json):
        return
    sys.stderr.write(f"{question} [y/N] ")
    sys.stderr.flush()
    if sys.stdin.readline().strip().lower() not in {"y", "yes"}:
        raise CommandFailed("not_confirmed", otherwise)
