"""S09: after a busy life of accounts no secret, token or key is found in anything that is kept, said or sent on.

On a real Valkey with an append-only file, and a core that is a process of its own: its files, every command that it is
sent, the core's log, its metrics, and whatever a caller is told when a call is refused.
"""

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import quote

import grpc
import httpx
import pytest
from redis.asyncio import Redis

from grantway.v1 import audit_service_pb2 as audit
from grantway.v1 import client_service_pb2 as clients
from grantway.v1 import leak_service_pb2 as leaks
from grantway.v1 import token_service_pb2 as tokens
from tests.programs import Program, free_ports, running
from tests.server.rpc.conftest import Core
from tests.valkey_server import embedded_valkey

_ADMIN_TOKEN = "canary-admin-token-4f1c"
_PEPPER = "canary-pepper-9a7e"
_LEGACY_SECRET = "canary-legacy-secret-b25d"
_WRONG_SECRET = "canary-wrong-secret-77c0"
_KEYS = ["canary-idempotency-key-e1", "canary-idempotency-key-e2"]


@dataclass
class _Life:
    """What accounts went through: all that must be found nowhere, and all that was said to callers."""

    core: Core
    hidden: dict[str, str] = field(default_factory=dict)
    """By what each is."""
    said: list[str] = field(default_factory=list)

    async def call(self, stub: str, method: str, request: object) -> Any:
        """The answer of an administrator's call; a refusal is kept as what was said."""
        metadata = (("authorization", f"Bearer {_ADMIN_TOKEN}"),)
        try:
            return await getattr(getattr(self.core, stub), method)(request, timeout=5, metadata=metadata)
        except grpc.aio.AioRpcError as error:
            self.said.append(repr((error.code(), error.details(), error.debug_error_string())))
            self.said.append(repr([value for _, value in error.trailing_metadata() or ()]))
            return None

    async def issue(self, client_id: str, client_secret: str, **fields: Any) -> str:
        """The text of a new token, hidden from now on; "" when it is refused."""
        request = tokens.IssueTokenRequest(
            grant_type="client_credentials", client_id=client_id, client_secret=client_secret, **fields
        )
        answer = await self.call("tokens", "IssueToken", request)
        if answer is None:
            return ""
        self.hidden[f"token {len(self.hidden)}"] = answer.access_token[16:56]
        return str(answer.access_token)

    def hide_secret(self, text: str) -> str:
        """The text of a secret, hidden from now on."""
        self.hidden[f"secret {len(self.hidden)}"] = text[18:61]
        return text


async def _live(life: _Life, valkey: Redis) -> None:
    """Everything that can happen to accounts, and much that can go wrong."""
    created = await life.call(
        "clients",
        "CreateClient",
        clients.CreateClientRequest(name="Concierge", allowed_scopes=["a"], idempotency_key=_KEYS[0]),
    )
    client_id, first = created.client.client_id, life.hide_secret(created.client_secret)
    rotate = clients.RotateSecretRequest(client_id=client_id, idempotency_key=_KEYS[1])
    rotated = [await life.call("clients", "RotateSecret", rotate) for _ in range(2)]
    second = life.hide_secret(rotated[0].client_secret)
    token, other = await life.issue(client_id, first), await life.issue(client_id, second)
    batch = tokens.BatchIssueTokensRequest(
        requests=[
            {"grant_type": "client_credentials", "client_id": client_id, "client_secret": text}
            for text in (first, _WRONG_SECRET, second)
        ]
    )
    for result in (await life.call("tokens", "BatchIssueTokens", batch)).results:
        if result.WhichOneof("outcome") == "token":
            life.hidden[f"token {len(life.hidden)}"] = result.token.access_token[16:56]

    # What people mix up, and what attackers try.
    for wrong_id, wrong_secret in (
        (client_id, _WRONG_SECRET),
        (first, client_id),
        (token, client_id),
        (first, first),
        (client_id, token),
        (client_id, first + "x"),
        ("svc_live_unknown", second),
    ):
        await life.issue(wrong_id, wrong_secret)
    await life.issue(client_id, first, scope="z")
    await life.issue(client_id, second, audiences=["z"])
    for text in (token, first, "x" * 1000):
        await life.call("tokens", "IntrospectToken", tokens.IntrospectTokenRequest(token=text))
        await life.call("clients", "GetClient", clients.GetClientRequest(client_id=text))
        await life.call("clients", "RetireSecret", clients.RetireSecretRequest(client_id=client_id, secret_id=text))
        await life.call(
            "clients", "RevokeClientTokens", clients.RevokeClientTokensRequest(client_id=client_id, secret_id=text)
        )
        await life.call(
            "clients", "UpdateClient", clients.UpdateClientRequest(client={"client_id": client_id, "etag": text})
        )
        await life.call("clients", "ListClients", clients.ListClientsRequest(page_token=text))

    # Another system's client, whose secret is adopted.
    legacy = f"{{SHA-256}}{sha256(_LEGACY_SECRET.encode()).hexdigest()}"
    imports = clients.BatchImportClientsRequest(
        requests=[{"client_id": "legacy", "secret_hash": legacy, "client": {"name": "Legacy"}}]
    )
    await life.call("clients", "BatchImportClients", imports)
    await life.issue("legacy", _WRONG_SECRET)
    await life.issue("legacy", _LEGACY_SECRET)
    await life.issue("legacy", _LEGACY_SECRET)

    # A store that fails, and one that holds what nobody can read.
    await valkey.client_pause(700)
    await life.issue(client_id, first)
    await life.call("leaks", "ReportLeaked", leaks.ReportLeakedRequest(text=token))
    await life.call("clients", "CreateClient", clients.CreateClientRequest(name="X", idempotency_key=_KEYS[0]))
    await asyncio.sleep(0.8)
    await valkey.set("gw:{live}:c:broken", b"\xff" * 20)
    await life.issue("broken", first)
    await life.call("clients", "GetClient", clients.GetClientRequest(client_id="broken"))

    # The end.
    await life.call("leaks", "InspectLeaked", leaks.InspectLeakedRequest(texts=[token, other, first, second]))
    await life.call("leaks", "ReportLeaked", leaks.ReportLeakedRequest(text=other))
    await life.call("leaks", "ReportLeaked", leaks.ReportLeakedRequest(text=first))
    await life.call("tokens", "RevokeToken", tokens.RevokeTokenRequest(token=token))
    await life.call("clients", "PanicClient", clients.PanicClientRequest(client_id=client_id))
    await life.issue(client_id, second)
    await life.call("clients", "DeleteClient", clients.DeleteClientRequest(client_id=client_id))
    await life.issue(client_id, second)


@asynccontextmanager
async def _overheard(valkey: Redis) -> AsyncIterator[list[str]]:
    """Every command that the store is sent meanwhile, as it logs it."""
    heard: list[str] = []

    async def listen() -> None:
        async with valkey.monitor() as monitor:
            started.set()
            async for command in monitor.listen():
                heard.append(str(command))  # noqa: PERF401 - a list in the making would go with its task.

    started = asyncio.Event()
    listening = asyncio.create_task(listen())
    await started.wait()
    yield heard
    listening.cancel()
    with suppress(asyncio.CancelledError):
        await listening


def _forms(text: str) -> Iterator[bytes]:
    """What *text* may be written as."""
    data = text.encode()
    yield data
    yield data.hex().encode()
    yield quote(text, safe="").encode()
    for start in range(3):  # It may begin at any of three places in a base64 text.
        whole = data[start : start + (len(data) - start) // 3 * 3]
        yield base64.b64encode(whole)
        yield base64.urlsafe_b64encode(whole)


def _found(hidden: dict[str, str], places: dict[str, bytes]) -> list[str]:
    return [
        f"{name} in {place}"
        for place, content in places.items()
        for name, text in hidden.items()
        if any(form in content for form in _forms(text))
    ]


async def _files(directory: Path, valkey: Redis) -> dict[str, bytes]:
    """All that the store has written, nothing of it compressed: the append-only file as it grew, then all anew."""
    await valkey.config_set("rdbcompression", "no")
    written = {f"{name}, as it grew": content for name, content in _read(directory).items()}
    await valkey.save()
    await valkey.bgrewriteaof()
    while (await valkey.info("persistence"))["aof_rewrite_in_progress"]:  # noqa: ASYNC110 - it has no event to wait for.
        await asyncio.sleep(0.02)
    return written | _read(directory)


def _read(directory: Path) -> dict[str, bytes]:
    """All files in it, by name."""
    return {path.name: path.read_bytes() for path in directory.rglob("*") if path.is_file()}


@pytest.fixture(name="program")
def _program(valkey_with_a_file: tuple[Path, str]) -> Iterator[tuple[Program, int]]:
    """A core process, and where its metrics are."""
    (port,) = free_ports(1)
    with running(
        "grantway-server",
        GRANTWAY_GRPC_PORT="0",
        GRANTWAY_REDIS_URL=valkey_with_a_file[1],
        GRANTWAY_PEPPER=_PEPPER,
        GRANTWAY_ADMIN_TOKENS=f"alice={sha256(_ADMIN_TOKEN.encode()).hexdigest()}",
        GRANTWAY_METRICS_PORT=str(port),
    ) as program:
        yield program, port


@pytest.fixture(name="valkey_with_a_file")
def _valkey_with_a_file(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """Where a Valkey keeps its files, and its URL."""
    with embedded_valkey(tmp_path, persist=True) as url:
        yield tmp_path, url


async def test_nothing_that_is_kept_or_said_holds_a_secret(
    valkey_with_a_file: tuple[Path, str], program: tuple[Program, int]
) -> None:
    """Whatever happened to accounts; and what is looked for would be found."""
    (directory, url), (core, metrics_port) = valkey_with_a_file, program
    address = core.address()
    async with Redis.from_url(url) as valkey, grpc.aio.insecure_channel(address) as channel:
        life = _Life(Core.on(channel, address))
        async with _overheard(valkey) as commands:
            await _live(life, valkey)
            await asyncio.sleep(0.1)
        trail = [
            answer
            async for answer in life.core.audit.ReadAudit(
                audit.ReadAuditRequest(), metadata=(("authorization", f"Bearer {_ADMIN_TOKEN}"),)
            )
        ]
        await valkey.set("planted", b"see " + base64.b64encode(_ADMIN_TOKEN.encode()))
        files = await _files(directory, valkey)
    async with httpx.AsyncClient() as http:
        metrics = (await http.get(f"http://127.0.0.1:{metrics_port}/metrics")).content

    hidden = life.hidden | {
        "the admin token": _ADMIN_TOKEN,
        "the pepper": _PEPPER,
        "the imported secret": _LEGACY_SECRET,
        "a wrong secret": _WRONG_SECRET,
        **{f"a key of a repeatable call, {key[-2:]}": key for key in _KEYS},
    }
    log = core.errors()
    places = {
        "the commands": "\n".join(commands).encode(),
        "the log": log.encode(),
        "the metrics": metrics,
        "the audit trail": b"".join(answer.SerializeToString() for answer in trail),
        "what callers were told": "\n".join(life.said).encode(),
    }
    assert [] == _found(hidden, places)
    planted = {name for name in files if b"planted" in files[name]}
    assert {f"the admin token in {name}" for name in planted} == set(_found(hidden, files))
    # There was much to look at.
    assert 8 <= len(life.hidden)
    assert planted
    assert any(name.endswith(".incr.aof, as it grew") and len(files[name]) > 10_000 for name in files)
    assert {"dump.rdb"} < set(files)
    events = {json.loads(line)["event"] for line in log.splitlines()}
    assert {"audit", "store unavailable", "handler failed"} < events
    assert len(commands) > 50
    assert len(life.said) > 30
    assert b"grantway_secrets_expiring" in metrics
