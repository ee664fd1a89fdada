"""Which tokens are dead, all together or in part."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from grantway_server.domain.revocations import PartialRevocation, TokenSelection
from tests.server.samples import NOON, a_client, a_token

_SECOND = timedelta(seconds=1)
_TOKEN = a_token(issued_at=NOON, secret_id="abcdefgh", epoch=3)

_SELECTIONS = {
    "everything": (TokenSelection(), True),
    "its secret": (TokenSelection(secret_id="abcdefgh"), True),
    "another secret": (TokenSelection(secret_id="bcdefghi"), False),
    "from when it was issued": (TokenSelection(issued_from=NOON), True),
    "from a moment later": (TokenSelection(issued_from=NOON + _SECOND), False),
    "before it was issued": (TokenSelection(issued_before=NOON), False),
    "before a moment later": (TokenSelection(issued_before=NOON + timedelta(microseconds=1)), True),
    "a window around it": (TokenSelection(issued_from=NOON - _SECOND, issued_before=NOON + _SECOND), True),
    "a window before it": (TokenSelection(issued_from=NOON - _SECOND, issued_before=NOON), False),
    "its secret in a window around it": (
        TokenSelection(secret_id="abcdefgh", issued_from=NOON, issued_before=NOON + _SECOND),
        True,
    ),
    "its secret in another window": (TokenSelection(secret_id="abcdefgh", issued_from=NOON + _SECOND), False),
    "another secret in a window around it": (TokenSelection(secret_id="bcdefghi", issued_from=NOON), False),
}


@pytest.mark.parametrize(("selection", "held"), _SELECTIONS.values(), ids=_SELECTIONS.keys())
def test_which_tokens_are_selected(selection: TokenSelection, held: bool) -> None:  # noqa: FBT001 - a column of the table.
    """What is unset does not narrow."""
    assert held is selection.holds(_TOKEN)


def test_a_token_of_an_unknown_secret_is_of_no_secret() -> None:
    """A core from before secrets were written down issued it: only a time or everything hits it."""
    token = replace(_TOKEN, secret_id="")

    assert [False, True, True] == [
        TokenSelection(secret_id="abcdefgh").holds(token),
        TokenSelection(issued_from=NOON).holds(token),
        TokenSelection().holds(token),
    ]


@pytest.mark.parametrize(
    ("selection", "everything"),
    [
        pytest.param(TokenSelection(), True, id="nothing-narrows-it"),
        pytest.param(TokenSelection(secret_id="abcdefgh"), False, id="a-secret-does"),
        pytest.param(TokenSelection(issued_from=NOON), False, id="a-beginning-does"),
        pytest.param(TokenSelection(issued_before=NOON), False, id="an-end-does"),
    ],
)
def test_what_is_everything(selection: TokenSelection, everything: bool) -> None:  # noqa: FBT001 - a column of the table.
    """No time and no secret."""
    assert everything is selection.is_everything


_RULE = PartialRevocation(below_epoch=3, selection=TokenSelection(secret_id="abcdefgh"), forget_at=NOON)


@pytest.mark.parametrize(
    ("epoch", "accepted"),
    [
        pytest.param(0, False, id="before-the-least-epoch"),
        pytest.param(1, False, id="before-the-rule"),
        pytest.param(2, False, id="just-before-the-rule"),
        pytest.param(3, True, id="of-the-epoch-that-the-rule-began"),
        pytest.param(4, True, id="later"),
    ],
)
def test_a_rule_ends_earlier_tokens_and_no_later_ones(epoch: int, accepted: bool) -> None:  # noqa: FBT001 - a column of the table.
    """However close together: it counts epochs and no moments."""
    client = a_client(disabled_at=None, epoch=4, min_epoch=1, revocations=(_RULE,))

    assert accepted is client.as_owner.standing.accepts(replace(_TOKEN, epoch=epoch))


@pytest.mark.parametrize(
    ("fields", "accepted"),
    [
        pytest.param({"disabled_at": NOON}, False, id="disabled"),
        pytest.param({"min_epoch": 4}, False, id="all-tokens-revoked-since"),
        pytest.param({"min_epoch": 3}, True, id="all-tokens-revoked-before"),
        pytest.param({"revocations": ()}, True, id="no-rule"),
        pytest.param({"revocations": (_RULE, replace(_RULE, below_epoch=4))}, False, id="the-second-rule-ends-it"),
        pytest.param(
            {"revocations": (replace(_RULE, below_epoch=4, selection=TokenSelection(secret_id="other")),)},
            True,
            id="a-rule-for-others",
        ),
    ],
)
def test_what_a_client_accepts(fields: dict[str, object], accepted: bool) -> None:  # noqa: FBT001 - a column of the table.
    """A token that nothing has ended."""
    values = {"disabled_at": None, "epoch": 4, "min_epoch": 1, "revocations": (_RULE,)} | fields
    client = a_client(**values)  # type: ignore[arg-type]  # Fields of Client, by name.

    assert accepted is client.as_owner.standing.accepts(_TOKEN)


_LATER = NOON + timedelta(hours=1)


@pytest.mark.parametrize(
    ("outer", "inner", "contained"),
    [
        pytest.param({}, {"secret_id": "abcdefgh"}, True, id="all tokens hold those of a secret"),
        pytest.param({"secret_id": "abcdefgh"}, {}, False, id="those of a secret do not hold all"),
        pytest.param({"secret_id": "abcdefgh"}, {"secret_id": "bcdefghi"}, False, id="nor those of another secret"),
        pytest.param({"issued_from": NOON}, {"issued_from": _LATER}, True, id="a later start"),
        pytest.param({"issued_from": _LATER}, {"issued_from": NOON}, False, id="an earlier start"),
        pytest.param({"issued_from": NOON}, {"issued_before": _LATER}, False, id="no start"),
        pytest.param({"issued_before": _LATER}, {"issued_before": NOON}, True, id="an earlier end"),
        pytest.param({"issued_before": NOON}, {"issued_before": _LATER}, False, id="a later end"),
        pytest.param({"issued_before": NOON}, {"issued_from": NOON}, False, id="no end"),
    ],
)
def test_a_selection_contains_another_when_all_of_its_tokens_are_in_it(
    outer: dict[str, Any],
    inner: dict[str, Any],
    contained: bool,  # noqa: FBT001 - a column of the table.
) -> None:
    """Itself too. A revocation covers another when it is of the same epoch or a later one, too."""
    one, other = TokenSelection(**outer), TokenSelection(**inner)
    rules = [PartialRevocation(below_epoch=2, selection=one, forget_at=NOON)]
    rules += [PartialRevocation(below_epoch=epoch, selection=other, forget_at=_LATER) for epoch in (1, 2, 3)]

    assert (contained, True, True) == (one.contains(other), one.contains(one), other.contains(other))
    assert [True, contained, contained, False] == [rules[0].covers(rule) for rule in rules]
