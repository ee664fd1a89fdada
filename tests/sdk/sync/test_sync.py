"""Checking tokens and holding one without asyncio: from many threads, over forks, until the program ends."""

import asyncio
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from grantway import GrantwayError, InsufficientScope, InvalidToken, TokenClient, Unreachable, bounded, strict
from grantway.check_modes import Mode
from grantway.sync import TokenSource, TokenVerifier
from grantway.sync.loop_thread import shared_loop_thread
from grantway.v1 import token_service_pb2 as pb
from tests.deployment import Deployment, NewClient
from tests.programs import environment
from tests.sdk.core_in_process import PATIENT
from tests.server.samples import WELL_FORMED_TOKEN


@pytest.fixture(name="account")
def _account(deployment: Deployment) -> NewClient:
    return deployment.create_client(scopes=["a", "b"])


@pytest.fixture(name="source")
def _source(deployment: Deployment, account: NewClient) -> Iterator[TokenSource]:
    with _source_of(deployment, account, scope="a") as source:
        yield source


def _verifier_of(deployment: Deployment, mode: Mode) -> TokenVerifier:
    return TokenVerifier(deployment.grpc_target, mode=mode, timeout=PATIENT)


def _source_of(deployment: Deployment, account: NewClient, *, scope: str = "") -> TokenSource:
    return TokenSource.over_grpc(deployment.grpc_target, **account.credentials, scope=scope, timeout=PATIENT)


@pytest.mark.parametrize("mode", [pytest.param(strict(), id="strict"), pytest.param(bounded(60), id="bounded")])
def test_many_threads_check_at_once(deployment: Deployment, mode: Mode) -> None:
    """Each gets the answer to its own question."""
    accounts = [deployment.create_client() for _ in range(4)]
    tokens = []
    for account in accounts:
        with _source_of(deployment, account) as source:
            tokens.append(source.token())
    with (
        TokenVerifier(deployment.grpc_target, mode=mode, timeout=PATIENT) as verifier,
        ThreadPoolExecutor(16) as threads,
    ):
        seen = list(threads.map(lambda number: verifier.verify(tokens[number % 4]).client_id, range(2_000)))

    assert [accounts[number % 4].client_id for number in range(2_000)] == seen


def test_errors_are_those_of_the_asynchronous_one(deployment: Deployment, source: TokenSource) -> None:
    """Whether the answer was held or not."""
    token = source.token()
    with _verifier_of(deployment, bounded(60)) as verifier:
        for _ in range(2):
            with pytest.raises(InsufficientScope):
                verifier.verify(token, ["b"])
        deployment.tokens.RevokeToken(pb.RevokeTokenRequest(token=token), timeout=5)
        with (
            _verifier_of(deployment, strict()) as another,
            pytest.raises(InvalidToken),
        ):
            another.verify(token)
        with pytest.raises(InvalidToken):
            verifier.verify("no token")


def test_an_answer_that_is_held_is_given_on_the_thread_that_asks(deployment: Deployment, source: TokenSource) -> None:
    """While the thread in the background stands still; so is a token that is held."""
    token = source.token()

    async def stand_still() -> None:
        time.sleep(0.5)  # noqa: ASYNC251 - that is what it is to do.

    with (
        _verifier_of(deployment, bounded(60)) as verifier,
        ThreadPoolExecutor(1) as threads,
    ):
        verifier.verify(token)
        standing = threads.submit(shared_loop_thread().run, stand_still)
        time.sleep(0.1)
        began = time.perf_counter()
        verified, held = verifier.verify(token), source.token()
        seconds = time.perf_counter() - began
        standing.result()

    assert (True, token) == (verified.from_cache, held)
    assert seconds < 0.2


def test_a_source_renews_for_all_threads_at_once(source: TokenSource) -> None:
    """One new token, however many were rejected with the old one."""
    old = source.token()
    with ThreadPoolExecutor(16) as threads:
        renewed = set(threads.map(lambda _: source.renewed(old), range(32)))

    assert len(renewed) == 1
    assert {source.token()} == renewed != {old}


def test_what_is_closed_says_so(deployment: Deployment, account: NewClient) -> None:
    """Used before or never; closing twice does no harm."""
    outcomes = []
    for used in (True, False):
        source = TokenSource.over_http(deployment.http_url, **account.credentials)
        verifier = TokenVerifier(deployment.grpc_target, timeout=PATIENT)
        if used:
            verifier.verify(source.token())
        for one in (source, verifier):
            one.close()
            one.close()
        for call in (source.token, lambda verifier=verifier: verifier.verify(WELL_FORMED_TOKEN)):
            try:
                call()
            except GrantwayError as error:
                outcomes.append(type(error))

    assert [Unreachable] * 4 == outcomes


def _run(program: str, deployment: Deployment, account: NewClient, **more: str) -> tuple[int, str, str]:
    """How *program* ends, and what it prints."""
    variables = {"CORE": deployment.grpc_target, "ID": account.client_id, "SECRET": account.client_secret}
    ran = subprocess.run(
        [sys.executable, "-c", _PRELUDE + program],
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
        env=environment(**variables, **more),
    )
    return ran.returncode, ran.stdout, ran.stderr


_PRELUDE = """
import os
from datetime import timedelta
from grantway import bounded
from grantway.sync import TokenSource, TokenVerifier
patient = timedelta(seconds=10)
verifier = TokenVerifier(os.environ["CORE"], timeout=patient)
source = TokenSource.over_grpc(
    os.environ["CORE"], client_id=os.environ["ID"], client_secret=os.environ["SECRET"], timeout=patient
)
def check():
    return verifier.verify(source.token()).client_id == os.environ["ID"]
"""


def test_a_program_that_closes_nothing_ends_well(deployment: Deployment, account: NewClient) -> None:
    """In no time, and without a word."""
    began = time.perf_counter()

    assert (0, "True\n", "") == _run("print(check(), flush=True)", deployment, account)
    assert time.perf_counter() - began < 5


def test_what_was_made_before_a_fork_is_used_after_it(deployment: Deployment, account: NewClient) -> None:
    """By each child for itself: so a server may load the application before it forks its workers."""
    program = """
children = []
for _ in range(3):
    if not (child := os.fork()):
        os.write(1, f"{check()}\\n".encode())  # In one piece, whatever the others write meanwhile.
        raise SystemExit
    children.append(child)
for child in children:
    os.waitpid(child, 0)
"""

    exit_code, output, errors = _run(program, deployment, account)
    assert (0, ["True"] * 3, "") == (exit_code, output.split(), errors)


@pytest.mark.parametrize(
    "use",
    [
        pytest.param("source.renewed(held)", id="what-was-used"),
        pytest.param("source.token()", id="a-token-that-was-held"),
        pytest.param("verifier.verify(held)", id="an-answer-that-was-held"),
        pytest.param("lenient.verify(held)", id="an-answer-that-was-held-for-a-time"),
        pytest.param("verifier.verify(token)", id="what-was-used-to-check"),
        pytest.param("TokenVerifier(os.environ['CORE']).verify(token)", id="what-is-new"),
    ],
)
def test_after_a_use_before_the_fork_there_is_none_behind_it(
    deployment: Deployment, account: NewClient, use: str
) -> None:
    """It says so, rather than crash or believe what nobody keeps true. The parent goes on."""
    program = f"""
check()
held, token = source.token(), "{WELL_FORMED_TOKEN}"
lenient = TokenVerifier(os.environ["CORE"], mode=bounded(60), timeout=patient)
lenient.verify(held)
while not verifier.verify(held).from_cache:
    pass
if not (child := os.fork()):
    try:
        {use}
    except RuntimeError as error:
        os.write(1, str(error).encode())
    os._exit(0)
os.waitpid(child, 0)
print(check(), flush=True)
"""
    # gRPC's own handlers crash a child now and then.
    exit_code, output, _ = _run(program, deployment, account, GRPC_ENABLE_FORK_SUPPORT="0")

    expected = (
        "grantway.sync was used before the process forked, and gRPC does not survive that: make what you need before "
        "or after the fork, but use it only after it"
    )
    assert (0, f"{expected}True\n") == (exit_code, output)


async def test_it_does_not_disturb_a_loop_of_the_program(deployment: Deployment, account: NewClient) -> None:
    """Both speak gRPC, each on its own thread."""
    with _source_of(deployment, account) as source:
        token = await asyncio.to_thread(source.token)
        async with TokenClient(deployment.grpc_target, timeout=PATIENT) as client:
            with _verifier_of(deployment, strict()) as verifier:
                asked, checked = await asyncio.gather(
                    asyncio.gather(*(client.introspect(token) for _ in range(200))),
                    asyncio.gather(*(asyncio.to_thread(verifier.verify, token) for _ in range(200))),
                )

    assert {account.client_id} == {one.client_id for one in asked} == {one.client_id for one in checked}
