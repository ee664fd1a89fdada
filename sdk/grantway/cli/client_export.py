"""`grantway clients export`: everything that is known of clients but their secrets, as JSON lines."""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, TextIO

import typer

from grantway.cli.clients import listed
from grantway.cli.core import configured_core
from grantway.cli.documents import Document, Value, client_document
from grantway.cli.failures import CommandFailed
from grantway.cli.import_lines import INFORMATIONAL
from grantway.cli.narrowing import narrowing
from grantway.cli.output import AsJson, print_json, print_lines, write
from grantway.cli.progress import Progress
from grantway.v1.client_pb2 import Client
from grantway.v1.client_service_pb2 import ListClientsRequest

_STDOUT = "-"
_ALSO_KNOWN = ("permissions", "auth_methods", *INFORMATIONAL)
"""What a line has by the names of `clients show`."""


def export_clients(
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="Where to; standard output unless given.", show_default=False)
    ] = _STDOUT,
    *,
    organization: Annotated[
        str | None,
        typer.Option("--organization", metavar="O", callback=narrowing, help="Only the clients of this organisation."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Write all clients as JSON lines.

    Everything but their secrets: a line has the members that `import` reads, and what else is known of the client. It
    is no backup: nobody has the secrets, and of a client that does not exist `import` wants a secret_hash. FILE is
    replaced once all is written: whatever interrupts the command, FILE is whole, the old one or the new one, and the
    command can be run again.
    """
    # Where the lines themselves can be seen they are progress enough.
    progress, count = Progress("clients", shown=not (as_json or (file == _STDOUT and sys.stdout.isatty()))), 0
    request = ListClientsRequest(organization=organization, page_size=200)
    with configured_core() as core, _replaced(file) as stream:
        for client in listed(core, request):
            write(stream, json.dumps(export_document(client)) + "\n")
            count += 1
            progress.say(count)
    progress.clear()
    if file == _STDOUT:
        return
    if as_json:
        print_json({"exported": count})
    else:
        print_lines([f"{count} clients written to {file}."])


def export_document(client: Client) -> Document:
    """A client by the names that `import` reads, and what else is known of it."""
    known = client_document(client)
    document: dict[str, Value] = {
        "client_id": client.client_id,
        "name": client.name,
        "organization": client.organization,
        "description": client.description,
        "labels": dict(sorted(client.labels.items())),
        "scopes": list(client.allowed_scopes),
    }
    if client.HasField("default_scopes"):
        document["default_scopes"] = list(client.default_scopes.scopes)
    document["audiences"] = list(client.audiences)
    if client.own_audiences:
        document["own_audiences"] = list(client.own_audiences)
    document["token_lifetime"] = client.token_lifetime.seconds
    return document | {name: known[name] for name in _ALSO_KNOWN if name in known}


@contextmanager
def _replaced(file: str) -> Iterator[TextIO]:
    """A stream whose text replaces *file* when the context ends well. Nobody but the owner can read it."""
    if file == _STDOUT:
        yield sys.stdout
        return
    path = Path(file).resolve()
    if path.exists() and not path.is_file():
        # Of a device or a pipe nothing would be left.
        raise typer.BadParameter("is not a file; without one the lines go to standard output", param_hint="FILE")
    if not path.parent.is_dir():
        raise CommandFailed("invalid_request", f"there is no folder {path.parent}")
    part = path.with_name(f"{path.name}.part")
    # What an interrupted run has left.
    part.unlink(missing_ok=True)
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        try:
            yield stream
            stream.flush()
            os.fsync(descriptor)
            _put_in_place(part, path, descriptor)
        except BaseException:
            if _is_ours(part, descriptor):
                part.unlink()
            raise


def _put_in_place(part: Path, path: Path, descriptor: int) -> None:
    if not _is_ours(part, descriptor):
        raise CommandFailed("conflict", f"another export writes to {path} at the same time")
    part.replace(path)


def _is_ours(part: Path, descriptor: int) -> bool:
    """Whether *part* is still what is open as *descriptor*, and not what another run has put there."""
    return part.exists() and os.path.samestat(os.fstat(descriptor), part.stat())
