"""The log has a line for each change, and at most ten a second of each kind that any caller can cause."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
import structlog

from grantway_server.domain.audit import CLIENT_ACTOR, AuditRecord, Failure, Kind
from grantway_server.domain.token_revocation import ForeignRevocation
from grantway_server.rpc.audit_log import AuditLog

_FOREIGN = "a client asked to revoke a token of another one"


def _record(kind: Kind) -> AuditRecord:
    return AuditRecord(
        at=datetime(2026, 1, 1, tzinfo=UTC),
        kind=kind,
        client_id="svc_live_a",
        actor=CLIENT_ACTOR,
        source="203.0.113.7",
        request_id="0",
        failure=Failure.WRONG_SECRET if kind is Kind.AUTHENTICATION_FAILED else None,
    )


_REVOCATION = ForeignRevocation("svc_live_a", "203.0.113.7", "svc_live_b", "token")


def _fail(log: AuditLog) -> None:
    log.announce(_record(Kind.AUTHENTICATION_FAILED))


def _meddle(log: AuditLog) -> None:
    log.announce_foreign(_REVOCATION)


_KINDS = [pytest.param(_fail, id="failed authentications"), pytest.param(_meddle, id="foreign revocations")]


@pytest.mark.parametrize("happens", _KINDS)
def test_what_any_caller_can_cause_has_ten_lines_a_second(happens: Callable[[AuditLog], None]) -> None:
    """The first line of the next second says how many had none."""
    now = 5.0
    log = AuditLog(lambda: now)
    with structlog.testing.capture_logs() as logs:
        for _ in range(100):
            happens(log)
        now = 6.0
        happens(log)

    assert [0] * 10 + [90] == [line["untold"] for line in logs]


def test_a_flood_of_failed_authentications_hides_no_foreign_revocation() -> None:
    """Nothing but the line tells of it: whoever holds stolen tokens cannot drown it in wrong secrets."""
    log = AuditLog(lambda: 5.0)
    with structlog.testing.capture_logs() as logs:
        for _ in range(100):
            _fail(log)
        _meddle(log)

    assert [("audit", "info")] * 10 + [(_FOREIGN, "warning")] == [(line["event"], line["log_level"]) for line in logs]
    assert {
        "client_id": "svc_live_a",
        "source": "203.0.113.7",
        "owner_id": "svc_live_b",
        "token_id": "token",
        "untold": 0,
    }.items() <= logs[-1].items()


def test_a_flood_of_foreign_revocations_hides_no_failed_authentication() -> None:
    """Each kind has lines of its own."""
    log = AuditLog(lambda: 5.0)
    with structlog.testing.capture_logs() as logs:
        for _ in range(100):
            _meddle(log)
        _fail(log)

    assert 11 == len(logs)


def test_every_change_has_its_line() -> None:
    """Only administrators, and holders of what leaked, can cause one."""
    log = AuditLog(lambda: 5.0)
    with structlog.testing.capture_logs() as logs:
        for _ in range(100):
            log.announce(_record(Kind.CLIENT_UPDATED))

    assert ["client_updated"] * 100 == [line["kind"] for line in logs]
