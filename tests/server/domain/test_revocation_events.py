"""What a cache is told of a change, and what a position is."""

from dataclasses import replace
from datetime import timedelta

import pytest

from grantway_server.domain.clients import Client, Permission
from grantway_server.domain.revocation_events import (
    ChangedClient,
    Position,
    RevocationEvent,
    RevokedTokens,
    events_of_change,
)
from grantway_server.domain.revocations import PartialRevocation, TokenSelection
from tests.server.samples import NOON, a_client

_EVERYTHING = RevokedTokens("one", TokenSelection())
_CHANGED = ChangedClient("one")
_OF_A_SECRET = TokenSelection(secret_id="abcdefgh")
_OF_AN_HOUR = TokenSelection(issued_from=NOON, issued_before=NOON + timedelta(hours=1))


def _revocation(selection: TokenSelection, below_epoch: int = 8) -> PartialRevocation:
    return PartialRevocation(below_epoch=below_epoch, selection=selection, forget_at=NOON + timedelta(days=365))


_ENABLED = a_client("one", disabled_at=None, min_epoch=7, revocations=(_revocation(_OF_AN_HOUR),))
_DISABLED = replace(_ENABLED, disabled_at=NOON)


@pytest.mark.parametrize(
    ("before", "after", "events"),
    [
        pytest.param(None, _ENABLED, (), id="a new client"),
        pytest.param(_ENABLED, None, (_EVERYTHING,), id="a client that is deleted"),
        pytest.param(_DISABLED, None, (_EVERYTHING,), id="a disabled one that is deleted"),
        pytest.param(_ENABLED, _DISABLED, (_EVERYTHING,), id="one that is disabled"),
        pytest.param(_DISABLED, _ENABLED, (_CHANGED,), id="one that is enabled"),
        pytest.param(_ENABLED, replace(_ENABLED, epoch=8, min_epoch=8), (_EVERYTHING,), id="all of its tokens"),
        pytest.param(
            _DISABLED,
            replace(_DISABLED, epoch=8, min_epoch=8, secrets=()),
            (_EVERYTHING,),
            id="a disabled one in panic",
        ),
        pytest.param(
            _ENABLED,
            replace(_ENABLED, epoch=8, revocations=(*_ENABLED.revocations, _revocation(_OF_A_SECRET))),
            (RevokedTokens("one", _OF_A_SECRET),),
            id="the tokens of a secret",
        ),
        pytest.param(
            _ENABLED,
            replace(_ENABLED, epoch=9, revocations=(_revocation(_OF_AN_HOUR, below_epoch=9),)),
            (RevokedTokens("one", _OF_AN_HOUR),),
            id="the tokens of an hour, again",
        ),
        pytest.param(_ENABLED, replace(_ENABLED, revocations=()), (), id="a revocation that is forgotten"),
        pytest.param(_ENABLED, replace(_ENABLED, name="Another"), (_CHANGED,), id="another name"),
        pytest.param(_ENABLED, replace(_ENABLED, organization="acme"), (_CHANGED,), id="another organisation"),
        pytest.param(
            _ENABLED,
            replace(_ENABLED, name="Another", revocations=(_revocation(_OF_A_SECRET),)),
            (RevokedTokens("one", _OF_A_SECRET), _CHANGED),
            id="two things at once",
        ),
        pytest.param(_ENABLED, _ENABLED, (), id="nothing"),
        pytest.param(
            _ENABLED,
            replace(
                _ENABLED,
                description="About it",
                labels=(("team", "a"),),
                allowed_scopes=(),
                default_scopes=None,
                audiences=(),
                token_lifetime=timedelta(minutes=1),
                permissions=frozenset({Permission.ISSUE_TOKENS}),
                auth_methods=frozenset(),
                secrets=(),
                updated_at=NOON + timedelta(hours=1),
                updated_by="bob",
            ),
            (),
            id="all that no introspection shows",
        ),
    ],
)
def test_what_a_change_tells(before: Client | None, after: Client | None, events: tuple[RevocationEvent, ...]) -> None:
    """What an introspection says no longer, and nothing else."""
    assert events == events_of_change(before, after)


@pytest.mark.parametrize(
    "position",
    [
        pytest.param(Position(0, 1, "0123abcd"), id="a small one"),
        pytest.param(Position(2**64 - 1, 2**64 - 1, "ffffffff"), id="the largest"),
    ],
)
def test_a_position_comes_back_as_it_was(position: Position) -> None:
    """Whoever got it gives it back."""
    assert position == Position.parse(position.encode())


def test_positions_are_in_the_order_of_events() -> None:
    """By number, not by the letters they are written with."""
    assert Position(9, 0, "00000000") < Position(10, 0, "00000000") < Position(10, 9, "f") < Position(10, 10, "0")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"1-1",
        b"1-1:0123abcde",
        b"1-1:0123ABCD",
        b"-1-1:0123abcd",
        b"18446744073709551616-0:0123abcd",
        b"1-1:0123abcd\n",
        b"\xff",
        "\N{ARABIC-INDIC DIGIT ONE}-1:0123abcd".encode(),
    ],
)
def test_what_is_no_position_is_refused(data: bytes) -> None:
    """It would be a question that the store cannot answer."""
    with pytest.raises(ValueError, match="no position"):
        Position.parse(data)
