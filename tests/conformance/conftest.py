"""The conformance tests call the whole chain over HTTP. Each is named after its line in the checklist."""

from collections.abc import Iterator
from contextlib import ExitStack

import httpx
import pytest

from grantway.v1.client_pb2 import PERMISSION_INTROSPECT_TOKENS, PERMISSION_ISSUE_TOKENS
from tests.conformance.answers import GRANT, token_of
from tests.conformance.without_store import WithoutStore
from tests.deployment import Deployment, NewClient, deployed
from tests.valkey_server import embedded_valkey


@pytest.fixture(scope="session", name="http")
def _http(deployment: Deployment) -> Iterator[httpx.Client]:
    """A client of the gateway."""
    with httpx.Client(base_url=deployment.http_url) as client:
        yield client


@pytest.fixture(scope="session", name="account")
def _account(deployment: Deployment) -> NewClient:
    """A client that has no scopes."""
    return deployment.create_client()


@pytest.fixture(scope="session", name="scoped")
def _scoped(deployment: Deployment) -> NewClient:
    """A client that may ask for three scopes and an audience, and gets the first scope if it asks for none."""
    return deployment.create_client(
        scopes=["read", "write", "Write"], default_scopes=["read"], audiences=["https://api.example"]
    )


@pytest.fixture(scope="session", name="checker")
def _checker(deployment: Deployment) -> NewClient:
    """A client that may introspect, and has no audiences."""
    return deployment.create_client(permissions=[PERMISSION_ISSUE_TOKENS, PERMISSION_INTROSPECT_TOKENS])


@pytest.fixture(scope="session", name="without_store")
def _without_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WithoutStore]:
    """For good."""
    with ExitStack() as stack:
        with embedded_valkey(tmp_path_factory.mktemp("lost") / "valkey", persist=False) as redis_url:
            deployment = stack.enter_context(deployed(redis_url=redis_url))
            http = stack.enter_context(httpx.Client(base_url=deployment.http_url))
            client = deployment.create_client(permissions=[PERMISSION_ISSUE_TOKENS, PERMISSION_INTROSPECT_TOKENS])
            token = token_of(http.post("/oauth/token", data=GRANT, auth=client.basic))
        yield WithoutStore(deployment, http, client, token)
