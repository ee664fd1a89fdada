"""`grantway clients export`, against a real core."""

import json
import stat
from pathlib import Path
from typing import Any

import pytest

from tests.sdk.cli.account import issue, new_account
from tests.sdk.cli.command_line import CommandLine, Ran


def _documents(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_a_line_says_everything_of_a_client_but_its_secrets(grantway: CommandLine) -> None:
    """By the names that `import` reads, and what else is known."""
    account = new_account(
        grantway,
        *("--organization", "export-all", "--description", "Orders", "--label", "b=2", "--label", "a=1"),
        *("--scope", "w r", "--default-scope", "r", "--audience", "x", "--own-audience", "y", "--lifetime", "15m"),
        *("--auth-method", "client_secret_basic"),
    )
    issue(grantway, account.client_id, account.client_secret)
    shown = grantway("clients", "disable", account.client_id, "--json").document

    ran = grantway("clients", "export", "--organization", "export-all")

    assert (0, "") == (ran.exit_code, ran.errors)
    (document,) = _documents(ran.output)
    assert {
        "client_id": account.client_id,
        "name": "Concierge",
        "organization": "export-all",
        "description": "Orders",
        "labels": {"a": "1", "b": "2"},
        "scopes": ["r", "w"],
        "default_scopes": ["r"],
        "audiences": ["x"],
        "own_audiences": ["y"],
        "token_lifetime": 900,
        "permissions": ["issue_tokens"],
        "auth_methods": ["client_secret_basic"],
        "environment": "live",
        "disabled": True,
        "client_id_issued_at": shown["client_id_issued_at"],
        "created_by": "local",
        "updated_at": shown["updated_at"],
        "updated_by": "local",
        "disabled_at": shown["disabled_at"],
        "disabled_by": "local",
        "last_token_at": shown["last_token_at"],
    } == document
    assert account.client_secret not in ran.output
    assert account.secret_id not in ran.output


def test_all_clients_are_written_in_the_order_of_their_ids(grantway: CommandLine, tmp_path: Path) -> None:
    """Page by page, each once; nobody else can read the file."""
    lines = "".join(
        json.dumps({"client_id": f"export-{number:03}", "name": "E", "secret_hash": "{SHA-256}" + 43 * "A" + "="})
        + "\n"
        for number in range(450)
    )
    assert 0 == grantway("clients", "import", "-", stdin=lines).exit_code
    file = tmp_path / "clients.jsonl"

    ran = grantway("clients", "export", str(file))

    ids = [document["client_id"] for document in _documents(file.read_text())]
    assert sorted(set(ids)) == ids
    assert [f"export-{number:03}" for number in range(450)] == [one for one in ids if one.startswith("export-")]
    assert Ran(0, f"{len(ids)} clients written to {file}.\n", "") == ran
    assert 0o600 == stat.S_IMODE(file.stat().st_mode)
    assert [file] == list(tmp_path.iterdir())
    assert {"exported": len(ids)} == grantway("clients", "export", str(file), "--json").document


def test_what_was_exported_can_be_imported_elsewhere(grantway: CommandLine) -> None:
    """With a hash, and without what only this service knows."""
    account = new_account(grantway, "--organization", "export-again", "--scope", "a", "--no-default-scope")
    (exported,) = _documents(grantway("clients", "export", "--organization", "export-again").output)
    read = ("name", "organization", "description", "labels", "scopes", "default_scopes", "audiences")
    client = {name: exported[name] for name in (*read, "token_lifetime", "permissions", "auth_methods")}
    line = json.dumps(client | {"client_id": "elsewhere", "secret_hash": "{SHA-256}" + 43 * "A" + "="})

    assert 0 == grantway("clients", "import", "-", stdin=line).exit_code

    documents = _documents(grantway("clients", "export", "--organization", "export-again").output)
    here, there = ({name: document[name] for name in client} for document in documents)
    assert here == there
    assert {"elsewhere", account.client_id} == {document["client_id"] for document in documents}


def test_an_export_that_fails_leaves_the_file_as_it_was(
    grantway: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And nothing beside it."""
    file = tmp_path / "clients.jsonl"
    file.write_text("what was there\n")
    monkeypatch.setenv("GRANTWAY_GRPC", "127.0.0.1:1")

    assert 1 == grantway("clients", "export", str(file)).exit_code

    assert "what was there\n" == file.read_text()
    assert [file] == list(tmp_path.iterdir())


def test_what_an_interrupted_export_has_left_is_no_obstacle(grantway: CommandLine, tmp_path: Path) -> None:
    """It goes with the next one."""
    file = tmp_path / "clients.jsonl"
    (tmp_path / "clients.jsonl.part").write_text("half of it")

    assert 0 == grantway("clients", "export", str(file)).exit_code
    assert [file] == list(tmp_path.iterdir())


def test_a_link_goes_on_leading_to_the_file(grantway: CommandLine, tmp_path: Path) -> None:
    """It is the file that is replaced."""
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "file")

    assert 0 == grantway("clients", "export", str(link)).exit_code
    assert link.is_symlink()
    assert (tmp_path / "file").is_file()


def test_what_is_no_file_is_not_replaced(grantway: CommandLine, tmp_path: Path) -> None:
    """Of a device nothing would be left."""
    ran = grantway("clients", "export", str(tmp_path))

    assert 2 == ran.exit_code
    assert "FILE: is not a file; without one the lines go to standard output" in ran.errors


def test_what_was_exported_can_be_imported_as_it_is(grantway: CommandLine) -> None:
    """What exists is left as it is; what does not exist is refused, because an export has no secrets."""
    account = new_account(grantway, "--organization", "export-back", "--scope", "a", "--label", "a=1")
    gone = new_account(grantway, "--organization", "export-back", name="Gone")
    grantway("clients", "disable", account.client_id)
    exported = grantway("clients", "export", "--organization", "export-back").output
    grantway("clients", "delete", gone.client_id)

    document = grantway("clients", "import", "-", "--json", stdin=exported).document

    (refused,) = document["refused"]
    assert (0, 1, gone.client_id) == (document["created"], document["existing"], refused["client_id"])
    assert refused["error_description"].startswith("it has no secret_hash and does not exist here")


def test_a_folder_that_does_not_exist_is_named(grantway: CommandLine, tmp_path: Path) -> None:
    """And not a file beside the one that was asked for."""
    ran = grantway("clients", "export", str(tmp_path / "nowhere/clients.jsonl"))

    assert Ran(1, "", f"grantway: there is no folder {tmp_path / 'nowhere'}\n") == ran
