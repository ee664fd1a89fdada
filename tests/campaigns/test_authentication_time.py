"""S02: one answer and one time for unknown, wrong, expired, disabled: nobody learns by a clock what a 401 hides."""

import http.client
import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
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


class _Unanswered(Exception):
    """The store did not answer in time: that was no failed authentication, but a machine that is too busy."""


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
    deleted = deployment.create_client()
    granted = pb.IssueTokenRequest(grant_type="client_credentials", **deleted.post)
    deployment.tokens.IssueToken(granted)  # So that the core remembers it.
    basic = client_pb2.CLIENT_AUTH_METHOD_CLIENT_SECRET_BASIC
    basic_only = deployment.create_client(auth_methods=[basic])
    deployment.clients.DisableClient(client_service_pb2.DisableClientRequest(client_id=disabled.client_id))
    deployment.clients.DeleteClient(client_service_pb2.DeleteClientRequest(client_id=deleted.client_id))
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
        "deleted client": deleted.post,
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
        if caught.value.code() is grpc.StatusCode.UNAVAILABLE:
            raise _Unanswered
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
        if response.status == http.client.SERVICE_UNAVAILABLE:
            raise _Unanswered
        assert 401 == response.status

    yield attempt
    connection.close()


def _turn(
    attempt: Callable[[dict[str, str]], None], order: Sequence[tuple[str, dict[str, str]]]
) -> Mapping[str, float] | None:
    """The seconds that an attempt takes for each reason; None when one of them was no failed authentication."""
    times = {}
    try:
        for reason, credentials in order:
            started = time.perf_counter()
            attempt(credentials)
            times[reason] = time.perf_counter() - started
    except _Unanswered:
        return None
    return times


def _difference(turns: Sequence[Mapping[str, float]], reason: str) -> float:
    """By how much a failure for *reason* is slower than the typical other one, in the median of all turns.

    Within a turn the machine is as busy for one as for the next. Over all of them it is now fast, now slow, and the
    median of all tries is then between the two, where there is hardly a try: by chance it is far from the next one's.
    """
    return median(
        turn[reason] - median(seconds for other, seconds in turn.items() if other != reason) for turn in turns
    )


@pytest.mark.parametrize(
    "way", [pytest.param(_at_the_core, id="at the core"), pytest.param(_at_the_gateway, id="at the gateway")]
)
def test_every_failed_authentication_takes_the_same_time(
    deployment: Deployment,
    attempts: dict[str, dict[str, str]],
    way: Callable[[Deployment], AbstractContextManager[Callable[[dict[str, str]], None]]],
) -> None:
    """Of 5,000 tries each, in turns of one of each in any order, the medians are within 3 % or 30 us of each other."""
    shuffled = random.Random(_SEED)  # noqa: S311 - nothing secret.
    turns: list[Mapping[str, float]] = []
    unanswered = 0
    with way(deployment) as attempt:
        while len(turns) < _WARM_UP + _TRIES:
            times = _turn(attempt, shuffled.sample(list(attempts.items()), len(attempts)))
            if times is None:
                unanswered += 1
                assert unanswered <= _PART * _TRIES, "the machine is too busy to measure anything"
            else:
                turns.append(times)
    del turns[:_WARM_UP]

    typical = median(seconds for times in turns for seconds in times.values())
    differences = {reason: _difference(turns, reason) for reason in attempts}
    print(f"\n{unanswered} turns were not answered in time, and repeated")  # noqa: T201 - the finding.
    print(f"median of all {typical * 1e6:.1f} us; by cause, and by how much it differs within a turn:")  # noqa: T201 - the finding.
    for reason, seconds in differences.items():
        own = median(times[reason] for times in turns)
        print(f"  {reason:17} {own * 1e6:8.1f} us {seconds * 1e6:+7.1f} us")  # noqa: T201 - as above.
    assert max(differences.values()) - min(differences.values()) <= max(_PART * typical, _SECONDS), differences
