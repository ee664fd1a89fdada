"""Load shedding: beyond a number of requests at once, more would only make everybody late."""

from starlette.types import ASGIApp, Receive, Scope, Send

from grantway_gateway.oauth_errors import temporarily_unavailable


class ConcurrencyLimit:
    """Lets *limit* requests into *app* at once and refuses the others.

    Connections are bounded elsewhere (`protocol`); but a request outlives its connection when the client goes away.
    """

    def __init__(self, app: ASGIApp, *, limit: int) -> None:
        self._app = app
        self._limit = limit
        self._under_way = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        if self._under_way >= self._limit:
            raise temporarily_unavailable("The service is overloaded: try again after the time in Retry-After.")
        self._under_way += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._under_way -= 1
