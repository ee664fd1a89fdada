"""TLS at the core's port, by real certificates: who gets in, who does not, and what happens when the files change."""

import asyncio
import shutil
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import grpc
import pytest
from structlog.testing import capture_logs

from grantway import Tls, TokenClient, Unreachable
from grantway_server import serve
from grantway_server.config import Settings
from grantway_server.serve import running_core
from tests.certificates import Authority, needs_openssl

pytestmark = needs_openssl


@pytest.fixture(name="authority")
def _authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@asynccontextmanager
async def _core(
    valkey_url: str,
    monkeypatch: pytest.MonkeyPatch,
    authority: Authority,
    *,
    mutual: bool = True,
    host: str = "localhost",
) -> AsyncIterator[str]:
    """A core with a certificate of *authority*, and *mutual* if callers must have one of it too: where it is."""
    monkeypatch.setattr(serve, "_LAME_SECONDS", 0)
    certificate, key = authority.certificate("core")
    settings = Settings.model_validate(
        {
            "grpc_host": "localhost",
            "grpc_port": 0,
            "redis_url": valkey_url,
            "grpc_server_cert_file": certificate,
            "grpc_server_key_file": key,
            "grpc_caller_ca_file": authority.file if mutual else None,
        }
    )
    async with running_core(settings) as port:
        yield f"{host}:{port}"


async def _asked(address: str, tls: Tls | None) -> str:
    """Why a caller gets no answer; "" when it gets one."""
    async with TokenClient(address, tls=tls, timeout=timedelta(seconds=2)) as tokens:
        try:
            await tokens.revoke("none")
        except Unreachable as error:
            return error.tls_problem or "no TLS problem"
    return ""


async def test_whose_certificate_is_signed_gets_in(
    valkey_url: str, monkeypatch: pytest.MonkeyPatch, authority: Authority
) -> None:
    """Mutual TLS: by the authority that the core is told. The others are told what is wrong, as far as TLS tells."""
    stranger = Authority(Path(authority.file).parent, "stranger")
    foreign = stranger.certificate("foreign")
    callers = {
        "with a certificate": authority.tls_of("caller"),
        "without one": Tls(authorities=authority.file),
        "with one of a stranger": Tls(authorities=authority.file, certificate=foreign.certificate, key=foreign.key),
        "who trusts a stranger": Tls(authorities=stranger.file),
        "in plaintext": None,
    }
    async with _core(valkey_url, monkeypatch, authority) as address:
        answers = {name: await _asked(address, tls) for name, tls in callers.items()}

    assert "" == answers.pop("with a certificate")
    assert all(answers.values()), answers
    assert "its certificate is not signed by whom the caller trusts" == answers["who trusts a stranger"]


async def test_a_core_may_have_a_certificate_alone(
    valkey_url: str, monkeypatch: pytest.MonkeyPatch, authority: Authority
) -> None:
    """Then callers need none, and what they send cannot be read under way."""
    async with _core(valkey_url, monkeypatch, authority, mutual=False) as address:
        assert ["", ""] == [
            await _asked(address, Tls(authorities=authority.file)),
            await _asked(address, authority.tls_of("x")),
        ]
        assert await _asked(address, None)


@pytest.mark.parametrize("address", ["127.0.0.1:{port}", "ipv4:127.0.0.1:{port},127.0.0.1:{port}"])
async def test_a_name_can_be_told_that_the_address_does_not_say(
    valkey_url: str, monkeypatch: pytest.MonkeyPatch, authority: Authority, address: str
) -> None:
    """Several cores are named by their IP addresses, and have one certificate of a name."""
    async with _core(valkey_url, monkeypatch, authority, mutual=False) as core:
        address = address.format(port=core.rpartition(":")[2])
        named = Tls(authorities=authority.file, server_name="localhost")
        said = [await _asked(address, named), await _asked(address, Tls(authorities=authority.file))]

    assert ["", "its certificate is for another name"] == said


async def test_a_core_in_plaintext_is_told_from_one_that_is_down(
    valkey_url: str, monkeypatch: pytest.MonkeyPatch, authority: Authority
) -> None:
    """Callers by TLS are told that it speaks none."""
    monkeypatch.setattr(serve, "_LAME_SECONDS", 0)
    async with running_core(Settings.model_validate({"grpc_port": 0, "redis_url": valkey_url})) as port:
        assert "it speaks no TLS: it is plaintext, or no core" == await _asked(
            f"127.0.0.1:{port}", Tls(authorities=authority.file)
        )


def _der(path: str) -> bytes:
    return ssl.PEM_cert_to_DER_cert(Path(path).read_text())


async def _certificate_at(address: str) -> bytes:
    """The certificate that a core shows."""
    host, _, port = address.rpartition(":")

    def shown() -> bytes:
        return ssl.get_server_certificate((host, int(port))).encode()

    return await asyncio.to_thread(shown)


async def test_new_certificates_need_no_restart(
    valkey_url: str, monkeypatch: pytest.MonkeyPatch, authority: Authority
) -> None:
    """The next connection gets what is in the files; while they do not belong together, what was there before."""
    directory = Path(authority.file).parent
    new = authority.certificate("new")
    async with _core(valkey_url, monkeypatch, authority, mutual=False) as address:
        first = await _certificate_at(address)
        with capture_logs() as logs:
            shutil.copy(new.certificate, directory / "core.pem")
            between = await _certificate_at(address)
            shutil.copy(new.key, directory / "core.key")
            after = await _certificate_at(address)

    assert first == between
    assert ssl.PEM_cert_to_DER_cert(after.decode()) == _der(new.certificate)
    assert [
        ("certificates not reloaded", "is not the key of the certificate"),
        ("certificates reloaded", None),
    ] == [(line["event"], line.get("problem")) for line in logs if line["event"].startswith("certificates")]


async def test_calls_go_on_while_certificates_change(
    valkey_url: str, monkeypatch: pytest.MonkeyPatch, authority: Authority
) -> None:
    """Of connections that were there; those that come later get in by the new ones."""
    async with _core(valkey_url, monkeypatch, authority) as address:
        async with TokenClient(address, tls=authority.tls_of("caller")) as tokens:
            await tokens.revoke("none")
            authority.certificate("core")  # In the same files.
            await tokens.revoke("none")
        assert "" == await _asked(address, authority.tls_of("another"))


def test_files_that_cannot_be_used_are_told_before_a_call(authority: Authority) -> None:
    """By what they are for; gRPC would take them, and no call would get through."""
    certificate, key = authority.certificate("one")
    _, other_key = authority.certificate("other")
    cases = [
        Tls(authorities="/nowhere"),
        Tls(authorities=key),
        Tls(authorities=authority.file, certificate=certificate),
        Tls(authorities=authority.file, key=key),
        Tls(authorities=authority.file, certificate=certificate, key=other_key),
        Tls(authorities=authority.file, certificate=certificate, key=certificate),
        Tls(authorities="", server_name="core"),
    ]

    assert [
        [("authorities", "cannot be read (No such file or directory)")],
        [("authorities", "holds no certificate in PEM")],
        [("key", "must be set where its certificate is")],
        [("certificate", "must be set where its key is")],
        [("key", "is not the key of the certificate")],
        [("key", "holds no private key in PEM without a passphrase")],
        [("authorities", "must be set where TLS is configured")],
    ] == [list(tls.problems()) for tls in cases]
    with pytest.raises(ValueError, match=r"^authorities cannot be read"):
        cases[0].credentials()


def test_credentials_are_what_grpc_takes(authority: Authority) -> None:
    """With all that there can be."""
    assert isinstance(authority.tls_of("caller").credentials(), grpc.ChannelCredentials)
