"""What the tests of the adapters share: a client of a real core, and its tokens."""

import pytest

from tests.deployment import Deployment, NewClient
from tests.sdk.adapters.tokens import Tokens


@pytest.fixture(scope="module", name="client")
def _client(deployment: Deployment) -> NewClient:
    """A client that may ask for the scopes a and b."""
    return deployment.create_client(scopes=["a", "b"])


@pytest.fixture(scope="module", name="tokens")
def _tokens(deployment: Deployment, client: NewClient) -> Tokens:
    """Tokens of that client."""
    return Tokens(deployment, client)
