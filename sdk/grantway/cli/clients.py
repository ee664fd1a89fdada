"""`grantway clients`: administers clients (service accounts)."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated

import typer

from grantway.cli.change_options import Etag, IdempotencyKey
from grantway.cli.client_options import (
    Audiences,
    AuthMethods,
    ClientId,
    DefaultScopes,
    Description,
    Labels,
    Lifetime,
    NoDefaultScope,
    Organization,
    OwnAudiences,
    Permissions,
    Scopes,
    chosen_default_scopes,
    chosen_duration,
    chosen_labels,
    scope_tokens,
    told_of_options,
    words,
)
from grantway.cli.client_output import print_client
from grantway.cli.core import Core, configured_core
from grantway.cli.documents import client_document
from grantway.cli.failures import EXIT_USAGE, CommandFailed
from grantway.cli.narrowing import narrowing
from grantway.cli.output import AsJson, print_columns, print_json, print_lines
from grantway.cli.vocabulary import auth_methods, permissions
from grantway.v1 import client_service_pb2 as pb
from grantway.v1.client_pb2 import Client

app = typer.Typer(help="Administer clients (service accounts).")

_PAGE_SIZE = 200


class State(StrEnum):
    """Whether a client is enabled, as it is typed."""

    ENABLED = "enabled"
    DISABLED = "disabled"


@app.command()
def create(  # noqa: PLR0913 - one for each property of a client.
    name: Annotated[str, typer.Argument(metavar="NAME", help="The display name.")],
    *,
    organization: Organization = None,
    description: Description = None,
    label: Labels = None,
    scope: Scopes = None,
    default_scope: DefaultScopes = None,
    no_default_scope: NoDefaultScope = False,
    audience: Audiences = None,
    own_audience: OwnAudiences = None,
    lifetime: Lifetime = None,
    permission: Permissions = None,
    auth_method: AuthMethods = None,
    idempotency_key: IdempotencyKey = None,
    as_json: AsJson = False,
) -> None:
    """Create a client.

    Its secret is shown this once and never again.
    """
    request = pb.CreateClientRequest(
        name=name,
        organization=organization,
        description=description,
        labels=chosen_labels(label),
        allowed_scopes=scope_tokens(scope, "--scope"),
        default_scopes=chosen_default_scopes(default_scope, none=no_default_scope),
        audiences=words(audience),
        own_audiences=words(own_audience),
        token_lifetime=chosen_duration(lifetime, "--lifetime"),
        permissions=permissions(words(permission)),
        auth_methods=auth_methods(words(auth_method)),
        idempotency_key=idempotency_key,
    )
    with configured_core() as core, told_of_options():
        created = core.call(core.clients.CreateClient, request)
    if as_json:
        secret = {"client_secret": created.client_secret, "secret_id": created.secret_id}
        print_json({**client_document(created.client), **secret})
        return
    print_client(created.client, as_json=False)
    print_lines(
        [
            f"client_secret           {created.client_secret}",
            f"secret_id               {created.secret_id}",
            "",
            "Keep the secret now: only a digest of it is stored, and it cannot be shown again.",
        ]
    )


@app.command("list")
def list_clients(
    *,
    organization: Annotated[
        str | None,
        typer.Option("--organization", metavar="O", callback=narrowing, help="Only those of this organisation."),
    ] = None,
    name: Annotated[
        str | None,
        typer.Option(
            "--name", metavar="NAME", callback=narrowing, help="Only those whose names begin so, in capitals or not."
        ),
    ] = None,
    label: Annotated[
        list[str] | None,
        typer.Option(
            "--label",
            metavar="NAME=VALUE",
            callback=narrowing,
            help="Only those with this label. Repeatable: with all.",
        ),
    ] = None,
    state: Annotated[State | None, typer.Option("--state", help="Only enabled ones, or only disabled ones.")] = None,
    as_json: AsJson = False,
) -> None:
    """List clients: all, or those that are asked for."""
    labels = chosen_labels(label).items()
    request = pb.ListClientsRequest(
        organization=organization,
        name_prefix=name,
        state=f"STATE_{state.name}" if state else None,
        page_size=_PAGE_SIZE,
    )
    with configured_core() as core, told_of_options():
        clients = [client for client in listed(core, request) if labels <= dict(client.labels).items()]
    if as_json:
        print_json({"clients": [client_document(client) for client in clients]})
    elif clients:
        print_columns([("ID", "NAME", "ORGANIZATION", "STATE", "SCOPE"), *map(_row, clients)])
    elif organization or name or label or state:
        print_lines(["No such clients."])
    else:
        print_lines(["No clients. Make one: grantway clients create NAME --scope S"])


@app.command()
def show(client_id: ClientId, *, as_json: AsJson = False) -> None:
    """Show a client."""
    with configured_core() as core:
        client = core.call(core.clients.GetClient, pb.GetClientRequest(client_id=client_id)).client
    print_client(client, as_json=as_json)


@app.command()
def update(  # noqa: PLR0913 - one for each property of a client.
    client_id: ClientId,
    *,
    name: Annotated[str | None, typer.Option("--name", metavar="NAME", help="The display name.")] = None,
    organization: Organization = None,
    description: Description = None,
    label: Labels = None,
    scope: Scopes = None,
    default_scope: DefaultScopes = None,
    no_default_scope: NoDefaultScope = False,
    audience: Audiences = None,
    own_audience: OwnAudiences = None,
    lifetime: Lifetime = None,
    permission: Permissions = None,
    auth_method: AuthMethods = None,
    etag: Etag = None,
    as_json: AsJson = False,
) -> None:
    """Change a client.

    What is given replaces what was; '' puts it back to what `create` gives without the option, but for the name, which
    every client has. Tokens that were issued before keep what they were issued with.
    """
    given = {
        "name": name is not None,
        "organization": organization is not None,
        "description": description is not None,
        "labels": label is not None,
        "allowed_scopes": scope is not None,
        "default_scopes": default_scope is not None or no_default_scope,
        "audiences": audience is not None,
        "own_audiences": own_audience is not None,
        "token_lifetime": lifetime is not None,
        "permissions": permission is not None,
        "auth_methods": auth_method is not None,
    }
    if not any(given.values()):
        msg = "nothing to change: give at least one option"
        raise CommandFailed("invalid_request", msg, exit_code=EXIT_USAGE)
    request = pb.UpdateClientRequest(
        client=Client(
            client_id=client_id,
            name=name,
            organization=organization,
            description=description,
            labels=chosen_labels(label),
            allowed_scopes=scope_tokens(scope, "--scope"),
            default_scopes=chosen_default_scopes(default_scope, none=no_default_scope),
            audiences=words(audience),
            own_audiences=words(own_audience),
            token_lifetime=chosen_duration(lifetime, "--lifetime"),
            permissions=permissions(words(permission)),
            auth_methods=auth_methods(words(auth_method)),
            etag=etag,
        ),
        update_mask={"paths": [field for field, is_given in given.items() if is_given]},
    )
    with configured_core() as core, told_of_options():
        client = core.call(core.clients.UpdateClient, request).client
    print_client(client, as_json=as_json)


def listed(core: Core, request: pb.ListClientsRequest) -> Iterator[Client]:
    """All clients that *request* asks for, page by page."""
    while True:
        page = core.call(core.clients.ListClients, request)
        yield from page.clients
        if not page.next_page_token:
            return
        request.page_token = page.next_page_token


def _row(client: Client) -> tuple[str, str, str, str, str]:
    state = State.DISABLED if client.HasField("disable_time") else State.ENABLED
    scope = " ".join(client.allowed_scopes) or "-"
    return client.client_id, client.name, client.organization or "-", state, scope
