"""The commands that end what a client may do, and that give it back, against a real core."""

import os
import re
import subprocess

import pytest

from tests.programs import PROGRAMS, environment
from tests.sdk.cli.account import gets_tokens, is_active, issue, new_account
from tests.sdk.cli.command_line import CommandLine, Ran

_DATE = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC"


def test_disable_and_enable_turn_a_client_off_and_on(grantway: CommandLine) -> None:
    """Disabled, its credentials are refused as if they were wrong, and its tokens are dead for good."""
    account = new_account(grantway)
    token = issue(grantway, account.client_id, account.client_secret)

    disabled = grantway("clients", "disable", account.client_id, "--json").document
    assert not gets_tokens(grantway, account.client_id, account.client_secret)
    enabled = grantway("clients", "enable", account.client_id, "--json").document

    assert (True, "local", True) == (disabled["disabled"], disabled["disabled_by"], "disabled_at" in disabled)
    assert (False, False, False) == (enabled["disabled"], "disabled_by" in enabled, "disabled_at" in enabled)
    assert gets_tokens(grantway, account.client_id, account.client_secret)
    assert not is_active(grantway, token)


@pytest.mark.parametrize("flags", [pytest.param((), id="for people"), pytest.param(("--json",), id="as JSON")])
def test_delete_says_which_client_is_gone(grantway: CommandLine, flags: tuple[str, ...]) -> None:
    """And it is gone."""
    client_id = new_account(grantway).client_id

    ran = grantway("clients", "delete", client_id, *flags)

    assert 0 == ran.exit_code
    if flags:
        assert {"client_id": client_id, "deleted": True}.items() <= ran.document.items()
    else:
        assert f"Deleted {client_id}.\n" == ran.output
    assert grantway("clients", "show", client_id, "--json").document["error"] == "client_not_found"


def test_panic_ends_everything(grantway: CommandLine) -> None:
    """The client is disabled, and has no secret and no token; enabled again, it needs a new secret."""
    account = new_account(grantway)
    token = issue(grantway, account.client_id, account.client_secret)

    document = grantway("clients", "panic", account.client_id, "--json").document

    assert (True, False, True) == (document["disabled"], document["dry_run"], document["impact"]["disables"])
    assert [account.secret_id] == [secret["secret_id"] for secret in document["impact"]["secrets"]]
    assert not is_active(grantway, token)
    assert [] == grantway("secrets", "list", account.client_id, "--json").document["secrets"]
    grantway("clients", "enable", account.client_id)
    assert not gets_tokens(grantway, account.client_id, account.client_secret)
    secret = grantway("clients", "rotate", account.client_id, "--json").document["client_secret"]
    assert gets_tokens(grantway, account.client_id, secret)


_SECRET_AND_TOKEN = (
    r"  secret  {secret_id}, obtained 1 token, last used DATE from \S+\n"
    r"  tokens  1 issued, the last DATE, good until DATE otherwise\n"
)


@pytest.mark.parametrize(
    ("command", "options", "hits"),
    [
        pytest.param(
            "disable",
            (),
            r"  client  {client_id} \(Concierge of acme\), enabled until now\n"
            r"  tokens  1 issued, the last DATE, good until DATE otherwise\n",
            id="disable",
        ),
        pytest.param("delete", (), r"  client  enabled until now\n" + _SECRET_AND_TOKEN, id="delete"),
        pytest.param(
            "panic",
            (),
            r"  client  {client_id} \(Concierge of acme\), enabled until now\n" + _SECRET_AND_TOKEN,
            id="panic",
        ),
        pytest.param(
            "revoke-tokens",
            (),
            r"  tokens  1 issued, the last DATE, good until DATE otherwise\n",
            id="revoke all tokens",
        ),
        pytest.param(
            "revoke-tokens", ("--issued-before", "1h"), r"  nothing\n", id="revoke what was issued an hour ago"
        ),
    ],
)
def test_a_dry_run_says_what_it_would_hit_and_changes_nothing(
    grantway: CommandLine, command: str, options: tuple[str, ...], hits: str
) -> None:
    """As lines and as JSON."""
    account = new_account(grantway, "--organization", "acme")
    token = issue(grantway, account.client_id, account.client_secret)
    before = grantway("clients", "show", account.client_id, "--json").document

    words = grantway("clients", command, account.client_id, *options, "--dry-run")
    document = grantway("clients", command, account.client_id, *options, "--dry-run", "--json").document

    pattern = hits.format(client_id=account.client_id, secret_id=account.secret_id).replace("DATE", _DATE)
    assert (0, "") == (words.exit_code, words.errors)
    assert re.fullmatch(rf"Nothing was changed. It would hit:\n{pattern}", words.output), words.output
    assert document["dry_run"] is True
    assert ("tokens" in hits) == (document["impact"]["tokens_issued"] == 1)
    assert ("client" in hits) == document["impact"]["disables"]
    assert ("secret " in hits) == (len(document["impact"]["secrets"]) == 1)
    assert before == grantway("clients", "show", account.client_id, "--json").document
    assert is_active(grantway, token)


def test_revoke_tokens_ends_all_or_those_that_are_asked_for(grantway: CommandLine) -> None:
    """Of one secret, or of a time; those that are issued later live."""
    account = new_account(grantway)
    first = issue(grantway, account.client_id, account.client_secret)
    second_secret = grantway("clients", "rotate", account.client_id, "--json").document["client_secret"]
    second = issue(grantway, account.client_id, second_secret)
    revoke = ("clients", "revoke-tokens", account.client_id)

    def live() -> list[bool]:
        return [is_active(grantway, token) for token in (first, second)]

    grantway(*revoke, "--issued-before", "2020-01-01T00:00:00Z")
    assert [True, True] == live()
    grantway(*revoke, "--secret", account.secret_id)
    assert [False, True] == live()
    done = grantway(*revoke, "--issued-from", "1h")
    assert [False, False] == live()

    assert (0, "Done. It hit:") == (done.exit_code, done.output.splitlines()[0])
    assert is_active(grantway, issue(grantway, account.client_id, second_secret))


@pytest.mark.parametrize("command", ["disable", "enable", "delete", "revoke-tokens"])
def test_a_stale_etag_is_a_conflict(grantway: CommandLine, command: str) -> None:
    """Nothing is changed; with the right one it is."""
    account = new_account(grantway)
    stale = grantway("clients", "show", account.client_id, "--json").document["etag"]
    etag = grantway("clients", "update", account.client_id, "--name", "Other", "--json").document["etag"]

    refused = grantway("clients", command, account.client_id, "--etag", stale, "--json")
    shown = grantway("clients", "show", account.client_id, "--json").document

    assert (1, "conflict", etag) == (refused.exit_code, refused.document["error"], shown["etag"])
    assert 0 == grantway("clients", command, account.client_id, "--etag", etag).exit_code


@pytest.mark.parametrize("option", ["--issued-from", "--issued-before"])
def test_a_moment_that_is_none_is_wrong_usage(grantway: CommandLine, option: str) -> None:
    """Nothing is revoked by a slip."""
    ran = grantway("clients", "revoke-tokens", "x", option, "3600")

    assert (2, "") == (ran.exit_code, ran.output)
    assert f"{option}: must be a time like 2026-03-01T08:00:00Z, or how long ago it was, like 2h" in ran.errors


@pytest.mark.parametrize(
    ("answer", "options", "done"),
    [
        pytest.param("y\n", (), True, id="yes"),
        pytest.param("YES\n", (), True, id="yes in full"),
        pytest.param("n\n", (), False, id="no"),
        pytest.param("\n", (), False, id="nothing"),
        pytest.param("\x04", (), False, id="the end of the input"),
        pytest.param(None, ("--yes",), True, id="not asked with --yes"),
        pytest.param(None, ("--json",), True, id="not asked with --json"),
        pytest.param(None, ("--dry-run",), False, id="not asked when nothing is to be done"),
    ],
)
@pytest.mark.parametrize(
    ("command", "question", "otherwise"),
    [
        pytest.param("delete", "Delete {} and its tokens for good?", "nothing was deleted", id="delete"),
        pytest.param(
            "panic", "Disable {} and end all its secrets and tokens for good?", "nothing was changed", id="panic"
        ),
    ],
)
def test_what_cannot_be_undone_is_asked_about_in_a_terminal(  # noqa: PLR0917 - a row of two tables.
    core: str,
    command: str,
    question: str,
    otherwise: str,
    answer: str | None,
    options: tuple[str, ...],
    done: bool,  # noqa: FBT001 - as above.
) -> None:
    """Everything but yes is no, exit code 1; where nobody can answer nobody is asked."""
    client_id = _in_a_terminal(core, "clients", "create", "A", "--json").document["client_id"]

    ran = _in_a_terminal(core, "clients", command, client_id, *options, answer=answer)
    shown = _in_a_terminal(core, "clients", "show", client_id, "--json")

    asked = "" if answer is None else f"{question.format(client_id)} [y/N] "
    refused = not done and "--dry-run" not in options
    assert (refused, asked + (f"grantway: {otherwise}\n" if refused else "")) == (ran.exit_code, ran.errors)
    assert done == (shown.exit_code == 1 or shown.document["disabled"])


def test_revoke_tokens_asks_in_a_terminal(core: str) -> None:
    """Everything but yes is no."""
    client_id = _in_a_terminal(core, "clients", "create", "A", "--json").document["client_id"]
    revoke = ("clients", "revoke-tokens", client_id)
    question = f"Revoke all tokens of {client_id} for good? [y/N] "

    assert Ran(1, "", f"{question}grantway: nothing was revoked\n") == _in_a_terminal(core, *revoke, answer="\n")
    assert (0, question) == ((ran := _in_a_terminal(core, *revoke, answer="y\n")).exit_code, ran.errors)
    assert (0, "") == ((ran := _in_a_terminal(core, *revoke, "--yes")).exit_code, ran.errors)


def test_retire_asks_in_a_terminal_about_a_secret_that_may_be_in_use(core: str) -> None:
    """With its verdict; of one that is safe to retire it asks nothing."""
    created = _in_a_terminal(core, "clients", "create", "A", "--json").document
    retire = ("secrets", "retire", created["client_id"], created["secret_id"])
    verdict = "not safe to retire: there is no newer secret that is good"
    question = f"{created['secret_id']} is {verdict}. Retire it for good? [y/N] "

    assert Ran(1, "", f"{question}grantway: nothing was retired\n") == _in_a_terminal(core, *retire, answer="n\n")
    assert (0, "") == ((ran := _in_a_terminal(core, *retire, "--dry-run")).exit_code, ran.errors)
    assert (0, question) == ((ran := _in_a_terminal(core, *retire, answer="y\n")).exit_code, ran.errors)


def _in_a_terminal(core: str, *arguments: str, answer: str | None = None) -> Ran:
    """Runs the program with a terminal for its standard input, into which *answer* was typed."""
    terminal, its_end = os.openpty()
    try:
        os.write(terminal, (answer or "").encode())
        process = subprocess.run(
            [str(PROGRAMS / "grantway"), *arguments],
            env=environment(GRANTWAY_GRPC=core),
            stdin=its_end,
            check=False,
            capture_output=True,
            text=True,
            timeout=20,
        )
    finally:
        os.close(its_end)
        os.close(terminal)
    return Ran(process.returncode, process.stdout, process.stderr)
