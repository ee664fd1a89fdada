"""Authlib's client credentials grant on Flask; one JSON string in Redis per client and per token."""

# mypy: disable-error-code="import-not-found,import-untyped,misc,untyped-decorator,no-untyped-call"
# This runs in its own virtual environment, whose libraries mypy does not see.

import hashlib
import hmac
import json
import os
from typing import Any

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749 import ClientMixin
from authlib.oauth2.rfc6749.grants import ClientCredentialsGrant
from flask import Flask, Response
from redis import Redis

GRANT_TYPE = "client_credentials"


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


class Client(ClientMixin):
    """A client as Authlib wants to see it."""

    def __init__(self, record: dict[str, Any]) -> None:
        self.record = record

    def get_client_id(self) -> str:
        """Its id."""
        return str(self.record["id"])

    def check_client_secret(self, client_secret: str) -> bool:
        """Whether the secret is its own."""
        return hmac.compare_digest(self.record["secret"], _digest(client_secret))

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        """How it may authenticate."""
        return endpoint == "token" and method in {"client_secret_basic", "client_secret_post"}

    def check_grant_type(self, grant_type: str) -> bool:
        """What it may do."""
        return grant_type == GRANT_TYPE

    def get_allowed_scope(self, scope: str | None) -> str:
        """What of *scope* it may have."""
        return " ".join(one for one in (scope or "").split() if one in self.record["scopes"])


class Grant(ClientCredentialsGrant):
    """The grant, with the secret in the body allowed."""

    TOKEN_ENDPOINT_AUTH_METHODS = ("client_secret_basic", "client_secret_post")


def create_app() -> Flask:
    """The application; gunicorn calls this in each worker."""
    redis = Redis.from_url(os.environ["BENCH_REDIS_URL"])
    lifetime = int(os.environ["BENCH_TOKEN_LIFETIME_SECONDS"])
    client = {
        "id": os.environ["BENCH_CLIENT_ID"],
        "secret": _digest(os.environ["BENCH_CLIENT_SECRET"]),
        "scopes": [os.environ["BENCH_SCOPE"]],
    }
    redis.set(f"client:{client['id']}", json.dumps(client))

    def query_client(client_id: str) -> Client | None:
        value = redis.get(f"client:{client_id}")
        return Client(json.loads(value)) if value else None

    def save_token(token: dict[str, Any], request: Any) -> None:  # noqa: ANN401 - Authlib's own, untyped.
        record = {"client": request.client.get_client_id(), "scope": token.get("scope"), "expires_in": lifetime}
        redis.set(f"token:{token['access_token']}", json.dumps(record), ex=lifetime)

    app = Flask(__name__)
    app.config["OAUTH2_TOKEN_EXPIRES_IN"] = {GRANT_TYPE: lifetime}
    server = AuthorizationServer(app, query_client=query_client, save_token=save_token)
    server.register_grant(Grant)

    @app.post("/oauth/token")
    def token() -> Response:
        return server.create_token_response()

    return app
