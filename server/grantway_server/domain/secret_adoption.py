"""Secrets of another system become ours: once one was seen, its hash is replaced by our digest.

Our digest is fast, which is right for secrets that nobody can guess and for no others: behind it a weak secret would be
found by whoever steals the store. So a weak one is never adopted, and obtains nothing, whatever its hash says.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from grantway_server.domain.audit import Caller, Failure, Kind
from grantway_server.domain.client_authentication import AuthenticationFailed
from grantway_server.domain.client_changes import ClientChanges, Intent
from grantway_server.domain.client_secrets import Secret, SecretFormat
from grantway_server.domain.clients import Client
from grantway_server.domain.foreign_secrets import ForeignSecrets, VerifierBusy
from grantway_server.domain.refusals import Reason, Refusal

_BUSY_RETRY_AFTER = timedelta(seconds=1)


class SecretAdoption:
    """Replaces another system's hash of a secret by our digest, once the secret was seen.

    Args:
        changes: Writes the clients.
        secret_format: Makes our digest.
        foreign_secrets: Checks the hash.
        min_length: How many characters a secret must have, and half as many different ones, not to be weak. Nobody
            knows how it was chosen.
    """

    def __init__(
        self, *, changes: ClientChanges, secret_format: SecretFormat, foreign_secrets: ForeignSecrets, min_length: int
    ) -> None:
        self._changes = changes
        self._secret_format = secret_format
        self._foreign_secrets = foreign_secrets
        self._min_length = min_length

    async def adopt(self, client: Client, client_secret: str, *, by: Caller) -> bool:
        """Whether *client_secret* is an imported secret of *client*; if so it is from now on one like all others.

        Raises:
            AuthenticationFailed: It is one, and too weak to be one of ours.
            Refusal: RATE_LIMITED (too many are being checked), CLIENT_NOT_FOUND, CONFLICT.
        """
        for secret in client.secrets:
            if secret.is_foreign and await self._is(
                secret, client_secret, client_id=client.client_id, source=by.source
            ):
                if self._is_weak(client_secret):
                    raise AuthenticationFailed(Failure.WEAK_SECRET, secret.secret_id, is_of_a_client=True)
                adopted = self._secret_format.adopted(secret, client_secret)
                await self._changes.apply(
                    client.client_id,
                    _replacing(secret, adopted),
                    Intent(kind=Kind.SECRET_ADOPTED, by=by, secret_id=secret.secret_id),
                )
                return True
        return False

    async def _is(self, secret: Secret, text: str, *, client_id: str, source: str) -> bool:
        try:
            return await self._foreign_secrets.verify(secret.foreign_hash, text, client_id=client_id, source=source)
        except VerifierBusy:
            raise Refusal(
                Reason.RATE_LIMITED,
                "Too many secrets are being checked by slow hashes: try again.",
                retry_after=_BUSY_RETRY_AFTER,
            ) from None

    def _is_weak(self, text: str) -> bool:
        return len(text) < self._min_length or 2 * len(set(text)) < self._min_length


def _replacing(secret: Secret, adopted: Secret) -> Callable[[Client], Client]:
    """The change that puts *adopted* in the place of *secret*, where that one still is."""

    def change(client: Client) -> Client:
        # Its deadline may be another by now.
        return replace(
            client,
            secrets=tuple(
                replace(adopted, expires_at=one.expires_at) if one.foreign_hash == secret.foreign_hash else one
                for one in client.secrets
            ),
        )

    return change
