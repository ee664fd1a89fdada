"""Whether a secret may be retired, by what was seen of its use."""

from datetime import timedelta

import pytest

from grantway_server.domain.client_secrets import Secret
from grantway_server.domain.secret_use import NEVER_USED, Basis, ClientUse, SecretUse, Verdict, verdict
from tests.server.samples import NOON

_HOUR = timedelta(hours=1)
_OLD = Secret("aaaaaaaa", b"", NOON - 10 * _HOUR)
_MIDDLE = Secret("bbbbbbbb", b"", NOON - 9 * _HOUR)
_NEW = Secret("cccccccc", b"", NOON - 8 * _HOUR)
_EXPIRED = Secret("dddddddd", b"", NOON - 7 * _HOUR, expires_at=NOON)


def _use(**hours: tuple[int, int]) -> ClientUse:
    """Secrets by the first letter of their ids: how many hours before noon each was used first, and last."""
    return ClientUse(
        last_token_at=NOON,
        secrets={
            letter * 8: SecretUse(1, NOON - first * _HOUR, NOON - last * _HOUR, "here")
            for letter, (first, last) in hours.items()
        },
    )


_VERDICTS = {
    "the only one": (_OLD, [_OLD], _use(a=(9, 0)), Verdict(Basis.NEWEST)),
    "the only one, never used": (_OLD, [_OLD], NEVER_USED, Verdict(Basis.NEWEST)),
    "the newer of two": (_NEW, [_OLD, _NEW], _use(a=(9, 0)), Verdict(Basis.NEWEST)),
    "the newer of two, and the older is out of use": (
        _NEW,
        [_OLD, _NEW],
        _use(a=(9, 8), c=(7, 0)),
        Verdict(Basis.NEWEST),
    ),
    "nobody uses the newer one yet": (_OLD, [_OLD, _NEW], _use(a=(9, 1)), Verdict(Basis.NEWER_UNUSED)),
    "nobody uses either": (_OLD, [_OLD, _NEW], NEVER_USED, Verdict(Basis.NEWER_UNUSED)),
    "used after the newer one first was": (
        _OLD,
        [_OLD, _NEW],
        _use(a=(9, 1), c=(2, 0)),
        Verdict(Basis.STILL_USED, quiet_for=_HOUR),
    ),
    "used at the moment when the newer one first was": (
        _OLD,
        [_OLD, _NEW],
        _use(a=(9, 2), c=(2, 0)),
        Verdict(Basis.STILL_USED, quiet_for=2 * _HOUR),
    ),
    "used last before the newer one first was": (
        _OLD,
        [_OLD, _NEW],
        _use(a=(9, 3), c=(2, 0)),
        Verdict(Basis.REPLACED, quiet_for=2 * _HOUR),
    ),
    "never used, and the newer one is": (
        _OLD,
        [_OLD, _NEW],
        _use(c=(2, 1)),
        Verdict(Basis.REPLACED, quiet_for=2 * _HOUR),
    ),
    "the newest counts, not the one between": (
        _OLD,
        [_OLD, _MIDDLE, _NEW],
        _use(a=(9, 5), b=(4, 3)),
        Verdict(Basis.NEWER_UNUSED),
    ),
    "the one between, which the newest has replaced": (
        _MIDDLE,
        [_OLD, _MIDDLE, _NEW],
        _use(a=(9, 0), b=(4, 3), c=(2, 0)),
        Verdict(Basis.REPLACED, quiet_for=2 * _HOUR),
    ),
    "it has expired": (_EXPIRED, [_OLD, _EXPIRED], _use(d=(1, 0)), Verdict(Basis.EXPIRED)),
    "it has expired and is the only one": (_EXPIRED, [_EXPIRED], NEVER_USED, Verdict(Basis.EXPIRED)),
    "the newer one has expired": (_OLD, [_OLD, _EXPIRED], _use(d=(2, 1)), Verdict(Basis.NEWEST)),
    "the order in which they were made counts, not what a clock said": (
        _NEW,
        [_NEW, _OLD],
        NEVER_USED,
        Verdict(Basis.NEWER_UNUSED),
    ),
}


@pytest.mark.parametrize(("secret", "secrets", "use", "expected"), _VERDICTS.values(), ids=_VERDICTS.keys())
def test_the_verdict(secret: Secret, secrets: list[Secret], use: ClientUse, expected: Verdict) -> None:
    """Safe only with a newer one in use, and without a use of this one since; or when it is no good anyway."""
    assert expected == verdict(secret, secrets, use, now=NOON)


@pytest.mark.parametrize(
    ("basis", "safe"),
    [
        pytest.param(Basis.REPLACED, True, id="replaced"),
        pytest.param(Basis.EXPIRED, True, id="expired"),
        pytest.param(Basis.NEWEST, False, id="newest"),
        pytest.param(Basis.NEWER_UNUSED, False, id="newer-unused"),
        pytest.param(Basis.STILL_USED, False, id="still-used"),
    ],
)
def test_what_is_safe(basis: Basis, safe: bool) -> None:  # noqa: FBT001 - a column of the table.
    """Nothing but what is known to be out of use."""
    assert safe is Verdict(basis).safe


def test_every_basis_has_its_case() -> None:
    """One that is added fails here until it is listed."""
    assert set(Basis) == {expected.basis for _, _, _, expected in _VERDICTS.values()}
