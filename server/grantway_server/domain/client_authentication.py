"""Client authentication (RFC 6749 section 2.3).

Every failure is one answer after the same work: unknown client, wrong secret, disabled client, wrong method.
"""

from datetime import datetime

from grantway_server.domain.client_secrets import SecretFormat
from grantway_server.domain.clients import AuthMethod, Client
from grantway_server.domain.failure_throttle import FailureThrottle
from grantway_server.domain.refusals import Refusal, invalid_client


class ClientAuthenticator:
    """Decides whether a request comes from the client that it names."""

    def __init__(self, *, secret_format: SecretFormat, throttle: FailureThrottle) -> None:
        self._secret_format = secret_format
        self._throttle = throttle

    def authenticate(self, client: Client | None, *, client_secret: str, method: AuthMethod | None) -> Client:
        """*client*, if *client_secret* is one of its secrets and it may use it so.

        Args:
            client: The client with the id presented; None if there is none.
            client_secret: As presented.
            method: How it was presented; None if the caller does not say.

        Raises:
            Refusal: INVALID_CLIENT. Whoever answers with it asks `failed` for what to answer.
        """
        secret = self._secret_format.verify(client_secret, client.secrets if client else ())
        if client is not None and secret is not None and client.disabled_at is None and client.may_use(method):
            return client
        raise invalid_client()

    def failed(self, client_id: str, source: str, *, now: datetime) -> Refusal:
        """Counts a failed authentication of *client_id* from *source*, both as presented.

        Returns:
            What to answer: INVALID_CLIENT, or RATE_LIMITED in its place.
        """
        return self._throttle.failed(client_id, source, now=now) or invalid_client()
