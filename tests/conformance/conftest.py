"""The conformance tests call the whole chain over HTTP. Each is named after its line in the checklist."""

from collections.abc import Iterator

import httpx
import pytest

from tests.deployment import Deployment, NewClient


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
