"""The base install is the SDK: what it needs, and that it needs no more."""

import json
import re
import subprocess
import sys
from importlib.metadata import requires
from importlib.resources import files

import pytest

import grantway

_PRELUDE = """
import sys

class OnlyTheBaseInstall:
    '''Finds nothing that the base install does not bring.'''

    allowed = {"grantway", "grpc", "typing_extensions", *sys.stdlib_module_names}

    def find_spec(self, name, path=None, target=None):
        top = name.partition(".")[0]
        google = name == "google" or name.startswith(("google.protobuf", "google._upb"))
        if top in self.allowed or google or "cython" in name:
            return None  # The next finder looks for it.
        raise ModuleNotFoundError(f"No module named {name!r}", name=name)

already = set(sys.modules)
sys.meta_path.insert(0, OnlyTheBaseInstall())
"""
"""What a program begins with that runs as if nothing but the base were installed."""

_LOADED = """
import json
tops = {name.partition(".")[0] for name in set(sys.modules) - already} - set(sys.stdlib_module_names)
tops |= {"grantway.cli"} & set(sys.modules)
print(json.dumps(sorted(name for name in tops if "cython" not in name and not name.startswith("_"))))
"""

_CALL = """
import asyncio
from grantway import TokenClient, Unreachable

async def main():
    async with TokenClient("unix:/nowhere/grantway.sock") as client:
        try:
            await client.introspect("x")
        except Unreachable as error:
            print(f'"{error}"')

asyncio.run(main())
"""


def _run(program: str) -> object:
    """What *program* prints, run where nothing but the base is installed."""
    ran = subprocess.run(
        [sys.executable, "-c", _PRELUDE + program], capture_output=True, text=True, check=False, timeout=30
    )
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


def test_the_base_install_needs_grpc_and_protobuf_only() -> None:
    """Everything else is an extra's."""
    base = [requirement for requirement in requires("grantway") or [] if "extra ==" not in requirement]

    assert ["grpcio", "protobuf"] == sorted(re.split(r"[^A-Za-z0-9._-]", requirement)[0] for requirement in base)


@pytest.mark.parametrize(
    "module",
    [
        "grantway",
        "grantway.adapters.asgi",
        "grantway.adapters.grpc_aio",
        "grantway.adapters.grpc_sync",
        "grantway.adapters.wsgi",
        "grantway.batching",
        "grantway.channel",
        "grantway.client",
        "grantway.errors",
        "grantway.sync",
        "grantway.v1.client_service_pb2_grpc",
        "grantway.v1.token_service_pb2_grpc",
        "grantway.wire_errors",
    ],
)
def test_the_sdk_imports_where_only_the_base_is_installed(module: str) -> None:
    """No redis, starlette, pydantic, typer, structlog or grpc_status: nothing but grpc, protobuf and what they need."""
    loaded = _run(f"import {module}\n{_LOADED}")

    assert loaded == ["google", "grantway", "grpc", "typing_extensions"]


@pytest.mark.parametrize("module", ["redis", "starlette", "google.rpc", "grpc_status", "typer", "pytest"])
def test_what_the_base_does_not_bring_is_not_there(module: str) -> None:
    """The test above could not pass by accident."""
    program = f"""
try:
    import {module}
except ModuleNotFoundError as error:
    print(f'"{{error}}"')
"""

    assert f"No module named '{module}'" == _run(program)


def test_the_sdk_works_where_only_the_base_is_installed() -> None:
    """A call goes as far as it can: nothing is imported late that is not there."""
    assert _run(_CALL) == "no core answered in time (UNAVAILABLE)"


def test_the_sdk_says_what_it_exports() -> None:
    """These names are the SDK; the package is typed."""
    assert [
        "BadTlsFile",
        "ErrorReason",
        "GrantwayError",
        "IfUnreachable",
        "InsufficientScope",
        "InvalidToken",
        "Mode",
        "Refused",
        "Tls",
        "TokenClient",
        "TokenSource",
        "TokenVerifier",
        "Unreachable",
        "VerifiedToken",
        "bounded",
        "fail_closed",
        "stale_if_unreachable",
        "strict",
        "watched",
    ] == grantway.__all__
    assert files("grantway").joinpath("py.typed").is_file()
