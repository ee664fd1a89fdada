"""`grantway clients import`: brings clients of another system, whose secrets are known as hashes only."""

import sys
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Annotated, Any

import typer

from grantway.cli.core import Core, configured_core
from grantway.cli.failures import CommandFailed
from grantway.cli.import_lines import LONGEST_LINE, BadLine, ImportLine, import_line, shown_id
from grantway.cli.output import AsJson, print_json, print_lines, print_warning
from grantway.cli.progress import Progress
from grantway.errors import Refused, Unreachable
from grantway.v1 import client_service_pb2 as pb
from grantway.v1.error_reason_pb2 import ERROR_REASON_STORAGE_UNAVAILABLE
from grantway.wire_errors import refused_from

_BATCH = 100
"""Clients in one call: as many as the contract allows."""

_CALLS = 4
"""Calls under way at any moment."""

_CALL_SECONDS = 30
_PAUSES = (0.2, 0.5, 1, 2, 4)
"""Seconds between the attempts at a call: whatever was done of it is found to exist."""

_FORMATS = "secret_hash must begin with one of "
"""How the core begins to list the formats that it knows."""

_STDIN = "-"


@dataclass(frozen=True, slots=True)
class _Line:
    """What became of a line: "created", "existing", or "refused" with the reason and a description."""

    number: int
    outcome: str
    client_id: str = ""
    error: str = ""
    description: str = ""


def import_clients(
    file: Annotated[str, typer.Argument(metavar="FILE", help="JSON lines, or - for standard input.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Bring clients of another system.

    Each line is a JSON object with client_id, name, secret_hash (as the other system stores it: PBKDF2 of Django or
    Hydra, bcrypt, argon2, SHA-256, SHA-512) and, if wanted, organization, scopes, description, labels, default_scopes,
    audiences, own_audiences, token_lifetime, permissions, auth_methods. SHA-2 has {SHA-256} or {SHA-512} in front.
    What else `export` writes may stand there and does nothing. A client that exists is left as it is, whatever its line
    says, so that an import that was interrupted can be run again; one that does not exist is not created without a
    secret_hash, nor when its line says that it is disabled. A line that is refused does not stop the others; the exit
    code is then 1.
    """
    counts: Counter[str] = Counter()
    refused: list[_Line] = []
    progress = Progress("lines", shown=not as_json)
    formats_told = False
    with configured_core() as core, _opened(file) as stream, _cleared(progress, counts):
        for line in _imported(core, stream):
            counts[line.outcome] += 1
            if line.outcome == "refused":
                refused.append(line)
                if not as_json:
                    progress.clear()
                    print_warning(_words(line))
                    if line.description.startswith(_FORMATS) and not formats_told:
                        print_warning(line.description)
                        formats_told = True
            progress.say(counts.total())
    _print(counts, refused, as_json=as_json)


def _words(line: _Line) -> str:
    # The formats are a long list, which stands once, after the first line that it is about.
    description = "secret_hash is in no known format" if line.description.startswith(_FORMATS) else line.description
    client = f"client {line.client_id}: " if line.client_id else ""
    return f"line {line.number}: {client}{description}"


@contextmanager
def _cleared(progress: Progress, counts: Counter[str]) -> Iterator[None]:
    """Ends *progress*; where no core answers any more it says how far the import has come."""
    try:
        yield
    except Unreachable:
        done = f"{counts.total()} lines are done; run the same command again to go on"
        raise CommandFailed("temporarily_unavailable", f"no core answers any more: {done}") from None
    finally:
        progress.clear()


def _print(counts: Counter[str], refused: Sequence[_Line], *, as_json: bool) -> None:
    said = f"{counts['created']} created, {counts['existing']} existed already, {counts['refused']} refused"
    if as_json:
        lines = [_refusal_document(one) for one in refused]
        document: dict[str, Any] = {"created": counts["created"], "existing": counts["existing"], "refused": lines}
        if refused:
            document = {"error": "lines_refused", "error_description": said, **document}
        print_json(document)
    else:
        print_lines([f"{said}."])
    if refused:
        raise typer.Exit(1)


def _refusal_document(line: _Line) -> Mapping[str, Any]:
    client = {"client_id": line.client_id} if line.client_id else {}
    return {"line": line.number, **client, "error": line.error, "error_description": line.description}


@contextmanager
def _opened(file: str) -> Iterator[IO[bytes]]:
    if file == _STDIN:
        yield sys.stdin.buffer
    else:
        with Path(file).open("rb") as stream:
            yield stream


def _imported(core: Core, stream: IO[bytes]) -> Iterator[_Line]:
    """What became of the lines of *stream*, in their order."""
    under_way: deque[Callable[[], list[_Line]]] = deque()
    batch: list[_Line | tuple[int, ImportLine]] = []
    for number, line in _lines(stream):
        try:
            batch.append((number, import_line(line)))
        except BadLine as error:
            batch.append(_Line(number, "refused", error.client_id, "invalid_request", str(error)))
        if len(batch) == _BATCH:
            under_way.append(_begun(core, batch))
            batch = []
        if len(under_way) == _CALLS:
            yield from under_way.popleft()()
    if batch:
        under_way.append(_begun(core, batch))
    for answer in under_way:
        yield from answer()


def _lines(stream: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    """The lines of *stream* with their numbers, but for empty ones. Of one that is too long, so much that it shows."""
    number = 0
    while line := stream.readline(LONGEST_LINE):
        number += 1
        if number == 1:
            line = line.removeprefix(b"\xef\xbb\xbf")  # A mark that some editors put before a file.
        if len(line) == LONGEST_LINE and not line.endswith(b"\n"):
            while (rest := stream.readline(LONGEST_LINE)) and not rest.endswith(b"\n"):
                pass
        if line.strip():
            yield number, line


def _begun(core: Core, batch: Sequence[_Line | tuple[int, ImportLine]]) -> Callable[[], list[_Line]]:
    """Sends what is to be sent of *batch*; the value waits for what became of it."""
    asked = [one for one in batch if not isinstance(one, _Line)]
    if not asked:
        return lambda: [one for one in batch if isinstance(one, _Line)]
    request = pb.BatchImportClientsRequest(requests=[line.request for _, line in asked])
    answer = core.begin(core.clients.BatchImportClients, request, seconds=_CALL_SECONDS)

    def finish() -> list[_Line]:
        results = iter(_answered(core, request, answer).results)
        return [one if isinstance(one, _Line) else _outcome(*one, next(results)) for one in batch]

    return finish


def _answered(
    core: Core, request: pb.BatchImportClientsRequest, answer: Callable[[], pb.BatchImportClientsResponse]
) -> pb.BatchImportClientsResponse:
    for pause in _PAUSES:
        try:
            return answer()
        except Unreachable:
            pass
        except Refused as refused:
            if refused.reason != ERROR_REASON_STORAGE_UNAVAILABLE:
                raise
        time.sleep(pause)
        answer = core.begin(core.clients.BatchImportClients, request, seconds=_CALL_SECONDS)
    return answer()


def _outcome(number: int, line: ImportLine, result: pb.ImportClientResult) -> _Line:
    client_id = shown_id(line.request.client_id)
    match result.WhichOneof("outcome"):
        case "created":
            return _Line(number, "created")
        case "existing":
            return _Line(number, "existing")
        case _:
            refused = refused_from(result.refusal)
            if line.not_created:
                return _Line(number, "refused", client_id, "invalid_request", line.not_created)
            # What the contract calls the field has another name on the line.
            description = refused.description.replace("allowed_scopes", "scopes")
            return _Line(number, "refused", client_id, refused.reason_name.lower(), description)
