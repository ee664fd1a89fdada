"""`grantway secrets`: the secrets of clients, their use, and their end."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated

import typer

from grantway.cli.change_options import DryRun, Etag, Yes, asks, confirm
from grantway.cli.client_options import chosen_duration, told_of_options
from grantway.cli.core import Core, configured_core
from grantway.cli.impact import print_impact
from grantway.cli.moments import moment_words
from grantway.cli.narrowing import narrowing
from grantway.cli.output import AsJson, print_columns, print_json, print_lines, printable
from grantway.cli.retirement import use_words, verdict_words
from grantway.cli.secret_documents import client_secret_document, impact_document, secret_document
from grantway.v1 import client_service_pb2 as pb
from grantway.v1.client_pb2 import Secret

app = typer.Typer(help="Secrets of clients: their use and their end.")

ClientId = Annotated[str, typer.Argument(metavar="CLIENT_ID", help="The client.")]

_PAGE_SIZE = 200


@app.command("list")
def list_secrets(client_id: ClientId, *, as_json: AsJson = False) -> None:
    """List the secrets of a client, the newest first.

    With what was using each, and whether it may be retired without an outage.
    """
    with configured_core() as core:
        secrets = core.call(core.clients.ListSecrets, pb.ListSecretsRequest(client_id=client_id)).secrets
    if as_json:
        print_json({"client_id": client_id, "secrets": [secret_document(secret) for secret in secrets]})
    elif secrets:
        rows = [(*_cells(secret), verdict_words(secret, secrets)) for secret in secrets]
        print_columns([("SECRET", "CREATED", "EXPIRES", "USE", "VERDICT"), *rows])
    else:
        print_lines([f"No secrets. Make one: grantway clients rotate {client_id}"])


@app.command()
def retire(  # noqa: PLR0913 - one for each way to do it.
    client_id: ClientId,
    secret_id: Annotated[str, typer.Argument(metavar="SECRET_ID", help="As `list` shows it.")],
    *,
    revoke_tokens: Annotated[
        bool, typer.Option("--revoke-tokens", help="End the tokens that it obtained too; they live on otherwise.")
    ] = False,
    etag: Etag = None,
    dry_run: DryRun = False,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """End a secret.

    It is good for nothing any more. The answer says what was using it. In a terminal, one that is not safe to retire is
    asked about first.
    """
    request = pb.RetireSecretRequest(
        client_id=client_id, secret_id=secret_id, etag=etag, dry_run=dry_run, revoke_tokens=revoke_tokens
    )
    looks = (dry_run and not as_json) or asks(yes=yes or dry_run, as_json=as_json)
    with configured_core() as core:
        secret, verdict = _judged(core, client_id, secret_id) if looks else (None, "")
        if secret and not secret.verdict.safe:
            question = f"{secret_id} is {verdict}. Retire it for good?"
            confirm(question, yes=yes or dry_run, as_json=as_json, otherwise="nothing was retired")
        retired = core.call(core.clients.RetireSecret, request)
    if as_json:
        document = {"client_id": client_id, **secret_document(retired.secret)}
        print_json({**document, "dry_run": dry_run, "impact": impact_document(retired.impact)})
    else:
        print_impact(retired.client, retired.impact, dry_run=dry_run)
        if dry_run and verdict:
            print_lines([f"It is {verdict}."])


@app.command()
def expiring(
    *,
    within: Annotated[
        str | None,
        typer.Option(
            "--within", metavar="D", callback=narrowing, help="How soon: 30d (default), 12h, 0 (expired already)."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List secrets that expire soon.

    Of all clients, the first ones first. Those that have expired and were not retired are among them.
    """
    soon = chosen_duration(within, "--within")
    with configured_core() as core, told_of_options():
        found = list(_all_expiring(core, soon))
    if as_json:
        print_json({"secrets": [client_secret_document(one) for one in found]})
    elif found:
        rows = [
            (
                *(one.client_id, printable(one.client_name), one.organization or "-"),
                *_cells(one.secret),
                verdict_words(one.secret),
            )
            for one in found
        ]
        print_columns([("CLIENT", "NAME", "ORGANIZATION", "SECRET", "CREATED", "EXPIRES", "USE", "VERDICT"), *rows])
    else:
        print_lines(["None."])


def _judged(core: Core, client_id: str, secret_id: str) -> tuple[Secret | None, str]:
    """The secret and its verdict in words; None when there is no such secret, which the core says best itself."""
    secrets = core.call(core.clients.ListSecrets, pb.ListSecretsRequest(client_id=client_id)).secrets
    secret = next((one for one in secrets if one.secret_id == secret_id), None)
    return secret, verdict_words(secret, secrets) if secret else ""


def _cells(secret: Secret) -> tuple[str, str, str, str]:
    expires = moment_words(secret.expire_time) if secret.HasField("expire_time") else "never"
    return secret.secret_id, moment_words(secret.create_time), expires, use_words(secret)


def _all_expiring(core: Core, within: timedelta | None) -> Iterator[pb.ClientSecret]:
    request = pb.ListExpiringSecretsRequest(within=within, page_size=_PAGE_SIZE)
    while True:
        page = core.call(core.clients.ListExpiringSecrets, request)
        yield from page.secrets
        if not page.next_page_token:
            return
        request.page_token = page.next_page_token
