"""What people say of a client."""

import pytest

from grantway_server.domain import client_details
from grantway_server.domain.refusals import Reason
from tests.server.domain.outcomes import refusal_by


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("x", id="the-shortest"),
        pytest.param("x" * 100, id="the-longest"),
        pytest.param("Einkauf Süd (北京) 🚚", id="any-script"),
        pytest.param('"quoted" \\ <b>', id="characters-that-mean-something-elsewhere"),
    ],
)
def test_a_name_is_any_printable_text(name: str) -> None:
    """A display name is kept as it is."""
    assert name == client_details.validated_name(name)


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("", id="nothing"),
        pytest.param("   ", id="only-spaces"),
        pytest.param("x" * 101, id="one-character-too-many"),
        pytest.param("a\nb", id="a-line-feed"),
        pytest.param("a\x1b[31m", id="a-terminal-escape"),
        pytest.param("a\u202eb", id="a-character-that-turns-the-text-around"),
        pytest.param("a\ud800", id="a-lone-surrogate"),
    ],
)
def test_a_name_that_cannot_be_shown_is_refused(name: str) -> None:
    """A name that would spoil a list, a log or a terminal is refused."""
    expected = (Reason.INVALID_REQUEST, "name must be 1 to 100 printable characters, not only spaces.", None)

    assert expected == refusal_by(lambda: client_details.validated_name(name))
