"""The command lines of `grantway-server` and `grantway-gateway`, as processes."""

import subprocess
import sys
from importlib.metadata import version

import pytest

from tests.programs import PROGRAMS, environment

both_programs = pytest.mark.parametrize("program", ["grantway-server", "grantway-gateway"])


def _run(*command: str, **variables: str) -> tuple[int, str, str]:
    process = subprocess.run(
        command, check=False, capture_output=True, text=True, timeout=20, env=environment(**variables)
    )
    return process.returncode, process.stdout, process.stderr


@both_programs
def test_help_starts_nothing(program: str) -> None:
    """It says what the program does, and where its settings come from."""
    exit_code, output, errors = _run(str(PROGRAMS / program), "--help")

    assert (0, "") == (exit_code, errors)
    assert output.startswith(f"usage: {program} [-h] [--version] [--check]\n")
    assert "Settings are environment variables" in output


@both_programs
def test_version_is_that_of_the_distribution(program: str) -> None:
    """And starts nothing either."""
    assert (0, f"{program} {version('grantway')}\n", "") == _run(str(PROGRAMS / program), "--version")


@both_programs
@pytest.mark.parametrize(
    "argument",
    [
        pytest.param("gws_live_canary", id="a word"),
        pytest.param("--port=canary", id="an option"),
        pytest.param("--check=canary", id="a value where none belongs"),
        pytest.param("--ver", id="half an option"),
    ],
)
def test_what_is_no_argument_is_refused(program: str, argument: str) -> None:
    """Exit code 2 and one line, which does not repeat it: it may be a secret in the wrong place."""
    line = f"{program}: there is no such argument: see '{program} --help'\n"

    assert (2, "", line) == _run(str(PROGRAMS / program), argument)


@both_programs
def test_a_check_of_right_settings_says_nothing(program: str) -> None:
    """And starts nothing: the port of neither is opened, the store is not looked for."""
    assert (0, "", "") == _run(str(PROGRAMS / program), "--check", GRANTWAY_REDIS_URL="unix:///nowhere")


@both_programs
def test_a_check_of_wrong_settings_lists_them(program: str) -> None:
    """As a start does."""
    exit_code, output, errors = _run(
        str(PROGRAMS / program), "--check", GRANTWAY_GRPC_PORT="x", GRANTWAY_TLS_PROXY="x", GRANTWAY_TRUSTED_NETWORK="x"
    )

    assert (2, "") == (exit_code, output)
    assert [program] * 2 == [line.split(":")[0] for line in errors.splitlines()]


@pytest.mark.parametrize(
    ("program", "module", "missing", "extra"),
    [
        pytest.param(
            "grantway-server", "grantway_server", "uvloop", "server", id="the core, a dependency of the program"
        ),
        pytest.param(
            "grantway-server", "grantway_server", "redis", "server", id="the core, a dependency of its storage"
        ),
        pytest.param("grantway-gateway", "grantway_gateway", "uvicorn", "gateway", id="the gateway"),
    ],
)
def test_without_its_extra_a_program_says_what_to_install(program: str, module: str, missing: str, extra: str) -> None:
    """The base install brings the programs and not what they are made with."""
    code = f"import sys; sys.modules[{missing!r}] = None; from {module}.__main__ import main; main()"
    line = f"{program}: this needs an extra of its own: in a checkout of grantway, pip install '.[{extra}]'\n"

    assert (1, "", line) == _run(sys.executable, "-c", code)


def test_a_module_of_our_own_that_is_missing_is_no_matter_of_extras() -> None:
    """That would send people looking in the wrong place."""
    code = "import sys; sys.modules['grantway_server.serve'] = None; from grantway_server.__main__ import main; main()"

    exit_code, _, errors = _run(sys.executable, "-c", code)

    assert (1, "ModuleNotFoundError") == (exit_code, errors.splitlines()[-1].split(":")[0])
