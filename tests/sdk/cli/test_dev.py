"""`grantway dev`: the real processes, from the command to the banner, and what the next run finds."""

import json
import os
import re
import signal
import socket
import stat
import subprocess
from pathlib import Path

import pytest

from tests.programs import environment
from tests.sdk.cli.command_line import CommandLine
from tests.sdk.cli.processes import children, dev_ports, dev_process, running_dev
from tests.valkey_server import embedded_valkey

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="these tests look for processes in /proc")

_TOKEN = r"client_oa2_live_[0-9a-f]{48}"
_ANSWER = rf'\{{"access_token":"{_TOKEN}","token_type":"Bearer","expires_in":3600\}}'


def _events(log: str) -> list[str]:
    return [json.loads(line)["event"] for line in log.splitlines()]


def test_the_banner_says_what_runs_where_and_how_to_get_a_token(tmp_path: Path) -> None:
    """Its last line works as it stands: the answer has the three members that RFC 6749 demands."""
    with running_dev(tmp_path) as dev:
        variables = dev.variables
        answer = dev.paste_curl()
        exit_code, output, errors = dev.finish()

    url, grpc = variables["GRANTWAY_URL"], variables["GRANTWAY_GRPC"]
    client_id, client_secret = variables["GRANTWAY_CLIENT_ID"], variables["GRANTWAY_CLIENT_SECRET"]
    assert (
        "\n"
        "Grantway is running. Ctrl-C stops it.\n"
        "\n"
        f"  gateway  {url}\n"
        f"  core     {grpc} (gRPC)\n"
        "  store    embedded Valkey, data go when it stops (keep: --data)\n"
        f"  client   Demo {client_id}, may ask for demo:read and demo:write\n"
        "  file     .grantway/dev.env holds all this for a shell: set -a; . .grantway/dev.env; set +a\n"
        "\n"
        "Get a token:\n"
        "\n"
        f"curl -sS -u {client_id}:{client_secret} -d grant_type=client_credentials {url}/oauth/token\n"
        "\n"
    ) == dev.banner
    assert re.fullmatch(_ANSWER, answer)
    assert (0, "Stopped.\n") == (exit_code, output)
    assert ["audit", "core started", "core stopped", "core stopping", "gateway started", "gateway stopped"] == sorted(
        _events(errors)
    )


def test_it_serves_as_production_does_and_may_be_measured(tmp_path: Path) -> None:
    """With uvloop under both programs, httptools under the gateway; all of one process group, which can be pinned."""
    with running_dev(tmp_path) as dev:
        pids = children(dev.process.pid)
        dev.paste_curl()
        maps = {name: Path(f"/proc/{pid}/maps").read_text() for name, pid in pids.items()}
        groups = {os.getpgid(pid) for pid in pids.values()}
        own_group = os.getpgid(dev.process.pid)

    assert {"grantway-server": (True, False), "grantway-gateway": (True, True), "valkey-server": (False, False)} == {
        name: ("/uvloop/" in loaded, "/httptools/" in loaded) for name, loaded in maps.items()
    }
    assert {own_group} == groups


def test_the_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    """Whatever the umask is; and git never sees it."""
    with running_dev(tmp_path) as dev:
        variables = dev.variables

    directory = tmp_path / ".grantway"
    assert ["GRANTWAY_URL", "GRANTWAY_GRPC", "GRANTWAY_CLIENT_ID", "GRANTWAY_CLIENT_SECRET"] == list(variables)
    assert stat.S_IMODE((directory / "dev.env").stat().st_mode) == 0o600
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    assert {".gitignore", "dev.env"} == {path.name for path in directory.iterdir()}
    assert (directory / ".gitignore").read_text() == "*\n"


def test_the_file_goes_with_the_data(tmp_path: Path) -> None:
    """Credentials of a client that is gone would only mislead."""
    with running_dev(tmp_path) as dev:
        dev.finish()
    assert not (tmp_path / ".grantway/dev.env").exists()

    with running_dev(tmp_path, "--data", "data") as dev:
        dev.finish()
    assert (tmp_path / ".grantway/dev.env").exists()


def test_a_run_beside_another_has_a_file_of_its_own(tmp_path: Path) -> None:
    """The first one stays usable, so is the second, and each takes its file along; then the usual name is free."""
    with running_dev(tmp_path) as first:
        firsts = first.variables
        with running_dev(tmp_path) as second:
            file = f".grantway/dev-{second.port}.env"
            seconds = second.variables_in(file)
            assert f"  file     {file} holds all this for a shell: set -a; . {file}; set +a\n" in second.banner
            assert re.fullmatch(_ANSWER, second.paste_curl())
            second_errors = second.finish()[2]
        assert firsts == first.variables
        assert re.fullmatch(_ANSWER, first.paste_curl())
        first_errors = first.finish()[2]
    assert [tmp_path / ".grantway/.gitignore"] == list((tmp_path / ".grantway").iterdir())
    with running_dev(tmp_path) as third:
        assert third.variables

    assert firsts["GRANTWAY_CLIENT_ID"] != seconds["GRANTWAY_CLIENT_ID"]
    warning = f"grantway: another grantway dev runs here and has .grantway/dev.env: for this one there is {file}"
    assert [False, True] == [warning in errors.splitlines() for errors in (first_errors, second_errors)]


def test_a_run_that_was_killed_keeps_no_file(tmp_path: Path) -> None:
    """Its name is free for the next one, which finds the old content there."""
    with running_dev(tmp_path) as first:
        firsts = first.variables
        first.finish(signal.SIGKILL)
    with running_dev(tmp_path) as second:
        assert firsts["GRANTWAY_CLIENT_ID"] != second.variables["GRANTWAY_CLIENT_ID"]


@pytest.mark.parametrize(
    ("variables", "problems"),
    [
        pytest.param(
            {"GRANTWAY_ENVIRONMENT": "staging"},
            ["GRANTWAY_ENVIRONMENT: must be live or test"],
            id="what only the core reads",
        ),
        pytest.param(
            {"GRANTWAY_TRUSTED_PROXIES": "*"},
            ["GRANTWAY_TRUSTED_PROXIES: must be IP addresses or networks (like 10.0.0.0/8) with commas between"],
            id="what only the gateway reads",
        ),
        pytest.param(
            {
                "GRANTWAY_HTTP_PORT": "x",
                "GRANTWAY_GRPC_PORT": "0",
                "GRANTWAY_REDIS_URL": "http://canary",
                "GRANTWAY_PEPPER": "canary",
            },
            [
                "GRANTWAY_HTTP_PORT: must be a port, 1 to 65535",
                "GRANTWAY_GRPC_PORT: must be a port, 1 to 65535",
                "GRANTWAY_REDIS_URL: must begin with redis://, rediss://, valkey://, valkeys:// or unix://",
                "GRANTWAY_PEPPER: must have at least 16 characters",
            ],
            id="what several read, each once",
        ),
        pytest.param(
            {"GRANTWAY_HTTP_HOST": "192.0.2.1", "GRANTWAY_TLSPROXY": "true"},
            [
                (
                    "GRANTWAY_HTTP_HOST: this address is not loopback, and the gateway speaks plaintext: "
                    "set GRANTWAY_TLS_PROXY=true if a proxy with TLS stands in front, or listen on 127.0.0.1"
                ),
                "GRANTWAY_TLSPROXY: there is no such setting; is GRANTWAY_TLS_PROXY meant?",
            ],
            id="what is misspelled, beside what comes of it",
        ),
    ],
)
def test_wrong_settings_of_all_processes_are_listed_together(
    tmp_path: Path, variables: dict[str, str], problems: list[str]
) -> None:
    """Before anything is started; exit code 2 and a line for each variable."""
    with dev_process(tmp_path, **variables) as process:
        output, errors = process.communicate(timeout=15)

    assert (2, "", "".join(f"grantway: {problem}\n" for problem in problems)) == (process.returncode, output, errors)
    assert not (tmp_path / ".grantway").exists()


def test_what_the_processes_are_not_asked_is_no_problem(tmp_path: Path) -> None:
    """Where the core is they are told: a wrong GRANTWAY_GRPC is for other commands."""
    with running_dev(tmp_path, GRANTWAY_GRPC="nonsense") as dev:
        assert re.fullmatch(_ANSWER, dev.paste_curl())


@pytest.mark.parametrize(
    "busy",
    [
        pytest.param(["GRANTWAY_HTTP_PORT"], id="the gateway's"),
        pytest.param(["GRANTWAY_GRPC_PORT"], id="the core's"),
        pytest.param(["GRANTWAY_HTTP_PORT", "GRANTWAY_GRPC_PORT"], id="both"),
    ],
)
def test_a_busy_port_says_which_variable_to_change(tmp_path: Path, busy: list[str]) -> None:
    """Before anything is started; a line for each."""
    ports = dev_ports()
    listeners = [socket.create_server(("127.0.0.1", int(ports[name]))) for name in busy]
    with dev_process(tmp_path, **ports) as process:
        output, errors = process.communicate(timeout=15)
    for listener in listeners:
        listener.close()

    lines = [f"grantway: port {ports[name]} is in use: set {name} to another one\n" for name in busy]
    assert (2, "", "".join(lines)) == (process.returncode, output, errors)
    assert not (tmp_path / ".grantway").exists()


def test_an_address_of_another_machine_is_refused(tmp_path: Path) -> None:
    """Exit code 2, and the variable's name."""
    with dev_process(tmp_path, GRANTWAY_HTTP_HOST="192.0.2.1", GRANTWAY_TLS_PROXY="true") as process:
        output, errors = process.communicate(timeout=15)

    assert (2, "", "grantway: GRANTWAY_HTTP_HOST is no address of this machine\n") == (
        process.returncode,
        output,
        errors,
    )


def test_data_survive_with_a_directory_for_them(
    tmp_path: Path, grantway: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The demo client, its secret and its tokens are the same after a restart, also after SIGKILL."""
    tokens: list[str] = []
    files = []
    for _ in range(3):
        with running_dev(tmp_path, "--data", ".grantway/data") as dev:
            assert "\n  store    embedded Valkey, data in .grantway/data\n" in dev.banner
            files.append({name: value for name, value in dev.variables.items() if "CLIENT" in name})
            monkeypatch.setenv("GRANTWAY_GRPC", dev.variables["GRANTWAY_GRPC"])
            for token in tokens:
                assert grantway("token", "inspect", token, "--json").document["active"] is True
            tokens.append(json.loads(dev.paste_curl())["access_token"])
            assert len(grantway("clients", "list", "--json").document["clients"]) == 1
            if len(tokens) == 2:
                dev.finish(signal.SIGKILL)
            else:
                assert dev.finish()[0] == 0

    assert files[0] == files[1] == files[2]


def test_data_go_without_a_directory(tmp_path: Path) -> None:
    """Every run has a client of its own."""
    with running_dev(tmp_path) as dev:
        first = dev.variables
        dev.finish()
    with running_dev(tmp_path) as dev:
        second = dev.variables

    assert first["GRANTWAY_CLIENT_ID"] != second["GRANTWAY_CLIENT_ID"]


def test_a_client_that_is_gone_is_made_anew(
    tmp_path: Path, grantway: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file of the last run is a hint and no more."""
    with running_dev(tmp_path, "--data", "data") as dev:
        first = dev.variables
        monkeypatch.setenv("GRANTWAY_GRPC", first["GRANTWAY_GRPC"])
        assert grantway("clients", "delete", first["GRANTWAY_CLIENT_ID"]).exit_code == 0
        dev.finish()
    with running_dev(tmp_path, "--data", "data") as dev:
        assert first["GRANTWAY_CLIENT_ID"] != dev.variables["GRANTWAY_CLIENT_ID"]
        assert re.fullmatch(_ANSWER, dev.paste_curl())


def test_a_client_of_an_earlier_run_may_introspect_again(
    tmp_path: Path, grantway: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the permissions were meanwhile does not matter: the demo client is there to try things with."""
    with running_dev(tmp_path, "--data", "data") as dev:
        first = dev.variables
        monkeypatch.setenv("GRANTWAY_GRPC", first["GRANTWAY_GRPC"])
        changed = grantway("clients", "update", first["GRANTWAY_CLIENT_ID"], "--permission", "issue_tokens", "--json")
        assert ["issue_tokens"] == changed.document["permissions"]
        dev.finish()
    with running_dev(tmp_path, "--data", "data") as dev:
        monkeypatch.setenv("GRANTWAY_GRPC", dev.variables["GRANTWAY_GRPC"])
        shown = grantway("clients", "show", dev.variables["GRANTWAY_CLIENT_ID"], "--json")

    assert first["GRANTWAY_CLIENT_ID"] == shown.document["client_id"]
    assert ["issue_tokens", "introspect_tokens"] == shown.document["permissions"]


def test_a_store_of_ones_own_is_used(tmp_path: Path) -> None:
    """Nothing is embedded then, its URL is not shown, and the client is the same the next time."""
    with embedded_valkey(tmp_path / "store", persist=False) as url:
        with running_dev(tmp_path, GRANTWAY_REDIS_URL=url) as dev:
            first = dev.variables["GRANTWAY_CLIENT_ID"]
            assert {"grantway-server", "grantway-gateway"} == set(children(dev.process.pid))
            assert "\n  store    the one of GRANTWAY_REDIS_URL\n" in dev.banner
            dev.finish()
        with running_dev(tmp_path, GRANTWAY_REDIS_URL=url) as dev:
            assert first == dev.variables["GRANTWAY_CLIENT_ID"]


def test_a_store_that_cannot_be_used_is_said_at_once(tmp_path: Path) -> None:
    """Long before the wait for it ends: what is waited for, and what is wrong with it; without its password."""
    with dev_process(tmp_path, GRANTWAY_REDIS_URL="redis://:canary@127.0.0.1:1/0") as process:
        assert process.stderr is not None
        lines: list[str] = []
        while not lines or not lines[-1].startswith("grantway: "):
            lines.append(process.stderr.readline())
            assert lines[-1]
        process.terminate()
        _, errors = process.communicate(timeout=15)

    *log, told = lines
    assert (
        "grantway: the core cannot use its store (GRANTWAY_REDIS_URL); its output says why; waiting for 20 s at most\n"
    ) == told
    event = next(event for event in map(json.loads, log) if event["level"] == "warning")
    assert (
        "not ready, trying again",
        "the store at 127.0.0.1:1 (GRANTWAY_REDIS_URL) cannot be reached: nothing listens there",
    ) == (
        event["event"],
        event["problem"],
    )
    assert "canary" not in "".join(lines) + errors


def test_a_directory_and_a_store_of_ones_own_exclude_each_other(tmp_path: Path) -> None:
    """The directory would stay empty, and nobody would know."""
    with dev_process(tmp_path, "--data", "data", GRANTWAY_REDIS_URL="redis://127.0.0.1:1") as process:
        output, errors = process.communicate(timeout=15)

    line = (
        "grantway: --data is for the embedded Valkey, but GRANTWAY_REDIS_URL names another store: give one of the two\n"
    )
    assert (2, "", line) == (process.returncode, output, errors)


def test_the_environment_is_passed_on(tmp_path: Path) -> None:
    """A test core makes test clients and test tokens; but the gateway calls that core and no other."""
    with running_dev(tmp_path, GRANTWAY_ENVIRONMENT="test", GRANTWAY_GRPC="127.0.0.1:1") as dev:
        assert dev.variables["GRANTWAY_CLIENT_ID"].startswith("svc_test_")
        assert json.loads(dev.paste_curl())["access_token"].startswith("client_oa2_test_")


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        pytest.param("", "names no directory", id="nothing"),
        pytest.param("file", "is not a directory", id="a file"),
        pytest.param("file/data", "is not a directory", id="something below a file"),
        pytest.param("/proc/data", "cannot be created (No such file or directory)", id="where none can be made"),
    ],
)
def test_a_directory_that_cannot_be_used_is_blamed_on_the_option(tmp_path: Path, data: str, problem: str) -> None:
    """Exit code 2, and nothing is started."""
    (tmp_path / "file").write_text("a file")
    with dev_process(tmp_path, "--data", data) as process:
        output, errors = process.communicate(timeout=15)

    line = f"grantway: Invalid value for --data: {problem}. See 'grantway dev --help'.\n"
    assert (2, "", line) == (process.returncode, output, errors)


def test_two_runs_do_not_share_a_directory(tmp_path: Path) -> None:
    """The second one says so, and the first one is not disturbed."""
    with running_dev(tmp_path, "--data", "data") as dev:
        with dev_process(tmp_path, "--data", "data") as second:
            output, errors = second.communicate(timeout=15)
        assert re.fullmatch(_ANSWER, dev.paste_curl())

    assert (1, "", f"grantway: another embedded Valkey uses {tmp_path / 'data'}\n") == (
        second.returncode,
        output,
        errors,
    )


def test_a_missing_program_says_what_to_install(
    tmp_path: Path, grantway: CommandLine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The extras that are not there, by name."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GRANTWAY_HTTP_PORT", dev_ports()["GRANTWAY_HTTP_PORT"])
    monkeypatch.setenv("GRANTWAY_GRPC_PORT", dev_ports()["GRANTWAY_GRPC_PORT"])
    monkeypatch.setattr("grantway.cli.programs.find_spec", lambda name: None if name == "uvicorn" else name)

    ran = grantway("dev")

    assert (
        2,
        "",
        "grantway: this needs more than is installed: in a checkout of grantway, pip install '.[gateway]'\n",
    ) == (
        ran.exit_code,
        ran.output,
        ran.errors,
    )


def test_make_run_becomes_grantway_dev() -> None:
    """No shell stands between a signal to the process group and the processes."""
    checkout = Path(__file__).parents[3]
    plan = subprocess.run(
        ["make", "--no-print-directory", "--dry-run", "--assume-old=.venv/.product", "run"],  # noqa: S607 - the make of this machine.
        cwd=checkout,
        env=environment(),
        check=True,
        capture_output=True,
        text=True,
        timeout=10,
    ).stdout

    assert plan.splitlines()[-1] == "exec .venv/bin/grantway dev"
