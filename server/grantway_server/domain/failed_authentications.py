"""What becomes of a failed authentication: it is counted, and written down with its reason."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from typing import TypeVar

from grantway_server.domain import clients
from grantway_server.domain.audit import CLIENT_ACTOR, Announce, AuditRecord, Kind
from grantway_server.domain.client_authentication import AuthenticationFailed, ClientAuthenticator
from grantway_server.domain.credentials import Presented
from grantway_server.domain.ports import AuditTrail, Clock, StorageUnavailable
from grantway_server.domain.randomness import RandomBytes, new_request_id
from grantway_server.domain.refusals import Refusal

Outcome = TypeVar("Outcome")


class FailedAuthentications:
    """Those of all calls that clients make, by whatever they ask for."""

    def __init__(
        self,
        *,
        authenticator: ClientAuthenticator,
        audit_trail: AuditTrail,
        announce: Announce,
        clock: Clock,
        random_bytes: RandomBytes,
    ) -> None:
        self._authenticator = authenticator
        self._audit_trail = audit_trail
        self._announce = announce
        self._clock = clock
        self._random_bytes = random_bytes

    def check_allowance(self, presented: Presented) -> None:
        """Refuses to look at *presented* where one more failure would be too many, before that costs much.

        Raises:
            Refusal: RATE_LIMITED.
        """
        self._authenticator.check_allowance(presented.client_id, presented.source, now=self._clock())

    async def counted(
        self, presented: Sequence[Presented | None], outcomes: Sequence[Outcome]
    ) -> list[Outcome | Refusal]:
        """*outcomes*, each of what stands at its place in *presented*, the failed authentications among them counted.

        They are written down in one round trip. Whoever fails too often is answered RATE_LIMITED in their place.
        """
        answers: list[Outcome | Refusal] = list(outcomes)
        records, now = [], self._clock()
        for number, (one, outcome) in enumerate(zip(presented, outcomes, strict=True)):
            if isinstance(outcome, AuthenticationFailed) and one is not None:
                answers[number] = self._authenticator.failed(one.client_id, one.source, outcome, now=now)
                records.append(_record(one, outcome, now, request_id=new_request_id(self._random_bytes)))
        if records:
            # The answer is no, whether it could be written down or not.
            with suppress(StorageUnavailable):
                await self._audit_trail.add(records)
            for record in records:
                self._announce(record)
        return answers


def _record(presented: Presented, failed: AuthenticationFailed, now: datetime, *, request_id: str) -> AuditRecord:
    # What is presented as an id may be anything, the secret of another system too: only what is known is written down.
    return AuditRecord(
        at=now,
        kind=Kind.AUTHENTICATION_FAILED,
        client_id=presented.client_id if failed.is_of_a_client or clients.is_own_id(presented.client_id) else "",
        actor=CLIENT_ACTOR,
        source=presented.source,
        request_id=request_id,
        failure=failed.failure,
        secret_id=failed.secret_id,
    )
