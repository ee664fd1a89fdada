"""What is gathered of the use of secrets, before it is written."""

from dataclasses import replace
from datetime import timedelta

import pytest

from grantway_server.domain import gathered_uses
from grantway_server.domain.gathered_uses import GatheredUses
from grantway_server.domain.secret_use import NewUse
from tests.server.samples import NOON, a_token


def _use(client_id: str = "one", *, of: str = "a", count: int = 1, after: int = 0, source: str = "here") -> NewUse:
    """A use of a secret, so many seconds after noon."""
    return NewUse(client_id, of, count, source, NOON + timedelta(seconds=after))


def _between(first: int, last: int, *, count: int, source: str = "here") -> NewUse:
    """Uses of client one from so many seconds after noon on."""
    return replace(_use(count=count, after=last, source=source), first_at=NOON + timedelta(seconds=first))


@pytest.mark.parametrize(
    ("uses", "gathered"),
    [
        pytest.param([_use()], [_use()], id="one use is itself"),
        pytest.param([_use(), _use(count=2, after=3)], [_between(0, 3, count=3)], id="two are one from first to last"),
        pytest.param(
            [_use(after=3, source="there"), _use()],
            [_between(0, 3, count=2, source="there")],
            id="one that comes late is the first, and the source is that of the last",
        ),
        pytest.param(
            [_between(1, 5, count=4), _between(2, 9, count=3), _use(after=4)],
            [_between(1, 9, count=8)],
            id="what was gathered elsewhere is taken in",
        ),
        pytest.param(
            [_use(), _use(count=0, after=2), _use(count=0, after=3)],
            [_use(), _between(2, 3, count=0)],
            id="those without tokens are apart: they do not say when a token was issued",
        ),
        pytest.param([_use(), _use(of="b")], [_use(), _use(of="b")], id="each secret has its own"),
    ],
)
def test_uses_become_one(uses: list[NewUse], gathered: list[NewUse]) -> None:
    """Of each secret of a client."""
    found = GatheredUses()
    for use in uses:
        found.add(replace(use))

    assert bool(found)
    assert gathered == found.take(1)
    assert not found


@pytest.mark.parametrize(
    ("before", "tokens", "gathered"),
    [
        pytest.param([], [("a", "here")], [_use()], id="one token is one use"),
        pytest.param([], [("a", "here"), ("a", "there")], [_between(0, 0, count=2, source="there")], id="two are one"),
        pytest.param([_use(after=-3)], [("a", "there")], [_between(-3, 0, count=2, source="there")], id="after others"),
        pytest.param([_use(after=3)], [("a", "there")], [_between(0, 3, count=2)], id="before others"),
        pytest.param(
            [_use(count=0)], [("a", "here"), ("a", "here")], [_use(count=0), _between(0, 0, count=2)],
            id="apart from uses without tokens",
        ),
        pytest.param([_use()], [("b", "here")], [_use(), _use(of="b")], id="each secret has its own"),
    ],
)  # fmt: skip
def test_tokens_are_uses_of_the_secrets_that_obtained_them(
    before: list[NewUse], tokens: list[tuple[str, str]], gathered: list[NewUse]
) -> None:
    """All that one step obtained, at noon, each for somebody at a source: the same as each by itself."""
    together, alone = GatheredUses(), GatheredUses()
    for found in (together, alone):
        for use in before:
            found.add(replace(use))

    together.add_tokens([(a_token("one", secret_id=secret_id), source) for secret_id, source in tokens], NOON)
    for secret_id, source in tokens:
        alone.add(_use(of=secret_id, source=source))

    taken = together.take(1)
    assert gathered == taken
    assert taken == alone.take(1)


def test_who_has_waited_longest_goes_first() -> None:
    """A client that is used again keeps its place; one whose uses were taken is the last again."""
    found = GatheredUses()
    for name in "abc":
        found.add(_use(name))
    found.add(_use("a", after=1))

    first = [use.client_id for use in found.take(1)]
    found.add(_use("a", after=2))

    assert (["a"], ["b", "c", "a"]) == (first, [use.client_id for use in found.take(9)])


def test_some_may_be_taken_before_their_turn() -> None:
    """Those that somebody asks about, if they are there."""
    found = GatheredUses()
    for name in "abc":
        found.add(_use(name))

    assert ["c", "a"] == [use.client_id for use in found.take_of(["c", "nobody", "a", "c"])]
    assert ["b"] == [use.client_id for use in found.take(9)]


def test_there_is_room_for_so_many_clients(monkeypatch: pytest.MonkeyPatch) -> None:
    """It says when it is full; it does not refuse."""
    monkeypatch.setattr(gathered_uses, "MAX_GATHERED", 2)
    found = GatheredUses()

    full = []
    for name in "abb":
        full.append(found.is_full)
        found.add(_use(name))

    assert ([False, False, True], True) == (full, found.is_full)
