"""The revocation endpoint (RFC 7009): its steps, in the order in which they happen.

1. Transport: the method, the media type, the size of the body.
2. Shape: the body's syntax, the parameters, no parameter in the query.
3. Client authentication: where the credentials are.
4. The core: whether they are right; then the end of the token, if it is one of that client.

There is one answer for a token that was revoked, was dead already, never was or is another client's, so it tells nobody
what is good. Whatever kept the core from doing it is an error: the token may still be good (section 2.2.1).
"""

from starlette.types import Receive, Scope, Send

from grantway import TokenClient
from grantway_gateway.client_auth import read_credentials
from grantway_gateway.methods import check_method
from grantway_gateway.parameters import ABOUT_TOKEN_NAMES, read_about_token
from grantway_gateway.query import refuse_in_query
from grantway_gateway.request_body import read_fields
from grantway_gateway.responses import json_response
from grantway_gateway.source import source_of

_DONE = json_response(200, {})


class RevocationEndpoint:
    """`POST /oauth/revoke`."""

    def __init__(self, tokens: TokenClient) -> None:
        self._tokens = tokens

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        check_method(scope, "POST")  # RFC 7009 section 2.1
        headers = dict(scope["headers"])
        about = read_about_token(await read_fields(receive, headers))
        refuse_in_query(scope["query_string"], ABOUT_TOKEN_NAMES)
        credentials = read_credentials(headers.get(b"authorization"), about)
        await self._tokens.revoke(about.token, credentials=credentials.message(source=source_of(scope)))
        await _DONE.send(send)
