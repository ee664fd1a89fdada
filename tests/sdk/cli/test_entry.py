"""The program `grantway` as a whole: what every command has in common."""

import json
import re
import socket
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path

import pytest
from typer.models import CommandInfo

import grantway.cli
from grantway.cli.app import app
from tests.programs import PROGRAMS, environment
from tests.sdk.cli.command_line import CommandLine, Ran

_SECRET = "gws_live_abcdefgh_" + 51 * "x"
_TOKEN = "client_oa2_live_" + 48 * "0"


def _run(*arguments: str, **variables: str) -> Ran:
    """Runs the installed program."""
    process = subprocess.run(
        [str(PROGRAMS / "grantway"), *arguments],
        check=False,
        capture_output=True,
        text=True,
        timeout=20,
        env=environment(**variables),
    )
    return Ran(process.returncode, process.stdout, process.stderr)


def test_the_program_prints_its_version() -> None:
    """The one of the distribution."""
    assert Ran(0, f"grantway {version('grantway')}\n", "") == _run("--version")


def test_help_names_every_command() -> None:
    """On standard output, in plain text."""
    ran = _run("--help")

    assert (0, "") == (ran.exit_code, ran.errors)
    for command in ("dev", "clients", "secrets", "token", "audit", "leaked"):
        assert f"\n  {command} " in ran.output


def test_help_says_what_a_permission_is_for() -> None:
    """Its name alone does not say where it counts."""
    assert "introspect_tokens (to ask about tokens over HTTP)" in " ".join(
        _run("clients", "create", "--help").output.split()
    )


def test_the_installed_program_calls_the_core(core: str) -> None:
    """The whole way, once; the other tests skip the start of an interpreter."""
    created = json.loads(_run("clients", "create", "Concierge", "--json", GRANTWAY_GRPC=core).output)
    shown = json.loads(_run("clients", "show", created["client_id"], "--json", GRANTWAY_GRPC=core).output)

    assert created["client_id"] == shown["client_id"]


def test_no_proxy_stands_between_a_command_and_the_core(core: str) -> None:
    """Whatever the environment says of proxies: nobody listens where this one is."""
    assert _run("clients", "list", GRANTWAY_GRPC=core, grpc_proxy="http://127.0.0.1:1").exit_code == 0


def test_the_core_is_found_by_host_and_port_too(core: str) -> None:
    """The variables that the core itself listens by."""
    host, port = core.split(":")

    assert _run("clients", "list", GRANTWAY_GRPC_HOST=host, GRANTWAY_GRPC_PORT=port).exit_code == 0


def test_a_core_that_is_not_there_is_said_at_once() -> None:
    """Nobody listens: exit code 1, and where to look."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"127.0.0.1:{server.getsockname()[1]}"
    description = f"no core answers at {address}; is it running? GRANTWAY_GRPC says where it is"

    assert Ran(1, "", f"grantway: {description}\n") == _run("clients", "list", GRANTWAY_GRPC=address)
    document = {"error": "temporarily_unavailable", "error_description": description}
    assert document == _run("clients", "list", "--json", GRANTWAY_GRPC=address).document


def test_a_core_that_does_not_answer_is_given_up(grantway: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody listens and says nothing: two seconds."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        monkeypatch.setenv("GRANTWAY_GRPC", f"127.0.0.1:{server.getsockname()[1]}")
        started = time.monotonic()

        ran = grantway("token", "inspect", _TOKEN, "--json")

    assert time.monotonic() - started < 3
    assert (1, "temporarily_unavailable") == (ran.exit_code, ran.document["error"])


@pytest.mark.parametrize(
    ("arguments", "description"),
    [
        pytest.param((), "Missing command. See 'grantway --help'.", id="no command"),
        pytest.param(("token",), "Missing command. See 'grantway token --help'.", id="half a command"),
        pytest.param(
            ("client",), "No such command 'client'. Did you mean 'clients'? See 'grantway --help'.", id="a slip"
        ),
        pytest.param(
            ("clients", "get", "x"),
            "No such command 'get'. Did you mean 'show'? See 'grantway clients --help'.",
            id="another word for a command",
        ),
        pytest.param(
            ("secrets", "get"), "No such command 'get'. See 'grantway secrets --help'.", id="where there is no such one"
        ),
        pytest.param(
            ("clients", "show"), "Missing argument 'ID'. See 'grantway clients show --help'.", id="an argument missing"
        ),
        pytest.param(
            ("token", "issue", "--client-secret"),
            "Option '--client-secret' requires an argument. See 'grantway token issue --help'.",
            id="a value missing",
        ),
        pytest.param(
            ("dev", "--data"), "Option '--data' requires an argument. See 'grantway dev --help'.", id="no directory"
        ),
        pytest.param(
            ("clients", "--jso", "list"), "No such option: --jso. See 'grantway clients --help'.", id="no such option"
        ),
        pytest.param(
            ("clients", "create", "A", "--lifetime", "soon"),
            "Invalid value for --lifetime: must be a number with its unit (s, m, h, d), like 1h. "
            "See 'grantway clients create --help'.",
            id="no duration",
        ),
        pytest.param(
            ("clients", "create", "A", "--permission", "everything"),
            "Invalid value for --permission: must be one of introspect_tokens, issue_tokens. "
            "See 'grantway clients create --help'.",
            id="no permission",
        ),
        pytest.param(
            ("clients", "create", "A", "--auth-method", "none"),
            "Invalid value for --auth-method: must be one of client_secret_basic, client_secret_post. "
            "See 'grantway clients create --help'.",
            id="no authentication method",
        ),
        pytest.param(
            ("clients", "create", "A", "--default-scope", "a", "--no-default-scope"),
            "Invalid value for --default-scope: contradicts --no-default-scope. See 'grantway clients create --help'.",
            id="a contradiction",
        ),
        pytest.param(
            ("token", "inspect", _TOKEN, _TOKEN),
            "Got unexpected extra argument(s) (...). See 'grantway token inspect --help'.",
            id="a token too many, not repeated",
        ),
        pytest.param(
            ("token", "revoke", "a", "S3cret-of-another-kind-of-system"),
            "Got unexpected extra argument(s) (...). See 'grantway token revoke --help'.",
            id="a long word, not repeated",
        ),
        pytest.param(
            ("token", _SECRET), "No such command '...'. See 'grantway token --help'.", id="a secret, not repeated"
        ),
        pytest.param(
            ("clients", "create", "\udcff"), "the command line is not valid UTF-8", id="bytes that are no text"
        ),
    ],
)
def test_a_usage_error_is_one_line_and_exit_code_2(
    grantway: CommandLine, arguments: tuple[str, ...], description: str
) -> None:
    """It says where help is; what may be a credential is never repeated."""
    assert Ran(2, "", f"grantway: {description}\n") == grantway(*arguments)


def test_a_usage_error_is_a_document_with_json(grantway: CommandLine) -> None:
    """On standard output, like every other answer."""
    description = "Missing argument 'ID'. See 'grantway clients show --help'."

    ran = grantway("clients", "show", "--json")

    assert (2, "") == (ran.exit_code, ran.errors)
    assert {"error": "invalid_request", "error_description": description} == ran.document


@pytest.mark.parametrize(
    ("arguments", "command"),
    [
        pytest.param(("--json", "clients", "list"), "grantway", id="before all"),
        pytest.param(("clients", "--json", "list"), "grantway clients", id="before the second half"),
    ],
)
def test_json_before_the_command_is_told_where_it_belongs(
    grantway: CommandLine, arguments: tuple[str, ...], command: str
) -> None:
    """As a document: it is clear what was wanted."""
    description = f"Put --json after the command and its arguments. See '{command} --help'."

    ran = grantway(*arguments)

    assert (2, "") == (ran.exit_code, ran.errors)
    assert {"error": "invalid_request", "error_description": description} == ran.document


def test_wrong_variables_are_listed_together() -> None:
    """A line for each; they are not repeated."""
    ran = _run("dev", GRANTWAY_HTTP_PORT="http", GRANTWAY_GRPC_PORT="65536")

    assert (
        Ran(
            2,
            "",
            "grantway: GRANTWAY_HTTP_PORT: must be a port, 1 to 65535\n"
            "grantway: GRANTWAY_GRPC_PORT: must be a port, 1 to 65535\n",
        )
        == ran
    )


def test_a_fault_of_the_program_shows_no_details(grantway: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    """The text of an unknown exception may hold a secret; its type does not."""

    def fail(_: object) -> None:
        raise KeyError(_SECRET)

    monkeypatch.setattr("grantway.cli.client_output.client_document", fail)

    expected = Ran(1, "", "grantway: this is a fault of grantway itself (KeyError)\n")

    assert expected == grantway("clients", "create", "A")


def test_output_that_nobody_reads_is_no_traceback(core: str) -> None:
    """As when it is piped to `head`."""
    with subprocess.Popen(
        [str(PROGRAMS / "grantway"), "clients", "list", "--json"],
        env=environment(GRANTWAY_GRPC=core),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        process.stdout.close()
        assert process.stderr is not None
        errors = process.stderr.read()

    assert (1, "") == (process.returncode, errors)


_LISTED = ("clients", "list")
_MISTAKEN = ("clients", "bogus")
_NO_SUCH_COMMAND = "grantway: No such command 'bogus'. See 'grantway clients --help'.\n"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no disk that is always full")
@pytest.mark.parametrize(
    ("command", "redirection", "exit_code", "errors"),
    [
        pytest.param(_LISTED, ">/dev/full", 1, "grantway: No space left on device\n", id="an answer on a full disk"),
        pytest.param(_LISTED, ">&-", 1, "grantway: the output is closed\n", id="an answer without an output"),
        pytest.param(_MISTAKEN, ">/dev/full", 2, _NO_SUCH_COMMAND, id="an error on a full disk"),
        pytest.param(_MISTAKEN, ">&-", 2, _NO_SUCH_COMMAND, id="an error without an output"),
        pytest.param(_MISTAKEN, ">/dev/full 2>&1", 2, "", id="an error and no way to say it"),
        pytest.param(_MISTAKEN, ">&- 2>&-", 2, "", id="an error and no output at all"),
    ],
)
@pytest.mark.parametrize("syntax", [(), ("--json",)], ids=["text", "JSON"])
def test_output_that_cannot_be_written_is_one_line_on_standard_error(  # noqa: PLR0917 - a row of the table.
    core: str, command: tuple[str, ...], redirection: str, exit_code: int, errors: str, syntax: tuple[str, ...]
) -> None:
    """And no traceback; the exit code is as it would be otherwise, or 1 where the answer was all that went wrong."""
    process = subprocess.run(
        ["/bin/sh", "-c", f'"$@" {redirection}', "sh", str(PROGRAMS / "grantway"), *command, *syntax],
        check=False,
        capture_output=True,
        text=True,
        timeout=20,
        env=environment(GRANTWAY_GRPC=core),
    )

    assert (exit_code, "", errors) == (process.returncode, process.stdout, process.stderr)


def test_without_its_extra_the_program_says_what_to_install() -> None:
    """The base install brings the program and not the library that it is made with."""
    code = "import sys; sys.modules['typer'] = None; from grantway.cli import main; main()"
    process = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True, timeout=20)

    assert (
        1,
        "",
        "grantway: the command line is an extra of its own: in a checkout of grantway, pip install '.[cli]'\n",
    ) == (
        process.returncode,
        process.stdout,
        process.stderr,
    )


def test_the_table_of_the_package_says_where_each_command_is() -> None:
    """Whoever looks for one finds its module."""
    rows = re.findall(r"^\| (`.*) \| `(\w+)` \|$", grantway.cli.__doc__ or "", re.MULTILINE)
    documented: dict[str, str] = {}
    for commands, module in rows:
        first, *others = re.findall(r"`([^`]+)`", commands)
        group = first.rpartition(" ")[0]
        documented |= dict.fromkeys((first, *(f"{group} {other}" for other in others)), module)
    actual = {command.name or "": _module_of(command) for command in app.registered_commands}
    for group in app.registered_groups:
        assert group.typer_instance is not None
        commands = {
            f"{group.name} {command.name or command.callback.__name__}": _module_of(command)
            for command in group.typer_instance.registered_commands
            if command.callback is not None
        }
        modules = set(commands.values())
        actual |= commands if len(modules) > 1 else {str(group.name): modules.pop()}

    assert actual == documented


def _module_of(command: CommandInfo) -> str:
    return "" if command.callback is None else command.callback.__module__.rpartition(".")[2]
