"""Access tokens for whatever speaks WSGI: Flask, Bottle, or a bare application.

    verifier = grantway.sync.TokenVerifier("127.0.0.1:50051", audiences=["https://orders.example"])
    app = Flask("orders")
    app.wsgi_app = BearerMiddleware(app.wsgi_app, verifier, realm="orders", scopes="orders:read")

    @app.get("/orders")
    def orders():
        return {"whose": token_in(request.environ).client_id}

The verifier may be made before the server forks; it connects at the first request.
"""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, cast

from grantway import GrantwayError, VerifiedToken
from grantway.adapters.bearer import (
    Denied,
    Exemptions,
    authorizations_in,
    checked_realm,
    checked_scopes,
    denial,
    read_token,
)
from grantway.sync import TokenVerifier

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

_KEY = "grantway.token"


def token_in(environ: Mapping[str, Any]) -> VerifiedToken:
    """The token of a request that `BearerMiddleware` let through.

    Raises:
        LookupError: The middleware does not stand before it, or the path is a public one.
    """
    return cast("VerifiedToken", environ[_KEY])


class BearerMiddleware:
    """Lets requests through that bring a good access token, and answers the others (RFC 6750).

    Args:
        app: The application.
        verifier: Checks the tokens. Whoever made it closes it.
        realm: What the tokens open, in the challenges.
        scopes: What every token must have.
        public: Paths that need no token, each whole, or with `/*` at its end for all below it.
    """

    def __init__(
        self,
        app: "WSGIApplication",
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

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """See PEP 3333."""
        # A client cannot name a variable of this form: those of its headers begin with HTTP_.
        if environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "") not in self._public:
            try:
                token = read_token(authorizations_in(environ), environ.get("QUERY_STRING", ""))
                environ[_KEY] = self._verifier.verify(token, self._scopes)
            except (Denied, GrantwayError) as error:
                body = self._answer(denial(error), start_response)
                return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]
        return self._app(environ, start_response)

    def _answer(self, denied: Denied, start_response: "StartResponse") -> bytes:
        body = denied.body()
        headers = {
            **denied.headers(self._realm),
            "Content-Type": "application/json",
            "Content-Length": str(len(body)),
        }
        start_response(f"{denied.status.value} {denied.status.phrase}", list(headers.items()))
        return body
