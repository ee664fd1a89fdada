"""Who may import whom, room by room: what stands in a list is allowed, and nothing else.

So it holds also for the library that nobody has thought of yet. What a room may not reach through others is
import-linter's affair (pyproject.toml).
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[2]

_ROOMS = {
    "server/grantway_server": set[str](),
    "server/grantway_server/__main__.py": {"grantway.process.arguments", "grantway_server.program"},
    "server/grantway_server/program.py": {
        "grantway.process",
        "grantway_server.config",
        "grantway_server.serve",
        "uvloop",
    },
    "server/grantway_server/serve.py": {
        "grantway.process",
        "grantway_server.config",
        "grantway_server.domain",
        "grantway_server.hashing",
        "grantway_server.metrics",
        "grantway_server.rpc",
        "grantway_server.services",
        "grantway_server.use_cases",
        "grantway_server.storage",
        "grantway_server.tls",
        "grpc",
        "grpc_health",
        "grpc_reflection",
        "structlog",
    },
    "server/grantway_server/metrics.py": {"grantway.process", "grantway_server.domain", "prometheus_client"},
    "server/grantway_server/use_cases.py": {"grantway_server.domain"},
    "server/grantway_server/services.py": {
        "grantway.v1",
        "grantway_server.config",
        "grantway_server.domain",
        "grantway_server.rpc",
        "grantway_server.use_cases",
        "grpc",
    },
    "server/grantway_server/hashing": {"argon2", "bcrypt", "grantway_server.domain", "grantway_server.hashing"},
    "server/grantway_server/domain": {"grantway_server.domain"},
    "server/grantway_server/storage": {
        "google.protobuf.message",
        "grantway.process.logs",
        "grantway_server.domain",
        "grantway_server.storage",
        "hiredis",
        "redis",
    },
    "server/grantway_server/rpc": {
        "google.protobuf",
        "google.rpc",
        "grantway.process.logs",
        "grantway.v1",
        "grantway.wire_errors",
        "grantway_server.domain",
        "grantway_server.rpc",
        "grpc",
        "grpc_health",
        "grpc_status",
        "structlog",
    },
    "server/grantway_server/config.py": {
        "grantway.addresses",
        "grantway.process",
        "grantway_server.domain",
        "grantway_server.tls",
        "pydantic",
    },
    "server/grantway_server/tls.py": {"grantway.tls", "grpc", "structlog"},
    "gateway/grantway_gateway/__main__.py": {"grantway.process.arguments", "grantway_gateway.program"},
    "gateway/grantway_gateway/program.py": {
        "grantway.process",
        "grantway_gateway.config",
        "grantway_gateway.serve",
        "uvloop",
    },
    "gateway/grantway_gateway": {
        "grantway.Refused",
        "grantway.TokenClient",
        "grantway.Unreachable",
        "grantway.addresses",
        "grantway.process",
        "grantway.v1",
        "grantway_gateway",
        "grpc",
        "grpc_health",
        "httptools",
        "pydantic",
        "pydantic_settings",
        "starlette",
        "structlog",
        "uvicorn",
    },
    "sdk/grantway": {
        "google.protobuf",
        "grantway.access_token",
        "grantway.addresses",
        "grantway.batching",
        "grantway.channel",
        "grantway.check_modes",
        "grantway.checked_arguments",
        "grantway.client",
        "grantway.elapsed_time",
        "grantway.errors",
        "grantway.forks",
        "grantway.held_answers",
        "grantway.http_issuer",
        "grantway.open_call",
        "grantway.revocation_watch",
        "grantway.shared_reads",
        "grantway.tls",
        "grantway.token_issuers",
        "grantway.token_source",
        "grantway.token_verifier",
        "grantway.v1",
        "grantway.wire_errors",
        "grantway.verified_token",
        "grpc",
    },
    "sdk/grantway/http_issuer.py": {
        "grantway.checked_arguments",
        "grantway.errors",
        "grantway.token_issuers",
        "grantway.v1",
        "httpx",
    },
    "sdk/grantway/sync": {
        "grantway.check_modes",
        "grantway.checked_arguments",
        "grantway.errors",
        "grantway.sync",
        "grantway.tls",
        "grantway.token_source",
        "grantway.token_verifier",
        "grantway.verified_token",
    },
    "sdk/grantway/adapters": {
        "grantway.GrantwayError",
        "grantway.InsufficientScope",
        "grantway.InvalidToken",
        "grantway.Refused",
        "grantway.TokenSource",
        "grantway.TokenVerifier",
        "grantway.VerifiedToken",
        "grantway.adapters",
        "grantway.checked_arguments",
        "grantway.sync",
    },
    "sdk/grantway/adapters/django.py": {
        "asgiref",
        "django",
        "grantway.GrantwayError",
        "grantway.InsufficientScope",
        "grantway.Tls",
        "grantway.TokenVerifier",
        "grantway.VerifiedToken",
        "grantway.adapters",
        "grantway.check_modes",
        "grantway.checked_arguments",
        "grantway.fail_closed",
        "grantway.sync",
        "grantway.watched",
    },
    "sdk/grantway/adapters/drf.py": {
        "grantway.GrantwayError",
        "grantway.InsufficientScope",
        "grantway.VerifiedToken",
        "grantway.adapters",
        "rest_framework",
    },
    "sdk/grantway/adapters/fastapi.py": {
        "fastapi",
        "grantway.GrantwayError",
        "grantway.TokenVerifier",
        "grantway.VerifiedToken",
        "grantway.adapters",
        "starlette",
    },
    "sdk/grantway/adapters/grpc_aio.py": {
        "grantway.GrantwayError",
        "grantway.TokenVerifier",
        "grantway.adapters",
        "grpc",
    },
    "sdk/grantway/adapters/grpc_calls.py": {"grantway.VerifiedToken", "grantway.adapters", "grpc"},
    "sdk/grantway/adapters/grpc_sync.py": {"grantway.GrantwayError", "grantway.adapters", "grantway.sync", "grpc"},
    "sdk/grantway/adapters/httpx.py": {"grantway.adapters", "httpx"},
    "sdk/grantway/adapters/httpx2.py": {"grantway.adapters", "httpx2"},
    "sdk/grantway/process": {
        "annotated_types",
        "grantway.addresses",
        "grantway.process",
        "grantway.tls",
        "pydantic",
        "pydantic_settings",
        "structlog",
    },
    "sdk/grantway/cli": {
        "google.protobuf",
        "grantway.access_token",
        "grantway.addresses",
        "grantway.channel",
        "grantway.cli",
        "grantway.errors",
        "grantway.tls",
        "grantway.v1",
        "grantway.wire_errors",
        "grpc",
        "grpc_health",
        "typer",
    },
}
_GENERATED = "v1"
"""The folders of what no hand has written."""


def _room_of(module: Path) -> str:
    """The innermost room that *module* is in."""
    path = module.relative_to(_ROOT).as_posix()
    return max((room for room in _ROOMS if path == room or path.startswith(f"{room}/")), key=len)


def _modules(room: str) -> Iterator[Path]:
    path = _ROOT / room
    for module in [path] if path.is_file() else sorted(path.rglob("*.py")):
        if _GENERATED not in module.parts and _room_of(module) == room:
            yield module


def _imports(module: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            # `from package import module` imports the module.
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _is_allowed(name: str, allowed: set[str]) -> bool:
    if name.partition(".")[0] in sys.stdlib_module_names:
        return True
    return any(name == one or name.startswith(f"{one}.") for one in allowed)


@pytest.mark.parametrize("room", _ROOMS)
def test_a_room_imports_what_it_may(room: str) -> None:
    """The standard library, and the list."""
    strangers = {
        f"{module.relative_to(_ROOT)}: {name}"
        for module in _modules(room)
        for name in _imports(module)
        if not _is_allowed(name, _ROOMS[room])
    }

    assert set() == strangers


@pytest.mark.parametrize(
    ("name", "allowed"),
    [
        pytest.param("json", True, id="the standard library"),
        pytest.param("grantway_server.domain.scopes", True, id="a neighbour"),
        pytest.param("redis.asyncio.Redis", False, id="a library"),
        pytest.param("grantway_server.storage.keys", False, id="another room"),
        pytest.param("grantway_server.domainlike", False, id="a name that begins alike"),
    ],
)
def test_a_stranger_is_told_from_a_neighbour(name: str, allowed: bool) -> None:  # noqa: FBT001 - a column of the table.
    """The check itself can fail."""
    assert allowed == _is_allowed(name, {"grantway_server.domain"})
