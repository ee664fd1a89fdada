"""The protos are the API reference: what their comments must say, and that it is true."""

import re
from collections.abc import Iterable
from dataclasses import fields as fields_of

import pytest

from grantway.v1 import (
    audit_service_pb2,
    client_pb2,
    client_service_pb2,
    error_reason_pb2,
    leak_service_pb2,
    token_service_pb2,
)
from grantway_server.domain.client_fields import ClientFields
from grantway_server.domain.clients import AuthMethod, Permission
from grantway_server.domain.environment import Environment
from grantway_server.domain.refusals import Reason
from grantway_server.rpc.status import STATUS_OF
from tests.contract import comments

_OF_ITEMS_ONLY = {Reason.ALONE_ONLY}
"""Reasons that no call is refused for."""

_STATUS_AND_REASON = re.compile(r"\b([A-Z_]+)/([A-Z_]+)\b")


def test_the_reference_is_found() -> None:
    """The tests below are about these: were nothing found, they would all be empty."""
    counts = [len(found) for found in (comments.methods(), comments.fields(), comments.values())]

    assert (25, True, True) == (counts[0], counts[1] > 100, counts[2] > 50)
    assert {"TokenService", "ClientService", "AuditService", "LeakService"} == {
        method.parent for method in comments.methods()
    }


def test_everything_has_a_comment() -> None:
    """Nothing in the contract is left to be guessed."""
    everything = [*comments.declarations(), *comments.methods(), *comments.fields(), *comments.values()]

    assert [] == [str(one) for one in everything if not one.comment]


def test_every_call_names_its_statuses() -> None:
    """Each comment lists them, the good one first, and the refusals by status and reason."""
    assert [] == [str(method) for method in comments.methods() if not re.search(r"Statuses: OK\b", method.comment)]


def test_every_status_that_is_named_is_the_one_that_is_sent() -> None:
    """A status and a reason stand together as the core sends them together."""
    sent = {(status.name, reason.name) for reason, (status, _) in STATUS_OF.items() if reason not in _OF_ITEMS_ONLY}
    named = {
        (str(one), pair)
        for one in (*comments.methods(), *comments.declarations())
        for pair in _STATUS_AND_REASON.findall(one.comment)
    }

    assert sent == {pair for _, pair in named}


@pytest.mark.parametrize(
    ("service", "reasons"),
    [
        pytest.param(
            "TokenService",
            {
                "INTERNAL",
                "INVALID_CLIENT",
                "INVALID_REQUEST",
                "INVALID_SCOPE",
                "INVALID_TARGET",
                "RATE_LIMITED",
                "STORAGE_UNAVAILABLE",
                "UNAUTHORIZED_CLIENT",
                "UNSUPPORTED_GRANT_TYPE",
            },
            id="tokens-never-say-that-a-client-does-not-exist",
        ),
        pytest.param(
            "ClientService",
            {
                "CLIENT_NOT_FOUND",
                "CONFLICT",
                "INTERNAL",
                "INVALID_REQUEST",
                "INVALID_SCOPE",
                "INVALID_TARGET",
                "SECRET_NOT_FOUND",
                "STORAGE_UNAVAILABLE",
                "UNKNOWN_ACTOR",
            },
            id="clients-know-nothing-of-grants",
        ),
        pytest.param("AuditService", {"INVALID_REQUEST"}, id="the-audit-trail-refuses-only-what-cannot-be-asked"),
        pytest.param("LeakService", {"INVALID_REQUEST", "RATE_LIMITED"}, id="leaks-never-say-what-something-was"),
    ],
)
def test_a_service_names_the_reasons_it_may_give(service: str, reasons: set[str]) -> None:
    """All of them together, in its own comment and those of its calls, beside what any call may answer."""
    texts = [method.comment for method in comments.methods() if method.parent == service]
    texts += [declared.comment for declared in comments.declarations() if declared.name == service]

    assert reasons == {reason for text in texts for _, reason in _STATUS_AND_REASON.findall(text)}


def test_a_store_that_fails_leaves_it_open_what_was_done_in_the_same_words_everywhere() -> None:
    """Both services and the reason itself: nobody reads one of them as "nothing was done"."""
    words = "the store did not answer in time or refused the write: whether anything was done is not known"
    everything = (*comments.declarations(), *comments.values())

    assert {"TokenService", "ClientService", "ERROR_REASON_STORAGE_UNAVAILABLE"} == {
        one.name for one in everything if words in one.comment.lower()
    }


def _is_asked(message: str) -> bool:
    return message.endswith("Request") or message == "ClientCredentials"


def test_every_field_of_a_request_is_required_or_says_what_unset_means() -> None:
    """A caller never has to try what happens."""
    asked = [field for field in comments.fields() if _is_asked(field.parent) or field.parent == "ScopeSet"]

    assert [] == [
        str(field) for field in asked if not re.search(r"^Required\.|\b(?:Unset|Absent) means\b", field.comment)
    ]


_OUTCOMES = {
    "IssueTokenResult.token",
    "IssueTokenResult.refusal",
    "IntrospectTokenResult.introspection",
    "IntrospectTokenResult.refusal",
    "Revocation.token",
    "Revocation.tokens",
    "Revocation.client",
    "ImportClientResult.created",
    "ImportClientResult.existing",
    "ImportClientResult.refusal",
}
"""The members of a oneof: which of them is set is what they say."""


def test_every_field_of_an_answer_is_always_set_or_says_when_it_is_not() -> None:
    """A caller never has to guess whether something can be missing."""
    answered = [field for field in comments.fields() if not _is_asked(field.parent)]
    says_when = re.compile(r"^Always set\b|\bUnset\b|\bAbsent\b|\bEmpty when\b")

    assert _OUTCOMES == {str(field) for field in answered if not says_when.search(field.comment)}


_REASONS = [value for value in comments.values() if value.parent == "ErrorReason"]


def test_the_reasons_are_those_of_the_core() -> None:
    """Every reason of the core is in the contract, and no other but the one that is never sent."""
    assert {f"ERROR_REASON_{reason.name}" for reason in Reason} | {"ERROR_REASON_UNSPECIFIED"} == set(
        error_reason_pb2.ErrorReason.keys()
    )
    assert error_reason_pb2.ERROR_REASON_UNSPECIFIED == 0


@pytest.mark.parametrize("reason", Reason, ids=lambda reason: reason.name)
def test_every_reason_shows_its_status_and_an_example(reason: Reason) -> None:
    """The comment says what happened, which status it comes with, and what it looks like on the wire."""
    (comment,) = [value.comment for value in _REASONS if value.name == f"ERROR_REASON_{reason.name}"]
    status = "" if reason in _OF_ITEMS_ONLY else f" gRPC {STATUS_OF[reason][0].name}"
    retry = ", with `google.rpc.RetryInfo`" if reason in {Reason.RATE_LIMITED, Reason.STORAGE_UNAVAILABLE} else ""
    metadata = ', "metadata": {"request_id": "0123456789abcdef"}' if reason is Reason.INTERNAL else ""
    example = f'{{"reason": "{reason.name}", "domain": "grantway"{metadata}}}'
    end = f"{status}{retry}. Example: {example}"

    assert comment.endswith(end)
    assert len(comment) > len(end)


@pytest.mark.parametrize(
    ("prefix", "in_the_contract", "in_the_domain"),
    [
        pytest.param("ENVIRONMENT_", client_pb2.Environment.keys(), Environment, id="environments"),
        pytest.param("PERMISSION_", client_pb2.Permission.keys(), Permission, id="permissions"),
        pytest.param(
            "CLIENT_AUTH_METHOD_", client_pb2.ClientAuthMethod.keys(), AuthMethod, id="authentication-methods"
        ),
    ],
)
def test_the_contract_and_the_domain_know_the_same(
    prefix: str, in_the_contract: list[str], in_the_domain: Iterable[Environment | Permission | AuthMethod]
) -> None:
    """A value that only one of them knew could be stored and not shown, or asked for and not given."""
    assert {f"{prefix}UNSPECIFIED"} | {f"{prefix}{value.name}" for value in in_the_domain} == set(in_the_contract)


def test_what_can_be_created_can_be_updated() -> None:
    """The fields of a creation, those that an update may name, and those that the domain knows are the same."""
    (mask,) = [field.comment for field in comments.fields() if str(field) == "UpdateClientRequest.update_mask"]
    listed = mask.partition("Which fields to change:")[2].partition(".")[0]
    expected = {field.name for field in fields_of(ClientFields)}

    assert expected == set(re.findall(r"`([a-z_]+)`", listed))
    assert expected | {"idempotency_key"} == set(client_service_pb2.CreateClientRequest.DESCRIPTOR.fields_by_name)
    assert expected < set(client_pb2.Client.DESCRIPTOR.fields_by_name)


def test_no_answer_but_those_that_make_one_has_a_field_for_a_secret() -> None:
    """S10: a secret is shown once, its digest never: there is no other field that they could be in."""
    files = (audit_service_pb2, client_pb2, client_service_pb2, leak_service_pb2, token_service_pb2)
    texts = {
        f"{message.name}.{field.name}"
        for file in files
        for message in file.DESCRIPTOR.message_types_by_name.values()
        for field in message.fields
        if field.type in {field.TYPE_STRING, field.TYPE_BYTES} and re.search("secret|digest|hash", field.name)
    }

    assert {
        "CreateClientResponse.client_secret",
        "RotateSecretResponse.client_secret",
        "IssueTokenRequest.client_secret",
        "ClientCredentials.client_secret",
        "ImportClientRequest.secret_hash",
    } == {text for text in texts if not text.endswith(".secret_id")}
