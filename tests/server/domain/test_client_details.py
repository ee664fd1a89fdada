"""What people say of a client."""

from collections.abc import Callable

import pytest

from grantway_server.domain import client_details
from grantway_server.domain.refusals import Reason
from tests.server.domain.outcomes import Said, refusal_by


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


def _invalid(description: str) -> Said:
    return (Reason.INVALID_REQUEST, description, None)


_NO_ORGANIZATION = _invalid("organization must be 1 to 100 characters of [A-Za-z0-9._:@/-].")
_NO_DESCRIPTION = _invalid("description must be at most 500 printable characters.")
_NO_LABEL_NAME = _invalid("The name of a label must be 1 to 63 characters of [a-z0-9._/-].")
_NO_LABEL_VALUE = _invalid("The value of a label must be at most 100 printable characters.")


@pytest.mark.parametrize(
    "organization",
    [
        pytest.param("", id="none"),
        pytest.param("x" * 100, id="the-longest"),
        pytest.param("acme.example:eu/Travel_1@x-2", id="every-kind-of-character"),
    ],
)
def test_an_organization_is_any_id(organization: str) -> None:
    """As its system writes it."""
    assert organization == client_details.validated_organization(organization)


@pytest.mark.parametrize(
    "description", [pytest.param("", id="none"), pytest.param("Büro (北京) 🚚" * 35, id="any-script")]
)
def test_a_description_is_any_printable_text(description: str) -> None:
    """Of so many characters, not bytes."""
    assert description == client_details.validated_description(description)


def test_labels_are_sorted_by_name() -> None:
    """However they came; a value may be empty, and in any script."""
    names = [f"{number:02}._/-" for number in range(31)]
    labels = {"z" * 63: "", **dict.fromkeys(reversed(names), "ü" * 100)}

    assert tuple(sorted(labels.items())) == client_details.validated_labels(labels)
    assert () == client_details.validated_labels({})


@pytest.mark.parametrize(
    ("validate", "expected"),
    [
        pytest.param(
            lambda: client_details.validated_organization("x" * 101), _NO_ORGANIZATION, id="an-organization-too-long"
        ),
        pytest.param(lambda: client_details.validated_organization("a b"), _NO_ORGANIZATION, id="with-a-space"),
        pytest.param(lambda: client_details.validated_organization("{a}"), _NO_ORGANIZATION, id="with-a-hash-tag"),
        pytest.param(lambda: client_details.validated_organization("é"), _NO_ORGANIZATION, id="beyond-ASCII"),
        pytest.param(lambda: client_details.validated_organization("a\n"), _NO_ORGANIZATION, id="with-a-line-feed"),
        pytest.param(
            lambda: client_details.validated_description("x" * 501), _NO_DESCRIPTION, id="a-description-too-long"
        ),
        pytest.param(
            lambda: client_details.validated_description("a\nb"), _NO_DESCRIPTION, id="a-description-of-two-lines"
        ),
        pytest.param(
            lambda: client_details.validated_labels({f"{number}": "" for number in range(33)}),
            _invalid("A client has at most 32 labels."),
            id="too-many-labels",
        ),
        pytest.param(lambda: client_details.validated_labels({"": "x"}), _NO_LABEL_NAME, id="a-label-without-a-name"),
        pytest.param(
            lambda: client_details.validated_labels({"x" * 64: ""}), _NO_LABEL_NAME, id="a-label-s-name-too-long"
        ),
        pytest.param(lambda: client_details.validated_labels({"Team": ""}), _NO_LABEL_NAME, id="a-capital"),
        pytest.param(
            lambda: client_details.validated_labels({"a": "x" * 101}), _NO_LABEL_VALUE, id="a-label-s-value-too-long"
        ),
        pytest.param(
            lambda: client_details.validated_labels({"a": "\x1b[31m"}), _NO_LABEL_VALUE, id="a-terminal-escape"
        ),
    ],
)
def test_what_cannot_be_said_of_a_client_is_refused(validate: Callable[[], object], expected: Said) -> None:
    """The sentence says what it may be."""
    assert expected == refusal_by(validate)
