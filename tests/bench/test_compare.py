"""Whether two runs agree."""

from bench.compare import disagreements


def test_the_largest_disagreement_comes_first_whichever_run_is_higher() -> None:
    """2.0 against 1.6 and 1.6 against 2.0 are the same disagreement: 25 %."""
    first = {"a": {"32": {"floor": 2.0}}, "b": {"32": {"floor": 1.0}}}
    second = {"a": {"32": {"floor": 1.6}}, "b": {"32": {"floor": 1.1}}}
    found = disagreements(first, second)
    assert [(round(by, 2), what) for by, what in found] == [(0.25, "a / floor at c=32"), (0.1, "b / floor at c=32")]


def test_only_what_both_runs_measured_is_compared() -> None:
    """A quick run has fewer systems than a full one."""
    assert disagreements({"a": {"1": {"floor": 2.0, "ours": None}}}, {"a": {"32": {"floor": 9.0}}}) == []
