"""Settings: what each variable does, and how a wrong one is told."""

import os
from pathlib import Path

import pytest

from grantway import Tls
from grantway.process.settings import BadSettings
from grantway_gateway.config import Settings
from tests.certificates import Authority, needs_openssl


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("GRANTWAY_"):
            monkeypatch.delenv(name)


def _settings(monkeypatch: pytest.MonkeyPatch, **variables: str) -> Settings:
    for name, value in variables.items():
        monkeypatch.setenv(f"GRANTWAY_{name}", value)
    return Settings.from_env()


def test_nothing_needs_to_be_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """The gateway listens on loopback and looks for the core there; an empty variable is an unset one."""
    settings = _settings(monkeypatch, HTTP_HOST="", GRPC="", TRUSTED_PROXIES="")

    assert ("127.0.0.1", 8080, "127.0.0.1:50051", ()) == (
        settings.http_host,
        settings.http_port,
        settings.core,
        settings.trusted_proxies,
    )


@pytest.mark.parametrize(
    ("variables", "core"),
    [
        pytest.param({"GRPC": "core.internal:50051"}, "core.internal:50051", id="a-name"),
        pytest.param({"GRPC": "10.0.0.1:1, 10.0.0.2:1"}, "10.0.0.1:1, 10.0.0.2:1", id="several-addresses"),
        pytest.param({"GRPC": "unix:/run/core.sock"}, "unix:/run/core.sock", id="a-socket"),
        pytest.param({"GRPC_HOST": "core", "GRPC_PORT": "7"}, "core:7", id="host-and-port"),
        pytest.param({"GRPC_HOST": "::1"}, "[::1]:50051", id="an-ipv6-address"),
        pytest.param({"GRPC_HOST": "0.0.0.0"}, "127.0.0.1:50051", id="a-core-on-all-addresses"),  # noqa: S104 - that is the test.
        pytest.param({"GRPC": "core:1", "GRPC_HOST": "x", "GRPC_PORT": "0"}, "core:1", id="grpc-goes-before-them"),
    ],
)
def test_the_core_is_where_the_variables_say(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], core: str
) -> None:
    """GRANTWAY_GRPC, else the variables that the core itself listens by."""
    assert core == _settings(monkeypatch, **variables).core


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.10", "::1", "localhost"])
def test_loopback_needs_no_proxy(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    """Nobody else can listen in."""
    assert host == _settings(monkeypatch, HTTP_HOST=host).http_host


def test_beyond_loopback_a_tls_proxy_must_be_declared(monkeypatch: pytest.MonkeyPatch) -> None:
    """T01: with it, any address will do."""
    assert "0.0.0.0" == _settings(monkeypatch, HTTP_HOST="0.0.0.0", TLS_PROXY="true").http_host  # noqa: S104 - that is the test.


def test_proxies_are_addresses_and_networks(monkeypatch: pytest.MonkeyPatch) -> None:
    """With commas between."""
    settings = _settings(monkeypatch, TRUSTED_PROXIES="10.0.0.1, 10.1.0.0/16,::1")

    assert ("10.0.0.1", "10.1.0.0/16", "::1") == settings.trusted_proxies


@pytest.mark.parametrize(
    "issuer",
    [
        "https://auth.example.com",
        "https://auth.example.com/",
        "https://auth.example.com:8443/a/b-c_d.e~f",
        "https://192.0.2.1",
        "http://127.0.0.1:8080",
        "http://localhost",
        "http://[::1]:8080",
    ],
)
def test_an_issuer_is_kept_to_the_byte(monkeypatch: pytest.MonkeyPatch, issuer: str) -> None:
    """Clients compare it so (RFC 8414 section 4)."""
    assert issuer == _settings(monkeypatch, ISSUER=issuer).issuer


_ISSUER = (
    "GRANTWAY_ISSUER: must be an https URL in lower case without a query, a fragment or credentials "
    "(http on loopback), like https://auth.example.com"
)


@pytest.mark.parametrize(
    "issuer",
    [
        pytest.param("auth.example.com", id="no-scheme"),
        pytest.param("http://auth.example.com", id="plaintext-beyond-loopback"),
        pytest.param("ftp://auth.example.com", id="another-scheme"),
        pytest.param("https://", id="no-host"),
        pytest.param("https://auth.example.com?x=1", id="a-query"),
        pytest.param("https://auth.example.com?", id="an-empty-query"),
        pytest.param("https://auth.example.com#x", id="a-fragment"),
        pytest.param("https://user:secret@auth.example.com", id="credentials"),
        pytest.param("https://Auth.example.com", id="a-capital-that-clients-would-lower"),
        pytest.param("https://auth.example.com/a/../b", id="dots-that-clients-would-resolve"),
        pytest.param("https://auth.example.com/..", id="dots-at-the-end"),
        pytest.param("https://auth.example.com/%61", id="an-escape-that-two-could-read-differently"),
        pytest.param("https://auth.example.com//a", id="an-empty-segment"),
        pytest.param("https://auth.example.com:0", id="port-0"),
        pytest.param("https://auth.example.com:65536", id="a-port-beyond-the-last"),
        pytest.param("https://auth.example.com ", id="a-space"),
        pytest.param("https://äuth.example.com", id="not-ascii"),
        pytest.param("http://localhost.example.com", id="almost-loopback"),
    ],
)
def test_an_issuer_is_an_https_url(monkeypatch: pytest.MonkeyPatch, issuer: str) -> None:
    """RFC 8414 section 2; and nothing in it that two readers would spell differently."""
    with pytest.raises(BadSettings) as caught:
        _settings(monkeypatch, ISSUER=issuer)

    assert [_ISSUER] == caught.value.problems


_PLAINTEXT = (
    "GRANTWAY_HTTP_HOST: this address is not loopback, and the gateway speaks plaintext: "
    "set GRANTWAY_TLS_PROXY=true if a proxy with TLS stands in front, or listen on 127.0.0.1"
)
_CORES = (
    "GRANTWAY_GRPC: must be host:port with a port of 1 to 65535, several ip:port with commas between, or a gRPC target"
)
_PROXIES = "GRANTWAY_TRUSTED_PROXIES: must be IP addresses or networks (like 10.0.0.0/8) with commas between"


@pytest.mark.parametrize(
    ("variables", "problem"),
    [
        pytest.param({"HTTP_HOST": "0.0.0.0"}, _PLAINTEXT, id="all-addresses"),  # noqa: S104 - that is the test.
        pytest.param({"HTTP_HOST": "example.com"}, _PLAINTEXT, id="a-name-that-may-be-anything"),
        pytest.param({"HTTP_HOST": "::", "TLS_PROXY": "false"}, _PLAINTEXT, id="a-proxy-denied"),
        pytest.param({"HTTP_PORT": "65536"}, "GRANTWAY_HTTP_PORT: must be a port, 0 to 65535", id="a-port"),
        pytest.param(
            {"HTTP_PORT": "http"},
            "GRANTWAY_HTTP_PORT: must be a port, 0 to 65535",
            id="no-number",
        ),
        pytest.param({"GRPC": "core"}, _CORES, id="a-core-without-a-port"),
        pytest.param({"GRPC": "core:99999"}, _CORES, id="a-core-on-a-port-beyond-the-last"),
        pytest.param(
            {"GRPC_HOST": "http://core"}, "GRANTWAY_GRPC_HOST: must be an IP address or a host name", id="a-url"
        ),
        pytest.param(
            {"GRPC": "a:1,b:1"},
            "GRANTWAY_GRPC: several cores are named by IPv4 address and port; "
            "use one host name that resolves to all of them instead",
            id="several-names",
        ),
        pytest.param(
            {"GRPC_PORT": "0"}, "GRANTWAY_GRPC_PORT: 0 does not say where the core is: set GRANTWAY_GRPC", id="port-0"
        ),
        pytest.param({"TRUSTED_PROXIES": "*"}, _PROXIES, id="everybody"),
        pytest.param({"TRUSTED_PROXIES": "10.0.0.1/8"}, _PROXIES, id="a-host-with-a-mask"),
        pytest.param(
            {"MAX_CONCURRENCY": "0"},
            "GRANTWAY_MAX_CONCURRENCY: must be a whole number, 1 or more",
            id="no-concurrency",
        ),
    ],
)
def test_a_wrong_variable_is_told_by_name(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], problem: str
) -> None:
    """One line, without the value."""
    with pytest.raises(BadSettings) as caught:
        _settings(monkeypatch, **variables)

    assert [problem] == caught.value.problems


@needs_openssl
@pytest.mark.parametrize(
    ("files", "problem"),
    [
        pytest.param({"CA": "authority.pem", "CERT": "gateway.pem", "KEY": "gateway.key"}, "", id="all-three"),
        pytest.param({"CA": "authority.pem"}, "", id="the-authority-alone"),
        pytest.param({"CERT": "gateway.pem"}, "CA_FILE: must be set where TLS is configured", id="no-authority"),
        pytest.param({"CA": "nothing"}, "CA_FILE: cannot be read (No such file or directory)", id="no-such-file"),
        pytest.param(
            {"CA": "authority.pem", "CERT": "gateway.pem"},
            "KEY_FILE: must be set where its certificate is",
            id="no-key",
        ),
        pytest.param(
            {"CA": "authority.pem", "KEY": "gateway.key"}, "CERT_FILE: must be set where its key is", id="a-key-alone"
        ),
        pytest.param(
            {"CA": "authority.pem", "CERT": "gateway.pem", "KEY": "authority.key"},
            "KEY_FILE: is not the key of the certificate",
            id="another-key",
        ),
    ],
)
def test_tls_with_the_core_is_three_files(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, files: dict[str, str], problem: str
) -> None:
    """And a name, where the address does not say it; what cannot be used is told at the start."""
    authority = Authority(tmp_path)
    authority.certificate("gateway")
    paths = {name: str(tmp_path / file) for name, file in files.items()}
    variables = {f"GRPC_{name}_FILE": path for name, path in paths.items()}
    if problem:
        with pytest.raises(BadSettings) as caught:
            _settings(monkeypatch, **variables)
        assert [f"GRANTWAY_GRPC_{problem}"] == caught.value.problems
    else:
        settings = _settings(monkeypatch, GRPC_SERVER_NAME="core", **variables)
        assert settings.tls == Tls(
            authorities=paths["CA"],
            certificate=paths.get("CERT", ""),
            key=paths.get("KEY", ""),
            server_name="core",
        )


def test_wrong_variables_are_told_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody mends them one start at a time."""
    with pytest.raises(BadSettings) as caught:
        _settings(monkeypatch, HTTP_HOST="0.0.0.0", HTTP_PORT="x", GRPC="core", MAX_CONNECTIONS="-1")  # noqa: S104 - that is the test.

    assert ["GRANTWAY_HTTP_HOST", "GRANTWAY_HTTP_PORT", "GRANTWAY_GRPC", "GRANTWAY_MAX_CONNECTIONS"] == [
        problem.partition(":")[0] for problem in caught.value.problems
    ]
