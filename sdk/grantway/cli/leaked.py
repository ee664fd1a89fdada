"""`grantway leaked`: which of the tokens and secrets in a text are live, what they could do, and their end."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import IO, Annotated

import typer

from grantway.cli.core import Core, configured_core
from grantway.cli.documents import Document, Value
from grantway.cli.failures import EXIT_USAGE, CommandFailed
from grantway.cli.leak_detection import LONGEST, credentials_in, kind_of
from grantway.cli.moments import moment_words
from grantway.cli.output import AsJson, print_columns, print_json, print_lines, printable
from grantway.v1 import leak_service_pb2 as pb

_BATCH = 100
"""Texts in one call: as many as the contract allows."""

_PIECE = 64 * 1024
"""How much of a long line is looked at together."""


def leaked(
    file: Annotated[str | None, typer.Argument(metavar="< FILE", hidden=True)] = None,
    *,
    revoke: Annotated[
        bool, typer.Option("--revoke", help="End those that are live: secrets with their tokens.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Find live tokens and secrets in what standard input brings.

    Log files, dumps, the history of a repository: anything. Says of each that is live whose it is and what it could do,
    and on which lines it stands; never the text itself. That some are live is an answer and no failure: the exit code
    is 0.
    """
    if file is not None:
        msg = "it reads standard input: grantway leaked < FILE"
        raise CommandFailed("invalid_request", msg, exit_code=EXIT_USAGE)
    found = _found(sys.stdin.buffer)
    with configured_core() as core:
        inspected = list(_inspected(core, list(found)))
        if revoke:
            for text, leak in inspected:
                if leak.live:
                    # As an administrator who found it: the audit trail has who that was.
                    core.call(core.leaks.ReportLeaked, pb.ReportLeakedRequest(text=text))
    if as_json:
        leaks = [_document(kind_of(text), leak, found[text], revoked=revoke) for text, leak in inspected]
        print_json({"found": len(found), "live": sum(leak.live for _, leak in inspected), "leaks": leaks})
    else:
        _print([(kind_of(text), leak, found[text]) for text, leak in inspected], revoked=revoke)


def _found(stream: IO[bytes]) -> Mapping[str, Sequence[int]]:
    """The tokens and secrets in *stream*, each with the lines that it stands on."""
    found: dict[str, list[int]] = {}
    number, before = 1, ""
    while piece := stream.readline(_PIECE):
        # Latin-1 takes any byte; what is looked for is ASCII.
        text = before + piece.decode("latin-1")
        for credential in credentials_in(text):
            lines = found.setdefault(credential, [])
            if number not in lines[-1:]:
                lines.append(number)
        # One may stand across the end of the piece.
        before = "" if piece.endswith(b"\n") else text[-LONGEST:]
        number += piece.endswith(b"\n")
    return found


def _inspected(core: Core, texts: Sequence[str]) -> Iterator[tuple[str, pb.LeakedText]]:
    for start in range(0, len(texts), _BATCH):
        batch = texts[start : start + _BATCH]
        results = core.call(core.leaks.InspectLeaked, pb.InspectLeakedRequest(texts=batch)).results
        yield from zip(batch, results, strict=True)


def _document(kind: str, leak: pb.LeakedText, lines: Sequence[int], *, revoked: bool) -> Document:
    document: dict[str, Value] = {"kind": kind, "live": leak.live, "lines": lines}
    if leak.live:
        document |= {
            "id": leak.id,
            "client_id": leak.client_id,
            "client_name": leak.client_name,
            "organization": leak.organization,
            "scope": leak.scope,
            "revoked": revoked,
        }
    if leak.HasField("expire_time"):
        document["expires_at"] = leak.expire_time.seconds
    return document


def _print(leaks: Sequence[tuple[str, pb.LeakedText, Sequence[int]]], *, revoked: bool) -> None:
    live = [found for found in leaks if found[1].live]
    end = ", and revoked now" if live and revoked else ""
    print_lines([f"{len(leaks)} found, {len(live)} of them live{end}."])
    if not live:
        return
    # What was ended expires no more.
    head = ("KIND", "ID", "CLIENT", "NAME", "ORGANIZATION", "SCOPE", *(() if revoked else ("EXPIRES",)), "LINES")
    rows = [
        (
            kind,
            leak.id,
            leak.client_id,
            printable(leak.client_name),
            leak.organization or "-",
            leak.scope or "-",
            *(() if revoked else (moment_words(leak.expire_time) if leak.HasField("expire_time") else "never",)),
            _line_words(lines),
        )
        for kind, leak, lines in live
    ]
    print_columns([head, *rows])


def _line_words(lines: Sequence[int]) -> str:
    shown = ",".join(map(str, lines[:5]))
    return f"{shown} and {len(lines) - 5} more" if len(lines) > 5 else shown  # noqa: PLR2004 - as many as are shown.
