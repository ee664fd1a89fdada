"""`grantway clients`: administers clients (service accounts)."""

import sys
from collections.abc import Iterator
from typing import Annotated

import typer

from grantway.cli.client_options import (
    Audiences,
    AuthMethods,
    ClientId,
    DefaultScopes,
    Lifetime,
    NoDefaultScope,
    Permissions,
    Scopes,
    chosen_default_scopes,
    chosen_lifetime,
    told_of_options,
    words,
)
from grantway.cli.core import Core, configured_core
from grantway.cli.documents import client_document
from grantway.cli.failures import EXIT_USAGE, CommandFailed
from grantway.cli.output import AsJson, print_columns, print_json, print_lines, print_members
from grantway.cli.vocabulary import auth_methods, permissions
from grantway.v1 import client_service_pb2 as pb
from grantway.v1.client_pb2 import Client

app = typer.Typer(help="Administer clients (service accounts).")


@app.command()
def create(  # noqa: PLR0913 - one for each property of a client.
    name: Annotated[str, typer.Argument(metavar="NAME", help="The display name.")],
    *,
    scope: Scopes = None,
    default_scope: DefaultScopes = None,
    no_default_scope: NoDefaultScope = False,
    audience: Audiences = None,
    lifetime: Lifetime = None,
    permission: Permissions = None,
    auth_method: AuthMethods = None,
    as_json: AsJson = False,
) -> None:
    """Create a client.

    Its secret is shown this once and never again.
    """
    request = pb.CreateClientRequest(
        name=name,
        allowed_scopes=words(scope),
        default_scopes=chosen_default_scopes(default_scope, none=no_default_scope),
        audiences=words(audience),
        token_lifetime=chosen_lifetime(lifetime),
        permissions=permissions(words(permission)),
        auth_methods=auth_methods(words(auth_method)),
    )
    with configured_core() as core, told_of_options():
        created = core.call(core.clients.CreateClient, request)
    if as_json:
        print_json({**client_document(created.client), "client_secret": created.client_secret})
        return
    _print(created.client, as_json=False)
    print_lines(
        [
            f"client_secret           {created.client_secret}",
            "",
            "Keep the secret now: only a digest of it is stored, and it cannot be shown again.",
        ]
    )


@app.command("list")
def list_clients(*, as_json: AsJson = False) -> None:
    """List all clients."""
    with configured_core() as core:
        clients = list(_all_clients(core))
    if as_json:
        print_json({"clients": [client_document(client) for client in clients]})
    elif clients:
        print_columns([("ID", "NAME", "STATE", "SCOPE"), *map(_row, clients)])
    else:
        print_lines(["No clients. Make one: grantway clients create NAME --scope S"])


@app.command()
def show(client_id: ClientId, *, as_json: AsJson = False) -> None:
    """Show a client."""
    with configured_core() as core:
        _print(core.call(core.clients.GetClient, pb.GetClientRequest(client_id=client_id)).client, as_json=as_json)


@app.command()
def update(  # noqa: PLR0913 - one for each property of a client.
    client_id: ClientId,
    *,
    name: Annotated[str | None, typer.Option("--name", metavar="NAME", help="The display name.")] = None,
    scope: Scopes = None,
    default_scope: DefaultScopes = None,
    no_default_scope: NoDefaultScope = False,
    audience: Audiences = None,
    lifetime: Lifetime = None,
    permission: Permissions = None,
    auth_method: AuthMethods = None,
    as_json: AsJson = False,
) -> None:
    """Change a client.

    What is given replaces what was; '' puts it back to what `create` gives without the option, but for the name, which
    every client has. Tokens that were issued before keep what they were issued with.
    """
    given = {
        "name": name is not None,
        "allowed_scopes": scope is not None,
        "default_scopes": default_scope is not None or no_default_scope,
        "audiences": audience is not None,
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
            allowed_scopes=words(scope),
            default_scopes=chosen_default_scopes(default_scope, none=no_default_scope),
            audiences=words(audience),
            token_lifetime=chosen_lifetime(lifetime),
            permissions=permissions(words(permission)),
            auth_methods=auth_methods(words(auth_method)),
        ),
        update_mask={"paths": [field for field, is_given in given.items() if is_given]},
    )
    with configured_core() as core, told_of_options():
        _print(core.call(core.clients.UpdateClient, request).client, as_json=as_json)


@app.command()
def disable(client_id: ClientId, *, as_json: AsJson = False) -> None:
    """Disable a client.

    It gets no token any more, and those that it has are dead for good.
    """
    with configured_core() as core:
        client = core.call(core.clients.DisableClient, pb.DisableClientRequest(client_id=client_id)).client
    _print(client, as_json=as_json)


@app.command()
def enable(client_id: ClientId, *, as_json: AsJson = False) -> None:
    """Enable a disabled client.

    It gets tokens again, with the secret that it has.
    """
    with configured_core() as core:
        client = core.call(core.clients.EnableClient, pb.EnableClientRequest(client_id=client_id)).client
    _print(client, as_json=as_json)


@app.command()
def delete(
    client_id: ClientId,
    *,
    yes: Annotated[
        bool, typer.Option("--yes", help="Do not ask. A terminal only is asked, and not with --json.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Delete a client and its tokens for good."""
    if not (yes or as_json) and sys.stdin.isatty() and not _confirmed(client_id):
        raise CommandFailed("not_confirmed", "nothing was deleted")
    with configured_core() as core:
        core.call(core.clients.DeleteClient, pb.DeleteClientRequest(client_id=client_id))
    if as_json:
        print_json({"client_id": client_id, "deleted": True})
    else:
        print_lines([f"Deleted {client_id}."])


def _confirmed(client_id: str) -> bool:
    sys.stderr.write(f"Delete {client_id} and its tokens for good? [y/N] ")
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in {"y", "yes"}


def _all_clients(core: Core) -> Iterator[Client]:
    request = pb.ListClientsRequest()
    while True:
        page = core.call(core.clients.ListClients, request)
        yield from page.clients
        if not page.next_page_token:
            return
        request = pb.ListClientsRequest(page_token=page.next_page_token)


def _row(client: Client) -> tuple[str, str, str, str]:
    state = "disabled" if client.HasField("disable_time") else "enabled"
    return client.client_id, client.name, state, " ".join(client.allowed_scopes) or "-"


def _print(client: Client, *, as_json: bool) -> None:
    if as_json:
        print_json(client_document(client))
    else:
        # `name` is there for programs that look for it; people have read it as `client_name`.
        members = {name: value for name, value in client_document(client).items() if name != "name"}
        if client.HasField("default_scopes") and not client.default_scopes.scopes:
            # Chosen, and not just nothing to choose from.
            members["default_scope"] = "none"
        print_members(members)
