"""Client authentication (RFC 6749 section 2.3): every failure is one answer."""

import secrets
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from grantway_server.domain.client_authentication import ClientAuthenticator
from grantway_server.domain.client_secrets import SecretFormat
from grantway_server.domain.clients import AuthMethod, Client
from grantway_server.domain.environment import Environment
from grantway_server.domain.failure_throttle import FailureThrottle
from grantway_server.domain.refusals import Reason, Refusal
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
    client_secret: str = _TEXT
    method: AuthMethod | None = AuthMethod.CLIENT_SECRET_BASIC
    source: str = "here"

    def on(self, authenticator: ClientAuthenticator, clock: FakeClock) -> Client | Said:
        """What *authenticator* makes of it."""
        try:
            return authenticator.authenticate(self.client, client_secret=self.client_secret, method=self.method)
        except Refusal:
            return said(authenticator.failed(_CLIENT.client_id, self.source, now=clock.now()))


def _authenticator(*, burst: int = 100) -> ClientAuthenticator:
    return ClientAuthenticator(
        secret_format=_FORMAT, throttle=FailureThrottle(burst=burst, refill=timedelta(seconds=10))
    )


@pytest.mark.parametrize(
    "attempt",
    [
        pytest.param(_Attempt(), id="by-its-method"),
        pytest.param(_Attempt(method=None), id="the-caller-does-not-say-how"),
        pytest.param(_Attempt(replace(_CLIENT, auth_methods=frozenset())), id="registered-for-any-method"),
        pytest.param(_Attempt(replace(_CLIENT, secrets=(_OTHER_SECRET, _SECRET))), id="the-second-of-two-secrets"),
    ],
)
def test_the_right_secret_authenticates(attempt: _Attempt) -> None:
    """The client itself is the answer."""
    assert attempt.client == attempt.on(_authenticator(), FakeClock())


_FAILURES = [
    pytest.param(_Attempt(client=None), id="no-such-client"),
    pytest.param(_Attempt(client_secret=_OTHER_TEXT), id="another-clients-secret"),
    pytest.param(_Attempt(client_secret=_TEXT[:-1]), id="a-truncated-secret"),
    pytest.param(_Attempt(client_secret=""), id="no-secret"),
    pytest.param(_Attempt(client_secret="\u20ac" * 400), id="something-else-entirely"),
    pytest.param(_Attempt(client_secret=_TEST_TEXT), id="a-secret-of-the-other-environment"),
    pytest.param(_Attempt(client_secret=_SECRET.digest.hex()), id="the-stored-digest"),
    pytest.param(_Attempt(replace(_CLIENT, secrets=())), id="a-client-without-secrets"),
    pytest.param(_Attempt(replace(_CLIENT, disabled_at=NOON)), id="a-disabled-client"),
    pytest.param(_Attempt(method=AuthMethod.CLIENT_SECRET_POST), id="another-method"),
    pytest.param(_Attempt(method=AuthMethod.UNKNOWN), id="an-unknown-method"),
    pytest.param(
        _Attempt(replace(_CLIENT, auth_methods=frozenset()), method=AuthMethod.UNKNOWN),
        id="an-unknown-method-where-any-will-do",
    ),
]


@pytest.mark.parametrize("attempt", _FAILURES)
def test_every_failure_is_one_answer(attempt: _Attempt) -> None:
    """R09: whatever the cause, reason and text are the same."""
    assert attempt.on(_authenticator(), FakeClock()) == INVALID_CLIENT


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
