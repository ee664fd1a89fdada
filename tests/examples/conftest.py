"""The examples run as they stand, against a `grantway dev`."""

from collections.abc import Iterator

import pytest

from tests.sdk.cli.processes import Dev, running_dev


@pytest.fixture(scope="session", name="dev")
def _dev(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dev]:
    """A `grantway dev`; what it writes to `.grantway/dev.env` is what the examples find."""
    with running_dev(tmp_path_factory.mktemp("dev")) as dev:
        yield dev
