"""`grantway clients import`, against a real core."""

import base64
import hashlib
import json
import os
import pty
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from tests.programs import PROGRAMS, environment, running
from tests.sdk.cli.account import gets_tokens
from tests.sdk.cli.command_line import CommandLine, Ran
from tests.server.hashing.vectors import VECTORS, Vector
from tests.valkey_server import embedded_valkey

_SECRET = "as the other system made it"


def _sha256(secret: str) -> str:
    return "{SHA-256}" + base64.b64encode(hashlib.sha256(secret.encode()).digest()).decode()


def _lines(clients: Iterable[dict[str, Any]]) -> str:
    return "".join(f"{json.dumps(client)}\n" for client in clients)


def _clients(prefix: str, count: int) -> list[dict[str, Any]]:
    """So many clients of another system."""
    return [
        {
            "client_id": f"{prefix}-{number}",
            "name": f"Client {number}",
            "organization": prefix,
            "secret_hash": _sha256(_SECRET),
            "scopes": ["orders:read", "orders:write"],
        }
        for number in range(count)
    ]


def test_a_client_keeps_its_id_and_its_secret(grantway: CommandLine, tmp_path: Path) -> None:
    """It goes on as if nothing had happened."""
    (tmp_path / "clients.jsonl").write_text(_lines(_clients("kept", 1)))

    assert Ran(0, "1 created, 0 existed already, 0 refused.\n", "") == grantway(
        "clients", "import", str(tmp_path / "clients.jsonl")
    )

    shown = grantway("clients", "show", "kept-0", "--json").document
    assert {
        "client_id": "kept-0",
        "client_name": "Client 0",
        "organization": "kept",
        "scope": "orders:read orders:write",
    }.items() <= shown.items()
    assert gets_tokens(grantway, "kept-0", _SECRET)
    assert not gets_tokens(grantway, "kept-0", "wrong")


_ONE_OF_EACH_FORMAT = {vector.format_name: vector for vector in reversed(VECTORS)}


@pytest.mark.parametrize("vector", _ONE_OF_EACH_FORMAT.values(), ids=_ONE_OF_EACH_FORMAT.keys())
def test_a_hash_is_taken_as_its_system_stores_it(grantway: CommandLine, vector: Vector) -> None:
    """The secret obtains a token, again and again."""
    line = json.dumps({"client_id": f"of-{vector.format_name}", "name": "Moved", "secret_hash": vector.stored})

    assert {"created": 1, "existing": 0, "refused": []} == grantway(
        "clients", "import", "-", "--json", stdin=line
    ).document
    assert "  imported, never used  " in grantway("secrets", "list", f"of-{vector.format_name}").output
    for _ in range(2):
        assert gets_tokens(grantway, f"of-{vector.format_name}", vector.text)
    (secret,) = grantway("secrets", "list", f"of-{vector.format_name}", "--json").document["secrets"]
    assert (False, 2) == (secret["imported"], secret["use_count"])


def test_an_import_can_be_run_again(grantway: CommandLine) -> None:
    """What exists is left as it is, and counted; nothing is made twice, whatever interrupted the first run."""
    clients = _clients("again", 450)
    first = grantway("clients", "import", "-", "--json", stdin=_lines(clients[:230]))
    grantway("clients", "update", "again-0", "--name", "Changed here")

    second = grantway("clients", "import", "-", "--json", stdin=_lines(clients))

    assert (0, {"created": 230, "existing": 0, "refused": []}) == (first.exit_code, first.document)
    assert (0, {"created": 220, "existing": 230, "refused": []}) == (second.exit_code, second.document)
    listed = grantway("clients", "list", "--organization", "again", "--json").document["clients"]
    assert {client["client_id"] for client in clients} == {client["client_id"] for client in listed}
    assert "Changed here" == grantway("clients", "show", "again-0", "--json").document["name"]


def test_a_line_that_is_refused_does_not_stop_the_others(grantway: CommandLine) -> None:
    """It is told by its number, whether it was refused here or by the core; the exit code is 1."""
    good, bad_hash, bad_scope, last = _clients("mixed", 4)
    bad_hash["secret_hash"] = "md5$" + _SECRET
    bad_scope["scopes"] = ['"']
    text = f"{_lines([good])}\n{{\n{_lines([bad_hash, bad_scope])}[1]\n{_lines([last]).strip()}"

    as_json = grantway("clients", "import", "-", "--json", stdin=text)
    for_people = grantway("clients", "import", "-", stdin=text)

    document = as_json.document
    assert (1, "", 2, 0) == (as_json.exit_code, as_json.errors, document["created"], document["existing"])
    assert ("lines_refused", "2 created, 0 existed already, 4 refused") == (
        document["error"],
        document["error_description"],
    )
    assert [
        (3, "invalid_request"),
        (4, "invalid_request"),
        (5, "invalid_scope"),
        (6, "invalid_request"),
    ] == [(line["line"], line["error"]) for line in document["refused"]]
    assert (1, "0 created, 2 existed already, 4 refused.\n") == (for_people.exit_code, for_people.output)
    assert [None, "mixed-1", "mixed-2", None] == [line.get("client_id") for line in document["refused"]]
    clients = ("", "client mixed-1: ", "client mixed-2: ", "")
    assert [
        f"grantway: line {line['line']}: {client}{line['error_description']}"
        for line, client in zip(document["refused"], clients, strict=True)
    ] == for_people.errors.splitlines()
    assert _SECRET not in as_json.output + for_people.errors


def test_lines_come_in_all_shapes(grantway: CommandLine) -> None:
    """A mark before the first, carriage returns, empty lines, none at the end."""
    first, second = _clients("shapes", 2)
    text = f"\ufeff{json.dumps(first)}\r\n\r\n\n{json.dumps(second, ensure_ascii=False)}"

    assert {"created": 2, "existing": 0, "refused": []} == grantway(
        "clients", "import", "-", "--json", stdin=text
    ).document


def test_a_line_without_an_end_takes_no_memory(grantway: CommandLine) -> None:
    """It is refused, and the next one is read."""
    (client,) = _clients("endless", 1)

    ran = grantway("clients", "import", "-", "--json", stdin=f"{2_000_000 * 'x'}\n{_lines([client])}")

    assert (1, 1) == (ran.exit_code, ran.document["created"])
    assert [{"line": 1, "error": "invalid_request", "error_description": "it is larger than any client can be"}] == (
        ran.document["refused"]
    )


def test_nothing_is_an_import_of_nothing(grantway: CommandLine) -> None:
    """And no failure."""
    assert Ran(0, "0 created, 0 existed already, 0 refused.\n", "") == grantway("clients", "import", "-")


def test_a_file_that_is_not_there_is_a_failure(grantway: CommandLine, tmp_path: Path) -> None:
    """It is named."""
    file = tmp_path / "nothing"

    assert Ran(1, "", f"grantway: {file}: No such file or directory\n") == grantway("clients", "import", str(file))


def test_an_import_goes_on_when_a_core_comes_back(tmp_path: Path) -> None:
    """A core that stops in the middle, and another one in its place: every client is there."""
    clients = _clients("restart", 3_000)
    with embedded_valkey(tmp_path, persist=False) as url:
        with running("grantway-server", GRANTWAY_REDIS_URL=url, GRANTWAY_GRPC_PORT="0") as core:
            address = core.address()
            process = subprocess.Popen(
                [str(PROGRAMS / "grantway"), "clients", "import", "-", "--json"],
                env=environment(GRANTWAY_GRPC=address),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            assert process.stdin is not None
            process.stdin.write(_lines(clients[:1_000]))
            process.stdin.flush()
        with (
            process,
            running("grantway-server", GRANTWAY_REDIS_URL=url, GRANTWAY_GRPC_PORT=address.rpartition(":")[2]) as core,
        ):
            core.address()
            output, _ = process.communicate(_lines(clients[1_000:]), timeout=40)

    document = json.loads(output)
    assert (0, []) == (process.returncode, document["refused"])
    assert 3_000 == document["created"] + document["existing"]


def test_a_core_that_is_gone_for_good_says_how_to_go_on(grantway: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once it was waited for."""
    monkeypatch.setenv("GRANTWAY_GRPC", "127.0.0.1:1")
    monkeypatch.setattr("grantway.cli.client_import._PAUSES", (0.01, 0.01))

    ran = grantway("clients", "import", "-", "--json", stdin=_lines(_clients("gone", 1)))

    said = "no core answers any more: 0 lines are done; run the same command again to go on"
    assert (1, {"error": "temporarily_unavailable", "error_description": said}) == (ran.exit_code, ran.document)


def test_a_terminal_sees_how_far_it_has_come(core: str) -> None:
    """On standard error, on one line that goes away in the end; nobody else sees it."""
    terminal, its_end = pty.openpty()
    process = subprocess.run(
        [str(PROGRAMS / "grantway"), "clients", "import", "-"],
        env=environment(GRANTWAY_GRPC=core),
        input=_lines(_clients("progress", 150)),
        stdout=subprocess.PIPE,
        stderr=its_end,
        check=True,
        text=True,
        timeout=20,
    )
    os.close(its_end)
    seen = os.read(terminal, 10_000)
    os.close(terminal)

    assert b"\r1 lines" in seen
    assert seen.endswith(b"\r\x1b[K")
    assert "150 created, 0 existed already, 0 refused.\n" == process.stdout


def test_the_known_formats_are_listed_once(grantway: CommandLine) -> None:
    """After the first line that needs them; the lines come in their order and name the clients."""
    clients = _clients("formats", 3)
    for client in clients:
        client["secret_hash"] = "md5$x"
    clients[1]["scopes"] = 1

    first, formats, *others = grantway("clients", "import", "-", stdin=_lines(clients)).errors.splitlines()

    unknown = "secret_hash is in no known format"
    assert [
        f"grantway: line 1: client formats-0: {unknown}",
        "grantway: line 2: client formats-1: scopes must be a list of strings, or one string with spaces between",
        f"grantway: line 3: client formats-2: {unknown}",
    ] == [first, *others]
    assert formats.startswith("grantway: secret_hash must begin with one of ")
