"""The core's settings."""

from datetime import timedelta
from pathlib import Path

import pytest

from grantway.process.settings import BadSettings
from grantway_server.config import Settings
from grantway_server.domain.environment import Environment
from grantway_server.tls import ServerTls
from tests.certificates import Authority, needs_openssl


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever runs the tests may have settings of their own."""
    for name in Settings.model_fields:
        monkeypatch.delenv(f"GRANTWAY_{name.upper()}", raising=False)


def test_nothing_set_is_a_live_core_on_loopback() -> None:
    """Every variable has a default."""
    settings = Settings.from_env()

    assert (settings.grpc_host, settings.grpc_port, settings.environment) == ("127.0.0.1", 50051, Environment.LIVE)
    assert (settings.admin_token_digests, settings.secret_max_age, settings.metrics_port) == ({}, None, None)
    assert settings.redis_url.get_secret_value() == "redis://127.0.0.1:6379/0"


@needs_openssl
def test_every_variable_is_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Each field is a variable of its name."""
    authority = Authority(tmp_path)
    certificate, key = authority.certificate("core")
    variables = {
        "GRANTWAY_GRPC_SERVER_CERT_FILE": certificate,
        "GRANTWAY_GRPC_SERVER_KEY_FILE": key,
        "GRANTWAY_GRPC_CALLER_CA_FILE": authority.file,
        "GRANTWAY_ADMIN_CERTIFICATES": "alice, spiffe://acme/bob,",
        "GRANTWAY_TRUSTED_NETWORK": "true",
        "GRANTWAY_GRPC_HOST": "0.0.0.0",  # noqa: S104 - allowed by the line above; that is under test.
        "GRANTWAY_GRPC_PORT": "1234",
        "GRANTWAY_REDIS_URL": "unix:///run/valkey.sock",
        "GRANTWAY_ENVIRONMENT": "test",
        "GRANTWAY_PEPPER": "0123456789abcdef",
        "GRANTWAY_TOKEN_LIFETIME_SECONDS": "60",
        "GRANTWAY_MAX_TOKEN_LIFETIME_SECONDS": "61",
        "GRANTWAY_AUTH_FAILURE_BURST": "5",
        "GRANTWAY_AUTH_FAILURES_PER_MINUTE": "6",
        "GRANTWAY_ADMIN_TOKENS": f"alice={'0a' * 32}, bob@example.com={'0b' * 32},",
        "GRANTWAY_MAX_SECRETS_PER_CLIENT": "7",
        "GRANTWAY_IMPORTED_SECRET_MIN_LENGTH": "20",
        "GRANTWAY_SECRET_MAX_AGE_SECONDS": "8640000",
        "GRANTWAY_SECRET_WARNING_SECONDS": "0",
        "GRANTWAY_METRICS_PORT": "9090",
        "GRANTWAY_METRICS_HOST": "::1",
        "GRANTWAY_AUDIT_MAX_RECORDS": "1000",
        "GRANTWAY_REVOCATIONS_MAX_EVENTS": "2000",
    }
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    settings = Settings.from_env()

    assert {f"GRANTWAY_{name.upper()}" for name in Settings.model_fields} == set(variables)
    assert (
        settings.grpc_port,
        settings.environment,
        settings.token_lifetime_seconds,
        settings.max_token_lifetime_seconds,
        settings.auth_failure_burst,
    ) == (1234, Environment.TEST, 60, 61, 5)
    assert (settings.tls, settings.admin_names) == (
        ServerTls(certificate=certificate, key=key, caller_authorities=authority.file),
        frozenset({"alice", "spiffe://acme/bob"}),
    )
    assert (
        settings.admin_token_digests,
        settings.max_secrets_per_client,
        settings.imported_secret_min_length,
        settings.secret_max_age,
        settings.secret_warning,
        settings.metrics_port,
        settings.metrics_host,
        settings.audit_max_records,
        settings.revocations_max_events,
    ) == (
        {"alice": b"\x0a" * 32, "bob@example.com": b"\x0b" * 32},
        7,
        20,
        timedelta(days=100),
        timedelta(0),
        9090,
        "::1",
        1000,
        2000,
    )


@needs_openssl
@pytest.mark.parametrize(
    ("files", "problem"),
    [
        pytest.param(
            {"SERVER_KEY": "core.key"}, "SERVER_CERT_FILE: must be set where TLS is configured", id="a key alone"
        ),
        pytest.param(
            {"CALLER_CA": "authority.pem"}, "SERVER_CERT_FILE: must be set where TLS is configured", id="callers alone"
        ),
        pytest.param(
            {"SERVER_CERT": "core.pem"},
            "SERVER_KEY_FILE: must be set where its certificate is",
            id="a certificate alone",
        ),
        pytest.param(
            {"SERVER_CERT": "canary.pem", "SERVER_KEY": "core.key"},
            "SERVER_CERT_FILE: cannot be read (No such file or directory)",
            id="a file that is not there",
        ),
        pytest.param(
            {"SERVER_CERT": "core.key", "SERVER_KEY": "core.key"},
            "SERVER_CERT_FILE: holds no certificate in PEM",
            id="a key in the place of a certificate",
        ),
        pytest.param(
            {"SERVER_CERT": "core.pem", "SERVER_KEY": "authority.key"},
            "SERVER_KEY_FILE: is not the key of the certificate",
            id="another key",
        ),
        pytest.param(
            {"SERVER_CERT": "core.pem", "SERVER_KEY": "core.key", "CALLER_CA": "empty"},
            "CALLER_CA_FILE: holds no certificate in PEM",
            id="nobody's certificates",
        ),
        pytest.param(
            {"SERVER_CERT": "core.pem", "SERVER_KEY": "core.key", "CALLER_CA": "."},
            "CALLER_CA_FILE: cannot be read (Is a directory)",
            id="a directory",
        ),
    ],
)
def test_files_of_tls_that_cannot_be_used_are_told_by_variable(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, files: dict[str, str], problem: str
) -> None:
    """At the start, and by what is wrong; in plaintext where TLS was meant nobody would notice."""
    Authority(tmp_path).certificate("core")
    (tmp_path / "empty").touch()
    for name, file in files.items():
        monkeypatch.setenv(f"GRANTWAY_GRPC_{name}_FILE", str(tmp_path / file))

    with pytest.raises(BadSettings) as caught:
        Settings.from_env()

    assert [f"GRANTWAY_GRPC_{problem}"] == caught.value.problems


@needs_openssl
def test_mutual_tls_needs_no_trusted_network(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nobody gets in who should not; TLS of the core alone keeps nobody out."""
    authority = Authority(tmp_path)
    certificate, key = authority.certificate("core")
    monkeypatch.setenv("GRANTWAY_GRPC_HOST", "192.0.2.1")
    monkeypatch.setenv("GRANTWAY_GRPC_SERVER_CERT_FILE", certificate)
    monkeypatch.setenv("GRANTWAY_GRPC_SERVER_KEY_FILE", key)
    with pytest.raises(BadSettings, match="GRANTWAY_GRPC_HOST: this address is not loopback"):
        Settings.from_env()
    monkeypatch.setenv("GRANTWAY_GRPC_CALLER_CA_FILE", authority.file)

    assert Settings.from_env().grpc_host == "192.0.2.1"


def test_names_in_certificates_need_certificates(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else they would keep nobody from anything."""
    monkeypatch.setenv("GRANTWAY_ADMIN_CERTIFICATES", "alice")

    with pytest.raises(BadSettings) as caught:
        Settings.from_env()

    said = "names holders of certificates, but nobody has to have one: set GRANTWAY_GRPC_CALLER_CA_FILE"
    assert [f"GRANTWAY_ADMIN_CERTIFICATES: {said}"] == caught.value.problems


def test_an_empty_variable_is_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compose files and shells like to set variables to nothing."""
    monkeypatch.setenv("GRANTWAY_GRPC_PORT", "")
    monkeypatch.setenv("GRANTWAY_PEPPER", "")

    assert (Settings.from_env().grpc_port, Settings.from_env().pepper) == (50051, None)


_BAD = {
    "GRANTWAY_GRPC_HOST": ("0.0.0.0", "whoever reaches the core is its administrator"),  # noqa: S104 - refused; that is under test.
    "GRANTWAY_GRPC_PORT": ("70000", "must be a port, 0 to 65535"),
    "GRANTWAY_REDIS_URL": ("http://user:canary-password@host", "must begin with redis://"),
    "GRANTWAY_ENVIRONMENT": ("prod", "must be live or test"),
    "GRANTWAY_PEPPER": ("canary", "must have at least 16 characters"),
    "GRANTWAY_TOKEN_LIFETIME_SECONDS": ("an hour", "must be a whole number, 1 or more"),
    "GRANTWAY_MAX_TOKEN_LIFETIME_SECONDS": ("0", "must be a whole number, 1 to 31536000"),
    "GRANTWAY_AUTH_FAILURE_BURST": ("-1", "must be a whole number, 1 or more"),
    "GRANTWAY_ADMIN_TOKENS": ("alice=canary", "must be like alice=0123…,bob=4567…"),
    "GRANTWAY_MAX_SECRETS_PER_CLIENT": ("1", "must be a whole number, 2 to 20"),
    "GRANTWAY_IMPORTED_SECRET_MIN_LENGTH": ("0", "must be a whole number, 1 to 128"),
    "GRANTWAY_SECRET_MAX_AGE_SECONDS": ("59", "must be a whole number, 60 or more"),
    "GRANTWAY_SECRET_WARNING_SECONDS": ("-1", "must be a whole number, 0 or more"),
    "GRANTWAY_METRICS_PORT": ("65536", "must be a port, 0 to 65535"),
    "GRANTWAY_AUDIT_MAX_RECORDS": ("999", "must be a whole number, 1000 or more"),
    "GRANTWAY_REVOCATIONS_MAX_EVENTS": ("999", "must be a whole number, 1000 or more"),
}


def test_all_that_is_wrong_is_said_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """One line for each variable, in which no value of it stands."""
    for name, (value, _) in _BAD.items():
        monkeypatch.setenv(name, value)

    with pytest.raises(BadSettings) as caught:
        Settings.from_env()

    assert list(_BAD) == [problem.split(":")[0] for problem in caught.value.problems]
    for problem, (_, text) in zip(caught.value.problems, _BAD.values(), strict=True):
        assert text in problem
        assert "\n" not in problem
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize(
    ("tokens", "problem"),
    [
        pytest.param("canary", "must be like alice=", id="a token without a name"),
        pytest.param(f"alice={'0a' * 31}", "must be like alice=", id="half a digest"),
        pytest.param(f"alice={'0A' * 32}", "must be like alice=", id="a digest in capitals"),
        pytest.param(f"alice canary={'0a' * 32}", "must be like alice=", id="a name with a space"),
        pytest.param(f"alice={'0a' * 32},alice={'0b' * 32}", "names somebody twice", id="one name twice"),
    ],
)
def test_admin_tokens_that_cannot_be_are_refused(monkeypatch: pytest.MonkeyPatch, tokens: str, problem: str) -> None:
    """In one line that shows none of them: somebody may have put the token itself there."""
    monkeypatch.setenv("GRANTWAY_ADMIN_TOKENS", tokens)

    with pytest.raises(BadSettings) as caught:
        Settings.from_env()

    (line,) = caught.value.problems
    assert line.startswith(f"GRANTWAY_ADMIN_TOKENS: {problem}")
    assert "canary" not in line


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        pytest.param("redis://:canary/pw@127.0.0.1:6379/0", "is malformed", id="a password that is not encoded"),
        pytest.param("redis://127.0.0.1:canary", "is malformed", id="a port that is no number"),
        pytest.param("redis://[::1canary", "is malformed", id="half an address"),
        pytest.param("redis://127.0.0.1:6379/canary", "is malformed", id="a database that is no number"),
        pytest.param("redis://127.0.0.1?socket_timeout=60", "may have no options", id="a time to wait"),
        pytest.param(
            "unix:///run/valkey.sock?max_connections=5000", "may have no options", id="a number of connections"
        ),
    ],
)
def test_a_store_url_that_cannot_be_is_refused(monkeypatch: pytest.MonkeyPatch, url: str, problem: str) -> None:
    """Before anything uses it, and without a piece of it, which may be a password."""
    monkeypatch.setenv("GRANTWAY_REDIS_URL", url)

    with pytest.raises(BadSettings) as caught:
        Settings.from_env()

    (line,) = caught.value.problems
    assert line.startswith(f"GRANTWAY_REDIS_URL: {problem}")
    assert "canary" not in line


@pytest.mark.parametrize(
    ("variables", "problem"),
    [
        pytest.param(
            {"TOKEN_LIFETIME_SECONDS": "86401"},
            "GRANTWAY_TOKEN_LIFETIME_SECONDS: must be at most GRANTWAY_MAX_TOKEN_LIFETIME_SECONDS, which is 86400",
            id="only the lifetime is set",
        ),
        pytest.param(
            {"MAX_TOKEN_LIFETIME_SECONDS": "3599"},
            "GRANTWAY_MAX_TOKEN_LIFETIME_SECONDS: must be at least GRANTWAY_TOKEN_LIFETIME_SECONDS, which is 3600",
            id="only the maximum is set",
        ),
        pytest.param(
            {"TOKEN_LIFETIME_SECONDS": "100", "MAX_TOKEN_LIFETIME_SECONDS": "99"},
            "GRANTWAY_MAX_TOKEN_LIFETIME_SECONDS: must be at least GRANTWAY_TOKEN_LIFETIME_SECONDS",
            id="both are set",
        ),
    ],
)
def test_a_default_lifetime_above_the_maximum_is_refused(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], problem: str
) -> None:
    """The two belong together; the one that is blamed is one that was set, beside whatever else is wrong."""
    for name, value in variables.items():
        monkeypatch.setenv(f"GRANTWAY_{name}", value)
    monkeypatch.setenv("GRANTWAY_ENVIRONMENT", "prod")

    with pytest.raises(BadSettings) as caught:
        Settings.from_env()

    assert {problem, "GRANTWAY_ENVIRONMENT: must be live or test"} == set(caught.value.problems)


def test_a_secret_setting_shows_in_no_text() -> None:
    """Neither the store's password nor the pepper is in the text of the settings."""
    settings = Settings(redis_url="redis://:canary@host", pepper="canary-0123456789")  # type: ignore[arg-type]  # As the environment gives them.

    assert "canary" not in repr(settings) + str(settings)
