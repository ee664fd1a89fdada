"""The throttle of what may be tried only so often, as failed authentications. A12 of the conformance list."""

from datetime import timedelta

import pytest

from grantway_server.domain.throttle import Throttle
from tests.fakes.clock import FakeClock

_MAX_ENTRIES = 20_000


class _Attempts:
    """Failed attempts against one throttle, and what each is told."""

    def __init__(self, *, burst: int, refill: timedelta) -> None:
        self.clock = FakeClock()
        self._throttle = Throttle(burst=burst, refill=refill)

    def fail(self, client_id: str = "a", source: str = "here") -> timedelta | None:
        """How long one who fails once more has to wait."""
        asked = [self._throttle.wait(client_id, source, now=self.clock.now()) for _ in range(2)]
        told = self._throttle.spend(client_id, source, now=self.clock.now())
        assert [told] * 2 == asked  # Asking says what failing would be told, and costs nothing.
        return told


@pytest.mark.parametrize("burst", [pytest.param(1, id="of-one"), pytest.param(3, id="of-three")])
def test_a_burst_of_failures_is_answered_as_such(burst: int) -> None:
    """As many failures as the burst holds pass; the next are told when one more will."""
    attempts = _Attempts(burst=burst, refill=timedelta(seconds=10))

    outcomes = [attempts.fail() for _ in range(burst + 2)]

    assert [None] * burst + [timedelta(seconds=10)] * 2 == outcomes


def test_a_failure_that_was_refused_costs_nothing() -> None:
    """Going on at full speed does not move the moment at which one more failure is allowed."""
    attempts = _Attempts(burst=1, refill=timedelta(seconds=10))
    attempts.fail()

    outcomes = []
    for _ in range(10):
        outcomes.append(attempts.fail())
        attempts.clock.advance(timedelta(seconds=1))
    outcomes.append(attempts.fail())

    assert [timedelta(seconds=left) for left in range(10, 0, -1)] + [None] == outcomes


def test_one_failure_is_refilled_at_a_time() -> None:
    """After one refill one more failure passes, and only one."""
    attempts = _Attempts(burst=2, refill=timedelta(seconds=10))
    attempts.fail()
    attempts.fail()
    attempts.clock.advance(timedelta(seconds=10))

    assert [None, timedelta(seconds=10)] == [attempts.fail(), attempts.fail()]


def test_a_long_rest_refills_the_burst_and_no_more() -> None:
    """A year of silence allows as many failures as the first day."""
    attempts = _Attempts(burst=2, refill=timedelta(seconds=10))
    for _ in range(3):
        attempts.fail()
    attempts.clock.advance(timedelta(days=365))

    assert [None, None, timedelta(seconds=10)] == [attempts.fail() for _ in range(3)]


def test_nobody_is_told_to_wait_for_less_than_a_second() -> None:
    """`retry_after` is a second at least, however fast the refill."""
    attempts = _Attempts(burst=1, refill=timedelta(milliseconds=100))

    assert [None, timedelta(seconds=1)] == [attempts.fail(), attempts.fail()]


@pytest.mark.parametrize(
    ("client_id", "source"),
    [
        pytest.param("a", "elsewhere", id="the-same-client-from-elsewhere"),
        pytest.param("b", "here", id="another-client-from-the-same-place"),
        pytest.param("ah", "ere", id="another-pair-that-reads-the-same"),
    ],
)
def test_every_pair_of_client_and_source_has_its_own_allowance(client_id: str, source: str) -> None:
    """Nobody can spend the allowance of somebody else."""
    attempts = _Attempts(burst=1, refill=timedelta(seconds=10))

    outcomes = [attempts.fail("a", "here"), attempts.fail("a", "here"), attempts.fail(client_id, source)]

    assert [None, timedelta(seconds=10), None] == outcomes


def test_a_clock_that_steps_back_allows_no_more_and_breaks_nothing() -> None:
    """Failures are refused for as much longer as the clock went back."""
    attempts = _Attempts(burst=1, refill=timedelta(seconds=10))
    attempts.fail()
    attempts.clock.advance(timedelta(seconds=-60))

    assert attempts.fail() == timedelta(seconds=70)


def test_what_was_not_touched_for_longest_is_forgotten_first() -> None:
    """Beyond 20,000 pairs each new one costs the oldest its count; one that goes on failing keeps its."""
    attempts = _Attempts(burst=1, refill=timedelta(hours=1))
    attempts.fail("oldest")
    attempts.fail("busy")
    for number in range(_MAX_ENTRIES - 2):
        attempts.fail(f"id{number}")
    attempts.fail("busy")
    attempts.fail("one more")
    attempts.fail("and another")

    assert [timedelta(hours=1), None] == [attempts.fail("busy"), attempts.fail("oldest")]


def test_memory_is_bounded_by_the_number_of_pairs() -> None:
    """A flood of invented client ids leaves no more than 20,000 counts behind."""
    throttle = Throttle(burst=1, refill=timedelta(hours=1))
    clock = FakeClock()
    for number in range(_MAX_ENTRIES + 1000):
        throttle.spend(f"id{number}", "here", now=clock.now())

    assert len(throttle._spent_until) == _MAX_ENTRIES  # noqa: SLF001 - memory has no other face.


def test_memory_is_bounded_however_long_a_client_id_is() -> None:
    """What is presented as a client id may be megabytes: no more of it is kept than an id can have."""
    throttle = Throttle(burst=1, refill=timedelta(hours=1))
    throttle.spend("x" * 1_000_000, "here", now=FakeClock().now())

    ((kept, _),) = throttle._spent_until  # noqa: SLF001 - memory has no other face.

    assert "x" * 128 == kept
