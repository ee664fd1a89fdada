"""The table of errors, and what it makes of every refusal that a core can send."""

import re
from datetime import timedelta

import httpx
import pytest

from grantway.v1 import error_reason_pb2
from grantway_gateway.oauth_errors import ANSWERS
from tests.fakes.core import FakeCore, refused
from tests.gateway.harness import CHALLENGE, CREDENTIALS, GRANT, NO_STORE, headers_of

_FAULT = "The service failed: try again, and report it if it goes on."
_WRONG_CLIENT = (
    "Client authentication failed: check the client id and the client secret, "
    "and send them by HTTP Basic or in the body."
)


def test_the_table_is_total() -> None:
    """Every reason of the contract has its answer."""
    assert set(error_reason_pb2.ErrorReason.values()) == set(ANSWERS)


_ANSWERS_BY_REASON = {
    "INVALID_REQUEST": (400, "invalid_request", "Do it so.", {}),
    "INVALID_CLIENT": (401, "invalid_client", _WRONG_CLIENT, CHALLENGE),
    "UNAUTHORIZED_CLIENT": (400, "unauthorized_client", "Do it so.", {}),
    "UNSUPPORTED_GRANT_TYPE": (400, "unsupported_grant_type", "Do it so.", {}),
    "INVALID_SCOPE": (400, "invalid_scope", "Do it so.", {}),
    "INVALID_TARGET": (400, "invalid_target", "Do it so.", {}),
    "RATE_LIMITED": (429, "temporarily_unavailable", "Do it so.", {"retry-after": "1"}),
    "STORAGE_UNAVAILABLE": (503, "temporarily_unavailable", "Do it so.", {"retry-after": "1"}),
    "INTERNAL": (500, "server_error", _FAULT, {}),
    "UNSPECIFIED": (500, "server_error", _FAULT, {}),
    "CLIENT_NOT_FOUND": (500, "server_error", _FAULT, {}),
    "CONFLICT": (500, "server_error", _FAULT, {}),
    "ALONE_ONLY": (500, "server_error", _FAULT, {}),
    "UNKNOWN_ACTOR": (500, "server_error", _FAULT, {}),
    "SECRET_NOT_FOUND": (500, "server_error", _FAULT, {}),
}


@pytest.mark.parametrize(
    "reason", [value.name.removeprefix("ERROR_REASON_") for value in error_reason_pb2.ErrorReason.DESCRIPTOR.values]
)
async def test_every_reason_has_its_answer(endpoint: httpx.AsyncClient, core: FakeCore, reason: str) -> None:
    """DESIGN's table, over the wire and back: the whole answer."""
    core.tokens.outcome = refused(error_reason_pb2.ErrorReason.Value(f"ERROR_REASON_{reason}"), "Do it so.")
    status, error, description, headers = _ANSWERS_BY_REASON[reason]

    response = await endpoint.post("/oauth/token", data=GRANT | CREDENTIALS)

    assert (status, NO_STORE | headers) == (response.status_code, headers_of(response))
    assert {"error": error, "error_description": description} == response.json()


@pytest.mark.parametrize(
    "reason",
    # The SDK keeps that one to itself: it sends the request again, alone.
    [reason for reason in error_reason_pb2.ErrorReason.values() if reason != error_reason_pb2.ERROR_REASON_ALONE_ONLY],
)
async def test_every_answer_is_the_tables(
    endpoint: httpx.AsyncClient,
    core: FakeCore,
    monkeypatch: pytest.MonkeyPatch,
    reason: "error_reason_pb2.ErrorReason",
) -> None:
    """No entry of it is dead: whoever changes one changes what is sent."""
    monkeypatch.setattr("grantway_gateway.oauth_errors.ANSWERS", {**ANSWERS, reason: (418, "teapot")})
    core.tokens.outcome = refused(reason, "Do it so.")

    response = await endpoint.post("/oauth/token", data=GRANT | CREDENTIALS)

    assert (418, "teapot") == (response.status_code, response.json()["error"])


async def test_a_reason_of_a_newer_core_is_a_fault(endpoint: httpx.AsyncClient, core: FakeCore) -> None:
    """The gateway was not told what it means."""
    core.tokens.outcome = refused(9999, "Do it so.")

    response = await endpoint.post("/oauth/token", data=GRANT | CREDENTIALS)

    assert (500, {"error": "server_error", "error_description": _FAULT}) == (response.status_code, response.json())


@pytest.mark.parametrize(
    ("retry_after", "seconds"),
    [
        pytest.param(timedelta(seconds=7), "7", id="whole-seconds"),
        pytest.param(timedelta(seconds=6, milliseconds=1), "7", id="rounded-up"),
        pytest.param(timedelta(milliseconds=10), "1", id="at-least-one"),
        pytest.param(timedelta(0), "1", id="never-zero"),
    ],
)
async def test_retry_after_is_whole_seconds(
    endpoint: httpx.AsyncClient, core: FakeCore, retry_after: timedelta, seconds: str
) -> None:
    """RFC 9110 section 10.2.3: an earlier retry would be in vain."""
    core.tokens.outcome = refused(error_reason_pb2.ERROR_REASON_RATE_LIMITED, "Wait.", retry_after=retry_after)

    response = await endpoint.post("/oauth/token", data=GRANT | CREDENTIALS)

    assert seconds == response.headers["retry-after"]


@pytest.mark.parametrize(
    "description", ['say "so"', "back\\slash", "línea", "two\nlines", "", pytest.param("\x7f", id="delete")]
)
async def test_a_description_with_other_characters_is_withheld(
    endpoint: httpx.AsyncClient, core: FakeCore, description: str
) -> None:
    """RFC 6749 section 5.2 names the characters; the core keeps to them, and is not trusted to."""
    core.tokens.outcome = refused(error_reason_pb2.ERROR_REASON_INVALID_SCOPE, description)

    response = await endpoint.post("/oauth/token", data=GRANT | CREDENTIALS)

    assert {"error": "invalid_scope", "error_description": "The request was refused: see error."} == response.json()
    assert re.fullmatch(r"[\x20\x21\x23-\x5b\x5d-\x7e]+", response.json()["error_description"])
