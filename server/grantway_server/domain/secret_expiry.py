"""How long secrets live, and from when on their end is worth a warning."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from grantway_server.domain.client_secrets import Secret


@dataclass(frozen=True, slots=True)
class SecretExpiry:
    """The policy."""

    max_age: timedelta | None
    """How old a secret that is made from now on may become; None means as old as it likes."""
    warning: timedelta
    """How long before its end whoever uses a secret is told."""

    def of_new(self, secret: Secret) -> Secret:
        """*secret*, with the end that the policy gives it."""
        return secret if self.max_age is None else replace(secret, expires_at=secret.created_at + self.max_age)

    def worth_a_warning(self, secret: Secret, now: datetime) -> datetime | None:
        """When *secret* ends, if whoever uses it at this moment should be told; else None."""
        if secret.expires_at is None or secret.expires_at - now > self.warning:
            return None
        return secret.expires_at
