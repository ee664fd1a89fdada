"""The endpoint for leaks over a real core: one answer, whatever is reported, and what it ends."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx
import pytest

from grantway import TokenClient
from tests.fakes.core import running_fake_core
from tests.gateway.harness import NO_STORE, application, headers_of
from tests.sdk.core_in_process import Credentials, RunningCore, core_in_process

_LIMIT = 20
"""Reports of one source in a row."""


@dataclass(frozen=True)
class _Deployment:
    core: RunningCore
    tokens: TokenClient
    gateway: httpx.AsyncClient

    async def is_active(self, token: str) -> bool:
        return (await self.tokens.introspect(token)).active

    async def token_of(self, credentials: Credentials) -> str:
        return (await self.tokens.issue(**credentials)).access_token


@pytest.fixture(name="deployment")
async def _deployment() -> AsyncIterator[_Deployment]:
    async with core_in_process() as core, TokenClient(core.address) as tokens, application(core.address) as gateway:
        yield _Deployment(core, tokens, gateway)


async def test_a_reported_token_is_dead_and_no_other(deployment: _Deployment) -> None:
    """The client keeps its secret and its other tokens."""
    credentials = await deployment.core.new_client()
    leaked, other = await deployment.token_of(credentials), await deployment.token_of(credentials)

    response = await deployment.gateway.post("/oauth/leaked", data={"token": leaked})

    assert (200, NO_STORE, {}) == (response.status_code, headers_of(response), response.json())
    assert [False, True] == [await deployment.is_active(token) for token in (leaked, other)]
    assert await deployment.is_active(await deployment.token_of(credentials))


async def test_a_reported_secret_is_dead_with_the_tokens_that_it_obtained(deployment: _Deployment) -> None:
    """No other client is touched."""
    credentials, bystander = await deployment.core.new_client(), await deployment.core.new_client()
    token, other = await deployment.token_of(credentials), await deployment.token_of(bystander)

    response = await deployment.gateway.post("/oauth/leaked", json={"client_secret": credentials["client_secret"]})
    refused = await deployment.gateway.post("/oauth/token", data={"grant_type": "client_credentials", **credentials})

    assert (200, {}) == (response.status_code, response.json())
    assert (401, "invalid_client") == (refused.status_code, refused.json()["error"])
    assert [False, True] == [await deployment.is_active(one) for one in (token, other)]


@pytest.mark.parametrize(
    "reported",
    [
        pytest.param({"token": "client_oa2_live_" + "0" * 48}, id="a token with a wrong checksum"),
        pytest.param({"token": "anything"}, id="no token at all"),
        pytest.param({"client_secret": "gws_live_aaaaaaaa_" + "A" * 43 + "00000000"}, id="a secret that nobody has"),
        pytest.param({"client_secret": "hunter2"}, id="no secret of ours"),
        pytest.param({"token": "x", "comment": "found on a forum"}, id="with what nobody asked for"),
    ],
)
async def test_what_is_good_for_nothing_gets_the_same_answer(deployment: _Deployment, reported: dict[str, str]) -> None:
    """Whoever guesses learns nothing."""
    response = await deployment.gateway.post("/oauth/leaked", data=reported)

    assert (200, NO_STORE, {}) == (response.status_code, headers_of(response), response.json())


async def test_a_report_may_be_repeated(deployment: _Deployment) -> None:
    """The second time there is nothing left to end."""
    credentials = await deployment.core.new_client()
    report = {"client_secret": credentials["client_secret"]}

    answers = [await deployment.gateway.post("/oauth/leaked", data=report) for _ in range(2)]

    assert [(200, {})] * 2 == [(answer.status_code, answer.json()) for answer in answers]


@pytest.mark.parametrize(
    ("fields", "query"),
    [
        pytest.param({}, "", id="nothing"),
        pytest.param({"token": ""}, "", id="an empty token"),
        pytest.param({"token": "a", "client_secret": "b"}, "", id="two things"),
        pytest.param({"token": "a"}, "?token=a", id="something in the query"),
    ],
)
async def test_a_report_that_says_nothing_clear_is_400(
    deployment: _Deployment, fields: dict[str, str], query: str
) -> None:
    """It says what to send."""
    response = await deployment.gateway.post(f"/oauth/leaked{query}", data=fields or {"x": "y"})

    assert (400, "invalid_request") == (response.status_code, response.json()["error"])
    assert response.json()["error_description"].startswith("Send what leaked")


async def test_many_reports_of_one_source_are_429(deployment: _Deployment) -> None:
    """Whatever they report; with the time to wait."""
    answers = [await deployment.gateway.post("/oauth/leaked", data={"token": "x"}) for _ in range(_LIMIT + 1)]

    assert [200] * _LIMIT + [429] == [answer.status_code for answer in answers]
    assert "temporarily_unavailable" == answers[-1].json()["error"]
    assert int(answers[-1].headers["retry-after"]) >= 1


async def test_a_get_is_405() -> None:
    """A link that somebody follows must end nothing."""
    async with running_fake_core() as core, application(core.address) as gateway:
        response = await gateway.get("/oauth/leaked")

    assert (405, "POST") == (response.status_code, response.headers["allow"])
