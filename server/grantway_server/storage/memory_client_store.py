"""The in-memory twin of the store of clients, and of all that is written with them."""

import sys
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from secrets import token_bytes

from grantway_server.domain.audit import AuditRecord
from grantway_server.domain.client_secrets import Secret
from grantway_server.domain.clients import Client, Version
from grantway_server.domain.idempotency import OUTCOME_KEPT, Outcome
from grantway_server.domain.ports import ClientFilter, Clock, Page, SecretIdTaken, UsedEpoch
from grantway_server.domain.revocation_events import events_of_change
from grantway_server.domain.secret_use import NEVER_USED, ClientUse, NewUse, SecretUse
from grantway_server.storage.client_indexes import expiry_member, expiry_place, known_secrets, name_member
from grantway_server.storage.client_memory import ClientMemory
from grantway_server.storage.keys import VERSION_BYTES
from grantway_server.storage.memory_revocation_log import MemoryRevocationLog


def _utc_now() -> datetime:
    return datetime.now(UTC)


class MemoryClientStore:
    """`ClientStore` in dictionaries; see there for the promises.

    Args:
        clock: The time.
    """

    def __init__(self, clock: Clock = _utc_now) -> None:
        self._clock = clock
        self._clients: dict[str, Client] = {}
        self._uses: dict[str, ClientUse] = {}
        # By secret id.
        self._owners: dict[str, str] = {}
        # Of deleted clients: until when it matters, and the last.
        self._epochs: dict[str, tuple[datetime, int]] = {}
        # In the order in which they are forgotten.
        self._outcomes: dict[bytes, tuple[datetime, Outcome]] = {}
        self._memory = ClientMemory()
        self.records: list[AuditRecord] = []
        """The audit trail of changes."""
        self.failures: list[AuditRecord] = []
        """The audit trail of what anybody can cause."""
        self.revocations = MemoryRevocationLog()
        """What happened to clients and tokens."""

    async def get_many(self, client_ids: Collection[str]) -> Mapping[str, Client]:
        """See `ClientReader.get_many`."""
        known = {client_id: self._clients[client_id] for client_id in client_ids if client_id in self._clients}
        self._memory.keep(known, asked_for=client_ids)
        return known

    def remembered(self, client_ids: Collection[str]) -> Mapping[str, Client]:
        """See `ClientReader.remembered`."""
        return self._memory.those_of(client_ids)

    def those_at(self, versions: Mapping[str, Version]) -> Mapping[str, Client | None]:
        """See `ClientMemory.those_at`."""
        return self._memory.those_at(versions)

    async def put(
        self,
        client: Client,
        *,
        before: Client | None,
        record: AuditRecord,
        outcome: tuple[bytes, Outcome] | None = None,
    ) -> Client | None:
        """See `ClientStore.put`."""
        self._forget_outcomes()
        if self.version(client.client_id) != client.version or (outcome and outcome[0] in self._outcomes):
            return None
        known, new = known_secrets(before) if before else set(), known_secrets(client)
        if any(self._owners.get(secret_id, client.client_id) != client.client_id for secret_id in new - known):
            raise SecretIdTaken
        forgotten_at, last_epoch = self._epochs.get(client.client_id, (self._clock(), 0))
        if before is None and client.epoch <= last_epoch and self._clock() < forgotten_at:
            raise UsedEpoch(last_epoch)
        if outcome:
            self._outcomes[outcome[0]] = self._clock() + OUTCOME_KEPT, outcome[1]
        stored = replace(client, version=token_bytes(VERSION_BYTES))
        self._clients[client.client_id] = stored
        self._release(client.client_id, known - new)
        for secret_id in new:
            self._owners.setdefault(secret_id, client.client_id)
        self.records.append(record)
        self.revocations.add(events_of_change(before, stored))
        if before is not None and client.client_id in self._uses:
            use, kept = self._uses[client.client_id], known_secrets(client)
            secrets = {secret_id: one for secret_id, one in use.secrets.items() if secret_id in kept}
            retired = sum(one.count for secret_id, one in use.secrets.items() if secret_id not in kept)
            self._uses[client.client_id] = replace(use, secrets=secrets, retired_count=use.retired_count + retired)
        return stored

    async def delete(self, client: Client, *, record: AuditRecord) -> bool:
        """See `ClientStore.delete`."""
        if self.version(client.client_id) != client.version:
            return False
        self._clients.pop(client.client_id, None)
        self._release(client.client_id, known_secrets(client))
        self._epochs[client.client_id] = self._clock() + client.tokens_are_known_for, client.epoch
        self._uses.pop(client.client_id, None)
        self.records.append(record)
        self.revocations.add(events_of_change(client, None))
        return True

    async def outcome(self, name: bytes) -> Outcome | None:
        """See `ClientStore.outcome`."""
        self._forget_outcomes()
        _, outcome = self._outcomes.get(name, (None, None))
        return outcome

    async def page(self, wanted: ClientFilter, *, after: bytes, limit: int) -> Page[Client]:
        """See `ClientStore.page`."""
        by_name = bool(wanted.name_prefix) and not wanted.organization
        listed = sorted(
            (
                (name_member(client) if by_name else client.client_id.encode(), client)
                for client in self._clients.values()
                if wanted.holds(client)
            ),
            key=lambda entry: entry[0],
        )
        behind = [entry for entry in listed if entry[0] > after]
        page = behind[:limit]
        return Page([client for _, client in page], page[-1][0] if len(behind) > limit else b"")

    async def expiring(self, *, before: datetime, after: bytes, limit: int) -> Page[tuple[Client, Secret]]:
        """See `ClientStore.expiring`."""
        listed = sorted(
            (
                (member, client, secret)
                for client in self._clients.values()
                for secret in client.secrets
                if (member := expiry_member(client.client_id, secret)) is not None and member < expiry_place(before)
            ),
            key=lambda entry: entry[0],
        )
        behind = [entry for entry in listed if entry[0] > after]
        page = behind[:limit]
        return Page([(client, secret) for _, client, secret in page], page[-1][0] if len(behind) > limit else b"")

    async def count_expiring(self, *, before: datetime) -> int:
        """See `ClientStore.count_expiring`."""
        return len((await self.expiring(before=before, after=b"", limit=sys.maxsize)).items)

    async def uses(self, client_ids: Collection[str]) -> Mapping[str, ClientUse]:
        """See `ClientStore.uses`."""
        return {client_id: self._uses[client_id] for client_id in client_ids if client_id in self._uses}

    async def client_of_secret(self, secret_id: str) -> str | None:
        """See `ClientStore.client_of_secret`."""
        return self._owners.get(secret_id)

    def _release(self, client_id: str, secret_ids: Collection[str]) -> None:
        for secret_id in secret_ids:
            if self._owners.get(secret_id) == client_id:
                del self._owners[secret_id]

    def _forget_outcomes(self) -> None:
        now = self._clock()
        for name in [name for name, (end, _) in self._outcomes.items() if end <= now]:
            del self._outcomes[name]

    def version(self, client_id: str) -> Version:
        """At which version the client is; empty when it does not exist."""
        stored = self._clients.get(client_id)
        return stored.version if stored else b""

    def has_secret(self, client_id: str, secret_id: str) -> bool:
        """Whether a secret is the client's, or was and is remembered."""
        return self._owners.get(secret_id) == client_id

    def write_down(self, new: NewUse) -> None:
        """Adds a use, which may be late, to those of its client."""
        use = self._uses.get(new.client_id, NEVER_USED)
        known = use.secrets.get(new.secret_id)
        one = SecretUse(count=new.count, first_at=new.first_at or new.at, last_at=new.at, source=new.source)
        if known:
            one = replace(one, count=known.count + new.count, first_at=min(known.first_at, one.first_at))
            if known.last_at > new.at:
                one = replace(one, last_at=known.last_at, source=known.source)
        last_token_at = max(new.at, use.last_token_at or new.at) if new.count else use.last_token_at
        self._uses[new.client_id] = replace(
            use, last_token_at=last_token_at, secrets={**use.secrets, new.secret_id: one}
        )
