"""Where no token can be checked: 503, which leaves clients their tokens, and never a way in."""

import logging
from zlib import crc32

import httpx
import pytest

from tests.programs import free_ports
from tests.sdk.adapters.served import APIS


@pytest.mark.parametrize("adapter", APIS)
def test_without_a_core_the_answer_is_503_and_when_to_come_back(adapter: str, caplog: pytest.LogCaptureFixture) -> None:
    """No challenge: another token would not help. The log says what is wrong, and not which token it was."""
    token = _well_formed()
    (port,) = free_ports(1)
    with (
        caplog.at_level(logging.WARNING, "grantway"),
        APIS[adapter](f"127.0.0.1:{port}") as url,
        httpx.Client(base_url=url) as client,
    ):
        response = client.get("/orders", headers={"Authorization": f"Bearer {token}"})
        without = client.get("/orders")

    assert (503, "1", None) == (
        response.status_code,
        response.headers["retry-after"],
        response.headers.get("www-authenticate"),
    )
    assert "Access tokens cannot be checked at the moment: try again soon." in response.json().values()
    assert httpx.codes.UNAUTHORIZED == without.status_code
    (record,) = (record for record in caplog.records if record.name == "grantway.adapters")
    assert record.getMessage().startswith("an access token cannot be checked: no core answered in time")
    assert token not in caplog.text


def _well_formed() -> str:
    """A token whose checksum is right, so that the core has to be asked."""
    text = "client_oa2_live_" + "0" * 40
    return f"{text}{crc32(text.encode()):08x}"
