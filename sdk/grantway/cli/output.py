"""What commands print: one JSON document, or text for people."""

import errno
import json
import sys
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Annotated, Any, TextIO

import typer

from grantway.cli.documents import Document, Value

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
"""The option that every command has."""

_TIMES = frozenset(
    {"iat", "exp", "client_id_issued_at", "updated_at", "disabled_at", "last_token_at", "client_secret_expires_at"}
)
"""Members that are seconds since 1970, as RFC 7519 and RFC 7591 have them; people get a date."""


def print_json(document: Any) -> None:  # noqa: ANN401 - whatever json can write.
    """Prints *document* on one line."""
    _print(json.dumps(document))


def print_members(document: Document) -> None:
    """Prints the members of *document*, one a line, in two columns."""
    print_columns([(name, _text(name, value)) for name, value in document.items()])


def print_columns(rows: Sequence[Sequence[str]]) -> None:
    """Prints *rows* of cells in columns as wide as they need to be: nothing is cut, so that a cell can be copied."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    print_lines("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)


def print_lines(lines: Iterable[str]) -> None:
    """Prints *lines*."""
    _print("\n".join(lines))


def printable(text: str) -> str:
    r"""*text*, which a stranger may have chosen, without what a terminal would obey: an escape becomes `\x1b`."""
    return "".join(one if one.isprintable() else one.encode("unicode_escape").decode() for one in text)


def date(moment: datetime) -> str:
    """*moment*, which is in UTC, as people read it."""
    return moment.strftime("%Y-%m-%d %H:%M:%S UTC")


def print_warning(text: str) -> None:
    """Prints *text* on standard error: no part of the answer."""
    with suppress(OSError):  # It is not worth a failure.
        write(sys.stderr, f"grantway: {text}\n")


def write(stream: TextIO | None, text: str) -> None:
    """Writes *text* to *stream* now, where a command can still answer a failure with its exit code.

    Raises:
        OSError: It cannot be written; then nothing more can be.
    """
    if stream is None or stream.closed:  # None: what Python makes of a descriptor that is closed when it starts.
        raise OSError(errno.EBADF, "the output is closed")
    try:
        stream.write(text)
        stream.flush()
    except OSError:
        # Python would try once more when it ends, and complain in its own words.
        with suppress(OSError):
            stream.close()
        raise


def _print(text: str) -> None:
    write(sys.stdout, text + "\n")


def _text(name: str, value: Value) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case int() if name in _TIMES:
            return date(datetime.fromtimestamp(value, UTC))
        case list():
            return " ".join(map(str, value)) or "-"
        case dict():
            return " ".join(f"{key}={member}" for key, member in value.items()) or "-"
        case _:
            return str(value) or "-"
