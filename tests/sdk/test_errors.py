"""What can go wrong, as values that travel."""

import copy
import pickle
from collections.abc import Callable
from datetime import timedelta

import pytest

from grantway.errors import GrantwayError, InsufficientScope, InvalidToken, Refused, Unreachable
from grantway.v1 import error_reason_pb2

_NAMES = [name.removeprefix("ERROR_REASON_") for name in error_reason_pb2.ErrorReason.keys()]  # noqa: SIM118 - no dict.


@pytest.mark.parametrize("name", _NAMES)
def test_every_reason_has_its_name(name: str) -> None:
    """As `google.rpc.ErrorInfo` spells it; what is never sent is shown as a fault of the service."""
    error = Refused(getattr(error_reason_pb2, f"ERROR_REASON_{name}"), "Do it so.")

    assert ("INTERNAL" if name == "UNSPECIFIED" else name) == error.reason_name


@pytest.mark.parametrize(
    "duplicate",
    [
        pytest.param(copy.copy, id="copied"),
        pytest.param(lambda error: pickle.loads(pickle.dumps(error)), id="pickled"),  # noqa: S301 - our own.
    ],
)
def test_an_error_survives_the_way_to_another_process(duplicate: Callable[[Refused], Refused]) -> None:
    """An error that a worker process hands to its parent is what it was."""
    error = Refused(error_reason_pb2.ERROR_REASON_RATE_LIMITED, "Wait.", timedelta(seconds=7), "a request")
    other = duplicate(error)

    assert vars(error) == vars(other)
    assert (Refused, "RATE_LIMITED: Wait.") == (type(other), str(other))


def test_a_scope_that_is_missing_is_named() -> None:
    """What is needed, in the order that was given; also after a way to another process."""
    error = pickle.loads(pickle.dumps(InsufficientScope(iter(["b", "a"]))))  # noqa: S301 - our own.

    assert (("b", "a"), "the token lacks a scope that is needed: b a") == (error.required, str(error))


def test_one_clause_catches_all() -> None:
    """`GrantwayError` is what all of them are, and nothing else is."""
    assert {Refused, Unreachable, InvalidToken, InsufficientScope} == set(GrantwayError.__subclasses__())
