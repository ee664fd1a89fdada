"""What a change made of a client, for people."""

import json
from typing import Any

import pytest

from grantway.cli.audit_differences import differences
from grantway.v1.audit_service_pb2 import AuditChange

_OLD = {"secret_id": "2p4vfzp2", "imported": False}
_NEW = {"secret_id": "rwjm3msk", "imported": False}
_UNTIL = {"expire_time": "2026-12-03T08:00:00.5Z"}
_OF_SECRET = {"below_epoch": 2, "secret_id": "2p4vfzp2", "issued_from": None, "issued_before": None}
_OF_A_TIME = {"below_epoch": 3, "secret_id": None, "issued_from": "2026-03-01T08:00:00Z", "issued_before": None}


@pytest.mark.parametrize(
    ("field", "before", "after", "words"),
    [
        pytest.param("name", "A", "B", ['name: "A" -> "B"'], id="another name"),
        pytest.param("name", None, "B", ['name: "B"'], id="a first name"),
        pytest.param("name", "A", None, ['name: "A" -> -'], id="no name any more"),
        pytest.param("allowed_scopes", ["r", "w"], ["r", "x"], ["allowed_scopes: +x -w"], id="scopes"),
        pytest.param("default_scopes", None, [], ["default_scopes: none"], id="chosen to be none"),
        pytest.param("labels", {"a": "1"}, {"a": "2"}, ["labels: +a=2 -a=1"], id="labels"),
        pytest.param("disable_time", None, "2026-03-01T08:00:00Z", ["disabled"], id="disabled"),
        pytest.param("disable_time", "2026-03-01T08:00:00Z", None, ["enabled"], id="enabled"),
        pytest.param("epoch", 1, 2, [], id="what is internal"),
        pytest.param(
            "secrets",
            [_OLD],
            [_NEW, _OLD | _UNTIL],
            ["+ secret rwjm3msk", "secret 2p4vfzp2 now until 2026-12-03 08:00:00 UTC"],
            id="a rotation",
        ),
        pytest.param("secrets", [_OLD], None, ["- secret 2p4vfzp2"], id="the last secret"),
        pytest.param("revocations", None, [_OF_SECRET], ["- tokens of secret 2p4vfzp2"], id="tokens of a secret"),
        pytest.param(
            "revocations",
            [_OF_SECRET],
            [_OF_A_TIME],
            ["- tokens issued from 2026-03-01 08:00:00 UTC on"],
            id="tokens of a time, while an old revocation is forgotten",
        ),
        pytest.param("revocations", [_OF_SECRET], None, ["- all tokens"], id="all tokens, in the place of some"),
        pytest.param("of_a_newer_core", 1, [2], ["of_a_newer_core: 1 -> [2]"], id="what nobody knows yet"),
    ],
)
def test_a_difference_is_told_and_not_the_whole(field: str, before: Any, after: Any, words: list[str]) -> None:
    """What came and what went."""
    sides = ["" if side is None else json.dumps(side) for side in (before, after)]

    assert words == list(differences(AuditChange(field=field, before=sides[0], after=sides[1])))
