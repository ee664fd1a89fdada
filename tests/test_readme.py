"""README.md tells the truth: its commands are run literally, on real processes, and whole answers are compared."""

import json
import os
import re
import signal
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from grantway_gateway.config import Settings as GatewaySettings
from grantway_gateway.oauth_errors import ANSWERS
from grantway_server.config import Settings as CoreSettings
from grantway_server.rpc.status import STATUS_OF
from tests.programs import environment
from tests.sdk.cli.processes import Dev, dev_ports, read_banner

_CHECKOUT = Path(__file__).parents[1]
_README = (_CHECKOUT / "README.md").read_text()
_BLOCK = re.compile(r"^```(?P<language>\w+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
_END_OF_ANSWER = "\x1e"


def _blocks(language: str) -> list[str]:
    return [match["text"] for match in _BLOCK.finditer(_README) if match["language"] == language]


def _matches(expected: str, actual: str) -> bool:
    """Whether *actual* is *expected*, where "…" stands for anything within a line. The last newline does not count."""
    pattern = "[^\n]*".join(map(re.escape, expected.rstrip("\n").split("…")))
    return re.fullmatch(pattern, actual.rstrip("\n")) is not None


@pytest.fixture(scope="module", name="working_copy")
def _working_copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh working copy that is already set up: of the checkout's own .grantway nothing is touched."""
    copy = tmp_path_factory.mktemp("working-copy")
    for name in ("Makefile", "pyproject.toml", "constraints.txt"):
        (copy / name).symlink_to(_CHECKOUT / name)
    (copy / ".venv").mkdir()
    (copy / ".venv/bin").symlink_to(_CHECKOUT / ".venv/bin")
    for stamp in (".product", ".dev"):
        (copy / ".venv" / stamp).touch()
    return copy


@pytest.fixture(scope="module", name="dev")
def _dev(working_copy: Path) -> Iterator[Dev]:
    """README's first command, run in the working copy on free ports."""
    with subprocess.Popen(
        ["bash", "-c", _blocks("sh")[0]],  # noqa: S607 - the bash of this machine.
        cwd=working_copy,
        env=environment(**dev_ports()),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,  # As in a terminal.
        text=True,
        start_new_session=True,
    ) as process:
        try:
            yield Dev(process, working_copy, read_banner(process))
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            process.communicate(timeout=15)


def test_make_run_prints_what_it_says(dev: Dev) -> None:
    """Word for word, but for the ports that this test had to choose; either process may be the first to start."""
    printed = _blocks("text")[0]
    for default, variable in (("8080", "GRANTWAY_URL"), ("50051", "GRANTWAY_GRPC")):
        printed = printed.replace(default, dev.variables[variable].rpartition(":")[2])

    lines = dev.banner.splitlines()
    lines[:2] = sorted(lines[:2], key=lambda line: "gateway started" in line)
    assert _matches(printed, "\n".join(lines))


def test_the_curl_line_of_the_banner_gets_a_token(dev: Dev) -> None:
    """Pasted as it is."""
    (answer,) = _blocks("json")

    assert _matches(answer, dev.paste_curl())


def test_the_tour_can_be_taken(dev: Dev) -> None:
    """Every command, in one shell, one after the other; every answer whole, errors included."""
    commands: list[str] = []
    expected: list[str] = []
    for block in _blocks("console"):
        for line in block.splitlines():
            if line.startswith("$ "):
                commands.append(line.removeprefix("$ "))
                expected.append("")
            else:
                expected[-1] += f"{line}\n"

    script = "exec 2>&1\n" + "".join(f"{command}\nprintf '{_END_OF_ANSWER}'\n" for command in commands)
    session = subprocess.run(
        ["bash"],  # noqa: S607 - the bash of this machine.
        input=script,
        cwd=dev.directory,
        env=environment(),
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        timeout=50,
    )

    actual = session.stdout.split(_END_OF_ANSWER)[:-1]
    assert len(commands) == len(actual)
    for command, expectation, answer in zip(commands, expected, actual, strict=True):
        assert _matches(expectation, answer), f"$ {command}\n{answer}"


def test_the_python_example_prints_what_it_says(dev: Dev) -> None:
    """Run with the variables of the development run."""
    process = _run_python(dev, _blocks("python")[0])

    assert (0, _blocks("text")[1], "") == (process.returncode, process.stdout, process.stderr)


def test_the_python_example_without_asyncio_checks_a_token(dev: Dev) -> None:
    """That of the demo client, which has no audience."""
    process = _run_python(dev, _blocks("python")[1])

    assert (0, "Demo\n", "") == (process.returncode, process.stdout, process.stderr)


def _run_python(dev: Dev, program: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(_CHECKOUT / ".venv/bin/python"), "-W", "error", "-c", program],
        env=environment(**dev.variables),
        check=False,
        capture_output=True,
        text=True,
        timeout=20,
    )


def test_make_test_runs_pytest(working_copy: Path) -> None:
    """The one command that this test cannot run."""
    plan = subprocess.run(
        ["bash", "-c", _blocks("sh")[1].rstrip() + " --dry-run"],  # noqa: S607 - the bash of this machine.
        cwd=working_copy,
        env=environment(),
        check=True,
        capture_output=True,
        text=True,
        timeout=10,
    ).stdout

    assert plan.splitlines()[-1].startswith(".venv/bin/python -m pytest ")


def _table(heading: str) -> list[list[str]]:
    """The rows of the table whose first cell of the head is *heading*."""
    lines = _README.splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith(f"| {heading} |"))
    rows = []
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            break
        rows.append([cell.strip().strip("`") for cell in line.strip("|").split("|")])
    return rows


def _default(value: Any) -> str:
    if hasattr(value, "get_secret_value"):
        value = value.get_secret_value()
    return "none" if value in (None, ()) else str(getattr(value, "value", value)).lower()


@pytest.mark.parametrize(
    ("heading", "settings"),
    [
        pytest.param("core (`grantway-server`)", CoreSettings, id="the core"),
        pytest.param("gateway (`grantway-gateway`)", GatewaySettings, id="the gateway"),
    ],
)
def test_every_variable_is_listed_with_its_default(
    heading: str, settings: type[CoreSettings] | type[GatewaySettings]
) -> None:
    """And no other."""
    listed = {name: default for name, default, _ in _table(heading)}

    fields = {f"GRANTWAY_{name.upper()}": _default(field.default) for name, field in settings.model_fields.items()}
    assert fields == listed


def test_every_extra_is_named_with_the_command_that_brings_it() -> None:
    """From a checkout: it is on no package index."""
    extras = tomllib.loads((_CHECKOUT / "pyproject.toml").read_text())["project"]["optional-dependencies"]

    named = re.findall(r"pip install (?:-e )?'\.\[(\w+)\]'", _README)
    assert sorted(extras.keys() - {"dev"}) == sorted(named)
    assert "pip install grantway" not in _README


def test_every_reason_is_listed_with_its_answers() -> None:
    """As the core and the gateway give them."""
    listed = _table("reason (gRPC `ErrorInfo`, CLI in lower case)")

    reasons = []
    for reason, (status, number) in STATUS_OF.items():
        http, error = ANSWERS[number]
        never_over_http = {"CLIENT_NOT_FOUND", "CONFLICT", "ALONE_ONLY", "UNKNOWN_ACTOR", "SECRET_NOT_FOUND"}
        answered = reason.name in never_over_http
        reasons.append([reason.name, status.name, *(["", ""] if answered else [str(http), error])])
    assert sorted(reasons) == sorted(listed)


def test_every_link_leads_somewhere() -> None:
    """Files of this repository."""
    for target in re.findall(r"\]\((?!http)([^)#]+)\)", _README):
        assert (_CHECKOUT / target).exists(), target


def test_the_json_example_is_json() -> None:
    """With its placeholder filled in."""
    assert set(json.loads(_blocks("json")[0].replace("…", "x"))) == {"access_token", "token_type", "expires_in"}
