"""Access tokens for whatever speaks ASGI: Starlette, FastAPI, or a bare application.

    verifier = TokenVerifier("127.0.0.1:50051", audiences=["https://orders.example"])
    app = Starlette(
        routes=[Route("/orders", lambda request: JSONResponse({"whose": token_in(request).client_id}))],
        middleware=[Middleware(BearerMiddleware, verifier=verifier, realm="orders", scopes="orders:read")],
    )

Open the verifier in the lifespan of your application: `async with verifier: yield`.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping
from typing import Any, cast

from grantway import GrantwayError, TokenVerifier, VerifiedToken
from grantway.adapters.bearer import Denied, Exemptions, checked_realm, checked_scopes, denial, read_token

_Scope = MutableMapping[str, Any]
_Message = MutableMapping[str, Any]
_Receive = Callable[[], Awaitable[_Message]]
_Send = Callable[[_Message], Awaitable[None]]
_App = Callable[[_Scope, _Receive, _Send], Awaitable[None]]

_KEY = "grantway.token"
_DENIAL_EXTENSION = "websocket.http.response"
_POLICY_VIOLATION = 1008


def token_in(connection: Mapping[str, Any]) -> VerifiedToken:
    """The token of what `BearerMiddleware` let through: of a request or WebSocket of Starlette, or of a scope.

    Raises:
        LookupError: The middleware does not stand before it, or the path is a public one.
    """
    return cast("VerifiedToken", connection[_KEY])


class BearerMiddleware:
    """Lets requests and WebSockets through that bring a good access token, and answers the others (RFC 6750).

    Args:
        app: The application.
        verifier: Checks the tokens. Whoever made it opens and closes it.
        realm: What the tokens open, in the challenges.
        scopes: What every token must have.
        public: Paths that need no token, each whole, or with `/*` at its end for all below it.
    """

    def __init__(
        self,
        app: _App,
        verifier: TokenVerifier,
        *,
        realm: str = "api",
        scopes: str | Iterable[str] = (),
        public: Iterable[str] = (),
    ) -> None:
        self._app = app
        self._verifier = verifier
        self._realm = checked_realm(realm)
        self._scopes = checked_scopes(scopes)
        self._public = Exemptions(public)

    async def __call__(self, scope: _Scope, receive: _Receive, send: _Send) -> None:
        """See the ASGI specification."""
        if scope["type"] == "lifespan" or scope["path"] in self._public:
            await self._app(scope, receive, send)
            return
        try:
            scope[_KEY] = await self._verifier.verify(read_token_of(scope), self._scopes)
        except (Denied, GrantwayError) as error:
            await self._answer(denial(error), scope, receive, send)
            return
        await self._app(scope, receive, send)

    async def _answer(self, denied: Denied, scope: _Scope, receive: _Receive, send: _Send) -> None:
        kind = "http.response"
        if scope["type"] == "websocket":
            await receive()  # What asks for the connection.
            if _DENIAL_EXTENSION not in (scope.get("extensions") or {}):
                # The server answers with a status of its own choosing: 403.
                await send({"type": "websocket.close", "code": _POLICY_VIOLATION})
                return
            kind = _DENIAL_EXTENSION
        body = denied.body()
        headers = {
            **denied.headers(self._realm),
            "Content-Type": "application/json",
            "Content-Length": str(len(body)),
        }
        await send(
            {
                "type": f"{kind}.start",
                "status": int(denied.status),
                "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
            }
        )
        await send({"type": f"{kind}.body", "body": body})


def read_token_of(scope: Mapping[str, Any]) -> str:
    """The access token of a request or a WebSocket; see `read_token`."""
    authorizations = [value.decode("latin-1") for name, value in scope["headers"] if name == b"authorization"]
    return read_token(authorizations, (scope.get("query_string") or b"").decode("latin-1"))
