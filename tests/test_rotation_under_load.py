"""A secret is rotated as the runbook says, while its client asks for tokens without a pause: none is refused."""

import json
import subprocess
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any, Self

import httpx

from tests.deployment import Deployment, deployed_with_valkey
from tests.programs import PROGRAMS, environment

_WORKERS = 4
_PAUSE_SECONDS = 0.5
"""Between the steps of the rotation."""


class _Load:
    """Asks for tokens, one request after the other, with the secret that is current."""

    def __init__(self, deployment: Deployment, client_id: str, client_secret: str) -> None:
        self.client_id = client_id
        self.client_secret = client_secret
        self.outcomes: Counter[tuple[int, bool]] = Counter()
        """How many answers of each status, with and without the warning that the secret ends."""
        self._url = f"{deployment.http_url}/oauth/token"
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._work) for _ in range(_WORKERS)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _work(self) -> None:
        with httpx.Client() as http:
            while not self._stop.is_set():
                response = http.post(
                    self._url,
                    data={"grant_type": "client_credentials"},
                    auth=(self.client_id, self.client_secret),
                )
                self.outcomes[response.status_code, "sunset" in response.headers] += 1


def _grantway(deployment: Deployment, *arguments: str) -> dict[str, Any]:
    answer = subprocess.run(
        [PROGRAMS / "grantway", *arguments, "--json"],
        env=environment(GRANTWAY_GRPC=deployment.grpc_target),
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    assert 0 == answer.returncode, answer.stderr + answer.stdout
    document: dict[str, Any] = json.loads(answer.stdout)
    return document


def test_a_rotation_costs_no_request(tmp_path: Path) -> None:
    """Create, rotate, roll out, look, retire: every answer is a token; the old secret's tell that it ends."""
    with deployed_with_valkey(tmp_path) as deployment:
        created = _grantway(deployment, "clients", "create", "Concierge")
        client_id = created["client_id"]
        with _Load(deployment, client_id, created["client_secret"]) as load:
            time.sleep(_PAUSE_SECONDS)
            rotated = _grantway(deployment, "clients", "rotate", client_id, "--overlap", "1h")
            time.sleep(_PAUSE_SECONDS)
            load.client_secret = rotated["client_secret"]
            time.sleep(_PAUSE_SECONDS)
            secrets = _grantway(deployment, "secrets", "list", client_id)["secrets"]
            old = next(secret for secret in secrets if secret["secret_id"] != rotated["secret_id"])
            retired = _grantway(deployment, "secrets", "retire", client_id, old["secret_id"])
            time.sleep(_PAUSE_SECONDS)

    assert {200} == {status for status, _ in load.outcomes}
    assert min(load.outcomes[200, told] for told in (True, False)) > 0
    assert old["secret_id"] == retired["secret_id"]
