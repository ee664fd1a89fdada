"""The client that `grantway dev` makes for its user."""

from google.protobuf.field_mask_pb2 import FieldMask

from grantway.cli.core import Core
from grantway.cli.dev_env import DevEnv
from grantway.errors import Refused
from grantway.v1 import client_service_pb2, token_service_pb2
from grantway.v1.client_pb2 import PERMISSION_INTROSPECT_TOKENS, PERMISSION_ISSUE_TOKENS, ScopeSet


def still_good(core: Core, known: DevEnv) -> bool:
    """Whether the client of an earlier run still gets a token; if so, it may introspect as well."""
    request = token_service_pb2.IssueTokenRequest(
        grant_type="client_credentials", client_id=known.client_id, client_secret=known.client_secret
    )
    try:
        token = core.call(core.tokens.IssueToken, request).access_token
    except Refused:
        return False
    core.call(core.tokens.RevokeToken, token_service_pb2.RevokeTokenRequest(token=token))
    _let_it_introspect(core, known.client_id)
    return True


def _let_it_introspect(core: Core, client_id: str) -> None:
    """What the examples do needs the permission, which the client may have lost since it was made."""
    client = core.call(core.clients.GetClient, client_service_pb2.GetClientRequest(client_id=client_id)).client
    if PERMISSION_INTROSPECT_TOKENS not in client.permissions:
        client.permissions.append(PERMISSION_INTROSPECT_TOKENS)
        request = client_service_pb2.UpdateClientRequest(client=client, update_mask=FieldMask(paths=["permissions"]))
        core.call(core.clients.UpdateClient, request)


def create_demo_client(core: Core) -> tuple[str, str]:
    """Makes the client; the answer is its id and secret."""
    created = core.call(
        core.clients.CreateClient,
        client_service_pb2.CreateClientRequest(
            name="Demo",
            allowed_scopes=["demo:read", "demo:write"],
            # Set and empty: a request without a scope is answered with the three members that RFC 6749 demands.
            default_scopes=ScopeSet(),
            permissions=[PERMISSION_ISSUE_TOKENS, PERMISSION_INTROSPECT_TOKENS],
        ),
    )
    return created.client.client_id, created.client_secret
