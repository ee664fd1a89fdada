"""Client authentication (RFC 6749 section 2.3): every failure is one answer."""

import secrets
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from grantway_server.domain.audit import Failure
from grantway_server.domain.client_authentication import AuthenticationFailed, ClientAuthenticator
from grantway_server.domain.client_secrets import RetiredSecret, Secret, SecretFormat
from grantway_server.domain.clients import AuthMethod, Client
from grantway_server.domain.environment import Environment
from grantway_server.domain.refusals import Reason
from grantway_server.domain.throttle import Throttle
from tests.fakes.clock import FakeClock
from tests.server.domain.outcomes import INVALID_CLIENT, Said, said
from tests.server.samples import NOON, a_client

_FORMAT = SecretFormat(Environment.LIVE, pepper=b"a pepper of the tests")
_TEXT, _SECRET = _FORMAT.mint(secrets.token_bytes, now=NOON)
_OTHER_TEXT, _OTHER_SECRET = _FORMAT.mint(secrets.token_bytes, now=NOON)
_TEST_TEXT, _ = SecretFormat(Environment.TEST, pepper=b"a pepper of the tests").mint(secrets.token_bytes, now=NOON)

_CLIENT = a_client(secrets=(_SECRET,), disabled_at=None, auth_methods=frozenset({AuthMethod.CLIENT_SECRET_BASIC}))
_LIMITED = (
    Reason.RATE_LIMITED,
    "Too many failed authentications of this client from this source: wait, and check the client secret.",
    timedelta(seconds=10),
)


@dataclass(frozen=True)
class _Attempt:
    """One request's credentials and the client that they name."""

    client: Client | None = _CLIENT
    client_id: str = _CLIENT.client_id
    client_secret: str = _TEXT
    method: AuthMethod | None = AuthMethod.CLIENT_SECRET_BASIC
    source: str = "here"

    def on(self, authenticator: ClientAuthenticator, clock: FakeClock) -> Client | Said:
        """What *authenticator* makes of it."""
        try:
            client, _ = self.authenticated(authenticator, clock)
        except AuthenticationFailed as failure:
            return said(authenticator.failed(self.client_id, self.source, failure, now=clock.now()))
        return client

    def authenticated(self, authenticator: ClientAuthenticator, clock: FakeClock) -> tuple[Client, Secret]:
        """The client and the secret that it presented."""
        return authenticator.authenticate(self.client, self.client_id, self.client_secret, self.method, clock.now())


def _authenticator(*, burst: int = 100) -> ClientAuthenticator:
    return ClientAuthenticator(
        environment=Environment.LIVE,
        secret_format=_FORMAT,
        throttle=Throttle(burst=burst, refill=timedelta(seconds=10)),
    )


@pytest.mark.parametrize(
    "attempt",
    [
        pytest.param(_Attempt(), id="by-its-method"),
        pytest.param(_Attempt(method=None), id="the-caller-does-not-say-how"),
        pytest.param(_Attempt(replace(_CLIENT, auth_methods=frozenset())), id="registered-for-any-method"),
        pytest.param(_Attempt(replace(_CLIENT, secrets=(_OTHER_SECRET, _SECRET))), id="the-second-of-two-secrets"),
        pytest.param(
            _Attempt(replace(_CLIENT, secrets=(replace(_OTHER_SECRET, expires_at=NOON), _SECRET))),
            id="beside-one-that-has-expired",
        ),
    ],
)
def test_the_right_secret_authenticates(attempt: _Attempt) -> None:
    """The client itself and the secret that was presented are the answer."""
    assert (attempt.client, _SECRET) == attempt.authenticated(_authenticator(), FakeClock())


def test_a_secret_is_good_before_its_end_and_not_at_it() -> None:
    """To the microsecond."""
    client = replace(_CLIENT, secrets=(replace(_SECRET, expires_at=NOON + timedelta(microseconds=1)),))
    clock = FakeClock()
    before = _Attempt(client).on(_authenticator(), clock)
    clock.advance(timedelta(microseconds=1))

    assert (client, INVALID_CLIENT) == (before, _Attempt(client).on(_authenticator(), clock))


_ID = _SECRET.secret_id
_EXPIRED = replace(_CLIENT, secrets=(replace(_SECRET, expires_at=NOON),))
_DISABLED = replace(_CLIENT, disabled_at=NOON)
_RETIRED = replace(_CLIENT, secrets=(_OTHER_SECRET,), retired_secrets=(RetiredSecret(_ID, _SECRET.digest, NOON),))
_TEST_ID = "svc_test_aaaaaaaaaaaaaaaa"
_OF_TEST = Failure.WRONG_ENVIRONMENT

_CAUSES = {
    "no-such-client": (_Attempt(client=None), Failure.UNKNOWN_CLIENT, ""),
    "another-clients-secret": (_Attempt(client_secret=_OTHER_TEXT), Failure.WRONG_SECRET, ""),
    "a-truncated-secret": (_Attempt(client_secret=_TEXT[:-1]), Failure.WRONG_SECRET, ""),
    "no-secret": (_Attempt(client_secret=""), Failure.WRONG_SECRET, ""),
    "something-else-entirely": (_Attempt(client_secret="\u20ac" * 400), Failure.WRONG_SECRET, ""),
    "the-stored-digest": (_Attempt(client_secret=_SECRET.digest.hex()), Failure.WRONG_SECRET, ""),
    "a-client-without-secrets": (_Attempt(replace(_CLIENT, secrets=())), Failure.WRONG_SECRET, ""),
    "a-secret-that-has-expired": (_Attempt(_EXPIRED), Failure.EXPIRED_SECRET, _ID),
    "a-secret-that-was-retired": (_Attempt(_RETIRED), Failure.RETIRED_SECRET, _ID),
    "a-secret-that-was-retired-by-another-method": (
        _Attempt(_RETIRED, method=AuthMethod.CLIENT_SECRET_POST),
        Failure.RETIRED_SECRET,
        _ID,
    ),
    "a-retired-secret-of-a-disabled-client": (
        _Attempt(replace(_RETIRED, disabled_at=NOON)),
        Failure.RETIRED_SECRET,
        _ID,
    ),
    "another-secret-than-the-one-that-was-retired": (
        _Attempt(_RETIRED, client_secret=_TEXT[:-1]),
        Failure.WRONG_SECRET,
        "",
    ),
    "a-secret-of-which-a-hash-alone-was-known-that-was-retired": (
        _Attempt(replace(_RETIRED, retired_secrets=(RetiredSecret(_ID, b"", NOON),))),
        Failure.WRONG_SECRET,
        "",
    ),
    "a-disabled-client": (_Attempt(_DISABLED), Failure.DISABLED_CLIENT, _ID),
    "a-wrong-secret-of-a-disabled-client": (_Attempt(_DISABLED, client_secret="x"), Failure.WRONG_SECRET, ""),
    "an-expired-secret-of-a-disabled-client": (
        _Attempt(replace(_EXPIRED, disabled_at=NOON)),
        Failure.DISABLED_CLIENT,
        _ID,
    ),
    "another-method": (_Attempt(method=AuthMethod.CLIENT_SECRET_POST), Failure.WRONG_METHOD, _ID),
    "an-unknown-method": (_Attempt(method=AuthMethod.UNKNOWN), Failure.WRONG_METHOD, _ID),
    "an-unknown-method-where-any-will-do": (
        _Attempt(replace(_CLIENT, auth_methods=frozenset()), method=AuthMethod.UNKNOWN),
        Failure.WRONG_METHOD,
        _ID,
    ),
    "a-secret-of-the-other-environment": (_Attempt(client_secret=_TEST_TEXT), _OF_TEST, ""),
    "a-client-of-the-other-environment": (_Attempt(client=None, client_id=_TEST_ID), _OF_TEST, ""),
    "everything-of-the-other-environment": (
        _Attempt(client=None, client_id=_TEST_ID, client_secret=_TEST_TEXT),
        _OF_TEST,
        "",
    ),
}
"""Attempts that fail: why, and whose secret it was, which only the audit trail learns."""

_FAILURES = [pytest.param(attempt, id=name) for name, (attempt, _, _) in _CAUSES.items()]


@pytest.mark.parametrize("attempt", _FAILURES)
def test_every_failure_is_one_answer(attempt: _Attempt) -> None:
    """R09: whatever the cause, reason and text are the same."""
    assert attempt.on(_authenticator(), FakeClock()) == INVALID_CLIENT


@pytest.mark.parametrize(("attempt", "cause", "secret_id"), _CAUSES.values(), ids=_CAUSES.keys())
def test_every_failure_knows_its_cause(attempt: _Attempt, cause: Failure, secret_id: str) -> None:
    """And the secret only where it was the right one."""
    with pytest.raises(AuthenticationFailed) as caught:
        attempt.authenticated(_authenticator(), FakeClock())

    assert (cause, secret_id) == (caught.value.failure, caught.value.secret_id)


def test_every_cause_has_its_attempt() -> None:
    """One that is added fails here until it is listed. A weak secret is told by another hash: see secret_adoption."""
    assert set(Failure) - {Failure.WEAK_SECRET} == {cause for _, cause, _ in _CAUSES.values()}


@pytest.mark.parametrize("attempt", _FAILURES)
def test_every_failure_is_counted(attempt: _Attempt) -> None:
    """A12: whatever the cause, the next one after the burst is refused as one too many."""
    authenticator, clock = _authenticator(burst=1), FakeClock()

    assert [INVALID_CLIENT, _LIMITED] == [attempt.on(authenticator, clock) for _ in range(2)]


def test_the_right_secret_is_never_refused_for_failures() -> None:
    """A12: amid a flood of failures, also from the same source, the right secret authenticates at once."""
    authenticator, clock = _authenticator(burst=1), FakeClock()
    wrong = _Attempt(client_secret=_OTHER_TEXT)

    outcomes = [attempt.on(authenticator, clock) for attempt in (wrong, wrong, _Attempt(), wrong, _Attempt())]

    assert [INVALID_CLIENT, _LIMITED, _CLIENT, _LIMITED, _CLIENT] == outcomes


def test_the_right_secret_clears_no_count() -> None:
    """Who knows one secret of a client gets no further guesses by presenting it."""
    authenticator, clock = _authenticator(burst=2), FakeClock()
    wrong = _Attempt(client_secret=_OTHER_TEXT)

    outcomes = [attempt.on(authenticator, clock) for attempt in (wrong, wrong, _Attempt(), wrong)]

    assert [INVALID_CLIENT, INVALID_CLIENT, _CLIENT, _LIMITED] == outcomes


def test_another_source_has_its_own_count() -> None:
    """A12: failures from one place change nothing for another."""
    authenticator, clock = _authenticator(burst=1), FakeClock()
    here, there = _Attempt(client_secret=""), _Attempt(client_secret="", source="there")

    assert [INVALID_CLIENT, _LIMITED, INVALID_CLIENT] == [
        attempt.on(authenticator, clock) for attempt in (here, here, there)
    ]
