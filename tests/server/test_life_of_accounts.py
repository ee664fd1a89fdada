"""Service accounts against a model of a few lines, over gRPC and HTTP: any order of any calls, with time going by."""

import asyncio
import uuid
from collections.abc import Iterator, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import grpc
import httpx
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    invariant,
    multiple,
    precondition,
    rule,
    run_state_machine_as_test,
)

from grantway.errors import Refused
from grantway.v1 import audit_service_pb2 as audit
from grantway.v1 import client_pb2
from grantway.v1 import client_service_pb2 as clients
from grantway.v1 import leak_service_pb2 as leaks
from grantway.v1 import token_service_pb2 as tokens
from grantway.wire_errors import error_of_call
from grantway_server.config import Settings
from grantway_server.storage.redis_connection import RedisConnections
from tests.fakes.clock import FakeClock
from tests.gateway.harness import application
from tests.server.patience import PATIENT_SECONDS
from tests.server.rpc.conftest import Core, running, running_on
from tests.server.told_cache import ToldCache

_MAX_SECRETS = 3
_MAX_ACCOUNTS = 2
"""A few, so that much happens to each."""
_LIFETIME = timedelta(minutes=10)
_KEPT = timedelta(minutes=5)
"""After its end a token is known for so long."""
_SECOND = timedelta(seconds=1)
_AUDIENCES = ["", "api", "portal"]
_STEPS = settings(
    max_examples=40,
    stateful_step_count=50,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
"""Some ten seconds for each store and way."""
_PATIENCE = timedelta(seconds=5)
"""Of the gateway with the core: as of the core with the store."""

Outcome = str
"""The reason of a refusal; "" for none."""


@dataclass
class _Secret:
    """What the model knows of a secret: until when it is good."""

    text: str
    secret_id: str
    ends_at: datetime | None = None
    retired: bool = False

    def is_good(self, now: datetime) -> bool:
        """Whether it obtains tokens, if its client may."""
        return not self.retired and (self.ends_at is None or now < self.ends_at)

    def end_at(self, moment: datetime) -> None:
        """Brings its end forward."""
        self.ends_at = moment if self.ends_at is None else min(self.ends_at, moment)


@dataclass
class _Token:
    """What the model knows of a token."""

    text: str
    account: "_Account"
    secret: _Secret
    issued_at: datetime
    audience: str
    """Whom it is meant for; "" means nobody in particular."""
    dead: bool = False
    """With others."""
    revoked: bool = False
    """Alone."""

    def state(self, now: datetime, asked_for: str) -> str:
        """What it is for one that is *asked_for*: active, or why not; "" where a store may have forgotten it."""
        expires_at = self.issued_at + _LIFETIME
        is_meant_for_it = not asked_for or not self.audience or asked_for == self.audience
        causes = {
            "": now >= expires_at + _KEPT,
            "REVOKED": self.revoked,
            "CLIENT_DELETED": self.account.deleted,
            "CLIENT_DISABLED": not self.account.enabled,
            "REVOKED with others": self.dead,
            "EXPIRED": now >= expires_at,
            "WRONG_AUDIENCE": not is_meant_for_it,
        }
        first = next((cause for cause, holds in causes.items() if holds), "active")
        return first.removesuffix(" with others")


@dataclass
class _Account:
    """What the model knows of a client."""

    client_id: str
    secrets: list[_Secret]
    name: str
    created_at: datetime
    own: Sequence[str]
    """The audiences that it is."""
    enabled: bool = True
    deleted: bool = False
    tokens: list[_Token] = field(default_factory=list)
    changes: int = 1
    """How many records the audit trail has of it."""

    def end_tokens(self, secret: _Secret | None = None) -> None:
        """All of them, or those of one secret."""
        for token in self.tokens:
            token.dead |= secret is None or token.secret is secret


_NUMBERS = st.integers(0, 5)
"""Of a secret, the first one made being 0; counted round."""
_RARELY = st.sampled_from([False, False, False, True])
_OFTEN = st.sampled_from([True, True, True, False])

_ACCOUNTS: "Bundle[_Account]" = Bundle("accounts")
_TOKENS: "Bundle[_Token]" = Bundle("tokens")


class LifeOfAccounts(RuleBasedStateMachine):
    """What callers can do, each compared with the model; and after each, everything that there ever was.

    Args:
        valkey_url: Where the core keeps its state; None for in memory.
        over_http: Whether clients ask for tokens, ask about them, revoke them, and report secrets, through a gateway.
    """

    def __init__(self, valkey_url: str | None, *, over_http: bool) -> None:
        super().__init__()
        self._loop = asyncio.Runner()
        self._clock = FakeClock(datetime(2026, 11, 24, 12, tzinfo=UTC))
        self._organization = uuid.uuid4().hex
        self.everybody: list[_Account] = []
        self._cache = ToldCache()
        self._position = b""
        self._connections: RedisConnections | None = None
        self._running: AbstractAsyncContextManager[Core] = self._loop.run(self._core(valkey_url))
        self._core_stubs: Core = self._loop.run(self._running.__aenter__())
        self._gateway = application(self._core_stubs.address, patience=_PATIENCE) if over_http else None
        self._http = self._loop.run(self._gateway.__aenter__()) if self._gateway else None

    async def _core(self, valkey_url: str | None) -> AbstractAsyncContextManager[Core]:
        # Wrong secrets are what this is about: they are never too many.
        core_settings = Settings(auth_failure_burst=1_000_000, max_secrets_per_client=_MAX_SECRETS)
        if valkey_url is None:
            return running(core_settings, clock=self._clock.now)
        self._connections = RedisConnections(valkey_url, command_seconds=PATIENT_SECONDS)
        return running_on(self._connections, core_settings, clock=self._clock.now)

    def teardown(self) -> None:
        """Looks at the audit trail and at what those know who were told, and stops the core."""
        self.who_is_told_of_revocations_knows_the_rest()
        for account in self.everybody:
            records = self._loop.run(self._records(account))
            assert (account.changes, account.changes) == (len(records), len(set(records)))
        if self._gateway:
            self._loop.run(self._gateway.__aexit__(None, None, None))
        self._loop.run(self._running.__aexit__(None, None, None))
        if self._connections:
            self._loop.run(self._connections.close())
        self._loop.close()

    async def _records(self, account: _Account) -> list[str]:
        """The ids of the audit records of changes of the client."""
        request = audit.ReadAuditRequest(client_id=account.client_id)
        return [
            record.record_id
            async for answer in self._core_stubs.audit.ReadAudit(request)
            for record in answer.records
            if not record.failure
        ]

    @property
    def _now(self) -> datetime:
        return self._clock.now()

    def _call(self, stub: str, method: str, request: object) -> tuple[Any, Outcome]:
        """The answer of a call, and why it was refused if it was."""

        async def call() -> tuple[Any, Outcome]:
            try:
                return await getattr(getattr(self._core_stubs, stub), method)(request, timeout=5), ""
            except grpc.aio.AioRpcError as error:
                refused = error_of_call(error)
                assert isinstance(refused, Refused), refused
                return None, refused.reason_name

        return self._loop.run(call())

    def _administer(self, account: _Account, method: str, *, refused: Outcome = "", **fields: Any) -> Any:
        """The answer to an administrative call on a client, which is refused exactly as the model says."""
        request = getattr(clients, f"{method}Request")(client_id=account.client_id, **fields)
        answer, outcome = self._call("clients", method, request)
        assert ("CLIENT_NOT_FOUND" if account.deleted else refused) == outcome
        return answer

    @precondition(lambda machine: sum(not account.deleted for account in machine.everybody) < _MAX_ACCOUNTS)
    @rule(target=_ACCOUNTS, repeated=st.booleans(), own=st.sampled_from([(), ("api",), ("portal", "other")]))
    def create(self, *, repeated: bool, own: Sequence[str]) -> _Account:
        """A new client with a secret; with a key the call may be repeated, and answers the same."""
        request = clients.CreateClientRequest(
            name="Concierge",
            organization=self._organization,
            token_lifetime=_LIFETIME,
            audiences=_AUDIENCES[1:],
            own_audiences=own,
            permissions=[client_pb2.PERMISSION_ISSUE_TOKENS, client_pb2.PERMISSION_INTROSPECT_TOKENS],
            idempotency_key=uuid.uuid4().hex if repeated else "",
        )
        answers = [self._call("clients", "CreateClient", request) for _ in range(2 if repeated else 1)]
        ((created, outcome), *others) = answers
        assert ("", [(created, "")] * len(others)) == (outcome, others)
        secret = _Secret(created.client_secret, created.secret_id)
        # Without any it is those that it may ask for.
        account = _Account(created.client.client_id, [secret], "Concierge", self._now, own or _AUDIENCES[1:])
        self.everybody.append(account)
        return account

    @rule(
        account=_ACCOUNTS,
        overlap=st.sampled_from([timedelta(0), _SECOND, 30 * _SECOND, timedelta(days=7)]),
        repeated=st.booleans(),
    )
    def rotate(self, account: _Account, overlap: timedelta, *, repeated: bool) -> None:
        """Another secret, and an end for the others; refused when there would be too many."""
        good = [secret for secret in account.secrets if secret.is_good(self._now)]
        full = bool(overlap) and len(good) >= _MAX_SECRETS
        key = uuid.uuid4().hex if repeated else ""
        answers = [
            self._administer(
                account,
                "RotateSecret",
                refused="INVALID_REQUEST" if full else "",
                overlap=overlap,
                idempotency_key=key,
            )
            for _ in range(2 if repeated else 1)
        ]
        if account.deleted or full:
            return
        for secret in good:
            secret.end_at(self._now + overlap)
        for secret in account.secrets:
            secret.retired |= not secret.is_good(self._now)
        first = answers[0]
        assert {(first.client_secret, first.secret.secret_id)} == {
            (answer.client_secret, answer.secret.secret_id) for answer in answers
        }
        assert {secret.secret_id for secret in good} == {secret.secret_id for secret in first.old_secrets}
        account.secrets.append(_Secret(first.client_secret, first.secret.secret_id))
        account.changes += 1

    @rule(account=_ACCOUNTS, number=_NUMBERS, revoke_tokens=st.booleans(), dry_run=_RARELY)
    def retire(self, account: _Account, number: int, *, revoke_tokens: bool, dry_run: bool) -> None:
        """The end of one secret, with its tokens or without; refused when it has ended."""
        secret = account.secrets[number % len(account.secrets)]
        answer = self._administer(
            account,
            "RetireSecret",
            refused="SECRET_NOT_FOUND" if secret.retired else "",
            secret_id=secret.secret_id,
            revoke_tokens=revoke_tokens,
            dry_run=dry_run,
        )
        if answer is None:
            return
        assert [secret.secret_id] == [one.secret_id for one in answer.impact.secrets]
        obtained = [token for token in account.tokens if token.secret is secret]
        assert len(obtained) == answer.secret.use_count
        self._is_hit(obtained if revoke_tokens else [], answer.impact)
        if not dry_run:
            secret.retired = True
            account.changes += 1
            if revoke_tokens:
                account.end_tokens(secret)

    @rule(account=_ACCOUNTS, dry_run=_RARELY)
    def disable(self, account: _Account, *, dry_run: bool) -> None:
        """The client's tokens end."""
        answer = self._administer(account, "DisableClient", dry_run=dry_run)
        if answer is None:
            return
        assert account.enabled is answer.impact.disables
        self._is_hit(account.tokens, answer.impact)
        if not dry_run:
            account.changes += account.enabled
            account.enabled = False
            account.end_tokens()

    def _is_hit(self, obtained: Sequence[_Token], impact: clients.Impact) -> None:
        """Every token that is active is among those that are said to be hit; whatever is known to be dead is not."""
        active = sum(token.state(self._now, "") == "active" for token in obtained)
        assert active <= impact.tokens_issued <= len(obtained)
        assert bool(impact.tokens_issued) is impact.HasField("last_token_time")

    @rule(account=_ACCOUNTS)
    def enable(self, account: _Account) -> None:
        """No token comes back."""
        if self._administer(account, "EnableClient") is not None:
            account.changes += not account.enabled
            account.enabled = True

    @rule(account=_ACCOUNTS, name=st.sampled_from(["Concierge", "Portal"]))
    def rename(self, account: _Account, name: str) -> None:
        """Nothing else changes by it. Those who know of the token that is obtained first must be told of the name."""
        self.use(account, 1, "")
        self.who_is_told_of_revocations_knows_the_rest()
        request = clients.UpdateClientRequest(
            client={"client_id": account.client_id, "name": name}, update_mask={"paths": ["name"]}
        )
        _, outcome = self._call("clients", "UpdateClient", request)
        assert ("CLIENT_NOT_FOUND" if account.deleted else "") == outcome
        if not account.deleted:
            account.changes += account.name != name
            account.name = name

    @rule(account=_ACCOUNTS, dry_run=_OFTEN)
    def panic(self, account: _Account, *, dry_run: bool) -> None:
        """Everything of the client ends."""
        answer = self._administer(account, "PanicClient", dry_run=dry_run)
        if answer is None:
            return
        left = {secret.secret_id for secret in account.secrets if not secret.retired}
        assert (account.enabled, left) == (
            answer.impact.disables,
            {secret.secret_id for secret in answer.impact.secrets},
        )
        if not dry_run:
            account.changes += account.enabled or bool(left)
            account.enabled = False
            account.end_tokens()
            for secret in account.secrets:
                secret.retired = True

    @rule(account=_ACCOUNTS, dry_run=_OFTEN)
    def delete(self, account: _Account, *, dry_run: bool) -> None:
        """The client and all that it had are gone."""
        if self._administer(account, "DeleteClient", dry_run=dry_run) is not None and not dry_run:
            account.deleted = True
            account.changes += 1
            account.end_tokens()

    @rule(
        account=_ACCOUNTS,
        number=st.none() | _NUMBERS,
        window=st.none() | st.tuples(st.sampled_from([-30, -1, 0, 1]), st.sampled_from([1, 30, 31])),
        dry_run=_RARELY,
    )
    def revoke_some(
        self, account: _Account, number: int | None, window: tuple[int, int] | None, *, dry_run: bool
    ) -> None:
        """Tokens of one secret or of any, of some time or of any: those that there are, and none that comes."""
        secret = None if number is None else account.secrets[number % len(account.secrets)]
        since = before = None
        fields: dict[str, Any] = {} if secret is None else {"secret_id": secret.secret_id}
        if window:
            last = account.tokens[-1].issued_at if account.tokens else self._now
            since = last + window[0] * _SECOND
            before = since + window[1] * _SECOND
            fields |= {"issued_from": since, "issued_before": before}
        if self._administer(account, "RevokeClientTokens", dry_run=dry_run, **fields) is None or dry_run:
            return
        oldest = max(account.created_at, self._now - _LIFETIME) - _KEPT
        account.changes += before is None or before > oldest
        for token in account.tokens:
            in_time = not (since and before) or since.replace(microsecond=0) <= token.issued_at < before
            token.dead |= in_time and (secret is None or token.secret is secret)

    @rule(target=_TOKENS, account=_ACCOUNTS, count=st.integers(1, 3), audience=st.sampled_from(_AUDIENCES))
    def use(self, account: _Account, count: int, audience: str) -> Any:
        """What clients do most of the time: tokens by the secret that was made last."""
        return self.issue(account, len(account.secrets) - 1, count, audience)

    @rule(
        target=_TOKENS,
        account=_ACCOUNTS,
        number=_NUMBERS,
        count=st.integers(1, 3),
        audience=st.sampled_from(_AUDIENCES),
    )
    def issue(self, account: _Account, number: int, count: int, audience: str) -> Any:
        """A token for every request, if secret and client are good; one answer for all that is not."""
        secret = account.secrets[number % len(account.secrets)]
        obtain = self._obtained_over_http if self._http else self._obtained
        texts = obtain(account.client_id, secret.text, count, audience)
        granted = self._authenticates(account, secret)
        assert [granted] * count == [bool(text) for text in texts]
        if not granted:
            return multiple()
        issued_at = self._now.replace(microsecond=0)
        new = [_Token(text, account, secret, issued_at, audience) for text in texts]
        account.tokens += new
        return multiple(*new)

    def _obtained(self, client_id: str, client_secret: str, count: int, audience: str) -> list[str]:
        """The tokens that a batch obtains; "" for the one answer to all that is not good."""
        request = tokens.IssueTokenRequest(
            grant_type="client_credentials",
            client_id=client_id,
            client_secret=client_secret,
            audiences=[audience] if audience else [],
        )
        answer, outcome = self._call(
            "tokens", "BatchIssueTokens", tokens.BatchIssueTokensRequest(requests=[request] * count)
        )
        assert outcome == ""
        assert {"INVALID_CLIENT"} >= {
            Refused(result.refusal.reason, "").reason_name for result in answer.results if result.HasField("refusal")
        }
        return [result.token.access_token for result in answer.results]

    def _obtained_over_http(self, client_id: str, client_secret: str, count: int, audience: str) -> list[str]:
        """The same by so many requests at once."""
        http = self._http
        assert http

        async def ask() -> list[httpx.Response]:
            return await asyncio.gather(
                *(
                    http.post(
                        "/oauth/token",
                        data={"grant_type": "client_credentials"} | ({"audience": audience} if audience else {}),
                        auth=(client_id, client_secret),
                    )
                    for _ in range(count)
                )
            )

        answers = self._loop.run(ask())
        assert {(200, None), (401, "invalid_client")} >= {
            (answer.status_code, answer.json().get("error")) for answer in answers
        }
        return [answer.json().get("access_token", "") for answer in answers]

    @rule(token=consumes(_TOKENS))
    def revoke(self, token: _Token) -> None:
        """It ends."""
        assert ("",) == self._call("tokens", "RevokeToken", tokens.RevokeTokenRequest(token=token.text))[1:]
        token.revoked = True

    @rule(token=_TOKENS, account=_ACCOUNTS, number=_NUMBERS)
    def revoke_as_a_client(self, token: _Token, account: _Account, number: int) -> None:
        """It ends if it is the client's own; whether it was is not told to whoever authenticates, or does not."""
        secret = account.secrets[number % len(account.secrets)]
        if self._http:
            answer, outcome = self._posted("/oauth/revoke", token, account, secret)
            assert outcome or answer == {}
        else:
            credentials = tokens.ClientCredentials(client_id=account.client_id, client_secret=secret.text)
            _, outcome = self._call(
                "tokens", "RevokeToken", tokens.RevokeTokenRequest(token=token.text, credentials=credentials)
            )
        good = self._authenticates(account, secret)
        assert ("" if good else "INVALID_CLIENT") == outcome
        token.revoked |= good and token.account is account

    @rule(token=_TOKENS, account=_ACCOUNTS, number=_NUMBERS)
    def introspect_as_a_client(self, token: _Token, account: _Account, number: int) -> None:
        """Who authenticates learns what it is, and is told nothing of why it is not; others learn nothing."""
        secret = account.secrets[number % len(account.secrets)]
        if self._http:
            answer, outcome = self._posted("/oauth/introspect", token, account, secret)
            told = answer.get("active"), answer.get("client_id", "")
        else:
            credentials = tokens.ClientCredentials(client_id=account.client_id, client_secret=secret.text)
            request = tokens.IntrospectTokenRequest(token=token.text, credentials=credentials)
            introspection, outcome = self._call("tokens", "IntrospectToken", request)
            told = (introspection.active, introspection.client_id) if introspection else (None, "")
            assert not (introspection and introspection.inactive_reason)
        active = token.state(self._now, "") == "active" and (not token.audience or token.audience in account.own)
        expected = (active, token.account.client_id if active else "")
        good = self._authenticates(account, secret)
        assert (expected if good else (None, ""), "" if good else "INVALID_CLIENT") == (told, outcome)

    def _authenticates(self, account: _Account, secret: _Secret) -> bool:
        return not account.deleted and account.enabled and secret.is_good(self._now)

    def _posted(self, path: str, token: _Token, account: _Account, secret: _Secret) -> tuple[Any, Outcome]:
        """The answer of the gateway to a client about a token, and the reason of its refusal as the core calls it."""
        assert self._http
        call = self._http.post(path, data={"token": token.text}, auth=(account.client_id, secret.text))
        answer = self._loop.run(call)
        if answer.status_code == httpx.codes.OK:
            return answer.json(), ""
        assert (401, "invalid_client") == (answer.status_code, answer.json()["error"])
        return {}, "INVALID_CLIENT"

    @rule(account=_ACCOUNTS, number=_NUMBERS)
    def report_a_secret(self, account: _Account, number: int) -> None:
        """It ends with its tokens, whatever the client is; nothing is said of what there was to end."""
        secret = account.secrets[number % len(account.secrets)]
        if secret.retired:
            return  # What becomes of its tokens has tests of its own: domain/test_leaks.py.
        if self._http:
            answer = self._loop.run(self._http.post("/oauth/leaked", data={"client_secret": secret.text}))
            assert (200, {}) == (answer.status_code, answer.json())
        else:
            request = leaks.ReportLeakedRequest(text=secret.text, source=uuid.uuid4().hex)
            assert (leaks.ReportLeakedResponse(), "") == self._call("leaks", "ReportLeaked", request)
        if not account.deleted:  # One that has expired ends too, for its tokens may live.
            secret.retired = True
            account.end_tokens(secret)
            account.changes += 1

    @rule(seconds=st.sampled_from([0.25, 1, 29.75, 30, 600]))
    def time_goes_by(self, seconds: float) -> None:
        """In parts of seconds, too."""
        self._clock.advance(timedelta(seconds=seconds))

    @rule()
    def who_is_told_of_revocations_knows_the_rest(self) -> None:
        """An answer that nobody said to be over is what would be answered now: of names, and of life and death."""
        message = self._loop.run(self._told())
        self._position = message.position
        self._cache.forget(message.revocations)
        everything = [token for account in self.everybody for token in account.tokens]
        answers: dict[str, tokens.IntrospectTokenResponse] = {}
        for part in _parts(everything, 128):
            request = tokens.BatchIntrospectTokensRequest(requests=[{"token": token.text} for token in part])
            answer, _ = self._call("tokens", "BatchIntrospectTokens", request)
            answers |= {token.text: one.introspection for token, one in zip(part, answer.results, strict=True)}
        assert (False, []) == (message.gap, self._cache.wrong(answers, self._now))
        self._cache.keep(answers, {token.text: token.secret.secret_id for token in everything})

    async def _told(self) -> tokens.WatchRevocationsResponse:
        """All that happened since it was called last."""
        call: Any = self._core_stubs.tokens.WatchRevocations(tokens.WatchRevocationsRequest(position=self._position))
        message = await call.read()
        call.cancel()
        assert isinstance(message, tokens.WatchRevocationsResponse)
        return message

    @invariant()
    def every_token_is_what_the_model_says(self) -> None:
        """Promises 1 and 2: active until it expires or is ended, and never after; then for the right reason."""
        everything = [token for account in self.everybody for token in account.tokens]
        for part in _parts(everything, 128):
            # Each is asked about for another one in turn.
            asked_for = [_AUDIENCES[(number + len(everything)) % len(_AUDIENCES)] for number in range(len(part))]
            request = tokens.BatchIntrospectTokensRequest(
                requests=[
                    {"token": token.text, "audiences": [audience] if audience else []}
                    for token, audience in zip(part, asked_for, strict=True)
                ]
            )
            answer, outcome = self._call("tokens", "BatchIntrospectTokens", request)
            assert outcome == ""
            for token, audience, result in zip(part, asked_for, answer.results, strict=True):
                told = tokens.InactiveReason.Name(result.introspection.inactive_reason)
                state = "active" if result.introspection.active else told.removeprefix("INACTIVE_REASON_")
                expected = token.state(self._now, audience)
                assert (expected == state) if expected else (state != "active")

    @invariant()
    def every_client_is_what_the_model_says(self) -> None:
        """Listed under its organisation, once: its name, whether it is disabled, and its secrets with their ends."""
        request = clients.ListClientsRequest(organization=self._organization)
        answer, _ = self._call("clients", "ListClients", request)
        assert {
            account.client_id: (account.name, account.enabled) for account in self.everybody if not account.deleted
        } == {client.client_id: (client.name, not client.HasField("disable_time")) for client in answer.clients}
        for account in self.everybody[-2:]:
            listed = self._administer(account, "ListSecrets")
            assert account.deleted or {
                secret.secret_id: secret.ends_at for secret in account.secrets if not secret.retired
            } == {
                secret.secret_id: secret.expire_time.ToDatetime(UTC) if secret.HasField("expire_time") else None
                for secret in listed.secrets
            }


def _parts(everything: Sequence[_Token], size: int) -> Iterator[Sequence[_Token]]:
    for start in range(0, len(everything), size):
        yield everything[start : start + size]


_WAYS = [pytest.param(False, id="over gRPC"), pytest.param(True, id="over HTTP")]


def _lives(valkey_url: str | None, *, over_http: bool) -> None:
    # Any callable will do; their annotation wants a class.
    machine: Any = partial(LifeOfAccounts, valkey_url, over_http=over_http)
    run_state_machine_as_test(machine, settings=_STEPS)


@pytest.mark.parametrize("over_http", _WAYS)
def test_life_in_memory(over_http: bool) -> None:  # noqa: FBT001 - a column of the table.
    """On the twin that development uses."""
    _lives(None, over_http=over_http)


@pytest.mark.usefixtures("valkey")
@pytest.mark.parametrize("over_http", _WAYS)
def test_life_on_valkey(valkey_url: str, over_http: bool) -> None:  # noqa: FBT001 - as above.
    """On a real store, which is given the time that it takes: a machine at work on other things is no failure here."""
    _lives(valkey_url, over_http=over_http)
