"""How many lines of one kind the log gets, and what the next line says of those that were left out."""

import pytest

from grantway_server.rpc.line_budget import LineBudget


class _Seconds:
    """A clock that is set."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(
    ("moments", "untold"),
    [
        pytest.param([0], [0], id="the first has a line, whatever the clock says"),
        pytest.param([5, 5.3, 5.6], [0, 0, None], id="a third within a second has none"),
        pytest.param([5, 5.9, 6], [0, 0, 0], id="a second begins with its first line"),
        pytest.param([5, 5, 5, 5, 5, 6], [0, 0, None, None, None, 3], id="the next line counts those without"),
        pytest.param([5, 5, 5, 6, 6, 6, 7], [0, 0, None, 1, 0, None, 1], id="they are counted once"),
        pytest.param([5, 5, 5, 9000], [0, 0, None, 1], id="they are counted however long it is quiet"),
    ],
)
def test_two_lines_a_second(moments: list[float], untold: list[int | None]) -> None:
    """One that has no line is counted, and the next line tells of it."""
    clock = _Seconds()
    budget = LineBudget(2, clock)
    told = []
    for clock.now in moments:
        told.append(budget.spend())

    assert untold == told
