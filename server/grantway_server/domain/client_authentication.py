"""Client authentication (RFC 6749 section 2.3).

Every failure is one answer after the same work: unknown client, wrong secret, disabled client, wrong method.
"""

from datetime import datetime

from grantway_server.domain.client_secrets import SecretFormat
from grantway_server.domain.clients import AuthMethod, Client
from grantway_server.domain.failure_throttle import FailureThrottle
from grantway_server.domain.refusals import invalid_client


class ClientAuthenticator:
    """Decides whether a request comes from the client that it names."""

    def __init__(self, *, secret_format: SecretFormat, throttle: FailureThrottle) -> None:
        self._secret_format = secret_format
        self._throttle = throttle

    def authenticate(  # noqa: PLR0913 - a request's credentials, their circumstances and the client that they name.
        self,
        client: Client | None,
        *,
        client_id: str,
        client_secret: str,
        method: AuthMethod | None,
        source: str,
        now: datetime,
    ) -> Client:
        """*client*, if *client_secret* is one of its secrets and it may use it so.

        Args:
            client: The client with that id; None if there is none.
            client_id: As presented.
            client_secret: As presented.
            method: How it was presented; None if the caller does not say.
            source: Where from.
            now: The present moment.

        Raises:
            Refusal: INVALID_CLIENT, or RATE_LIMITED in its place.
        """
        secret = self._secret_format.verify(client_secret, client.secrets if client else ())
        if client is not None and secret is not None and client.disabled_at is None and client.may_use(method):
            return client
        raise self._throttle.failed(client_id, source, now=now) or invalid_client()
