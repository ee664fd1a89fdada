"""The client that `grantway dev` makes for its user."""

from grantway.cli.core import Core
from grantway.cli.dev_env import DevEnv
from grantway.errors import Refused
from grantway.v1 import client_service_pb2, token_service_pb2
from grantway.v1.client_pb2 import PERMISSION_INTROSPECT_TOKENS, PERMISSION_ISSUE_TOKENS, ScopeSet


def still_good(core: Core, known: DevEnv) -> bool:
    """Whether the client of an earlier run still gets a token."""
    request = token_service_pb2.IssueTokenRequest(
        grant_type="client_credentials", client_id=known.client_id, client_secret=known.client_secret
    )
    try:
        token = core.call(core.tokens.IssueToken, request).access_token
    except Refused:
        return False
    core.call(core.tokens.RevokeToken, token_service_pb2.RevokeTokenRequest(token=token))
    return True


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
