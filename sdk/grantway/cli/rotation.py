"""`grantway clients rotate`: another secret, while the old ones go on for a while."""

from typing import Annotated

import typer

from grantway.cli.change_options import Etag, IdempotencyKey
from grantway.cli.client_options import ClientId, chosen_duration, told_of_options
from grantway.cli.core import configured_core
from grantway.cli.filters import narrowing
from grantway.cli.output import AsJson, print_columns, print_json, print_lines, print_members
from grantway.cli.retirement import moment_words, use_words
from grantway.cli.secret_documents import rotation_document
from grantway.v1 import client_service_pb2 as pb
from grantway.v1.client_pb2 import Secret

_NOT_FOR_PEOPLE = {"old_secrets", "expires_at", "disabled"}
"""What they read in another place, or in other words."""


def rotate(
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
    as_json: AsJson = False,
) -> None:
    """Give a client another secret.

    It is shown this once and never again. Those that the client has stay good for a while, so that it can change over;
    `grantway secrets list` says when none of them is in use any more.
    """
    request = pb.RotateSecretRequest(
        client_id=client_id,
        overlap=chosen_duration(overlap, "--overlap"),
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
        print_columns(
            [(f"  {secret.secret_id}", _deadline(secret), use_words(secret)) for secret in rotated.old_secrets]
        )


def _deadline(secret: Secret) -> str:
    return f"good until {moment_words(secret.expire_time)}" if secret.HasField("expire_time") else "good for ever"
