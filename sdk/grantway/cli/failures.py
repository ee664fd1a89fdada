"""How a command fails: what went wrong becomes one error, printed in one place, with an exit code."""

import json
import re
import sys
from collections.abc import Sequence
from contextlib import suppress

import typer

from grantway.cli.output import write
from grantway.errors import Refused
from grantway.v1.error_reason_pb2 import ERROR_REASON_CLIENT_NOT_FOUND

EXIT_FAILURE = 1
"""The command was understood and did not succeed."""

EXIT_USAGE = 2
"""The command, or a variable that it depends on, is not right."""

_CREDENTIAL = re.compile(r"(?:client_oa2|gws)_[A-Za-z0-9_-]*")
_NO_SUCH_COMMAND = re.compile(r"No such command '(\w+)'\.")
_ALSO_CALLED = {"get": "show", "describe": "show", "ls": "list", "rm": "delete", "remove": "delete"}
"""What other programs call our commands; slips of the pen are typer's to mend."""

_LONGEST_ECHO = 20
"""Longer words of the command line are never repeated: they may be a credential that was put in the wrong place."""


class CommandFailed(Exception):
    """A command cannot go on. Its text never holds a secret or a token.

    Attributes:
        error: What to decide by: a reason of `grantway.v1.ErrorReason` in lower case, or a code of RFC 6749.
        descriptions: What to change, in one or more lines.
    """

    def __init__(self, error: str, *descriptions: str, exit_code: int = EXIT_FAILURE) -> None:
        super().__init__(error, *descriptions)
        self.error = error
        self.descriptions = descriptions
        self.exit_code = exit_code


def failure_of(error: Exception, arguments: Sequence[str], *, command: str) -> CommandFailed:
    """The failure that any exception of a *command* run with *arguments* stands for."""
    match error:
        case CommandFailed():
            return error
        case Refused():
            return failure_of_refusal(error, error.description)
        case typer.TyperException():
            return _usage_failure(error, arguments, command)
        case OSError():
            what = error.strerror or "an operation of the system failed"
            return CommandFailed("server_error", f"{error.filename}: {what}" if error.filename else what)
        case _:
            # The text of an unknown exception may hold anything; its type does not.
            return CommandFailed("server_error", f"this is a fault of grantway itself ({type(error).__name__})")


def failure_of_refusal(refused: Refused, description: str) -> CommandFailed:
    """The failure that *refused* is, told as *description*."""
    if refused.reason == ERROR_REASON_CLIENT_NOT_FOUND:
        description += " The ids are in `grantway clients list`."
    return CommandFailed(refused.reason_name.lower(), description)


def report(failure: CommandFailed, *, as_json: bool) -> None:
    """Prints *failure*: with *as_json* one JSON document on standard output, else lines on standard error.

    Where standard output takes nothing, standard error does; where neither does, the exit code has to say it alone.
    """
    if as_json:
        document = {"error": failure.error, "error_description": "; ".join(failure.descriptions)}
        with suppress(OSError):
            write(sys.stdout, json.dumps(document) + "\n")
            return
    with suppress(OSError):
        write(sys.stderr, "".join(f"grantway: {description}\n" for description in failure.descriptions))


def _usage_failure(error: typer.TyperException, arguments: Sequence[str], command: str) -> CommandFailed:
    text = _without_credentials(_message(error), arguments)
    end = "" if text.endswith((".", "?")) else "."
    return CommandFailed("invalid_request", f"{text}{end} See '{command} --help'.", exit_code=error.exit_code)


def _message(error: typer.TyperException) -> str:
    context: typer.Context | None = getattr(error, "ctx", None)
    # A group of commands has no such option: its commands do.
    commands = getattr(getattr(context, "command", None), "commands", {})
    if getattr(error, "option_name", "") == "--json" and commands:
        return "Put --json after the command and its arguments."
    text = " ".join(error.format_message().split())
    unknown = _NO_SUCH_COMMAND.fullmatch(text)
    ours = _ALSO_CALLED.get(unknown[1]) if unknown else None
    return f"{text} Did you mean '{ours}'?" if ours in commands else text


def _without_credentials(text: str, arguments: Sequence[str]) -> str:
    """A usage error says which word it stumbled over; when that may be a credential, it is left out."""
    for argument in arguments:
        for word in (argument, argument.partition("=")[2]):
            if len(word) > _LONGEST_ECHO and not word.startswith("-"):
                text = text.replace(word, "...")
    return _CREDENTIAL.sub("...", text)
