"""`grantway audit`, against a real core."""

import json
import re
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from grantway.cli.audit_documents import audit_line
from grantway.v1.audit_service_pb2 import AUDIT_KIND_AUTHENTICATION_FAILED, AuditRecord
from tests.programs import PROGRAMS, environment, free_ports, running
from tests.sdk.cli.account import Account, gets_tokens, new_account
from tests.sdk.cli.command_line import CommandLine, Ran
from tests.valkey_server import embedded_valkey


def _records(ran: Ran) -> list[dict[str, Any]]:
    assert (0, "") == (ran.exit_code, ran.errors)
    return [json.loads(line) for line in ran.output.splitlines()]


def _kinds(ran: Ran) -> list[str]:
    return [record["kind"] for record in _records(ran)]


@pytest.fixture(name="account")
def _account(grantway: CommandLine) -> Account:
    """A client to which something has happened."""
    account = new_account(grantway, "--scope", "a")
    grantway("clients", "update", account.client_id, "--name", "Renamed")
    assert not gets_tokens(grantway, account.client_id, "wrong")
    grantway("clients", "disable", account.client_id)
    return account


def test_search_prints_json_lines(grantway: CommandLine, account: Account) -> None:
    """A document for each record, the oldest first; what was changed stands in it as JSON."""
    created, updated, failed, disabled = _records(grantway("audit", "search", "--client", account.client_id, "--json"))

    assert {
        "time": updated["time"],
        "kind": "client_updated",
        "client_id": account.client_id,
        "actor": "local",
        "source": updated["source"],
        "request_id": updated["request_id"],
        "record_id": updated["record_id"],
        "changes": [{"field": "name", "before": "Concierge", "after": "Renamed"}],
    } == updated
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", updated["time"])
    assert ("client_created", "client_disabled") == (created["kind"], disabled["kind"])
    assert {"field": "allowed_scopes", "before": None, "after": ["a"]} in created["changes"]
    assert ("authentication_failed", "wrong_secret") == (failed["kind"], failed["failure"])
    assert [created["time"], updated["time"], failed["time"], disabled["time"]] == sorted(
        record["time"] for record in (created, updated, failed, disabled)
    )


def test_search_prints_a_line_for_each_record(grantway: CommandLine, account: Account) -> None:
    """When, what, of whom, by whom, from where, and what of it."""
    lines = grantway("audit", "search", "--client", account.client_id).output.splitlines()

    date = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC"
    assert 4 == len(lines)
    assert re.fullmatch(
        rf"{date}  client_updated         {account.client_id}  by local from \S+ in \w+  "
        r'name: "Concierge" -> "Renamed"',
        lines[1],
    ), lines[1]
    assert re.fullmatch(
        rf"{date}  authentication_failed  {account.client_id}  by client from \S+ in \w+  wrong_secret", lines[2]
    ), lines[2]


@pytest.mark.parametrize(
    ("options", "kinds"),
    [
        pytest.param(("--kind", "client_updated"), ["client_updated"], id="of a kind"),
        pytest.param(
            ("--kind", "client_disabled", "--kind", "authentication_failed"),
            ["authentication_failed", "client_disabled"],
            id="of two kinds",
        ),
        pytest.param(("--actor", "client"), ["authentication_failed"], id="by an actor"),
        pytest.param(("--actor", "nobody"), [], id="by nobody"),
        pytest.param(("--limit", "2"), ["authentication_failed", "client_disabled"], id="the newest"),
        pytest.param(("--until", "1h"), [], id="until an hour ago"),
        pytest.param(("--since", "1h", "-n", "1"), ["client_disabled"], id="the newest since an hour ago"),
    ],
)
def test_search_can_be_narrowed(
    grantway: CommandLine, account: Account, options: tuple[str, ...], kinds: list[str]
) -> None:
    """Each option says which records are wanted."""
    assert kinds == _kinds(grantway("audit", "search", "--client", account.client_id, *options, "--json"))


def test_search_takes_the_time_that_a_record_shows(grantway: CommandLine, account: Account) -> None:
    """From it on, and before it."""
    search = ("audit", "search", "--client", account.client_id, "--json")
    time = _records(grantway(*search))[2]["time"]

    assert ["authentication_failed", "client_disabled"] == _kinds(grantway(*search, "--since", time))
    assert ["client_created", "client_updated"] == _kinds(grantway(*search, "--until", time))


def test_tail_prints_the_newest_records(grantway: CommandLine, account: Account) -> None:
    """Ten, unless it is told otherwise, the oldest of them first."""
    records = _records(grantway("audit", "tail", "-n", "3", "--json"))
    assert ["client_updated", "authentication_failed", "client_disabled"] == [record["kind"] for record in records]
    assert {account.client_id} == {record["client_id"] for record in records}

    for _ in range(4):
        grantway("clients", "update", account.client_id, "--name", "A")
        grantway("clients", "update", account.client_id, "--name", "B")
    assert 10 == len(grantway("audit", "tail").output.splitlines())


def test_tail_can_follow(core: str, grantway: CommandLine, account: Account) -> None:
    """It prints what happens as it happens."""
    with _following(core) as process:
        assert process.stdout is not None
        first = json.loads(process.stdout.readline())
        grantway("clients", "enable", account.client_id)
        second = json.loads(process.stdout.readline())

    assert ["client_disabled", "client_enabled"] == [first["kind"], second["kind"]]


def test_following_goes_on_across_a_restart_of_the_core(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What happened meanwhile is printed too, and nothing twice."""
    with embedded_valkey(tmp_path, persist=False) as url, ExitStack() as stack:
        variables = {"GRANTWAY_REDIS_URL": url, "GRANTWAY_GRPC_PORT": str(free_ports(1)[0])}
        first = stack.enter_context(running("grantway-server", **variables))
        address = first.address()
        grantway = CommandLine(capsys, monkeypatch, {"GRANTWAY_GRPC": address})
        account = new_account(grantway)
        process = stack.enter_context(_following(address))
        assert process.stdout is not None
        records = [json.loads(process.stdout.readline())]

        first.process.terminate()
        first.end()
        stack.enter_context(running("grantway-server", **variables)).address()
        grantway("clients", "disable", account.client_id)
        grantway("clients", "enable", account.client_id)
        records += [json.loads(process.stdout.readline()) for _ in range(2)]

    assert ["client_created", "client_disabled", "client_enabled"] == [record["kind"] for record in records]


@contextmanager
def _following(core: str) -> Iterator["subprocess.Popen[str]"]:
    """`grantway audit tail --follow`, from the newest record on."""
    with subprocess.Popen(
        [str(PROGRAMS / "grantway"), "audit", "tail", "--follow", "-n", "1", "--json"],
        env=environment(GRANTWAY_GRPC=core),
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def test_what_a_stranger_sends_does_not_reach_the_terminal() -> None:
    """A client id or a source may be anything; what a terminal would obey is spelled out."""
    record = AuditRecord(
        kind=AUDIT_KIND_AUTHENTICATION_FAILED, client_id="\x1b[2Jnobody\n", actor="client", source="\u202enowhere"
    )

    assert (
        "1970-01-01 00:00:00 UTC  authentication_failed  "
        r"\x1b[2Jnobody\n            by client from \u202enowhere"
    ) == audit_line(record)


@pytest.mark.parametrize(
    ("options", "description"),
    [
        pytest.param(("search", "--kind", "all"), "must be one of authentication_failed, client_created,", id="a kind"),
        pytest.param(("search", "--since", "yesterday"), "must be a time like 2026-03-01T08:00:00Z", id="a time"),
        pytest.param(("search", "--limit", "0"), "should be greater than or equal to 1", id="no records at all"),
        pytest.param(("tail", "-n", "0"), "should be greater than or equal to 1", id="none of the newest"),
    ],
)
def test_a_slip_is_wrong_usage(grantway: CommandLine, options: Sequence[str], description: str) -> None:
    """Exit code 2."""
    ran = grantway("audit", *options)

    assert (2, "") == (ran.exit_code, ran.output)
    assert description in ran.errors
