"""How long secrets live, and from when on their end is worth a warning."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from grantway_server.domain.client_secrets import Secret
from grantway_server.domain.secret_expiry import SecretExpiry
from tests.server.samples import NOON

_DAY = timedelta(days=1)
_SECRET = Secret("abcdefgh", b"", NOON)


@pytest.mark.parametrize(
    ("max_age", "expires_at"),
    [pytest.param(None, None, id="no-maximum"), pytest.param(90 * _DAY, NOON + 90 * _DAY, id="ninety-days")],
)
def test_a_new_secret_ends_when_the_policy_says(max_age: timedelta | None, expires_at: datetime | None) -> None:
    """Counted from when it was made."""
    policy = SecretExpiry(max_age=max_age, warning=_DAY)

    assert replace(_SECRET, expires_at=expires_at) == policy.of_new(_SECRET)


@pytest.mark.parametrize(
    ("expires_at", "warned"),
    [
        pytest.param(None, False, id="never"),
        pytest.param(NOON + _DAY + timedelta(microseconds=1), False, id="later-than-the-warning-time"),
        pytest.param(NOON + _DAY, True, id="at-the-warning-time"),
        pytest.param(NOON, True, id="now"),
    ],
)
def test_an_end_that_is_near_is_worth_a_warning(expires_at: datetime | None, warned: bool) -> None:  # noqa: FBT001 - a column of the table.
    """The warning is the end itself."""
    policy = SecretExpiry(max_age=None, warning=_DAY)

    assert (expires_at if warned else None) == policy.worth_a_warning(replace(_SECRET, expires_at=expires_at), NOON)


def test_no_warning_time_warns_of_nothing_that_is_good() -> None:
    """0 switches it off."""
    policy = SecretExpiry(max_age=None, warning=timedelta(0))

    assert policy.worth_a_warning(replace(_SECRET, expires_at=NOON + timedelta(seconds=1)), NOON) is None
