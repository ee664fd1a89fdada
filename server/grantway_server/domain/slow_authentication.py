"""Secrets that only another system's slow hash tells: a request that comes alone waits for it (docs/adr/0019)."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from grantway_server.domain.audit import CLIENT_ACTOR, Caller, Failure
from grantway_server.domain.client_authentication import AuthenticationFailed
from grantway_server.domain.credentials import Presented
from grantway_server.domain.failed_authentications import FailedAuthentications
from grantway_server.domain.ports import ClientReader, StorageUnavailable
from grantway_server.domain.randomness import RandomBytes, new_request_id
from grantway_server.domain.refusals import Reason, Refusal
from grantway_server.domain.secret_adoption import SecretAdoption

Outcome = TypeVar("Outcome")


class SlowAuthentication:
    """Waits for slow hashes. Every use case that takes credentials refuses them as ALONE_ONLY until one was."""

    def __init__(
        self,
        *,
        client_reader: ClientReader,
        adoption: SecretAdoption,
        failures: FailedAuthentications,
        random_bytes: RandomBytes,
    ) -> None:
        self._client_reader = client_reader
        self._adoption = adoption
        self._failures = failures
        self._random_bytes = random_bytes

    async def alone(
        self, presented: Presented, use_case: Callable[[], Awaitable[Sequence[Outcome | Refusal]]]
    ) -> Outcome | Refusal:
        """What *use_case* makes of one request with *presented*, after a slow hash where there is only that.

        Raises:
            Refusal: RATE_LIMITED (too many slow hashes, or too many failures before).
        """
        (outcome,) = await use_case()
        if not _is_alone_only(outcome):
            return outcome
        # The right secret, too: what it is cannot be told for nothing.
        self._failures.check_allowance(presented)
        client = (await self._client_reader.get_many([presented.client_id])).get(presented.client_id)
        by = Caller(CLIENT_ACTOR, presented.source, new_request_id(self._random_bytes))
        try:
            right = client is not None and await self._adoption.adopt(client, presented.client_secret, by=by)
        except AuthenticationFailed as weak:
            return (await self._failures.counted([presented], [weak]))[0]
        except Refusal as refusal:
            if refusal.reason is Reason.RATE_LIMITED:
                raise
            right = True  # Somebody deleted the client, or keeps changing it: what that means is decided below.
        if not right:
            failure = AuthenticationFailed(
                Failure.WRONG_SECRET if client else Failure.UNKNOWN_CLIENT, is_of_a_client=client is not None
            )
            return (await self._failures.counted([presented], [failure]))[0]
        (outcome,) = await use_case()
        if _is_alone_only(outcome):
            raise StorageUnavailable("clients are changed faster than they can be read")
        return outcome


def _is_alone_only(outcome: object) -> bool:
    return isinstance(outcome, Refusal) and outcome.reason is Reason.ALONE_ONLY
