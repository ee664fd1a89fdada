"""Access tokens for FastAPI: a dependency that knows the scopes of each route and stands in the OpenAPI document.

    verifier = TokenVerifier("127.0.0.1:50051", audiences=["https://orders.example"])
    bearer = BearerToken(verifier, realm="orders", token_url="https://auth.example/oauth/token")

    @app.get("/orders")
    async def orders(token: Annotated[VerifiedToken, Security(bearer, scopes=["orders:read"])]) -> dict[str, str]:
        return {"whose": token.client_id}

Open the verifier in the lifespan of your application: `async with verifier: yield`.
"""

from collections.abc import Mapping

from fastapi import HTTPException, WebSocketException
from fastapi.openapi.models import HTTPBearer, OAuth2, OAuthFlowClientCredentials, OAuthFlows
from fastapi.security import SecurityScopes
from fastapi.security.base import SecurityBase
from starlette.requests import HTTPConnection
from starlette.status import WS_1008_POLICY_VIOLATION

from grantway import GrantwayError, TokenVerifier, VerifiedToken
from grantway.adapters.asgi import read_token_of
from grantway.adapters.bearer import Denied, checked_realm, checked_scopes, denial


class BearerToken(SecurityBase):
    """A dependency: the token of a request that brings a good one. Others are answered as RFC 6750 says.

    `Depends(bearer)` asks for a good token, `Security(bearer, scopes=[...])` for its scopes too.

    Args:
        verifier: Checks the tokens. Whoever made it opens and closes it.
        realm: What the tokens open, in the challenges.
        token_url: Where clients get their tokens. With it the OpenAPI document has the client credentials grant;
            without it, that a bearer token is needed.
        scopes: What each scope means, for the OpenAPI document. Only with *token_url*.
        scheme_name: What the OpenAPI document calls all this.
    """

    def __init__(
        self,
        verifier: TokenVerifier,
        *,
        realm: str = "api",
        token_url: str | None = None,
        scopes: Mapping[str, str] | None = None,
        scheme_name: str = "Grantway",
    ) -> None:
        self._verifier = verifier
        self._realm = checked_realm(realm)
        self.scheme_name = scheme_name
        self.model = HTTPBearer(description="An access token of Grantway.")
        if token_url is not None:
            flow = OAuthFlowClientCredentials(tokenUrl=token_url, scopes=dict(scopes or {}))
            self.model = OAuth2(flows=OAuthFlows(clientCredentials=flow))

    async def __call__(self, connection: HTTPConnection, security_scopes: SecurityScopes) -> VerifiedToken:
        """Called by FastAPI, for a request or a WebSocket (which is closed, and so answered with 403)."""
        scopes = checked_scopes(security_scopes.scopes)
        try:
            return await self._verifier.verify(read_token_of(connection.scope), scopes)
        except (Denied, GrantwayError) as error:
            denied = denial(error)
            if connection.scope["type"] == "websocket":
                raise WebSocketException(WS_1008_POLICY_VIOLATION, denied.description) from None
            raise HTTPException(denied.status, denied.description, denied.headers(self._realm)) from None
