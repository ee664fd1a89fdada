"""Checking tokens and holding one where the core speaks TLS and asks for a certificate."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from grantway import Tls, TokenSource, TokenVerifier, Unreachable, strict, sync
from grantway.channel import open_channel
from grantway.v1 import client_service_pb2, client_service_pb2_grpc
from tests.certificates import Authority, needs_openssl
from tests.programs import running
from tests.sdk.core_in_process import PATIENT
from tests.server.samples import WELL_FORMED_TOKEN
from tests.valkey_server import embedded_valkey

pytestmark = needs_openssl


@pytest.fixture(name="authority")
def _authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture(name="core")
def _core(tmp_path: Path, authority: Authority) -> Iterator[str]:
    """The address of a core that lets in who has a certificate."""
    certificate, key = authority.certificate("core")
    with (
        embedded_valkey(tmp_path / "valkey", persist=False) as redis_url,
        running(
            "grantway-server",
            GRANTWAY_GRPC_PORT="0",
            GRANTWAY_REDIS_URL=redis_url,
            GRANTWAY_GRPC_SERVER_CERT_FILE=certificate,
            GRANTWAY_GRPC_SERVER_KEY_FILE=key,
            GRANTWAY_GRPC_CALLER_CA_FILE=authority.file,
        ) as core,
    ):
        yield f"localhost:{core.address().rpartition(':')[2]}"


async def _credentials(core: str, tls: Tls) -> tuple[str, str]:
    async with open_channel(core, tls) as channel:
        stub: client_service_pb2_grpc.ClientServiceAsyncStub = client_service_pb2_grpc.ClientServiceStub(channel)
        request = client_service_pb2.CreateClientRequest(name="TLS")
        created = await stub.CreateClient(request, wait_for_ready=True)
    return created.client.client_id, created.client_secret


async def test_a_token_is_got_and_checked_over_tls(core: str, authority: Authority) -> None:
    """By whoever has a certificate, with asyncio and without; the others reach nobody."""
    tls = authority.tls_of("service")
    client_id, secret = await _credentials(core, tls)
    async with (
        TokenSource.over_grpc(core, client_id=client_id, client_secret=secret, tls=tls, timeout=PATIENT) as source,
        TokenVerifier(core, mode=strict(), tls=tls, timeout=PATIENT) as verifier,
    ):
        seen = [(await verifier.verify(await source.token())).client_id]
    seen += await asyncio.to_thread(_checked_without_asyncio, core, tls, client_id, secret)
    async with TokenVerifier(core, mode=strict()) as verifier:
        with pytest.raises(Unreachable):
            await verifier.verify(WELL_FORMED_TOKEN)

    assert [client_id] * 2 == seen


def _checked_without_asyncio(core: str, tls: Tls, client_id: str, secret: str) -> list[str]:
    with (
        sync.TokenSource.over_grpc(core, client_id=client_id, client_secret=secret, tls=tls, timeout=PATIENT) as source,
        sync.TokenVerifier(core, mode=strict(), tls=tls, timeout=PATIENT) as verifier,
    ):
        return [verifier.verify(source.token()).client_id]
