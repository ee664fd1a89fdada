"""The token endpoint (RFC 6749 section 3.2): its steps, in the order in which they happen.

1. Transport: the method, the media type, the size of the body.
2. Shape: the body's syntax, the parameters, no parameter in the query.
3. Client authentication: where the credentials are.
4. The core: whether they are right; then the grant, the scope, the audience.

A caller who fails one step learns nothing of the next ones.
"""

from starlette.types import Receive, Scope, Send

from grantway import TokenClient
from grantway.v1 import token_service_pb2 as pb
from grantway_gateway.client_auth import Credentials, read_credentials
from grantway_gateway.methods import check_method
from grantway_gateway.parameters import NAMES, Parameters, read_parameters
from grantway_gateway.query import refuse_in_query
from grantway_gateway.request_body import read_fields
from grantway_gateway.responses import Response, token_response
from grantway_gateway.source import source_of


class TokenEndpoint:
    """`POST /oauth/token`."""

    def __init__(self, tokens: TokenClient) -> None:
        self._tokens = tokens

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        check_method(scope, "POST")  # RFC 6749 section 3.2
        headers = dict(scope["headers"])  # The guard has seen to it that none that matters is there twice.
        parameters = read_parameters(await read_fields(receive, headers))
        refuse_in_query(scope["query_string"], NAMES)
        credentials = read_credentials(headers.get(b"authorization"), parameters)
        token = await self._issue(parameters, credentials, source=source_of(scope))
        await _success(token, requested_scope=parameters.scope).send(send)

    async def _issue(self, parameters: Parameters, credentials: Credentials, *, source: str) -> pb.IssueTokenResponse:
        return await self._tokens.issue(
            client_id=credentials.client_id,
            client_secret=credentials.client_secret,
            grant_type=parameters.grant_type,
            scope=parameters.scope,
            audiences=parameters.audiences,
            auth_method=credentials.method,
            source=source,
        )


def _success(token: pb.IssueTokenResponse, *, requested_scope: str) -> Response:
    """RFC 6749 section 5.1. There is never a refresh token (section 4.4.3)."""
    # "OPTIONAL, if identical to the scope requested by the client; otherwise, REQUIRED." Scopes are sets (section 3.3).
    granted = token.scope
    differs = granted != requested_scope and set(granted.split()) != set(requested_scope.split())
    return token_response(
        token.access_token,
        expires_in_seconds=token.expires_in.seconds,
        scope=granted if differs else None,
        # RFC 8594 section 3, of the secret and not of the endpoint: the body is as RFC 6749 has it.
        secret_ends_at=token.secret_expire_time.seconds if token.HasField("secret_expire_time") else None,
    )
