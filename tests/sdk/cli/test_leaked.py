"""`grantway leaked`, against a real core."""

import json
import re
from base64 import b64encode

import pytest

from tests.sdk.cli.account import Account, gets_tokens, is_active, issue, new_account
from tests.sdk.cli.command_line import CommandLine, Ran

_DATE = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC"
_INVENTED = "client_oa2_live_" + 48 * "0"
_DEAD = "client_oa2_live_000102030405060708090a0b0c0d0e0f101112138d4f8836"
_OF_THE_OTHER_ENVIRONMENT = "gws_test_aaaqeaye_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8b9976170"


@pytest.fixture(name="account")
def _account(grantway: CommandLine) -> Account:
    return new_account(grantway, "--organization", "acme", "--scope", "r w", "--default-scope", "r")


def test_what_is_live_is_told_by_what_it_could_do(grantway: CommandLine, account: Account) -> None:
    """And by the lines that it stands on; never by its text."""
    token = issue(grantway, account.client_id, account.client_secret)
    log = f"nothing\nX{token}X\n{_DEAD} {_INVENTED}\nsecret={account.client_secret}&\n{token}\n"

    ran = grantway("leaked", "--json", stdin=log)

    document = ran.document
    leaks = {leak["kind"]: leak for leak in document["leaks"] if leak["live"]}
    of_token, of_secret = leaks["access_token"], leaks["client_secret"]
    assert (0, "", 3, 2) == (ran.exit_code, ran.errors, document["found"], document["live"])
    owner = {"client_id": account.client_id, "client_name": "Concierge", "organization": "acme", "revoked": False}
    inspected = grantway("token", "inspect", token, "--json").document
    assert {
        "kind": "access_token",
        "live": True,
        "lines": [2, 5],
        "id": inspected["jti"],
        "scope": "r",
        "expires_at": inspected["exp"],
        **owner,
    } == of_token
    assert {
        "kind": "client_secret",
        "live": True,
        "lines": [4],
        "id": account.secret_id,
        "scope": "r w",
        **owner,
    } == of_secret
    assert {"kind": "access_token", "live": False, "lines": [3]} in document["leaks"]
    assert token not in ran.output
    assert account.client_secret not in ran.output
    assert is_active(grantway, token)


def test_people_read_a_table(grantway: CommandLine, account: Account) -> None:
    """Of those that are live."""
    token = issue(grantway, account.client_id, account.client_secret)

    ran = grantway("leaked", stdin=f"{_DEAD}\n{token}\n{account.client_secret}\n")

    said, head, *lines = ran.output.splitlines()
    assert (0, "", "3 found, 2 of them live.") == (ran.exit_code, ran.errors, said)
    assert ["KIND", "ID", "CLIENT", "NAME", "ORGANIZATION", "SCOPE", "EXPIRES", "LINES"] == head.split()
    patterns = [
        rf"access_token   [0-9a-f]{{16}}  {account.client_id}  Concierge  acme          r      {_DATE}  2",
        rf"client_secret  {account.secret_id}          {account.client_id}  Concierge  acme          r w    never  +3",
    ]
    assert all(map(re.fullmatch, patterns, lines)), lines
    assert 2 == len(lines)


def test_revoke_ends_what_is_live(grantway: CommandLine, account: Account) -> None:
    """A token alone, a secret with the tokens that it obtained; what is found a second time is dead."""
    other = new_account(grantway)
    of_other = issue(grantway, other.client_id, other.client_secret)
    token, unseen = (issue(grantway, account.client_id, account.client_secret) for _ in range(2))
    log = f"{of_other}\n{token}\n{account.client_secret}\n"

    ran = grantway("leaked", "--revoke", stdin=log)
    again = grantway("leaked", "--revoke", "--json", stdin=log).document

    assert (0, "3 found, 3 of them live, and revoked now.") == (ran.exit_code, ran.output.splitlines()[0])
    assert [False, False, False] == [is_active(grantway, one) for one in (of_other, token, unseen)]
    assert not gets_tokens(grantway, account.client_id, account.client_secret)
    assert gets_tokens(grantway, other.client_id, other.client_secret)
    assert (3, 0) == (again["found"], again["live"])


def test_the_audit_trail_has_who_ended_what(grantway: CommandLine, account: Account) -> None:
    """A token as well as a secret."""
    token = issue(grantway, account.client_id, account.client_secret)
    grantway("leaked", "--revoke", stdin=f"{token}\n{account.client_secret}\n")

    ran = grantway("audit", "search", "--client", account.client_id, "--kind", "leak_reported", "--json")

    documents = [json.loads(line) for line in ran.output.splitlines()]
    assert [("local", account.secret_id)] * 2 == [(one["actor"], one["secret_id"]) for one in documents]


def test_what_was_ended_has_no_expiry_any_more(grantway: CommandLine, account: Account) -> None:
    """Its row has none."""
    head = grantway("leaked", "--revoke", stdin=account.client_secret).output.splitlines()[1]

    assert ["KIND", "ID", "CLIENT", "NAME", "ORGANIZATION", "SCOPE", "LINES"] == head.split()


def test_a_file_is_read_from_standard_input(grantway: CommandLine) -> None:
    """Whoever names one is told how; what was named may be a secret and is not repeated."""
    said = "grantway: it reads standard input: grantway leaked < FILE\n"

    assert Ran(2, "", said) == grantway("leaked", "debug.log")


def test_a_revocation_says_so_as_json(grantway: CommandLine, account: Account) -> None:
    """Of each that was live."""
    log = f"{account.client_secret} {_DEAD}"

    document = grantway("leaked", "--revoke", "--json", stdin=log).document

    assert [True, None] == [leak.get("revoked") for leak in document["leaks"]]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param(_INVENTED, id="a token with a wrong checksum"),
        pytest.param("client_oa2_live_ gws_live_", id="beginnings"),
    ],
)
def test_what_is_nothing_is_not_asked_about(grantway: CommandLine, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """No core needs to be there."""
    monkeypatch.setenv("GRANTWAY_GRPC", "127.0.0.1:1")

    assert Ran(0, "0 found, 0 of them live.\n", "") == grantway("leaked", stdin=text)
    assert {"found": 0, "live": 0, "leaks": []} == grantway("leaked", "--json", stdin=text).document


def test_one_of_the_other_environment_is_not_live_here(grantway: CommandLine) -> None:
    """It is found all the same."""
    leaks = [{"kind": "client_secret", "live": False, "lines": [1]}]

    assert {"found": 1, "live": 0, "leaks": leaks} == grantway(
        "leaked", "--json", stdin=_OF_THE_OTHER_ENVIRONMENT
    ).document


def test_a_log_of_any_bytes_is_searched(grantway: CommandLine, account: Account) -> None:
    """No text, one line of megabytes, a secret across whatever it is read by, and one in a Basic header."""
    secret = account.client_secret.encode()
    basic = b64encode(f"{account.client_id}:{account.client_secret}".encode())
    log = b"".join((b"\xff\x00" * 32_750, secret, b"\xfe" * 1_000_000, b"\n", b"authorization: Basic ", basic, b"\n"))

    (leak,) = grantway("leaked", "--json", stdin=log).document["leaks"]

    assert (account.secret_id, [1, 2]) == (leak["id"], leak["lines"])


def test_many_are_asked_about_in_batches(grantway: CommandLine, account: Account) -> None:
    """More than one call takes, and more lines than are shown."""
    tokens = [issue(grantway, account.client_id, account.client_secret) for _ in range(101)]
    log = "\n".join((*tokens, *(7 * [tokens[0]])))

    ran = grantway("leaked", stdin=log)

    assert "101 found, 101 of them live." == ran.output.splitlines()[0]
    assert ran.output.splitlines()[2].endswith(" 1,102,103,104,105 and 3 more")
