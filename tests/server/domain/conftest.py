"""What most tests of the domain begin with."""

import pytest

from tests.server.domain.grant import Credentials, Grant, new_grant, register


@pytest.fixture(name="grant")
def _grant() -> Grant:
    """The grant logic over new stores."""
    return new_grant()


@pytest.fixture(name="credentials")
async def _credentials(grant: Grant) -> Credentials:
    """A client."""
    return await register(grant)
