"""Who calls: admin tokens, client certificates through a real TLS server, and neither."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import grpc
import pytest

from grantway import Tls
from grantway.errors import Refused
from grantway.v1 import audit_service_pb2 as audit
from grantway.v1 import client_service_pb2 as clients
from grantway.v1 import error_reason_pb2
from grantway.v1 import token_service_pb2 as tokens
from grantway.wire_errors import error_of_call
from grantway_server.config import Settings
from grantway_server.domain.ports import StorageUnavailable
from grantway_server.hashing.verifier import ForeignSecretVerifier
from grantway_server.serve import new_server
from grantway_server.services import add_services
from grantway_server.tls import ServerTls
from tests.certificates import Authority, needs_openssl
from tests.fakes.failing_stores import (
    FailingAuditTrail,
    FailingClientStore,
    FailingRevocationLog,
    FailingTokenStore,
)
from tests.fakes.stores import stores_of
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
        revocations=FailingRevocationLog(failure),
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


async def test_S06_what_clients_hold_administers_nothing() -> None:  # noqa: N802 - the id in the list.
    """A token of theirs, active or revoked, and a secret: at once and ever, for there is no token that administers."""
    async with running(_settings()) as core:
        alice = _bearer(_ALICE)
        created = await core.clients.CreateClient(clients.CreateClientRequest(name="Admin"), metadata=alice)
        client_id, secret = created.client.client_id, created.client_secret
        asked = tokens.IssueTokenRequest(grant_type="client_credentials", client_id=client_id, client_secret=secret)
        active, revoked = [(await core.tokens.IssueToken(asked)).access_token for _ in range(2)]
        await core.tokens.RevokeToken(tokens.RevokeTokenRequest(token=revoked))
        account = Account(client_id, secret, created.secret_id)
        reasons = set()
        for call in EVERY_CALL:
            for held in (active, revoked, secret) if call.is_administrative else ():
                with pytest.raises(grpc.aio.AioRpcError) as caught:
                    await call.make(core, account, _bearer(held))
                reasons.add(str(error_of_call(caught.value)))
        assert (await core.tokens.IntrospectToken(tokens.IntrospectTokenRequest(token=active))).active

    assert {_WRONG} == reasons


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


@asynccontextmanager
async def _running_with_tls(settings: Settings, authority: Authority) -> AsyncIterator[str]:
    """A core that wants client certificates of *authority*: where it is."""
    certificate, key = authority.certificate("core")
    server, foreign_secrets = new_server(), ForeignSecretVerifier()
    add_services(server, settings, stores_of(clock=lambda: datetime.now(UTC)), foreign_secrets)
    tls = ServerTls(certificate=certificate, key=key, caller_authorities=authority.file)
    port = server.add_secure_port("localhost:0", tls.credentials())
    await server.start()
    yield f"localhost:{port}"
    await server.stop(None)
    await foreign_secrets.close()


@needs_openssl
@pytest.mark.parametrize("settings", [Settings(), _settings()], ids=["no admin tokens", "admin tokens too"])
@pytest.mark.parametrize(
    ("subject", "names", "actor"),
    [
        pytest.param("/CN=carol", "DNS:localhost", "carol", id="a common name"),
        pytest.param("/O=acme", "DNS:carol,URI:spiffe://acme/carol", "spiffe://acme/carol", id="a URI"),
        pytest.param("/O=acme", "DNS:carol.acme,DNS:dave.acme", "carol.acme", id="host names"),
    ],
)
async def test_a_client_certificate_names_its_holder(
    tmp_path: Path, settings: Settings, subject: str, names: str, actor: str
) -> None:
    """Through a real TLS connection; it is enough where admin tokens are configured, and goes before one."""
    authority = Authority(tmp_path)
    certificate, key = authority.certificate("caller", subject=subject, names=names)
    tls = Tls(authorities=authority.file, certificate=certificate, key=key)
    async with (
        _running_with_tls(settings, authority) as address,
        grpc.aio.secure_channel(address, tls.credentials()) as channel,
    ):
        actors, _ = await _done_by(Core.on(channel, address))
        named: Any = await _done_by(Core.on(channel, address), _bearer(_ALICE))

    assert ({actor}, {actor}) == (actors, named[0])


_NOT_LISTED = "UNKNOWN_ACTOR: Your certificate is none of those in GRANTWAY_ADMIN_CERTIFICATES."
_NO_NAME = "UNKNOWN_ACTOR: Your certificate has no name: neither a common name nor a URI or a host name."


@needs_openssl
@pytest.mark.parametrize(
    ("admins", "subject", "said"),
    [
        pytest.param("carol, dave", "/CN=gateway", _NOT_LISTED, id="a name that is not listed"),
        pytest.param("carol, dave", "/CN=carol/O=dave", "", id="one that is"),
        pytest.param("carol, dave", "/CN=Carol", _NOT_LISTED, id="in capitals"),
        pytest.param(None, "/O=acme", _NO_NAME, id="no name"),
    ],
)
async def test_of_callers_with_certificates_those_administer_that_are_listed(
    tmp_path: Path, admins: str | None, subject: str, said: str
) -> None:
    """The gateway has one too, and is no administrator; for it as for all others there are admin tokens.

    Where some are listed, who administers is told why a token is not active, and nobody else.
    """
    authority = Authority(tmp_path)
    certificate, key = authority.certificate("caller", subject=subject, names="")
    tls = Tls(authorities=authority.file, certificate=certificate, key=key)
    listed = {"grpc_server_cert_file": certificate, "grpc_server_key_file": key, "grpc_caller_ca_file": authority.file}
    settings = Settings.model_validate(listed | {"admin_certificates": admins})
    with_tokens = _settings().model_copy(update={"admin_certificates": admins})
    answers, told = [], []
    for one, metadata in ((settings, ()), (with_tokens, _bearer(_ALICE))):
        async with (
            _running_with_tls(one, authority) as address,
            grpc.aio.secure_channel(address, tls.credentials()) as channel,
        ):
            core = Core.on(channel, address)
            asked = tokens.IntrospectTokenRequest(token="none")
            checked = await core.tokens.IntrospectToken(asked, metadata=metadata)
            assert not checked.active
            told.append(bool(checked.inactive_reason))
            try:
                await core.clients.ListClients(clients.ListClientsRequest(), metadata=metadata)
                answers.append("")
            except grpc.aio.AioRpcError as error:
                answers.append(str(error_of_call(error)))

    assert ([said, ""], [admins is None or not said, True]) == (answers, told)
