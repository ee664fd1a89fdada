"""The command tree of `grantway`, and how one command line runs."""

from collections.abc import Sequence
from importlib.metadata import version
from typing import Annotated

import typer

from grantway.cli import (
    audit,
    client_access,
    client_export,
    client_import,
    client_secrets,
    clients,
    dev,
    leaked,
    rotation,
    tokens,
)
from grantway.cli.failures import EXIT_USAGE, CommandFailed, failure_of, report

app = typer.Typer(
    add_completion=False,
    # Errors are reported in one place (failures.py); a traceback could show a secret.
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="OAuth 2.0 client-credentials token service. Commands call the core at $GRANTWAY_GRPC.",
)
for _name, _command in (
    ("disable", client_access.disable),
    ("enable", client_access.enable),
    ("delete", client_access.delete),
    ("rotate", rotation.rotate),
    ("revoke-tokens", client_access.revoke_tokens),
    ("panic", client_access.panic),
    ("import", client_import.import_clients),
    ("export", client_export.export_clients),
):
    clients.app.command(_name)(_command)
app.command("dev")(dev.dev)
app.add_typer(clients.app, name="clients")
app.add_typer(client_secrets.app, name="secrets")
app.add_typer(tokens.app, name="token")
app.add_typer(audit.app, name="audit")
app.command("leaked")(leaked.leaked)


def _print_version(*, wanted: bool) -> None:
    if wanted:
        typer.echo(f"grantway {version('grantway')}")
        raise typer.Exit


@app.callback()
def _options(
    *,
    version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_print_version, help="Print the version.")
    ] = False,
) -> None:
    pass


def run(arguments: Sequence[str]) -> int:
    """Runs one command line; the answer is the exit code."""
    try:
        _refuse_bytes(arguments)
        command = typer.main.get_command(app)
        return command.main(args=list(arguments), prog_name="grantway", standalone_mode=False) or 0
    except Exception as error:  # noqa: BLE001 - nothing may end in a traceback.
        failure = failure_of(error, arguments, command=_named_command(arguments))
        report(failure, as_json="--json" in arguments)
        return failure.exit_code


def _named_command(arguments: Sequence[str]) -> str:
    """The command that *arguments* name, as far as they do. Not every error of typer's knows it."""
    command, names = typer.main.get_command(app), ["grantway"]
    for argument in arguments:
        commands = getattr(command, "commands", {})
        if argument not in commands:
            break
        command = commands[argument]
        names.append(argument)
    return " ".join(names)


def _refuse_bytes(arguments: Sequence[str]) -> None:
    """Python lets bytes that are no text through as lone surrogates, which nothing after this can send or print."""
    try:
        "".join(arguments).encode()
    except UnicodeEncodeError:
        msg = "the command line is not valid UTF-8"
        raise CommandFailed("invalid_request", msg, exit_code=EXIT_USAGE) from None
