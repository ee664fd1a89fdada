"""Who calls: admin tokens, client certificates through a real TLS server, and neither."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from subprocess import run
from typing import Any

import grpc
import pytest

from grantway.errors import Refused, error_of_call
from grantway.v1 import audit_service_pb2 as audit
from grantway.v1 import client_service_pb2 as clients
from grantway.v1 import error_reason_pb2
from grantway_server.config import Settings
from grantway_server.domain.ports import StorageUnavailable
from grantway_server.hashing.verifier import ForeignSecretVerifier
from grantway_server.serve import new_server
from grantway_server.services import add_services
from tests.fakes.failing_stores import FailingAuditTrail, FailingClientStore, FailingTokenStore
from tests.fakes.stores import stores_of
from tests.redis_server import OPENSSL
from tests.server.rpc.conftest import Core, running
from tests.server.rpc.every_call import EVERY_CALL, Account, Metadata

_ALICE, _BOB = "an admin token of the tests", "another one"
_UNKNOWN = (
    "UNKNOWN_ACTOR: Say who you are: send an admin token as authorization metadata. "
    "The command line reads it from GRANTWAY_ADMIN_TOKEN."
)
_WRONG = "UNKNOWN_ACTOR: This admin token is none of those in GRANTWAY_ADMIN_TOKENS."


def _settings() -> Settings:
    tokens = {"alice": _ALICE, "bob@example.com": _BOB}
    entries = ",".join(f"{name}={sha256(token.encode()).hexdigest()}" for name, token in tokens.items())
    return Settings.model_validate({"admin_tokens": entries})


def _bearer(token: str) -> Metadata:
    return (("authorization", f"Bearer {token}"),)


_STRANGERS: dict[str, Metadata] = {
    "nothing": (),
    "a wrong token": _bearer("wrong"),
    "an empty token": _bearer(""),
    "the token's digest": _bearer(sha256(_ALICE.encode()).hexdigest()),
    "the token by another scheme": (("authorization", f"Basic {_ALICE}"),),
    "the token without a scheme": (("authorization", _ALICE),),
    "the token under another name": (("x-authorization", f"Bearer {_ALICE}"),),
    "the token and more": _bearer(f"{_ALICE}x"),
    "a part of the token": _bearer(_ALICE[:-1]),
    "a name": _bearer("alice"),
}


@pytest.mark.parametrize("metadata", _STRANGERS.values(), ids=_STRANGERS.keys())
async def test_a_stranger_administers_nothing(metadata: Metadata) -> None:
    """Each administrative call is UNKNOWN_ACTOR before anything is looked at, and no other call asks who it is."""
    failure = StorageUnavailable("the store must not be asked")
    said = {}
    async with running(
        _settings(),
        client_store=FailingClientStore(failure),
        token_store=FailingTokenStore(failure),
        audit_trail=FailingAuditTrail(failure),
    ) as core:
        for call in EVERY_CALL:
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                await call.make(core, metadata=metadata)
            error = error_of_call(caught.value)
            assert isinstance(error, Refused)
            said[call.method] = error.reason, caught.value.code()

    unknown = (error_reason_pb2.ERROR_REASON_UNKNOWN_ACTOR, grpc.StatusCode.UNAUTHENTICATED)
    unavailable = (error_reason_pb2.ERROR_REASON_STORAGE_UNAVAILABLE, grpc.StatusCode.UNAVAILABLE)
    assert {call.method: unknown if call.is_administrative else unavailable for call in EVERY_CALL} == said


@pytest.mark.parametrize(
    ("metadata", "said"),
    [
        pytest.param((), _UNKNOWN, id="nothing"),
        pytest.param(_bearer(" "), _UNKNOWN, id="an empty token"),
        pytest.param((("authorization", "Basic canary"),), _UNKNOWN, id="another scheme"),
        pytest.param(_bearer("canary"), _WRONG, id="a wrong token"),
    ],
)
async def test_a_stranger_is_told_what_to_send(metadata: Metadata, said: str) -> None:
    """In one sentence, without what was sent; who sends a token that is none is not told to send one."""
    async with running(_settings()) as core:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await core.clients.ListClients(clients.ListClientsRequest(), metadata=metadata)

    assert said == str(error_of_call(caught.value))


@pytest.mark.parametrize(
    ("host", "source"), [pytest.param("127.0.0.1", "127.0.0.1", id="IPv4"), pytest.param("[::1]", "::1", id="IPv6")]
)
async def test_a_source_is_a_plain_address(host: str, source: str) -> None:
    """As a gateway names it, whatever it is that gRPC calls it."""
    server, foreign_secrets = new_server(), ForeignSecretVerifier()
    add_services(server, Settings(), stores_of(clock=lambda: datetime.now(UTC)), foreign_secrets)
    address = f"{host}:{server.add_insecure_port(f'{host}:0')}"
    await server.start()
    async with grpc.aio.insecure_channel(address) as channel:
        _, sources = await _done_by(Core.on(channel, address))
    await server.stop(None)
    await foreign_secrets.close()

    assert {source} == sources


async def _done_by(core: Core, metadata: Metadata = ()) -> tuple[set[str], set[str]]:
    """Makes every administrative call, and says what actors and sources the audit trail has of them."""
    since = datetime.now(UTC)
    request = clients.CreateClientRequest(name="Concierge")
    for call in EVERY_CALL:
        if call.is_administrative:
            created = await core.clients.CreateClient(request, metadata=metadata)
            account = Account(created.client.client_id, created.client_secret, created.secret_id)
            await call.make(core, account, metadata)
    asked = audit.ReadAuditRequest(since=since)
    records = [record async for answer in core.audit.ReadAudit(asked, metadata=metadata) for record in answer.records]
    assert len(records) > len({call for call in EVERY_CALL if call.is_about_one_client})
    return {record.actor for record in records}, {record.source for record in records}


async def test_administrators_are_known_by_name() -> None:
    """By that of the token, whoever of them calls; the source is the peer without its port."""
    async with running(_settings()) as core:
        alice = await _done_by(core, _bearer(_ALICE))
        bob = await _done_by(core, (("authorization", f"bEaReR  {_BOB} "),))

    assert [({"alice"}, {"127.0.0.1"}), ({"bob@example.com"}, {"127.0.0.1"})] == [alice, bob]


async def test_where_no_actors_are_configured_everybody_is_local(core: Core) -> None:
    """Whatever they send."""
    assert [({"local"}, {"127.0.0.1"})] * 2 == [await _done_by(core), await _done_by(core, _bearer(_ALICE))]


async def test_who_changed_a_client_is_shown_with_it() -> None:
    """Who created it, who changed it last, and who disabled it."""
    async with running(_settings()) as core:
        created = await core.clients.CreateClient(clients.CreateClientRequest(name="One"), metadata=_bearer(_ALICE))
        request = clients.DisableClientRequest(client_id=created.client.client_id)
        disabled = (await core.clients.DisableClient(request, metadata=_bearer(_BOB))).client

    assert ("alice", "alice", "") == (
        created.client.create_actor,
        created.client.update_actor,
        created.client.disable_actor,
    )
    assert ("alice", "bob@example.com", "bob@example.com") == (
        disabled.create_actor,
        disabled.update_actor,
        disabled.disable_actor,
    )


def _certificate(directory: Path, name: str, *, issuer: str | None = None) -> tuple[bytes, bytes]:
    """A key and a certificate for *name*, signed by that of *issuer* in the same directory, or by itself."""
    assert OPENSSL is not None
    key, certificate = directory / f"{name}.key", directory / f"{name}.pem"
    signer = ("-CA", str(directory / f"{issuer}.pem"), "-CAkey", str(directory / f"{issuer}.key")) if issuer else ()
    run(
        [
            *(OPENSSL, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-noenc", "-days", "1"),
            *("-subj", f"/CN={name}", "-addext", "subjectAltName=DNS:localhost"),
            *("-keyout", str(key), "-out", str(certificate), *signer),
        ],
        check=True,
        capture_output=True,
    )
    return key.read_bytes(), certificate.read_bytes()


@asynccontextmanager
async def _running_with_tls(settings: Settings, directory: Path) -> AsyncIterator[tuple[str, bytes]]:
    """A core that wants client certificates of its own authority: where it is, and the authority's certificate."""
    _, authority = _certificate(directory, "authority")
    key, certificate = _certificate(directory, "core", issuer="authority")
    server, foreign_secrets = new_server(), ForeignSecretVerifier()
    add_services(server, settings, stores_of(clock=lambda: datetime.now(UTC)), foreign_secrets)
    credentials = grpc.ssl_server_credentials([(key, certificate)], authority, require_client_auth=True)
    port = server.add_secure_port("localhost:0", credentials)
    await server.start()
    yield f"localhost:{port}", authority
    await server.stop(None)
    await foreign_secrets.close()


@pytest.mark.skipif(OPENSSL is None, reason="openssl is not installed")
@pytest.mark.parametrize("settings", [Settings(), _settings()], ids=["no admin tokens", "admin tokens too"])
async def test_a_client_certificate_names_its_holder(tmp_path: Path, settings: Settings) -> None:
    """By its common name, through a real TLS connection; it is enough where admin tokens are configured, too."""
    async with _running_with_tls(settings, tmp_path) as (address, authority):
        key, certificate = _certificate(tmp_path, "carol", issuer="authority")
        credentials = grpc.ssl_channel_credentials(authority, key, certificate)
        async with grpc.aio.secure_channel(address, credentials) as channel:
            actors, _ = await _done_by(Core.on(channel, address))
            named: Any = await _done_by(Core.on(channel, address), _bearer(_ALICE))

    assert ({"carol"}, {"carol"}) == (actors, named[0])
