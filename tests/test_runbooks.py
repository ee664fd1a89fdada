"""The runbooks are true: each is executed as it is written, on real processes, and does what it promises."""

import json
import os
import re
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from hashlib import sha256
from pathlib import Path

import httpx
import pytest

from tests.certificates import needs_openssl
from tests.deployment import Deployment, NewClient
from tests.programs import PROGRAMS, Program, environment, free_ports, running
from tests.runbook import RUNBOOKS, Step, pasted, run_runbook
from tests.valkey_server import embedded_valkey

pytestmark = pytest.mark.timeout(120)  # Each command starts an interpreter.


@pytest.fixture(name="portal")
def _portal(deployment: Deployment) -> NewClient:
    """A client of a customer."""
    return deployment.create_client(name="Portal", organization="acme", scopes=["orders:read"])


def _status(deployment: Deployment, client_id: str, client_secret: str) -> int:
    """What a token request is answered."""
    return httpx.post(
        f"{deployment.http_url}/oauth/token",
        data={"grant_type": "client_credentials"},
        auth=(client_id, client_secret),
    ).status_code


def _all_kept(steps: list[Step]) -> None:
    for step in steps:
        assert step.kept, f"{step.commands}\n{step.printed}"


class _Owner:
    """The client as it runs at its owner's: it asks for tokens all the time, with the secret that stands in a file.

    Attributes:
        hand_over: The command that puts another secret there.
        statuses: What its requests were answered.
    """

    def __init__(self, deployment: Deployment, client: NewClient, directory: Path) -> None:
        self._deployment = deployment
        self._client_id = client.client_id
        self._file = directory / "the-owners-secret"
        self._file.write_text(client.client_secret)
        self._gone = threading.Event()
        self.hand_over = f"cat > '{self._file}.new' && mv '{self._file}.new' '{self._file}'"
        self.statuses: list[int] = []

    @property
    def client_secret(self) -> str:
        """The secret that it uses."""
        return self._file.read_text().strip()

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Asks for tokens for as long as the context lasts."""
        thread = threading.Thread(target=self._work)
        thread.start()
        try:
            yield
        finally:
            self._gone.set()
            thread.join()

    def _work(self) -> None:
        while not self._gone.is_set():
            self.statuses.append(_status(self._deployment, self._client_id, self.client_secret))


def test_rotate_without_downtime(deployment: Deployment, portal: NewClient, tmp_path: Path) -> None:
    """Under load from before the first command to after the last one, not one token request fails."""
    owner = _Owner(deployment, portal, tmp_path)

    with owner.at_work():
        steps = run_runbook(
            "rotate-without-downtime.md",
            tmp_path,
            GRANTWAY_GRPC=deployment.grpc_target,
            CLIENT_ID=portal.client_id,
            HAND_OVER=owner.hand_over,
            QUIET_SECONDS="1",
        )

    _all_kept(steps)
    assert {200} == set(owner.statuses)
    assert len(owner.statuses) > 20
    assert owner.client_secret != portal.client_secret
    assert 401 == _status(deployment, *portal.basic)
    assert ["the-owners-secret"] == [file.name for file in tmp_path.iterdir()]


def _kinds(steps: list[Step]) -> list[str]:
    """Of the audit records that the last step printed."""
    return re.findall(r"(?:secret|client|leak)_(?:rotated|reported|panicked|enabled)", steps[-1].printed)


@pytest.mark.parametrize(
    ("without", "kinds"),
    [
        pytest.param("Or:", ["secret_rotated", "leak_reported"], id="only this leaked"),
        pytest.param(
            "Either:", ["client_panicked", "client_enabled", "secret_rotated"], id="nobody knows what else leaked"
        ),
    ],
)
def test_leaked_secret(
    deployment: Deployment, portal: NewClient, tmp_path: Path, without: str, kinds: list[str]
) -> None:
    """What leaked is dead, and the owner goes on with what came after it."""
    owner = _Owner(deployment, portal, tmp_path)
    (tmp_path / "debug.log").write_text(f"> POST /oauth/token\nclient_secret={portal.client_secret}\n")

    steps = run_runbook(
        "leaked-secret.md",
        tmp_path,
        without=without,
        GRANTWAY_GRPC=deployment.grpc_target,
        LEAK="debug.log",
        HAND_OVER=owner.hand_over,
        END_EVERYTHING="yes",
    )

    _all_kept(steps)
    assert kinds == _kinds(steps)
    assert 401 == _status(deployment, *portal.basic)
    assert 200 == _status(deployment, portal.client_id, owner.client_secret)
    printed = "".join(step.printed for step in steps)
    assert portal.client_secret not in printed
    assert owner.client_secret not in printed
    assert {"the-owners-secret", "debug.log"} == {file.name for file in tmp_path.iterdir()}


def test_each_client_of_which_a_secret_leaked_gets_a_new_one(
    deployment: Deployment, portal: NewClient, tmp_path: Path
) -> None:
    """Before any of them is ended."""
    clients = [portal, deployment.create_client()]
    (tmp_path / "debug.log").write_text("\n".join(client.client_secret for client in clients))

    run_runbook(
        "leaked-secret.md",
        tmp_path,
        without="Or:",
        GRANTWAY_GRPC=deployment.grpc_target,
        LEAK="debug.log",
        HAND_OVER='cat > "new-of-$CLIENT_ID"',
    )

    for client in clients:
        new = (tmp_path / f"new-of-{client.client_id}").read_text().strip()
        assert [401, 200] == [_status(deployment, client.client_id, secret) for secret in (client.client_secret, new)]


def test_nothing_is_ended_when_a_secret_cannot_be_handed_over(
    deployment: Deployment, portal: NewClient, tmp_path: Path
) -> None:
    """The old one works on, and the new one is kept until it can be."""
    (tmp_path / "debug.log").write_text(portal.client_secret)
    variables = {"GRANTWAY_GRPC": deployment.grpc_target, "LEAK": "debug.log", "HAND_OVER": "false"}

    with pytest.raises(AssertionError, match="was not handed over: nothing was ended"):
        run_runbook("leaked-secret.md", tmp_path, without="Or:", **variables)

    assert 200 == _status(deployment, *portal.basic)
    kept = json.loads((tmp_path / f"rotation-{portal.client_id}.json").read_text())["client_secret"]
    run_runbook("leaked-secret.md", tmp_path, without="Or:", **variables | {"HAND_OVER": "cat > new"})
    assert kept == (tmp_path / "new").read_text().strip()
    assert [401, 200] == [_status(deployment, portal.client_id, one) for one in (portal.client_secret, kept)]


@pytest.mark.parametrize(
    ("runbook", "variables", "said"),
    [
        pytest.param(
            "rotate-without-downtime.md",
            {"CLIENT_ID": "nobody", "HAND_OVER": "touch handed-over", "QUIET_SECONDS": "1"},
            "client_not_found",
            id="a client that does not exist",
        ),
        pytest.param(
            "leaked-secret.md",
            {"LEAK": "core.env", "HAND_OVER": "touch handed-over"},
            "Nothing live was found: stop here.",
            id="nothing that is live",
        ),
        pytest.param("leaving-customer.md", {}, "ORGANIZATION: the customer, as in", id="no customer"),
        pytest.param(
            "lost-admin.md",
            {"ADMIN": "carol", "CORE_ENV": "core.env", "RESTART_CORES": "touch restarted"},
            "core.env has no carol in GRANTWAY_ADMIN_TOKENS",
            id="a name that is not in the file",
        ),
        pytest.param("two-cores.md", {}, "GRANTWAY_REDIS_URL: the store", id="no store for two cores"),
        pytest.param("mutual-tls.md", {"ADMIN": "carol"}, "CORE_ENV: the file with", id="no file to tell the cores by"),
    ],
)
def test_a_runbook_does_nothing_where_it_cannot_go_on(  # noqa: PLR0917 - two fixtures and a table.
    deployment: Deployment, portal: NewClient, tmp_path: Path, runbook: str, variables: dict[str, str], said: str
) -> None:
    """It says why, though all of it was pasted, and into a shell that goes on after every failure."""
    (tmp_path / "core.env").write_text(f"GRANTWAY_ADMIN_TOKENS=alice={64 * 'a'}\n")

    printed = pasted(runbook, tmp_path, GRANTWAY_GRPC=deployment.grpc_target, **variables)

    assert said in printed
    assert "Traceback" not in printed
    assert ["core.env"] == [file.name for file in tmp_path.iterdir()]
    assert f"GRANTWAY_ADMIN_TOKENS=alice={64 * 'a'}\n" == (tmp_path / "core.env").read_text()
    assert 200 == _status(deployment, *portal.basic)


def test_leaving_customer(deployment: Deployment, tmp_path: Path) -> None:
    """All its clients are gone, and nobody else's; what they were is kept."""
    names = ("Portal", "Concierge")
    clients = [deployment.create_client(name=name, organization="leaving") for name in names]
    other = deployment.create_client()

    steps = run_runbook(
        "leaving-customer.md",
        tmp_path,
        GRANTWAY_GRPC=deployment.grpc_target,
        ORGANIZATION="leaving",
        DELETE_ORGANIZATION="leaving",
    )

    _all_kept(steps)
    for client in clients:
        assert 401 == _status(deployment, *client.basic)
    assert 200 == _status(deployment, *other.basic)
    (export,) = tmp_path.glob("leaving-*.jsonl")
    kept = export.read_text()
    assert all(f'"name": "{name}"' in kept for name in names)
    assert {"client_created", "client_disabled", "client_deleted"} <= set(re.findall(r"client_\w+", steps[-1].printed))


class _Cores:
    """A core whose environment is a file, and who restarts it when it is asked to.

    Attributes:
        address: Where it is.
        restart: The command that asks.
    """

    def __init__(self, env_file: Path, redis_url: str) -> None:
        self._env_file = env_file
        self._asked = env_file.with_name("restart")
        self._variables = {"GRANTWAY_REDIS_URL": redis_url, "GRANTWAY_GRPC_PORT": str(free_ports(1)[0])}
        self._stack = ExitStack()
        self._core = self._start()
        self._gone = threading.Event()
        self._thread = threading.Thread(target=self._restart_when_asked)
        self.address = self._core.address()
        self.restart = f"touch '{self._asked}'; while [ -e '{self._asked}' ]; do sleep 0.05; done"

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Runs for as long as the context lasts."""
        with self._stack:
            self._thread.start()
            try:
                yield
            finally:
                self._gone.set()
                self._thread.join()

    def _start(self) -> Program:
        lines = (line.split("=", 1) for line in self._env_file.read_text().splitlines())
        return self._stack.enter_context(running("grantway-server", **self._variables, **dict(lines)))

    def _restart_when_asked(self) -> None:
        while not self._gone.is_set():
            if self._asked.exists():
                self._core.process.terminate()
                self._core.end()
                self._core = self._start()
                self._core.address()
                self._asked.unlink()
            time.sleep(0.01)


def _exit_code(core: str, admin_token: str, *arguments: str) -> int:
    """How a command of whoever has this token ends."""
    return subprocess.run(
        [str(PROGRAMS / "grantway"), *arguments],
        env=environment(GRANTWAY_GRPC=core, GRANTWAY_ADMIN_TOKEN=admin_token),
        check=False,
        capture_output=True,
        timeout=20,
    ).returncode


def test_lost_admin(tmp_path: Path) -> None:
    """The new token works, the lost one does not, and the trail tells what was done with it; others keep theirs."""
    env_file = tmp_path / "core.env"
    digests = {name: sha256(f"token-of-{name}".encode()).hexdigest() for name in ("alice", "bob")}
    env_file.write_text(
        f"GRANTWAY_ADMIN_TOKENS=alice={digests['alice']},bob={digests['bob']}\nGRANTWAY_PEPPER={16 * 'p'}\n"
    )
    with embedded_valkey(tmp_path / "valkey", persist=False) as redis_url:
        cores = _Cores(env_file, redis_url)
        with cores.at_work():
            assert 0 == _exit_code(cores.address, "token-of-alice", "clients", "create", "Portal")

            steps = run_runbook(
                "lost-admin.md",
                tmp_path,
                GRANTWAY_GRPC=cores.address,
                ADMIN="alice",
                CORE_ENV=str(env_file),
                RESTART_CORES=cores.restart,
            )

            new = (tmp_path / "admin-token").read_text().strip()
            assert [1, 0, 0] == [
                _exit_code(cores.address, token, "clients", "list") for token in ("token-of-alice", "token-of-bob", new)
            ]
    _all_kept(steps)
    assert " by alice from " in steps[-1].printed
    assert new not in "".join(step.printed for step in steps) + env_file.read_text()


@needs_openssl
def test_mutual_tls(tmp_path: Path) -> None:
    """Whoever has a certificate gets in, under the name in it; the gateway goes on issuing tokens, and is no admin."""
    core_env, gateway_env = tmp_path / "core.env", tmp_path / "gateway.env"
    core_env.write_text(f"GRANTWAY_PEPPER={16 * 'p'}\n")
    gateway_env.write_text("GRANTWAY_HTTP_PORT=0\n")
    with embedded_valkey(tmp_path / "valkey", persist=False) as redis_url:
        cores = _Cores(core_env, redis_url)
        with cores.at_work():
            steps = run_runbook(
                "mutual-tls.md",
                tmp_path,
                GRANTWAY_GRPC=cores.address,
                CORE_NAMES="DNS:localhost,IP:127.0.0.1",
                CORE_ENV=str(core_env),
                GATEWAY_ENV=str(gateway_env),
                ADMIN="alice",
                RESTART=cores.restart,
            )
            variables = dict(line.split("=", 1) for line in gateway_env.read_text().splitlines())
            with running("grantway-gateway", GRANTWAY_GRPC=cores.address, **variables) as gateway:
                answer = httpx.post(
                    f"http://{gateway.address()}/oauth/token",
                    data={"grant_type": "client_credentials", "client_id": "nobody", "client_secret": "none"},
                )
    _all_kept(steps)
    assert (401, "invalid_client") == (answer.status_code, answer.json()["error"])


@contextmanager
def _ending_all(directory: Path) -> Iterator[None]:
    """Ends what a runbook that broke off has started: it leaves their ids in files."""
    try:
        yield
    finally:
        for file in directory.glob("*.pid"):
            with suppress(ProcessLookupError):
                os.kill(int(file.read_text()), signal.SIGKILL)


def test_two_cores(tmp_path: Path) -> None:
    """Either may restart: whoever asks for tokens all the while gets them. Both end as they should."""
    first, second, http_port = (str(port) for port in free_ports(3))
    with embedded_valkey(tmp_path / "valkey", persist=False) as redis_url:
        here = tmp_path / "here"
        here.mkdir()
        with _ending_all(here):
            steps = run_runbook(
                "two-cores.md",
                here,
                GRANTWAY_REDIS_URL=redis_url,
                GRANTWAY_PEPPER=16 * "p",
                FIRST=first,
                SECOND=second,
                HTTP_PORT=http_port,
            )

    _all_kept(steps)
    (answers,) = [int(step.printed.split()[0]) for step in steps if step.printed.endswith(" 200\n")]
    assert answers > 20
    assert {f"core-{first}.log", f"core-{second}.log", "gateway.log"} == {file.name for file in here.iterdir()}
    logged = "".join(file.read_text() for file in here.iterdir())
    assert 4 == logged.count('"core started"')


def test_every_runbook_is_run_here_and_listed() -> None:
    """In the index, and by a test of its name."""
    names = {path.name for path in RUNBOOKS.glob("*.md")} - {"README.md"}

    assert names == set(re.findall(r"\]\(([\w-]+\.md)\)", (RUNBOOKS / "README.md").read_text()))
    assert all(f"test_{name.removesuffix('.md').replace('-', '_')}" in globals() for name in names)
