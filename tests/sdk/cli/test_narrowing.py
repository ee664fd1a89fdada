"""Options that narrow a command: an empty one is a slip."""

import pytest

from tests.sdk.cli.command_line import CommandLine


@pytest.mark.parametrize(
    "arguments",
    [
        ("audit", "search", "--client"),
        ("audit", "search", "--actor"),
        ("audit", "search", "--kind"),
        ("audit", "search", "--since"),
        ("audit", "search", "--until"),
        ("clients", "list", "--organization"),
        ("clients", "list", "--name"),
        ("clients", "list", "--label"),
        ("clients", "export", "--organization"),
        ("clients", "revoke-tokens", "x", "--secret"),
        ("clients", "revoke-tokens", "x", "--issued-from"),
        ("clients", "revoke-tokens", "x", "--issued-before"),
        ("clients", "rotate", "x", "--overlap"),
        ("clients", "rotate", "x", "--idempotency-key"),
        ("clients", "delete", "x", "--etag"),
        ("secrets", "expiring", "--within"),
    ],
    ids=" ".join,
)
@pytest.mark.parametrize("value", [pytest.param("", id="empty"), pytest.param(" ", id="blank")])
def test_an_empty_option_is_wrong_usage(grantway: CommandLine, arguments: tuple[str, ...], value: str) -> None:
    """It is what a variable becomes that nobody has set, and would narrow nothing."""
    ran = grantway(*arguments, value)

    assert (2, "") == (ran.exit_code, ran.output)
    assert f"{arguments[-1]}" in ran.errors
    assert "is empty; leave it out, or say what is meant" in ran.errors
