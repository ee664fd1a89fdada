"""`grantway clients rotate`: another secret, while the old ones go on for a while."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from grantway.cli.change_options import DryRun, Etag, IdempotencyKey
from grantway.cli.client_options import ClientId, chosen_duration, told_of_options
from grantway.cli.core import Core, configured_core
from grantway.cli.moments import moment_words
from grantway.cli.narrowing import narrowing
from grantway.cli.output import AsJson, print_columns, print_json, print_lines, print_members
from grantway.cli.retirement import use_words
from grantway.cli.secret_documents import rotation_document, secret_document
from grantway.v1 import client_service_pb2 as pb
from grantway.v1.client_pb2 import RetirementVerdict, Secret

_NOT_FOR_PEOPLE = {"old_secrets", "expires_at", "disabled"}
"""What they read in another place, or in other words."""

_DEFAULT_OVERLAP = timedelta(days=7)
_MAX_OVERLAP = timedelta(days=365)
"""As the contract has them: for `--dry-run`, of which the call for a rotation knows nothing."""


def rotate(  # noqa: PLR0913 - one for each way to do it.
    client_id: ClientId,
    *,
    overlap: Annotated[
        str | None,
        typer.Option(
            "--overlap",
            metavar="D",
            callback=narrowing,
            help="How long the old secrets stay good: 7d (default), 12h, 0.",
        ),
    ] = None,
    idempotency_key: IdempotencyKey = None,
    etag: Etag = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Give a client another secret.

    It is shown this once and never again. Those that the client has stay good for a while, so that it can change over;
    `grantway secrets list` says when none of them is in use any more.
    """
    chosen = chosen_duration(overlap, "--overlap")
    if dry_run:
        if etag or idempotency_key:
            raise typer.BadParameter("goes with neither --etag nor --idempotency-key", param_hint="--dry-run")
        _print_dry_run(client_id, _DEFAULT_OVERLAP if chosen is None else chosen, as_json=as_json)
        return
    request = pb.RotateSecretRequest(
        client_id=client_id,
        overlap=chosen,
        idempotency_key=idempotency_key,
        etag=etag,
    )
    with configured_core() as core, told_of_options():
        rotated = core.call(core.clients.RotateSecret, request)
    document = rotation_document(rotated)
    if as_json:
        print_json(document)
        return
    never = {} if rotated.secret.HasField("expire_time") else {"client_secret_expires_at": "never"}
    shown = {name: value for name, value in document.items() if name not in _NOT_FOR_PEOPLE}
    print_members(shown | never)
    print_lines(["", "Keep the secret now: only a digest of it is stored, and it cannot be shown again."])
    if rotated.client.HasField("disable_time"):
        print_lines([f"The client is disabled; it gets tokens after: grantway clients enable {client_id}"])
    if rotated.old_secrets:
        print_lines(["", "Old secrets:"])
        _print_old(rotated.old_secrets)


def _print_dry_run(client_id: str, overlap: timedelta, *, as_json: bool) -> None:
    if overlap > _MAX_OVERLAP:
        raise typer.BadParameter(f"must be at most {_MAX_OVERLAP.days}d", param_hint="--overlap")
    with configured_core() as core:
        old_secrets = _with_deadline(core, client_id, datetime.now(UTC) + overlap)
    if as_json:
        documents = [secret_document(secret) for secret in old_secrets]
        print_json({"client_id": client_id, "dry_run": True, "old_secrets": documents})
    elif old_secrets:
        print_lines(["Nothing was changed. The old secrets would be:"])
        _print_old(old_secrets)
    else:
        print_lines(["Nothing was changed. There is no old secret that is good."])


def _with_deadline(core: Core, client_id: str, deadline: datetime) -> list[Secret]:
    """The good secrets of the client, each with the end that a rotation would give it: never a later one."""
    secrets = core.call(core.clients.ListSecrets, pb.ListSecretsRequest(client_id=client_id)).secrets
    good = [secret for secret in secrets if secret.verdict.basis != RetirementVerdict.BASIS_EXPIRED]
    for secret in good:
        if not secret.HasField("expire_time") or secret.expire_time.ToDatetime(UTC) > deadline:
            secret.expire_time.FromDatetime(deadline)
    return good


def _print_old(secrets: Iterable[Secret]) -> None:
    print_columns([(f"  {secret.secret_id}", _deadline(secret), use_words(secret)) for secret in secrets])


def _deadline(secret: Secret) -> str:
    return f"good until {moment_words(secret.expire_time)}" if secret.HasField("expire_time") else "good for ever"
