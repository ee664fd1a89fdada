"""The introspection endpoint (RFC 7662): its steps, in the order in which they happen.

1. Transport: the method, the media type, the size of the body.
2. Shape: the body's syntax, the parameters, no parameter in the query.
3. Client authentication: where the credentials are.
4. The core: whether they are right; whether that client may ask (section 2.1); what the token is, for that client.

Only a client's own credentials are taken, no bearer token (section 2.1 offers both): a caller who is to see no other
audience's tokens must be known, and a 401 then says with what to come.
"""

from starlette.types import Receive, Scope, Send

from grantway import TokenClient
from grantway.v1 import token_service_pb2 as pb
from grantway_gateway.client_auth import read_credentials
from grantway_gateway.methods import check_method
from grantway_gateway.parameters import INTROSPECTION_NAMES, read_about_token
from grantway_gateway.query import refuse_in_query
from grantway_gateway.request_body import read_fields
from grantway_gateway.responses import json_response
from grantway_gateway.source import source_of


class IntrospectionEndpoint:
    """`POST /oauth/introspect`.

    Args:
        tokens: Who knows tokens.
        issuer: The `iss` of every token; None when this service has no name.
    """

    def __init__(self, tokens: TokenClient, issuer: str | None) -> None:
        self._tokens = tokens
        self._issuer = issuer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        check_method(scope, "POST")  # RFC 7662 section 4: a token in a URL would be logged.
        headers = dict(scope["headers"])
        about = read_about_token(await read_fields(receive, headers), INTROSPECTION_NAMES)
        refuse_in_query(scope["query_string"], INTROSPECTION_NAMES)
        credentials = read_credentials(headers.get(b"authorization"), about)
        found = await self._tokens.introspect(
            about.token,
            audiences=(about.audience,) if about.audience else (),
            credentials=credentials.message(source=source_of(scope)),
        )
        await json_response(200, self._document(found)).send(send)

    def _document(self, found: pb.IntrospectTokenResponse) -> dict[str, object]:
        if not found.active:
            return {"active": False}  # RFC 7662 section 2.2: and no word of why.
        document: dict[str, object] = {
            "active": True,
            "client_id": found.client_id,
            "sub": found.client_id,  # A client that acts for itself is the subject (RFC 9068 section 2.2).
            "token_type": "Bearer",
            "iat": found.issue_time.seconds,
            "exp": found.expire_time.seconds,
            "jti": found.token_id,
        }
        if self._issuer is not None:
            document["iss"] = self._issuer
        if found.scope:
            document["scope"] = found.scope
        if found.audiences:
            document["aud"] = list(found.audiences)
        # As RFC 7591 section 2 calls the one, and `grantway token inspect` both.
        if found.client_name:
            document["client_name"] = found.client_name
        if found.organization:
            document["organization"] = found.organization
        return document
