"""An API on WSGI and nothing else. The middleware stands before Flask, Bottle and the like in the same way."""

import json
from collections.abc import Iterable
from socketserver import ThreadingMixIn
from typing import TYPE_CHECKING
from wsgiref.simple_server import WSGIServer, make_server

from dev_settings import setting
from grantway.adapters.wsgi import BearerMiddleware, token_in
from grantway.sync import TokenVerifier

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment

verifier = TokenVerifier(setting("GRANTWAY_GRPC"), audiences=["https://orders.example"])


def orders(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
    """Says whose orders these would be."""
    start_response("200 OK", [("Content-Type", "application/json")])
    return [json.dumps({"orders_of": token_in(environ).client_id}).encode()]


application = BearerMiddleware(orders, verifier, realm="orders", scopes="demo:read")


class ThreadingServer(ThreadingMixIn, WSGIServer):
    """Serves each request in a thread of its own."""

    daemon_threads = True


if __name__ == "__main__":
    with make_server("127.0.0.1", int(setting("PORT", "8000")), application, ThreadingServer) as server:
        server.serve_forever()
