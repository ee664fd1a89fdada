"""One line of an import."""

import json
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grantway.cli.import_lines import INFORMATIONAL, LONGEST_LINE, BadLine, import_line
from grantway.v1.client_pb2 import ScopeSet
from grantway.v1.client_service_pb2 import CreateClientRequest, ImportClientRequest

_LEAST = {"client_id": "portal-1", "name": "Portal", "secret_hash": "{SHA-256}abc"}


def _line(**members: Any) -> bytes:
    return json.dumps(_LEAST | members).encode()


def test_the_least_is_an_id_a_name_and_a_hash() -> None:
    """Everything else is the core's choice."""
    client = CreateClientRequest(name="Portal")

    assert (
        ImportClientRequest(client_id="portal-1", secret_hash="{SHA-256}abc", client=client)
        == import_line(_line()).request
    )


def test_a_line_may_have_every_property_of_a_client() -> None:
    """By the names of the command line's documents, scopes in a list."""
    line = _line(
        organization="acme",
        description="Reads orders",
        labels={"team": "blue"},
        scopes=["orders:read", "orders:write"],
        default_scopes=["orders:read"],
        audiences=["https://orders.example"],
        own_audiences=["https://portal.example"],
        token_lifetime=900,
        permissions=["issue_tokens", "introspect_tokens"],
        auth_methods=["client_secret_basic"],
    )

    assert (
        CreateClientRequest(
            name="Portal",
            organization="acme",
            description="Reads orders",
            labels={"team": "blue"},
            allowed_scopes=["orders:read", "orders:write"],
            default_scopes=ScopeSet(scopes=["orders:read"]),
            audiences=["https://orders.example"],
            own_audiences=["https://portal.example"],
            token_lifetime=timedelta(minutes=15),
            permissions=["PERMISSION_ISSUE_TOKENS", "PERMISSION_INTROSPECT_TOKENS"],
            auth_methods=["CLIENT_AUTH_METHOD_CLIENT_SECRET_BASIC"],
        )
        == import_line(line).request.client
    )


@pytest.mark.parametrize(
    ("members", "field", "value"),
    [
        pytest.param({"scopes": "a b"}, "allowed_scopes", ["a", "b"], id="scopes in one string"),
        pytest.param({"scopes": ""}, "allowed_scopes", [], id="no scopes"),
        pytest.param({"default_scopes": []}, "default_scopes", ScopeSet(), id="chosen to have no default scope"),
        pytest.param({"token_lifetime": "1h"}, "token_lifetime", timedelta(hours=1), id="a lifetime with its unit"),
        pytest.param({"organization": None}, "organization", "", id="null is as good as not there"),
    ],
)
def test_a_member_may_be_written_in_other_ways(members: dict[str, Any], field: str, value: Any) -> None:
    """As other systems have it."""
    found = getattr(import_line(_line(**members)).request.client, field)

    assert value == (found.ToTimedelta() if field == "token_lifetime" else found)


def test_default_scopes_that_are_not_named_are_the_cores_choice() -> None:
    """All scopes, which is not the same as none."""
    assert not import_line(_line(default_scopes=None)).request.client.HasField("default_scopes")


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        pytest.param(b"{", "it is not a JSON object", id="half a line"),
        pytest.param(b"[]", "it is not a JSON object", id="a list"),
        pytest.param(b'{"name": "\xff"}', "it is not a JSON object", id="bytes that are no text"),
        pytest.param(10_000 * b"[", "it is not a JSON object", id="a deep one"),
        pytest.param(b'{"token_lifetime": ' + 5000 * b"1" + b"}", "it is not a JSON object", id="a huge number"),
        pytest.param(b'{"name": "a", "name": "b"}', "a member stands in it twice", id="a member twice"),
        pytest.param(b'{"labels": {"a": "b", "a": "c"}}', "a member stands in it twice", id="a label twice"),
        pytest.param(_line(client_id=None), "client_id is missing", id="no id"),
        pytest.param(_line(name=7), "name must be a string", id="a number for a name"),
        pytest.param(
            _line(scopes=["a", 1]),
            "scopes must be a list of strings, or one string with spaces between",
            id="a number among scopes",
        ),
        pytest.param(_line(labels={"a": 1}), "labels must be an object of strings", id="a number for a label"),
        pytest.param(
            _line(token_lifetime=True), "token_lifetime must be a number of seconds, or a string like 1h", id="a truth"
        ),
        pytest.param(
            _line(token_lifetime="soon"), "token_lifetime must be a number of seconds, or a string like 1h", id="a word"
        ),
        pytest.param(
            _line(token_lifetime=10**10),
            "token_lifetime must be a number of seconds, or a string like 1h",
            id="centuries",
        ),
        pytest.param(
            _line(permissions=["all"]),
            "permissions must be one of introspect_tokens, issue_tokens",
            id="no such permission",
        ),
        pytest.param(
            _line(auth_methods=["none"]),
            "auth_methods must be one of client_secret_basic, client_secret_post",
            id="no such method",
        ),
        pytest.param(_line(name="\ud800"), "a text in it is not Unicode", id="half a surrogate pair"),
        pytest.param(
            _line(expires_at=0),
            "its member expires_at is unknown: take it out, or use one of client_id, name, organization, secret_hash, "
            "scopes, description, labels, default_scopes, audiences, own_audiences, token_lifetime, permissions, "
            "auth_methods",
            id="a member that would be lost",
        ),
        pytest.param(
            _line(gws_live_1=0),
            "its member with a strange name is unknown: take it out, or use one of client_id, name, organization, "
            "secret_hash, scopes, description, labels, default_scopes, audiences, own_audiences, token_lifetime, "
            "permissions, auth_methods",
            id="a member that may be a secret",
        ),
        pytest.param(
            _line(description=33_000 * "x"), "it is larger than any client can be", id="more than fits into a call"
        ),
        pytest.param(LONGEST_LINE * b" ", "it is larger than any client can be", id="a line without an end"),
    ],
)
def test_what_is_no_client_is_refused(line: bytes, problem: str) -> None:
    """It says what to change, and repeats nothing."""
    with pytest.raises(BadLine) as caught:
        import_line(line)

    assert problem == str(caught.value)


@pytest.mark.parametrize(
    ("client_id", "shown"),
    [
        pytest.param("portal-1", "portal-1", id="an id"),
        pytest.param("gws_live_aaaqeaye_AAEC", "", id="a secret in the place of one"),
        pytest.param("\x1b[2J", "", id="what a terminal would obey"),
        pytest.param(7, "", id="a number"),
    ],
)
def test_a_refusal_tells_whose_line_it_is(client_id: object, shown: str) -> None:
    """Where that can be repeated."""
    with pytest.raises(BadLine) as caught:
        import_line(_line(client_id=client_id, scopes=1))

    assert shown == caught.value.client_id


def test_what_only_export_knows_does_nothing() -> None:
    """But that one which is disabled is not created enabled."""
    members = dict.fromkeys(INFORMATIONAL, "x") | {"disabled": False}

    assert import_line(_line()) == import_line(_line(**members))


@pytest.mark.parametrize(
    ("members", "why"),
    [
        pytest.param({"secret_hash": None}, "it has no secret_hash and does not exist here", id="no hash"),
        pytest.param({"secret_hash": ""}, "it has no secret_hash and does not exist here", id="an empty hash"),
        pytest.param({"disabled": True}, "it is disabled there and would be enabled here", id="disabled"),
    ],
)
def test_some_clients_are_found_and_not_created(members: dict[str, Any], why: str) -> None:
    """The core is not told of a hash."""
    line = import_line(_line(**members))

    assert line.not_created.startswith(why)
    assert not line.request.secret_hash


@given(
    line=st.binary()
    | st.builds(
        lambda members: json.dumps(members).encode(),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(),
            lambda inner: (
                st.lists(inner) | st.dictionaries(st.sampled_from([*_LEAST, "scopes", "labels"]) | st.text(), inner)
            ),
        ),
    )
)
def test_no_line_is_more_than_refused(line: bytes) -> None:
    """Whatever stands on it."""
    with suppress(BadLine):
        import_line(line)
