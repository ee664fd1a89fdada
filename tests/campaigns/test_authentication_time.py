"""S02: one answer and one time for unknown, wrong, expired, disabled: nobody learns by a clock what a 401 hides."""

import http.client
import random
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from statistics import median
from urllib.parse import urlencode, urlsplit

import grpc
import pytest

from grantway.v1 import client_pb2, client_service_pb2
from grantway.v1 import token_service_pb2 as pb
from tests.deployment import Deployment, deployed_with_valkey

pytestmark = pytest.mark.campaign

_TRIES = 5_000
_WARM_UP = 200
_SEED = 6749

# The bound of the promise: medians within 3 % or 30 us.
_PART = 0.03
_SECONDS = 30e-6


@pytest.fixture(name="deployment", scope="module")
def _deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    directory = Path(tmp_path_factory.mktemp("timing"))
    # Counting failures must not turn them into something else.
    many = {"GRANTWAY_AUTH_FAILURE_BURST": "10000000"}
    with deployed_with_valkey(directory, **many) as deployment:
        yield deployment


@pytest.fixture(name="attempts", scope="module")
def _attempts(deployment: Deployment) -> dict[str, dict[str, str]]:
    """Credentials that fail, by the reason."""
    good, other = deployment.create_client(), deployment.create_client()
    disabled, expired = deployment.create_client(), deployment.create_client()
    basic = client_pb2.CLIENT_AUTH_METHOD_CLIENT_SECRET_BASIC
    basic_only = deployment.create_client(auth_methods=[basic])
    deployment.clients.DisableClient(client_service_pb2.DisableClientRequest(client_id=disabled.client_id))
    ended = client_service_pb2.RotateSecretRequest(client_id=expired.client_id)
    ended.overlap.seconds = 1
    deployment.clients.RotateSecret(ended)
    time.sleep(1.1)
    return {
        "unknown client": {**good.post, "client_id": good.client_id[:-1] + ("a" if good.client_id[-1] != "a" else "b")},
        "wrong secret": {**good.post, "client_secret": other.client_secret},
        "no secret of ours": {**good.post, "client_secret": "x" * len(good.client_secret)},
        "expired secret": expired.post,
        "disabled client": disabled.post,
        "wrong method": basic_only.post,
        "other environment": {**good.post, "client_secret": good.client_secret.replace("_live_", "_test_")},
    }


@contextmanager
def _at_the_core(deployment: Deployment) -> Iterator[Callable[[dict[str, str]], None]]:
    def attempt(credentials: dict[str, str]) -> None:
        request = pb.IssueTokenRequest(
            grant_type="client_credentials",
            auth_method=client_pb2.CLIENT_AUTH_METHOD_CLIENT_SECRET_POST,
            **credentials,
        )
        with pytest.raises(grpc.RpcError) as caught:
            deployment.tokens.IssueToken(request, timeout=5)
        assert isinstance(caught.value, grpc.Call)
        assert grpc.StatusCode.UNAUTHENTICATED is caught.value.code()

    yield attempt


@contextmanager
def _at_the_gateway(deployment: Deployment) -> Iterator[Callable[[dict[str, str]], None]]:
    connection = http.client.HTTPConnection(urlsplit(deployment.http_url).netloc, timeout=5)
    headers = {"content-type": "application/x-www-form-urlencoded"}

    def attempt(credentials: dict[str, str]) -> None:
        body = urlencode({"grant_type": "client_credentials", **credentials})
        connection.request("POST", "/oauth/token", body, headers)
        response = connection.getresponse()
        response.read()
        assert 401 == response.status

    yield attempt
    connection.close()


@pytest.mark.parametrize(
    "way", [pytest.param(_at_the_core, id="at the core"), pytest.param(_at_the_gateway, id="at the gateway")]
)
def test_every_failed_authentication_takes_the_same_time(
    deployment: Deployment,
    attempts: dict[str, dict[str, str]],
    way: Callable[[Deployment], AbstractContextManager[Callable[[dict[str, str]], None]]],
) -> None:
    """Medians of 5,000 interleaved tries each are within 3 % or 30 us of each other."""
    shuffled = random.Random(_SEED)  # noqa: S311 - nothing secret.
    times: dict[str, list[float]] = {reason: [] for reason in attempts}
    with way(deployment) as attempt:
        for turn in range(-_WARM_UP, _TRIES):
            for reason, credentials in shuffled.sample(list(attempts.items()), len(attempts)):
                started = time.perf_counter()
                attempt(credentials)
                if turn >= 0:
                    times[reason].append(time.perf_counter() - started)

    medians = {reason: median(seconds) for reason, seconds in times.items()}
    print({reason: f"{seconds * 1e6:.1f} us" for reason, seconds in medians.items()})  # noqa: T201 - the finding.
    fastest, slowest = min(medians.values()), max(medians.values())
    assert slowest - fastest <= max(_PART * fastest, _SECONDS), medians
