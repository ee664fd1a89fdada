"""How much others disturbed a run."""

import pytest

from bench.judging.noise import is_quiet, noise
from bench.judging.summary import Summary
from bench.systems.catalogue import SYSTEMS
from bench.systems.ours import HTTP_FORM
from bench.systems.system import HTTP_FLOOR
from tests.bench.conftest import Measure


def _summary(measured: Measure, foreign: list[float], yardstick: list[float]) -> Summary:
    floor = [measured(HTTP_FLOOR, 50.0, turn=turn, yardstick_ns=350.0) for turn in range(3)]
    form = [
        measured(HTTP_FORM, 80.0, turn=turn, foreign_share=share, yardstick_ns=nanoseconds)
        for turn, (share, nanoseconds) in enumerate(zip(foreign, yardstick, strict=True))
    ]
    return Summary([*floor, *form])


@pytest.mark.parametrize(
    ("foreign", "yardstick", "quiet"),
    [
        pytest.param([0.0, 0.0, 0.0], [350.0, 350.0, 350.0], True, id="nobody was there"),
        pytest.param([0.9, 0.0, 0.0], [350.0, 900.0, 350.0], True, id="one round of three is cut off by the mean"),
        pytest.param([0.9, 0.2, 0.0], [350.0, 350.0, 350.0], False, id="others worked on the core"),
        pytest.param([0.0, 0.0, 0.0], [350.0, 900.0, 900.0], False, id="others used up what it shares with them"),
    ],
)
def test_a_run_is_quiet_when_no_cell_was_disturbed_in_half_of_its_rounds(
    measured: Measure, foreign: list[float], yardstick: list[float], *, quiet: bool
) -> None:
    """A run that is not is none to judge by."""
    assert is_quiet(_summary(measured, foreign, yardstick), SYSTEMS) is quiet


def test_what_was_disturbed_is_told(measured: Measure) -> None:
    """How much, and where it was worst; silence would leave the reader guessing either way."""
    told = noise(_summary(measured, [0.9, 0.2, 0.2], [350.0, 700.0, 700.0]), SYSTEMS)
    assert told.startswith("NOT QUIET, so no target is judged. 1 cells were disturbed")
    assert "20% of the time for others (Grantway, HTTP form at c=32)" in told
    assert "2.00 times slower than in the run's own quietest tenth (Grantway, HTTP form at c=32)" in told
    assert noise(_summary(measured, [0.0] * 3, [350.0] * 3), SYSTEMS).startswith(
        "Quiet, by the run's own quietest tenth (350 ns a look-up)"
    )
