"""The endpoint for leaks: whoever holds a token or a secret may have it ended.

There is one answer to all of them, so it tells nobody what is good. No authentication: holding it is enough.
"""

from starlette.types import Receive, Scope, Send

from grantway import TokenClient
from grantway_gateway.methods import check_method
from grantway_gateway.oauth_errors import invalid_request
from grantway_gateway.parameters import known_parameters
from grantway_gateway.request_body import read_fields
from grantway_gateway.responses import json_response
from grantway_gateway.source import source_of

_LEAKS = ("token", "client_secret")
_NAMES = frozenset({*_LEAKS, "client_id"})
_DONE = json_response(200, {})


class LeakEndpoint:
    """`POST /oauth/leaked`: `token` or `client_secret`, in a form or in JSON.

    `client_id` says whose secret it is: one that came from another system is found by that only.
    """

    def __init__(self, tokens: TokenClient) -> None:
        self._tokens = tokens

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        check_method(scope, "POST")
        headers = dict(scope["headers"])
        known = known_parameters(await read_fields(receive, headers), _NAMES)
        found = [known[name] for name in _LEAKS if known.get(name)]
        if len(found) != 1:
            raise invalid_request("Send what leaked, and one thing at a time: token or client_secret.")
        if scope["query_string"]:
            raise invalid_request("Send what leaked in the body only: a query string ends up in logs.")
        # Without a source it would be the gateway's own report, and an administrator's.
        source = source_of(scope) or "unknown"
        await self._tokens.report_leaked(found[0], client_id=known.get("client_id", ""), source=source)
        await _DONE.send(send)
