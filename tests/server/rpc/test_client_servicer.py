"""`grantway.v1.ClientService` on the wire: whole answers through a real server."""

import re
from typing import Any

import grpc
import pytest

from grantway.v1 import client_pb2
from grantway.v1 import client_service_pb2 as pb
from grantway.v1.token_service_pb2 import IssueTokenRequest
from grantway.wire_errors import error_of_call
from grantway_server.config import Settings
from grantway_server.storage.memory_client_store import MemoryClientStore
from tests.server.rpc.conftest import Core, running
from tests.server.samples import a_client
from tests.server.storage.writes import stored

_NOT_FOUND = "CLIENT_NOT_FOUND: There is no client with this client_id in this environment."
_UPDATABLE = (
    "allowed_scopes, audiences, auth_methods, default_scopes, description, labels, name, organization, own_audiences, "
    "permissions, token_lifetime"
)


async def _create(core: Core, **fields: Any) -> client_pb2.Client:
    created = await core.clients.CreateClient(pb.CreateClientRequest(**({"name": "Concierge"} | fields)))
    return created.client


async def test_a_new_client_has_what_was_asked_and_defaults_for_the_rest(core: Core) -> None:
    """Lists come sorted, unset fields as their comments say, and the secret beside the client."""
    created = await core.clients.CreateClient(pb.CreateClientRequest(name="Concierge", allowed_scopes=["b", "a", "b"]))

    client = created.client
    assert re.fullmatch(r"svc_live_[a-z2-7]{16}", client.client_id)
    assert re.fullmatch(r"gws_live_[a-z2-7]{8}_[A-Za-z0-9_-]{43}[0-9a-f]{8}", created.client_secret)
    expected = client_pb2.Client(
        client_id=client.client_id,
        name="Concierge",
        environment=client_pb2.ENVIRONMENT_LIVE,
        allowed_scopes=["a", "b"],
        token_lifetime={"seconds": 3600},
        permissions=[client_pb2.PERMISSION_ISSUE_TOKENS],
        create_time=client.create_time,
        update_time=client.create_time,
        create_actor="local",
        update_actor="local",
        etag=client.etag,
    )
    assert expected == client
    assert re.fullmatch(r"[0-9a-f]{16}", client.etag)
    assert created.client_secret[9:17] == created.secret_id


async def test_a_read_client_is_the_created_one_without_its_secret(core: Core) -> None:
    """S10: no answer but the first holds the secret or its digest."""
    created = await core.clients.CreateClient(
        pb.CreateClientRequest(
            name="Büro",
            allowed_scopes=["a", "b"],
            default_scopes=client_pb2.ScopeSet(),
            audiences=["https://api.example.com"],
            token_lifetime={"seconds": 1},
            permissions=[client_pb2.PERMISSION_INTROSPECT_TOKENS],
            auth_methods=[client_pb2.CLIENT_AUTH_METHOD_CLIENT_SECRET_POST],
            organization="acme",
            description="Books journeys.",
            labels={"team": "travel", "owner": "José"},
        )
    )

    answer = await core.clients.GetClient(pb.GetClientRequest(client_id=created.client.client_id))

    assert pb.GetClientResponse(client=created.client) == answer
    assert created.client.HasField("default_scopes")
    assert ("acme", "Books journeys.", {"team": "travel", "owner": "José"}) == (
        created.client.organization,
        created.client.description,
        dict(created.client.labels),
    )
    assert "gws_" not in str(answer)


@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        pytest.param(
            {"name": ""},
            "INVALID_REQUEST: name must be 1 to 100 printable characters, not only spaces.",
            id="no name",
        ),
        pytest.param(
            {"allowed_scopes": ["a b"]},
            "INVALID_SCOPE: A scope token must be printable ASCII without spaces, quotes and backslashes, "
            "and not empty.",
            id="two scopes in one",
        ),
        pytest.param(
            {"default_scopes": {"scopes": ["a"]}},
            "INVALID_SCOPE: default_scopes must be a subset of allowed_scopes: give both when either changes.",
            id="a default beyond the allowed",
        ),
        pytest.param(
            {"audiences": [""]},
            "INVALID_TARGET: An audience must be 1 to 2048 characters of printable ASCII without spaces.",
            id="an empty audience",
        ),
        pytest.param(
            {"token_lifetime": {"seconds": 0}},
            "INVALID_REQUEST: token_lifetime must be whole seconds from 1 to 86400.",
            id="no life",
        ),
        pytest.param(
            {"token_lifetime": {"seconds": 86_401}},
            "INVALID_REQUEST: token_lifetime must be whole seconds from 1 to 86400.",
            id="more life than the maximum",
        ),
        pytest.param(
            {"token_lifetime": {"seconds": 1, "nanos": 1}},
            "INVALID_REQUEST: token_lifetime must be whole seconds.",
            id="part of a second",
        ),
        pytest.param(
            {"token_lifetime": {"seconds": 2**62}},
            "INVALID_REQUEST: token_lifetime is out of range.",
            id="more seconds than time has",
        ),
        pytest.param(
            {"permissions": [0]},
            "INVALID_REQUEST: permissions holds a value that this service does not know.",
            id="an unspecified permission",
        ),
        pytest.param(
            {"organization": "two words"},
            "INVALID_REQUEST: organization must be 1 to 100 characters of [A-Za-z0-9._:@/-].",
            id="an organization that is no id",
        ),
        pytest.param(
            {"description": "x" * 501},
            "INVALID_REQUEST: description must be at most 500 printable characters.",
            id="a description that is too long",
        ),
        pytest.param(
            {"labels": {"Team": "x"}},
            "INVALID_REQUEST: The name of a label must be 1 to 63 characters of [a-z0-9._/-].",
            id="a label in capitals",
        ),
        pytest.param(
            {"idempotency_key": "short"},
            "INVALID_REQUEST: idempotency_key must be 16 to 100 characters of printable ASCII without spaces.",
            id="a key that can be guessed",
        ),
        pytest.param(
            {"auth_methods": [99]},
            "INVALID_REQUEST: auth_methods holds a value that this service does not know.",
            id="an unknown method",
        ),
    ],
)
async def test_a_client_against_the_rules_is_not_created(core: Core, fields: dict[str, Any], refusal: str) -> None:
    """The refusal says which field and what it must be; nothing is stored."""
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await _create(core, **fields)

    assert refusal == str(error_of_call(caught.value))
    assert pb.ListClientsResponse() == await core.clients.ListClients(pb.ListClientsRequest())


async def test_pages_hold_every_client_once(core: Core) -> None:
    """The last page has no next; a page is as long as asked."""
    created = {(await _create(core)).client_id for _ in range(5)}

    seen, sizes, page_token = [], [], ""
    while True:
        page = await core.clients.ListClients(pb.ListClientsRequest(page_size=2, page_token=page_token))
        seen += [client.client_id for client in page.clients]
        sizes.append(len(page.clients))
        page_token = page.next_page_token
        if not page_token:
            break

    assert sorted(created) == seen
    assert sizes == [2, 2, 1]


async def test_a_page_of_the_largest_clients_fits_into_a_message() -> None:
    """Into the 4 MiB that a gRPC client takes unless it is told otherwise, however much the caller asks for."""
    largest = {
        "name": "\N{GRINNING FACE}" * 100,
        "description": "\N{GRINNING FACE}" * 500,
        "organization": "o" * 100,
        "labels": {f"{number:02}{'l' * 61}": "\N{GRINNING FACE}" * 100 for number in range(32)},
        "allowed_scopes": [f"{number:02}{'s' * 17}" for number in range(100)],
        "default_scopes": {"scopes": [f"{number:02}{'s' * 17}" for number in range(100)]},
        "audiences": [f"{number:02}{'a' * 78}" for number in range(100)],
    }
    async with running(Settings()) as core:
        for _ in range(129):
            await _create(core, **largest)

        page = await core.clients.ListClients(pb.ListClientsRequest(page_size=2**31 - 1))
        rest = await core.clients.ListClients(pb.ListClientsRequest(page_token=page.next_page_token))

    assert (128, 1) == (len(page.clients), len(rest.clients))
    assert page.ByteSize() > 3 * 1024 * 1024


@pytest.mark.parametrize(
    ("request_message", "refusal"),
    [
        pytest.param(
            pb.ListClientsRequest(page_size=-1),
            "INVALID_REQUEST: page_size must be 1 or more, or unset.",
            id="a negative page",
        ),
        pytest.param(
            pb.ListClientsRequest(page_token="[\n"),
            "INVALID_REQUEST: page_token must be the next_page_token of an earlier answer, or unset.",
            id="an invented page token",
        ),
        pytest.param(
            pb.ListClientsRequest(page_token="a"),
            "INVALID_REQUEST: page_token must be the next_page_token of an earlier answer, or unset.",
            id="half a page token",
        ),
        pytest.param(
            pb.ListClientsRequest(page_token="é"),
            "INVALID_REQUEST: page_token must be the next_page_token of an earlier answer, or unset.",
            id="a page token beyond ASCII",
        ),
        pytest.param(
            pb.ListClientsRequest(organization="{tag}"),
            "INVALID_REQUEST: organization must be 1 to 100 characters of [A-Za-z0-9._:@/-].",
            id="an organization that is none",
        ),
        pytest.param(
            pb.ListClientsRequest(name_prefix="x" * 101),
            "INVALID_REQUEST: name_prefix is longer than 100 characters.",
            id="a beginning that no name has",
        ),
        pytest.param(
            pb.ListClientsRequest(state=99),  # type: ignore[arg-type]  # A state of a newer version.
            "INVALID_REQUEST: state holds a value that this service does not know.",
            id="a state of a newer version",
        ),
    ],
)
async def test_a_page_that_cannot_be_is_refused(
    core: Core, request_message: pb.ListClientsRequest, refusal: str
) -> None:
    """The refusal says what a page request may hold."""
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await core.clients.ListClients(request_message)

    assert refusal == str(error_of_call(caught.value))


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        pytest.param({}, {"Alpha", "alphabet", "Beta"}, id="nothing asked for"),
        pytest.param({"organization": "acme"}, {"Alpha", "Beta"}, id="an organization"),
        pytest.param({"name_prefix": "ALPHA"}, {"Alpha", "alphabet"}, id="a beginning of names"),
        pytest.param({"state": pb.ListClientsRequest.STATE_ENABLED}, {"Alpha", "alphabet"}, id="enabled ones"),
        pytest.param({"state": pb.ListClientsRequest.STATE_DISABLED}, {"Beta"}, id="disabled ones"),
        pytest.param(
            {"organization": "acme", "name_prefix": "b", "state": pb.ListClientsRequest.STATE_DISABLED},
            {"Beta"},
            id="everything narrows",
        ),
    ],
)
async def test_a_list_holds_what_is_asked_for(core: Core, wanted: dict[str, Any], expected: set[str]) -> None:
    """Page by page, with when each last got a token."""
    for name, organization in (("Alpha", "acme"), ("alphabet", ""), ("Beta", "acme")):
        client = await _create(core, name=name, organization=organization)
        if name == "Beta":
            await core.clients.DisableClient(pb.DisableClientRequest(client_id=client.client_id))

    names, page_token = set(), ""
    while True:
        page = await core.clients.ListClients(pb.ListClientsRequest(page_size=1, page_token=page_token, **wanted))
        names |= {client.name for client in page.clients}
        page_token = page.next_page_token
        if not page_token:
            break

    assert expected == names


async def test_a_client_says_when_it_last_got_a_token(core: Core) -> None:
    """In every answer that shows it."""
    created = await core.clients.CreateClient(pb.CreateClientRequest(name="Concierge"))
    await core.tokens.IssueToken(
        IssueTokenRequest(
            grant_type="client_credentials",
            client_id=created.client.client_id,
            client_secret=created.client_secret,
        )
    )

    client_id = created.client.client_id
    got = (await core.clients.GetClient(pb.GetClientRequest(client_id=client_id))).client
    (listed,) = (await core.clients.ListClients(pb.ListClientsRequest())).clients
    rotated = (await core.clients.RotateSecret(pb.RotateSecretRequest(client_id=client_id))).client

    assert not created.client.HasField("last_token_time")
    assert got.HasField("last_token_time")
    assert {got.last_token_time.ToNanoseconds()} == {
        client.last_token_time.ToNanoseconds() for client in (got, listed, rotated)
    }


async def test_an_update_over_another_state_is_a_conflict(core: Core) -> None:
    """The etag that a client was read with is good until its next change."""
    client = await _create(core)
    client.name = "Renamed"
    request = pb.UpdateClientRequest(client=client, update_mask={"paths": ["name"]})
    renamed = (await core.clients.UpdateClient(request)).client

    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await core.clients.UpdateClient(request)

    assert str(error_of_call(caught.value)) == (
        "CONFLICT: The client was changed since this etag was read: read it again, then decide."
    )
    assert renamed == (await core.clients.GetClient(pb.GetClientRequest(client_id=client.client_id))).client


async def test_an_update_changes_what_its_mask_names_and_nothing_else(core: Core) -> None:
    """A named field that is unset goes back to its default."""
    client = await _create(core, allowed_scopes=["a"], token_lifetime={"seconds": 90}, audiences=["x"])

    answer = await core.clients.UpdateClient(
        pb.UpdateClientRequest(
            client={"client_id": client.client_id, "name": "Renamed", "allowed_scopes": ["z"]},
            update_mask={"paths": ["name", "token_lifetime"]},
        )
    )

    expected = client_pb2.Client()
    expected.CopyFrom(client)
    expected.name = "Renamed"
    expected.token_lifetime.seconds = 3600
    expected.update_time.CopyFrom(answer.client.update_time)
    expected.etag = answer.client.etag
    assert pb.UpdateClientResponse(client=expected) == answer
    assert client.etag != answer.client.etag
    assert answer.client.update_time.ToDatetime() > client.update_time.ToDatetime()


@pytest.mark.parametrize(
    "unnamed",
    [
        pytest.param({"allowed_scopes": ["no scope"]}, id="a scope that is none"),
        pytest.param({"audiences": [""]}, id="an audience that is none"),
        pytest.param({"token_lifetime": {"nanos": 1}}, id="part of a second"),
        pytest.param({"permissions": [99]}, id="a permission of a newer core"),
        pytest.param({"auth_methods": [99]}, id="a method of a newer core"),
    ],
)
async def test_an_update_does_not_look_at_what_its_mask_does_not_name(core: Core, unnamed: dict[str, Any]) -> None:
    """Whoever changes one field of a client that somebody else's newer program wrote need not know the others."""
    client = await _create(core)

    answer = await core.clients.UpdateClient(
        pb.UpdateClientRequest(
            client=client_pb2.Client(**({"client_id": client.client_id, "name": "Renamed"} | unnamed)),
            update_mask={"paths": ["name"]},
        )
    )

    client.name = "Renamed"
    client.update_time.CopyFrom(answer.client.update_time)
    client.etag = answer.client.etag
    assert client == answer.client


@pytest.mark.parametrize(
    "paths", [pytest.param([], id="empty"), pytest.param(["name", "client_id"], id="an immutable field")]
)
async def test_an_update_mask_names_updatable_fields(core: Core, paths: list[str]) -> None:
    """Nothing is changed by a mask that names another field, or none."""
    client = await _create(core)

    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await core.clients.UpdateClient(
            pb.UpdateClientRequest(client={"client_id": client.client_id, "name": "X"}, update_mask={"paths": paths})
        )

    assert f"INVALID_REQUEST: update_mask must name one or more of {_UPDATABLE}." == str(error_of_call(caught.value))
    assert client == (await core.clients.GetClient(pb.GetClientRequest(client_id=client.client_id))).client


async def test_a_method_of_a_newer_core_is_told_from_no_restriction() -> None:
    """As UNKNOWN beside those that are known here, whatever else is changed; it cannot be asked for."""
    store = MemoryClientStore()
    restricted = a_client(unknown_auth_methods=frozenset({"private_key_jwt"}))
    await stored(store, restricted)

    async with running(Settings(), client_store=store) as core:
        message = client_pb2.Client(client_id=restricted.client_id, name="Renamed")
        answer = await core.clients.UpdateClient(
            pb.UpdateClientRequest(client=message, update_mask={"paths": ["name"]})
        )
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await core.clients.UpdateClient(
                pb.UpdateClientRequest(client=answer.client, update_mask={"paths": ["auth_methods"]})
            )

    assert [
        client_pb2.CLIENT_AUTH_METHOD_CLIENT_SECRET_BASIC,
        client_pb2.CLIENT_AUTH_METHOD_UNKNOWN,
    ] == answer.client.auth_methods
    assert "INVALID_REQUEST: auth_methods holds a value that this service does not know." == str(
        error_of_call(caught.value)
    )


async def test_a_lifetime_beyond_a_lowered_maximum_is_shown_as_it_is_stored() -> None:
    """The maximum is the core's and may go up again; until then it is the tokens that it shortens."""
    store = MemoryClientStore()
    async with running(Settings(), client_store=store) as core:
        created = await core.clients.CreateClient(
            pb.CreateClientRequest(name="Concierge", token_lifetime={"seconds": 7200})
        )

    lowered = Settings(token_lifetime_seconds=60, max_token_lifetime_seconds=60)
    async with running(lowered, client_store=store) as core:
        shown = await core.clients.GetClient(pb.GetClientRequest(client_id=created.client.client_id))
        issued = await core.tokens.IssueToken(
            IssueTokenRequest(
                grant_type="client_credentials",
                client_id=created.client.client_id,
                client_secret=created.client_secret,
            )
        )

    assert (7200, 60) == (shown.client.token_lifetime.seconds, issued.expires_in.seconds)


async def test_disabling_and_enabling_say_since_when(core: Core) -> None:
    """Disabling twice leaves the time of the first; enabling clears it; neither changes anything else."""
    client = await _create(core)
    client_id = client.client_id

    first = (await core.clients.DisableClient(pb.DisableClientRequest(client_id=client_id))).client
    second = (await core.clients.DisableClient(pb.DisableClientRequest(client_id=client_id))).client
    enabled = (await core.clients.EnableClient(pb.EnableClientRequest(client_id=client_id))).client

    assert first.HasField("disable_time")
    assert first == second
    enabled.update_time.CopyFrom(client.update_time)
    enabled.etag = client.etag
    assert client == enabled


async def test_a_deleted_client_is_not_found(core: Core) -> None:
    """Neither by a read nor by a list nor by a second delete."""
    client_id = (await _create(core)).client_id

    await core.clients.DeleteClient(pb.DeleteClientRequest(client_id=client_id))

    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await core.clients.DeleteClient(pb.DeleteClientRequest(client_id=client_id))
    assert str(error_of_call(caught.value)) == _NOT_FOUND
    assert pb.ListClientsResponse() == await core.clients.ListClients(pb.ListClientsRequest())


@pytest.mark.parametrize(
    ("client_id", "refusal"),
    [
        pytest.param("svc_live_aaaaaaaaaaaaaaaa", _NOT_FOUND, id="unknown"),
        pytest.param("no id\n", _NOT_FOUND, id="malformed"),
        pytest.param("", "INVALID_REQUEST: client_id is missing.", id="missing"),
    ],
)
@pytest.mark.parametrize("method", ["GetClient", "UpdateClient", "DisableClient", "EnableClient", "DeleteClient"])
async def test_a_client_that_is_not_there_is_not_found(core: Core, method: str, client_id: str, refusal: str) -> None:
    """Every call that names a client says so in the same way."""
    request_type = getattr(pb, f"{method}Request")
    fields = (
        {"client": {"client_id": client_id, "name": "X"}, "update_mask": {"paths": ["name"]}}
        if method == "UpdateClient"
        else {"client_id": client_id}
    )

    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await getattr(core.clients, method)(request_type(**fields))

    assert refusal == str(error_of_call(caught.value))
