"""Both services together against a model of a few lines: any order of any calls, with time going by."""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from grantway_server.domain.client_fields import ClientFields
from grantway_server.domain.issuance import IssuedToken
from grantway_server.domain.refusals import Reason, Refusal
from tests.server.domain.grant import BURST, Credentials, are_active, new_grant, register

_SCOPES = ("a", "b", "c")
_SCOPE_SETS = st.lists(st.sampled_from(_SCOPES), unique=True).map(lambda scopes: tuple(sorted(scopes)))
_LIFETIMES = st.sampled_from([timedelta(seconds=1), timedelta(seconds=5), timedelta(minutes=1), timedelta(days=1)])


@dataclass
class _Account:
    """What the model knows of a client."""

    credentials: Credentials
    allowed: tuple[str, ...]
    lifetime: timedelta
    enabled: bool = True
    deleted: bool = False
    tokens: "list[_Issued]" = field(default_factory=list)


@dataclass
class _Issued:
    """What the model knows of a token: until when it is active. An end brings that forward."""

    text: str
    scopes: tuple[str, ...]
    ends_at: datetime


class GrantMachine(RuleBasedStateMachine):
    """What callers can do, each compared with the model; and after each, all that was ever issued."""

    accounts: "Bundle[_Account]" = Bundle("accounts")
    issued: "Bundle[_Issued]" = Bundle("issued")

    def __init__(self) -> None:
        super().__init__()
        self._loop = asyncio.Runner()
        self._grant = new_grant()
        self._everybody: list[_Account] = []

    def teardown(self) -> None:
        """Closes the loop."""
        self._loop.close()

    def _now(self) -> datetime:
        return self._grant.clock.now()

    def _end_tokens(self, account: _Account) -> None:
        for token in account.tokens:
            token.ends_at = min(token.ends_at, self._now())

    def _reason(self, account: _Account) -> Reason | None:
        """Why an administrator's change of *account* is refused, if it is."""
        return Reason.CLIENT_NOT_FOUND if account.deleted else None

    def _change(self, account: _Account, change: Coroutine[Any, Any, object]) -> None:
        """Makes a change that is refused exactly if the client is deleted."""
        try:
            self._loop.run(change)
            reason = None
        except Refusal as refusal:
            reason = refusal.reason
        assert self._reason(account) == reason

    @rule(target=accounts, allowed=_SCOPE_SETS, lifetime=_LIFETIMES)
    def create(self, allowed: tuple[str, ...], lifetime: timedelta) -> _Account:
        """A new client."""
        fields = ClientFields(name="x", allowed_scopes=allowed, token_lifetime=lifetime)
        account = _Account(self._loop.run(register(self._grant, fields)), allowed, lifetime)
        self._everybody.append(account)
        return account

    @rule(account=accounts, allowed=_SCOPE_SETS, lifetime=_LIFETIMES)
    def update(self, account: _Account, allowed: tuple[str, ...], lifetime: timedelta) -> None:
        """Other scopes and another lifetime, for the tokens to come."""
        fields = ClientFields(allowed_scopes=allowed, token_lifetime=lifetime)
        mask = frozenset({"allowed_scopes", "token_lifetime"})
        self._change(account, self._grant.clients.update(account.credentials.client.client_id, fields, mask=mask))
        account.allowed, account.lifetime = allowed, lifetime

    @rule(account=accounts)
    def disable(self, account: _Account) -> None:
        """The client's tokens end now."""
        self._change(account, self._grant.clients.disable(account.credentials.client.client_id))
        account.enabled = False
        self._end_tokens(account)

    @rule(account=accounts)
    def enable(self, account: _Account) -> None:
        """No token comes back."""
        self._change(account, self._grant.clients.enable(account.credentials.client.client_id))
        account.enabled = True

    @rule(account=accounts)
    def delete(self, account: _Account) -> None:
        """The client's tokens end now."""
        self._change(account, self._grant.clients.delete(account.credentials.client.client_id))
        account.deleted = True
        self._end_tokens(account)

    @rule(target=issued, account=accounts, scope=st.lists(st.sampled_from((*_SCOPES, "d")), unique=True))
    def issue(self, account: _Account, scope: list[str]) -> _Issued:
        """A token, if the client is there and enabled and the scope is its own; a refusal if not."""
        (outcome,) = self._loop.run(self._grant.issuance.issue([account.credentials.request(scope=" ".join(scope))]))
        if account.deleted or not account.enabled:
            expected: Reason | tuple[str, ...] | None = None
        elif not set(scope) <= set(account.allowed):
            expected = Reason.INVALID_SCOPE
        else:
            expected = tuple(scope) or account.allowed

        if isinstance(outcome, IssuedToken):
            token = _Issued(outcome.access_token, outcome.token.scopes, self._now() + account.lifetime)
            account.tokens.append(token)
            assert (expected, account.lifetime) == (token.scopes, outcome.token.lifetime)
            return token
        assert (expected == outcome.reason) if expected else outcome.reason in _AUTHENTICATION_FAILED
        return _Issued("", (), self._now())

    @rule(account=accounts, attempts=st.integers(1, BURST + 2))
    def guess(self, account: _Account, attempts: int) -> None:
        """However often a secret is guessed, nothing is issued, and nothing changes for those who know it."""
        outcomes = self._loop.run(
            self._grant.issuance.issue([account.credentials.request(client_secret="guess")] * attempts)
        )
        assert {outcome.reason for outcome in outcomes if isinstance(outcome, Refusal)} <= _AUTHENTICATION_FAILED
        assert [] == [outcome for outcome in outcomes if isinstance(outcome, IssuedToken)]

    @rule(token=consumes(issued))
    def revoke(self, token: _Issued) -> None:
        """The token ends now."""
        if token.text:  # It was refused.
            self._loop.run(self._grant.revocation.revoke(token.text))
        token.ends_at = min(token.ends_at, self._now())

    @rule(seconds=st.sampled_from([1, 4, 5, 59, 60, 3600, 86_400]))
    def time_goes_by(self, seconds: int) -> None:
        """Whole seconds, as the lifetimes are."""
        self._grant.clock.advance(timedelta(seconds=seconds))

    @invariant()
    def every_token_is_what_the_model_says(self) -> None:
        """Promises 1 and 2: active until it expires or is ended, and never after, in one batch with all others."""
        tokens = [token for account in self._everybody for token in account.tokens]
        if tokens:
            expected = [self._now() < token.ends_at for token in tokens]
            assert expected == self._loop.run(are_active(self._grant, *(token.text for token in tokens)))

    @invariant()
    def every_client_is_listed_once(self) -> None:
        """Those and only those that were created and not deleted, with what was last set, in the order of ids."""
        if self._everybody:
            page = self._loop.run(self._grant.clients.page(size=1000))
            expected = {
                account.credentials.client.client_id: (account.allowed, account.lifetime, account.enabled)
                for account in self._everybody
                if not account.deleted
            }
            assert (sorted(expected), b"") == ([client.client_id for client in page.items], page.next_page)
            assert expected == {
                client.client_id: (client.allowed_scopes, client.token_lifetime, client.disabled_at is None)
                for client in page.items
            }


_AUTHENTICATION_FAILED = {Reason.INVALID_CLIENT, Reason.RATE_LIMITED}

TestGrant = GrantMachine.TestCase
TestGrant.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
