"""`grantway token`, against a real core."""

import re
import time

import pytest

from grantway_server.domain.checksum import with_checksum
from tests.sdk.cli.command_line import CommandLine, Ran
from tests.server.samples import WELL_FORMED_TOKEN

_TOKEN = re.compile(r"client_oa2_live_[0-9a-f]{48}")
_POSITION = re.compile(r"\d+-\d+:[0-9a-f]{8}")
_MALFORMED = {"active": False, "inactive_reason": "malformed"}


@pytest.fixture(name="client")
def _client(grantway: CommandLine, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """A client whose credentials are in the environment."""
    created: dict[str, str] = grantway(
        "clients",
        "create",
        "Demo",
        "--organization",
        "acme",
        "--scope",
        "a b",
        "--no-default-scope",
        "--audience",
        "x",
        "--json",
    ).document
    monkeypatch.setenv("GRANTWAY_CLIENT_ID", created["client_id"])
    monkeypatch.setenv("GRANTWAY_CLIENT_SECRET", created["client_secret"])
    return created


def _issue(grantway: CommandLine, *options: str) -> str:
    token: str = grantway("token", "issue", *options, "--json").document["access_token"]
    return token


def _columns(lines: dict[str, str]) -> str:
    """What people are shown of it."""
    width = max(map(len, lines)) + 2
    return "".join(f"{name:{width}}{value}\n" for name, value in lines.items())


def _freshness(document: dict[str, str]) -> dict[str, str]:
    """What an answer says of how fresh it is; nothing before the first revocation."""
    position = document.get("revocation_position")
    assert position is None or _POSITION.fullmatch(position)
    return {"revocation_position": position} if position else {}


@pytest.mark.usefixtures("client")
def test_issue_answers_as_rfc_6749_does(grantway: CommandLine) -> None:
    """The credentials come from the environment; a token without a scope has no member for it."""
    document = grantway("token", "issue", "--json").document

    assert _TOKEN.fullmatch(document["access_token"])
    assert {"access_token": document["access_token"], "token_type": "Bearer", "expires_in": 3600} == document


@pytest.mark.usefixtures("client")
def test_issue_asks_for_scopes(grantway: CommandLine) -> None:
    """Repeated or together; they are one scope in the answer."""
    assert grantway("token", "issue", "--scope", "a", "--scope", "b", "--json").document["scope"] == "a b"
    assert grantway("token", "issue", "--scope", "b a", "--json").document["scope"].split() == ["b", "a"]


@pytest.mark.usefixtures("client")
def test_issue_prints_a_line_for_each_member(grantway: CommandLine) -> None:
    """For people."""
    ran = grantway("token", "issue", "--scope", "a")

    token = ran.output.split()[1]
    assert _TOKEN.fullmatch(token)
    assert Ran(0, f"access_token  {token}\ntoken_type    Bearer\nexpires_in    3600\nscope         a\n", "") == ran


@pytest.mark.usefixtures("client")
def test_issue_can_print_the_token_alone(grantway: CommandLine) -> None:
    """As a shell wants it for a variable."""
    ran = grantway("token", "issue", "--raw")

    assert (0, "") == (ran.exit_code, ran.errors)
    assert re.fullmatch(rf"{_TOKEN.pattern}\n", ran.output)


@pytest.mark.parametrize("flags", [(), ("--raw",), ("--json",)], ids=["for people", "raw", "as JSON"])
def test_issue_warns_people_of_a_secret_that_ends_soon(
    grantway: CommandLine, client: dict[str, str], flags: tuple[str, ...]
) -> None:
    """On standard error; programs that read JSON have `grantway secrets expiring`."""
    grantway("clients", "rotate", client["client_id"], "--overlap", "2d")

    ran = grantway("token", "issue", *flags)

    warning = r"grantway: this secret is good until \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC: ask for another one\n"
    assert 0 == ran.exit_code
    assert re.fullmatch("" if flags == ("--json",) else warning, ran.errors), ran.errors


def test_issue_prints_one_thing(grantway: CommandLine) -> None:
    """The token alone is no JSON document."""
    ran = grantway("token", "issue", "--raw", "--json")

    description = "Invalid value for --raw: contradicts --json. See 'grantway token issue --help'."
    assert (2, {"error": "invalid_request", "error_description": description}) == (ran.exit_code, ran.document)


def test_issue_takes_a_secret_from_standard_input(
    grantway: CommandLine, client: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where nobody sees it in the list of processes."""
    monkeypatch.delenv("GRANTWAY_CLIENT_SECRET")

    ran = grantway("token", "issue", "--client-secret", "-", "--json", stdin=f"{client['client_secret']}\n")

    assert (0, "Bearer") == (ran.exit_code, ran.document["token_type"])


def test_issue_prefers_options_to_the_environment(grantway: CommandLine, client: dict[str, str]) -> None:
    """Both halves."""
    other = grantway("clients", "create", "Other", "--json").document
    token = _issue(grantway, "--client-id", other["client_id"], "--client-secret", other["client_secret"])

    assert grantway("token", "inspect", token, "--json").document["client_id"] == other["client_id"]
    assert other["client_id"] != client["client_id"]


def test_issue_without_credentials_says_where_they_can_come_from(grantway: CommandLine) -> None:
    """It does not ask the core."""
    description = "give --client-id and --client-secret, or set GRANTWAY_CLIENT_ID and GRANTWAY_CLIENT_SECRET"

    assert Ran(2, "", f"grantway: {description}\n") == grantway("token", "issue")


@pytest.mark.usefixtures("client")
@pytest.mark.parametrize(
    ("options", "error"),
    [
        pytest.param(("--client-secret", "wrong"), "invalid_client", id="a wrong secret"),
        pytest.param(("--client-id", "nobody"), "invalid_client", id="an unknown client"),
        pytest.param(("--scope", "c"), "invalid_scope", id="a scope that is not the client's"),
        pytest.param(("--audience", "y"), "invalid_target", id="an audience that is not the client's"),
    ],
)
def test_a_refusal_is_a_failure(grantway: CommandLine, options: tuple[str, ...], error: str) -> None:
    """Its reason is the error; for people it is one line, and nothing is on standard output."""
    document = grantway("token", "issue", *options, "--json")
    words = grantway("token", "issue", *options)

    assert (1, "") == (document.exit_code, document.errors)
    assert {"error": error, "error_description": document.document["error_description"]} == document.document
    assert Ran(1, "", f"grantway: {document.document['error_description']}\n") == words


def test_inspect_answers_as_rfc_7662_does(grantway: CommandLine, client: dict[str, str]) -> None:
    """Everything that is known of an active token."""
    before = int(time.time())
    token = _issue(grantway, "--scope", "a", "--audience", "x")

    document = grantway("token", "inspect", token, "--json").document

    assert before <= document["iat"] <= time.time()
    assert re.fullmatch(r"[0-9a-f]{16}", document["jti"])
    assert {
        "active": True,
        "client_id": client["client_id"],
        "token_type": "Bearer",
        "iat": document["iat"],
        "exp": document["iat"] + 3600,
        "jti": document["jti"],
        "client_name": "Demo",
        "organization": "acme",
        "scope": "a",
        "aud": ["x"],
    } | _freshness(document) == document


def test_inspect_prints_a_line_for_each_member(grantway: CommandLine, client: dict[str, str]) -> None:
    """People read dates."""
    token = _issue(grantway)
    document = grantway("token", "inspect", token, "--json").document
    issued, expires = (time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(document[name])) for name in ("iat", "exp"))

    lines = {
        "active": "yes",
        "client_id": client["client_id"],
        "token_type": "Bearer",
        "iat": issued,
        "exp": expires,
        "jti": document["jti"],
        "client_name": "Demo",
        "organization": "acme",
        **_freshness(document),
    }
    assert Ran(0, _columns(lines), "") == grantway("token", "inspect", token)


@pytest.mark.parametrize(
    ("token", "reason"),
    [
        pytest.param(WELL_FORMED_TOKEN, "unknown", id="a token that was never issued"),
        pytest.param("client_oa2_live_" + 48 * "0", "malformed", id="a token with a wrong checksum"),
        pytest.param(
            with_checksum("client_oa2_test_" + 40 * "0"), "other_environment", id="a token of the other environment"
        ),
    ],
)
def test_an_inactive_token_is_an_answer(grantway: CommandLine, token: str, reason: str) -> None:
    """The exit code is 0; an administrator is told why."""
    ran, words = grantway("token", "inspect", token, "--json"), grantway("token", "inspect", token)

    freshness = _freshness(ran.document)
    assert (0, {"active": False, "inactive_reason": reason} | freshness) == (ran.exit_code, ran.document)
    assert Ran(0, _columns({"active": "no", "inactive_reason": reason} | freshness), "") == words


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        pytest.param("inspect", ("active           no\ninactive_reason  malformed\n", _MALFORMED), id="inspect"),
        pytest.param("revoke", ("The token is not active.\n", {"active": False}), id="revoke"),
    ],
)
@pytest.mark.parametrize(
    ("text", "hint"),
    [
        pytest.param("gws_live_canary", "this is a client secret: access tokens begin with client_oa2_", id="a secret"),
        pytest.param("svc_live_canary", "this is no access token: those begin with client_oa2_", id="an id"),
        pytest.param("canary", "this is no access token: those begin with client_oa2_", id="a word"),
    ],
)
def test_what_is_no_token_gets_a_hint_with_its_answer(
    grantway: CommandLine, command: str, answer: tuple[str, dict[str, object]], text: str, hint: str
) -> None:
    """On standard error, without what may be a secret; the answer for programs is what it always is."""
    assert Ran(0, answer[0], f"grantway: {hint}\n") == grantway("token", command, text)
    ran = grantway("token", command, text, "--json")
    assert (0, answer[1], "") == (ran.exit_code, ran.document, ran.errors)


@pytest.mark.usefixtures("client")
def test_revoke_ends_a_token(grantway: CommandLine) -> None:
    """For good; again is no failure."""
    token = _issue(grantway)
    assert grantway("token", "inspect", token, "--json").document["active"] is True

    for _ in range(2):
        assert Ran(0, '{"active": false}\n', "") == grantway("token", "revoke", token, "--json")
        assert Ran(0, "The token is not active.\n", "") == grantway("token", "revoke", token)
        document = grantway("token", "inspect", token, "--json").document
        assert {"active": False, "inactive_reason": "revoked"} | _freshness(document) == document


@pytest.mark.usefixtures("client")
def test_a_token_can_come_from_standard_input(grantway: CommandLine) -> None:
    """For inspect and for revoke."""
    token = _issue(grantway)

    assert grantway("token", "inspect", "-", "--json", stdin=f"{token}\n").document["active"] is True
    assert grantway("token", "revoke", "-", "--json", stdin=token).exit_code == 0
    assert grantway("token", "inspect", "-", "--json", stdin=token).document["active"] is False


def test_no_token_is_a_failure(grantway: CommandLine) -> None:
    """An empty line on standard input, say."""
    ran = grantway("token", "inspect", "-", "--json", stdin="\n")

    assert (1, "invalid_request") == (ran.exit_code, ran.document["error"])
