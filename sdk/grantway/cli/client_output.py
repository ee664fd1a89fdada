"""How a client is printed."""

from grantway.cli.documents import client_document
from grantway.cli.output import print_json, print_members
from grantway.v1.client_pb2 import Client


def print_client(client: Client, *, as_json: bool) -> None:
    """Prints *client*: a JSON document, or a line for each of its properties."""
    if as_json:
        print_json(client_document(client))
        return
    # `name` is there for programs that look for it; people have read it as `client_name`.
    members = {name: value for name, value in client_document(client).items() if name != "name"}
    if client.HasField("default_scopes") and not client.default_scopes.scopes:
        # Chosen, and not just nothing to choose from.
        members["default_scope"] = "none"
    print_members(members)
