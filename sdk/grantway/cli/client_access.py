"""`grantway clients`: the commands that end what a client may do, and that give it back."""

from typing import Annotated

import typer

from grantway.cli.change_options import DryRun, Etag, Yes, confirm
from grantway.cli.client_options import ClientId, chosen_moment, told_of_options
from grantway.cli.client_output import print_client
from grantway.cli.core import configured_core
from grantway.cli.documents import client_document
from grantway.cli.impact import print_impact
from grantway.cli.narrowing import narrowing
from grantway.cli.output import AsJson, print_json, print_lines
from grantway.cli.secret_documents import impact_document
from grantway.v1 import client_service_pb2 as pb
from grantway.v1.client_pb2 import Client


def disable(client_id: ClientId, *, etag: Etag = None, dry_run: DryRun = False, as_json: AsJson = False) -> None:
    """Disable a client.

    It gets no token any more, and those that it has are dead for good.
    """
    request = pb.DisableClientRequest(client_id=client_id, etag=etag, dry_run=dry_run)
    with configured_core() as core:
        disabled = core.call(core.clients.DisableClient, request)
    if as_json or dry_run:
        _print_action(disabled.client, disabled.impact, dry_run=dry_run, as_json=as_json)
    else:
        print_client(disabled.client, as_json=False)


def enable(client_id: ClientId, *, etag: Etag = None, as_json: AsJson = False) -> None:
    """Enable a disabled client.

    It gets tokens again, with the secrets that it has.
    """
    with configured_core() as core:
        request = pb.EnableClientRequest(client_id=client_id, etag=etag)
        client = core.call(core.clients.EnableClient, request).client
    print_client(client, as_json=as_json)


def delete(
    client_id: ClientId, *, etag: Etag = None, dry_run: DryRun = False, yes: Yes = False, as_json: AsJson = False
) -> None:
    """Delete a client and its tokens for good."""
    question = f"Delete {client_id} and its tokens for good?"
    confirm(question, yes=yes or dry_run, as_json=as_json, otherwise="nothing was deleted")
    request = pb.DeleteClientRequest(client_id=client_id, etag=etag, dry_run=dry_run)
    with configured_core() as core:
        impact = core.call(core.clients.DeleteClient, request).impact
    if as_json:
        print_json(
            {"client_id": client_id, "deleted": not dry_run, "dry_run": dry_run, "impact": impact_document(impact)}
        )
    elif dry_run:
        print_impact(None, impact, dry_run=True)
    else:
        print_lines([f"Deleted {client_id}."])


def panic(client_id: ClientId, *, dry_run: DryRun = False, yes: Yes = False, as_json: AsJson = False) -> None:
    """Disable a client, and end all its secrets and tokens.

    For a client that leaked: one step, after which nothing that it had works. `enable` and `rotate` bring it back, with
    a new secret.
    """
    question = f"Disable {client_id} and end all its secrets and tokens for good?"
    confirm(question, yes=yes or dry_run, as_json=as_json, otherwise="nothing was changed")
    with configured_core() as core:
        request = pb.PanicClientRequest(client_id=client_id, dry_run=dry_run)
        panicked = core.call(core.clients.PanicClient, request)
    _print_action(panicked.client, panicked.impact, dry_run=dry_run, as_json=as_json)


def revoke_tokens(  # noqa: PLR0913 - one for each way to narrow it.
    client_id: ClientId,
    *,
    secret: Annotated[
        str | None,
        typer.Option("--secret", metavar="SECRET_ID", callback=narrowing, help="Only those that this secret obtained."),
    ] = None,
    issued_from: Annotated[
        str | None,
        typer.Option(
            "--issued-from",
            metavar="T",
            callback=narrowing,
            help="Only those issued then or later: 2026-03-01T08:00:00Z, or 2h (ago).",
        ),
    ] = None,
    issued_before: Annotated[
        str | None,
        typer.Option("--issued-before", metavar="T", callback=narrowing, help="Only those issued before then."),
    ] = None,
    etag: Etag = None,
    dry_run: DryRun = False,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Revoke tokens of a client.

    All, unless an option narrows it. Tokens that are issued later are not touched: to stop those too, disable the
    client or retire the secret.
    """
    request = pb.RevokeClientTokensRequest(
        client_id=client_id,
        secret_id=secret,
        issued_from=chosen_moment(issued_from, "--issued-from"),
        issued_before=chosen_moment(issued_before, "--issued-before"),
        etag=etag,
        dry_run=dry_run,
    )
    which = "those tokens" if secret or issued_from or issued_before else "all tokens"
    question = f"Revoke {which} of {client_id} for good?"
    confirm(question, yes=yes or dry_run, as_json=as_json, otherwise="nothing was revoked")
    with configured_core() as core, told_of_options():
        revoked = core.call(core.clients.RevokeClientTokens, request)
    _print_action(revoked.client, revoked.impact, dry_run=dry_run, as_json=as_json)


def _print_action(client: Client, impact: pb.Impact, *, dry_run: bool, as_json: bool) -> None:
    if as_json:
        print_json({**client_document(client), "dry_run": dry_run, "impact": impact_document(impact)})
    else:
        print_impact(client, impact, dry_run=dry_run)
