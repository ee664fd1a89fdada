"""Client authentication (RFC 6749 section 2.3).

Every failure is one answer after the same work: unknown client, wrong or expired secret, disabled client, wrong method,
other environment. The audit trail knows which it was.
"""

from datetime import datetime, timedelta

from grantway_server.domain.audit import Failure
from grantway_server.domain.client_secrets import Secret, SecretFormat
from grantway_server.domain.clients import AuthMethod, Client
from grantway_server.domain.environment import Environment
from grantway_server.domain.refusals import INVALID_CLIENT_TEXT, Reason, Refusal
from grantway_server.domain.throttle import Throttle


class AuthenticationFailed(Refusal):
    """INVALID_CLIENT, and what only the audit trail learns.

    Attributes:
        failure: Why.
        secret_id: Of the right secret, where it was one; "" otherwise.
        is_of_a_client: Whether there is a client of the id that was presented.
    """

    def __init__(self, failure: Failure, secret_id: str = "", *, is_of_a_client: bool) -> None:
        super().__init__(Reason.INVALID_CLIENT, INVALID_CLIENT_TEXT)
        self.failure = failure
        self.secret_id = secret_id
        self.is_of_a_client = is_of_a_client


class ClientAuthenticator:
    """Decides whether a request comes from the client that it names."""

    def __init__(self, *, environment: Environment, secret_format: SecretFormat, throttle: Throttle) -> None:
        self._secret_format = secret_format
        self._throttle = throttle
        self._foreign_id, self._foreign_secret = f"svc_{environment.other}_", f"gws_{environment.other}_"

    def authenticate(
        self, client: Client | None, client_id: str, client_secret: str, method: AuthMethod | None, now: datetime
    ) -> tuple[Client, Secret]:
        """*client*, and the secret of it that *client_secret* is, if the client may use it so.

        Args:
            client: The client with the id presented; None if there is none.
            client_id: As presented.
            client_secret: As presented.
            method: How it was presented; None if the caller does not say.
            now: This moment.

        Raises:
            AuthenticationFailed: Whoever answers with it asks `failed` for what to answer.
            Refusal: ALONE_ONLY (only another system's slow hash tells; see `slow_authentication`).
        """
        secret = self._secret_format.verify(client_secret, client.secrets if client else ())
        if (
            client is not None
            and secret is not None
            and client.disabled_at is None
            and (secret.expires_at is None or now < secret.expires_at)
            and client.may_use(method)
        ):
            return client, secret
        # Looked for whatever the cause is, so that the time tells nothing.
        retired = self._secret_format.verify(client_secret, client.retired_secrets if client else ())
        # One that is known by our digest, and is no good, is none that a slow hash could tell.
        if secret is None and retired is None and self._needs_slow_check(client, client_secret):
            raise Refusal(
                Reason.ALONE_ONLY, "The secret must be checked by a slow hash: send this request alone, in no batch."
            )
        cause = self._cause(client, secret, client_id, client_secret, now)
        if cause is Failure.WRONG_SECRET and retired is not None:
            raise AuthenticationFailed(Failure.RETIRED_SECRET, retired.secret_id, is_of_a_client=True)
        raise AuthenticationFailed(cause, secret.secret_id if secret else "", is_of_a_client=client is not None)

    def failed(self, client_id: str, source: str, failure: AuthenticationFailed, *, now: datetime) -> Refusal:
        """Counts a failed authentication of *client_id* from *source*, both as presented.

        Returns:
            What to answer: *failure*, or RATE_LIMITED in its place.
        """
        wait = self._throttle.spend(client_id, source, now=now)
        return failure if wait is None else _rate_limited(wait)

    def check_allowance(self, client_id: str, source: str, *, now: datetime) -> None:
        """Refuses to look further where one more failed authentication of *client_id* from *source* would be too many.

        Raises:
            Refusal: RATE_LIMITED.
        """
        wait = self._throttle.wait(client_id, source, now=now)
        if wait is not None:
            raise _rate_limited(wait)

    def _needs_slow_check(self, client: Client | None, client_secret: str) -> bool:
        """Whether *client_secret* may be one of *client* that only another system's hash tells."""
        return (
            client is not None
            and client.disabled_at is None
            and any(secret.is_foreign for secret in client.secrets)
            and not self._secret_format.is_own(client_secret)
        )

    def _cause(
        self, client: Client | None, secret: Secret | None, client_id: str, client_secret: str, now: datetime
    ) -> Failure:
        if secret is None and (
            client_secret.startswith(self._foreign_secret) or client_id.startswith(self._foreign_id)
        ):
            return Failure.WRONG_ENVIRONMENT
        if client is None:
            return Failure.UNKNOWN_CLIENT
        if secret is None:
            return Failure.WRONG_SECRET
        if client.disabled_at is not None:
            return Failure.DISABLED_CLIENT
        return Failure.WRONG_METHOD if secret.is_good(now) else Failure.EXPIRED_SECRET


def _rate_limited(wait: timedelta) -> Refusal:
    return Refusal(
        Reason.RATE_LIMITED,
        "Too many failed authentications of this client from this source: wait, and check the client secret.",
        retry_after=wait,
    )
