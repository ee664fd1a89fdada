"""RFC 6749 sections 2.3.1 and 5.2 at the endpoints for introspection and revocation: no way round the rules."""

import asyncio

import httpx
import pytest

from grantway.v1 import client_pb2, client_service_pb2
from grantway.v1.client_pb2 import PERMISSION_INTROSPECT_TOKENS, PERMISSION_ISSUE_TOKENS
from tests.conformance.answers import GRANT, error_of, headers_of, token_of
from tests.deployment import Deployment, NewClient

_INVALID_CLIENT = (401, "invalid_client")
_ABOUT = {"token": "x"}
_ENDPOINTS = ["/oauth/introspect", "/oauth/revoke"]
_MAY_BOTH = [PERMISSION_ISSUE_TOKENS, PERMISSION_INTROSPECT_TOKENS]


async def test_A12_guesses_are_counted_together_wherever_they_are_made(deployment: Deployment) -> None:
    """Section 2.3.1: "any endpoint utilizing it"; 500 of all, then 429; the right secret works all the while."""
    target = deployment.create_client(permissions=_MAY_BOTH)
    paths = [*_ENDPOINTS, "/oauth/token"]
    slots = asyncio.Semaphore(50)
    async with httpx.AsyncClient(base_url=deployment.http_url) as http:

        async def guess(number: int) -> httpx.Response:
            async with slots:
                return await http.post(
                    paths[number % 3], data=GRANT | _ABOUT, auth=(target.client_id, f"guess-{number}")
                )

        guesses = await asyncio.gather(*(guess(number) for number in range(600)))
        right = [await http.post(path, data=GRANT | _ABOUT, auth=target.basic) for path in paths]

    answers = [error_of(response) for response in guesses]
    assert {_INVALID_CLIENT, (429, "temporarily_unavailable")} == set(answers)
    assert 500 <= answers.count(_INVALID_CLIENT) < 600
    slowed_down = [response for response in guesses if response.status_code == 429]
    assert set(paths) == {response.url.path for response in slowed_down}
    assert all(int(response.headers["retry-after"]) >= 1 for response in slowed_down)
    assert [200] * 3 == [response.status_code for response in right]


@pytest.mark.parametrize("path", _ENDPOINTS)
def test_A14_a_client_is_held_to_its_method(deployment: Deployment, http: httpx.Client, path: str) -> None:
    """OAuth 2.1 section 2.4: one registered for Basic cannot use the body, and the other way round."""
    basic, post = (
        deployment.create_client(auth_methods=[method], permissions=_MAY_BOTH)
        for method in (
            client_pb2.CLIENT_AUTH_METHOD_CLIENT_SECRET_BASIC,
            client_pb2.CLIENT_AUTH_METHOD_CLIENT_SECRET_POST,
        )
    )

    assert 200 == http.post(path, data=_ABOUT, auth=basic.basic).status_code
    assert 200 == http.post(path, json=_ABOUT | post.post).status_code
    assert _INVALID_CLIENT == error_of(http.post(path, data=_ABOUT | basic.post))
    assert _INVALID_CLIENT == error_of(http.post(path, data=_ABOUT, auth=post.basic))


@pytest.mark.parametrize("path", _ENDPOINTS)
def test_R09_one_answer_for_every_failed_authentication(deployment: Deployment, http: httpx.Client, path: str) -> None:
    """Unknown, wrong, disabled, deleted, of the other environment: the bytes of the token endpoint."""
    client, disabled, deleted = (deployment.create_client(permissions=_MAY_BOTH) for _ in range(3))
    deployment.clients.DisableClient(client_service_pb2.DisableClientRequest(client_id=disabled.client_id), timeout=5)
    deployment.clients.DeleteClient(client_service_pb2.DeleteClientRequest(client_id=deleted.client_id), timeout=5)

    answers = [
        http.post(path, data=_ABOUT, auth=credentials)
        for credentials in (
            ("unknown", "x"),
            (client.client_id, "wrong"),
            (client.client_id, disabled.client_secret),
            (client.client_id.replace("live", "test"), client.client_secret),
            disabled.basic,
            deleted.basic,
        )
    ]

    expected = http.post("/oauth/token", data=GRANT)
    for response in answers:
        assert _INVALID_CLIENT == error_of(response)
        assert (expected.content, headers_of(expected)) == (response.content, headers_of(response))


def test_a_retired_secret_opens_nothing(deployment: Deployment, http: httpx.Client) -> None:
    """The new one does, here as at the token endpoint."""
    client = deployment.create_client(permissions=_MAY_BOTH)
    request = client_service_pb2.RotateSecretRequest(client_id=client.client_id)
    request.overlap.FromSeconds(0)
    rotated = NewClient(client.client_id, deployment.clients.RotateSecret(request, timeout=5).client_secret)
    token = token_of(http.post("/oauth/token", data=GRANT, auth=rotated.basic))

    for path in _ENDPOINTS:
        assert _INVALID_CLIENT == error_of(http.post(path, data={"token": token}, auth=client.basic))
        assert 200 == http.post(path, data={"token": token}, auth=rotated.basic).status_code
