"""`grantway audit`: who changed what, and who failed to authenticate."""

from collections.abc import Iterator
from typing import Annotated

import typer

from grantway.cli.audit_documents import audit_document, audit_line
from grantway.cli.audit_following import followed
from grantway.cli.client_options import chosen_moment, words
from grantway.cli.core import Core, configured_core
from grantway.cli.narrowing import narrowing
from grantway.cli.output import print_json, print_lines
from grantway.cli.vocabulary import AUDIT_KINDS, audit_kinds
from grantway.v1 import audit_service_pb2 as pb

app = typer.Typer(help="The audit trail: changes, and failed authentications.")

_SEARCH_SECONDS = 60
"""How long it may take to read what is there."""

AsJsonLines = Annotated[bool, typer.Option("--json", help="Print JSON lines: a document for each record.")]
Count = Annotated[int | None, typer.Option("-n", "--limit", min=1, metavar="N", help="The newest N records only.")]


@app.command()
def tail(
    *,
    follow: Annotated[bool, typer.Option("-f", "--follow", help="Go on with what happens, until Ctrl-C.")] = False,
    limit: Annotated[int, typer.Option("-n", "--limit", min=1, metavar="N", help="How many.")] = 10,
    as_json: AsJsonLines = False,
) -> None:
    """Print the newest records, the oldest of them first.

    Followed, it goes on across restarts of the core, and prints each record once: good for keeping the trail elsewhere.
    """
    _print(pb.ReadAuditRequest(limit=limit, follow=follow), as_json=as_json, otherwise="No records yet.")


@app.command()
def search(  # noqa: PLR0913 - one for each way to narrow it.
    *,
    client: Annotated[
        str | None, typer.Option("--client", metavar="ID", callback=narrowing, help="Only of this client.")
    ] = None,
    actor: Annotated[
        str | None, typer.Option("--actor", metavar="A", callback=narrowing, help="Only by this actor.")
    ] = None,
    kind: Annotated[
        list[str] | None,
        typer.Option(
            "--kind", metavar="K", callback=narrowing, help=f"Only of this kind: {', '.join(AUDIT_KINDS)}. Repeatable."
        ),
    ] = None,
    since: Annotated[
        str | None,
        typer.Option(
            "--since", metavar="T", callback=narrowing, help="Only from then on: 2026-03-01T08:00:00Z, or 2h (ago)."
        ),
    ] = None,
    until: Annotated[
        str | None, typer.Option("--until", metavar="T", callback=narrowing, help="Only before then.")
    ] = None,
    limit: Count = None,
    as_json: AsJsonLines = False,
) -> None:
    """Print the records that are asked for, the oldest first."""
    request = pb.ReadAuditRequest(
        client_id=client,
        actor=actor,
        kinds=audit_kinds(words(kind)),
        since=chosen_moment(since, "--since"),
        until=chosen_moment(until, "--until"),
        limit=limit,
    )
    _print(request, as_json=as_json, otherwise="No such records.")


def _print(request: pb.ReadAuditRequest, *, as_json: bool, otherwise: str) -> None:
    found = False
    with configured_core() as core:
        for record in followed(core, request) if request.follow else _found(core, request):
            found = True
            if as_json:
                print_json(audit_document(record))
            else:
                print_lines([audit_line(record)])
    if not (found or as_json):
        print_lines([otherwise])


def _found(core: Core, request: pb.ReadAuditRequest) -> Iterator[pb.AuditRecord]:
    for answer in core.stream(core.audit.ReadAudit, request, seconds=_SEARCH_SECONDS):
        yield from answer.records
