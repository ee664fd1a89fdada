"""Grantway itself: `grantway-server` and `grantway-gateway` as they run in production, every feature on."""

import sys
from pathlib import Path

import grpc

from bench.loads.grpc_calls import IntrospectCalls, IssueCalls
from bench.loads.http import FORM, JSON, HttpIntrospection, HttpLoad
from bench.loads.sdk import SdkLoad
from bench.stages.processes import Process, free_port
from bench.stages.stage import SCOPE, Credentials, Stage, StoreBook
from bench.stages.store import Store
from bench.stages.workshop import Workshop
from bench.systems.system import Kind, System
from grantway.v1 import client_pb2
from grantway.v1 import client_service_pb2 as pb
from grantway.v1 import client_service_pb2_grpc as rpc

HTTP_FORM = "grantway-form"
SDK_INTROSPECT = "grantway-sdk-introspect"

TOKEN_KEYS = b"gw:t:*"
AUDIT_KEY = b"gw:{live}:audit"
LISTED_KEY = b"gw:{live}:indexed"
"""Says that no client has to be listed that an older core wrote: else each core that starts looks at all of them."""

_CREATE_SECONDS = 10
_BIN = Path(sys.executable).parent


def create_client(core: str, name: str = "bench") -> Credentials:
    """A new client of the core at *core* that may ask for `SCOPE`, and about tokens."""
    permissions = [client_pb2.PERMISSION_ISSUE_TOKENS, client_pb2.PERMISSION_INTROSPECT_TOKENS]
    request = pb.CreateClientRequest(name=name, allowed_scopes=[SCOPE], permissions=permissions)
    with grpc.insecure_channel(core) as channel:
        stub = rpc.ClientServiceStub(channel)
        answer = stub.CreateClient(request, timeout=_CREATE_SECONDS, wait_for_ready=True)
    return Credentials(answer.client.client_id, answer.client_secret)


def start_core(workshop: Workshop, store: Store) -> tuple[Process, str]:
    """A core on *store*, and its address."""
    port = free_port()
    env = {
        "GRANTWAY_GRPC_HOST": "127.0.0.1",
        "GRANTWAY_GRPC_PORT": str(port),
        "GRANTWAY_REDIS_URL": store.url,
        "GRANTWAY_METRICS_PORT": str(free_port()),
    }
    log = workshop.room("core") / "log"
    core = workshop.start("core", [str(_BIN / "grantway-server")], log=log, env=env)
    core.wait_for_port(port)
    return core, f"127.0.0.1:{port}"


def start_gateway(workshop: Workshop, cores: str) -> tuple[Process, str]:
    """A gateway before *cores*, and its token endpoint."""
    port = free_port()
    env = {"GRANTWAY_HTTP_HOST": "127.0.0.1", "GRANTWAY_HTTP_PORT": str(port), "GRANTWAY_GRPC": cores}
    log = workshop.room("gateway") / "log"
    gateway = workshop.start("gateway", [str(_BIN / "grantway-gateway")], log=log, env=env)
    gateway.wait_for_port(port)
    return gateway, f"http://127.0.0.1:{port}/oauth/token"


def start(workshop: Workshop) -> tuple[Store, Stage]:
    """A store, and a core and a gateway on it."""
    store = Store.start(workshop, workshop.room("store"))
    core, address = start_core(workshop, store)
    gateway, url = start_gateway(workshop, address)
    client = create_client(address)
    book = StoreBook(store, TOKEN_KEYS)
    return store, Stage([store.process, core, gateway], token_url=url, core=address, client=client, book=book)


def build(workshop: Workshop) -> Stage:
    """The stage of every system here."""
    return start(workshop)[1]


_SETTINGS = "grantway-server and grantway-gateway as shipped, one process each, defaults, and metrics"

OURS = [
    System(
        name=HTTP_FORM,
        title="Grantway, HTTP form",
        kind=Kind.OURS,
        build=build,
        load=HttpLoad(FORM),
        settings=_SETTINGS,
    ),
    System(
        name="grantway-json",
        title="Grantway, HTTP JSON",
        kind=Kind.OURS,
        build=build,
        load=HttpLoad(JSON),
        settings=_SETTINGS,
        quick=False,
    ),
    System(
        name="grantway-http-introspect",
        title="Grantway, HTTP introspect",
        kind=Kind.OURS,
        build=build,
        load=HttpIntrospection(),
        settings=f"{_SETTINGS}; 128 live tokens in turn, the secret in the form",
        quick=False,
    ),
    System(
        name="grantway-grpc-issue",
        title="Grantway, gRPC IssueToken",
        kind=Kind.OURS,
        build=build,
        load=IssueCalls(batched=False),
        settings=f"{_SETTINGS}; h2load, one connection",
        quick=False,
    ),
    System(
        name="grantway-grpc-issue-batch",
        title="Grantway, gRPC BatchIssueTokens",
        kind=Kind.OURS,
        build=build,
        load=IssueCalls(batched=True),
        settings=f"{_SETTINGS}; h2load, one call at a time with as many items as the concurrency says",
        quick=False,
    ),
    System(
        name="grantway-grpc-introspect",
        title="Grantway, gRPC IntrospectToken",
        kind=Kind.OURS,
        build=build,
        load=IntrospectCalls(batched=False),
        settings=f"{_SETTINGS}; h2load, one connection, one live token",
        quick=False,
    ),
    System(
        name="grantway-grpc-introspect-batch",
        title="Grantway, gRPC BatchIntrospectTokens",
        kind=Kind.OURS,
        build=build,
        load=IntrospectCalls(batched=True),
        settings=f"{_SETTINGS}; h2load, one call at a time with as many live tokens as the concurrency says",
        quick=False,
    ),
    System(
        name="grantway-sdk-issue",
        title="Grantway, Python SDK issue",
        kind=Kind.OURS,
        build=build,
        load=SdkLoad("issue"),
        settings=f"{_SETTINGS}; one grantway.TokenClient on uvloop",
        quick=False,
    ),
    System(
        name=SDK_INTROSPECT,
        title="Grantway, Python SDK introspect",
        kind=Kind.OURS,
        build=build,
        load=SdkLoad("introspect"),
        settings=f"{_SETTINGS}; one grantway.TokenClient on uvloop, 128 live tokens in turn",
    ),
    System(
        name="grantway-verifier-cold",
        title="Grantway, TokenVerifier, cold",
        kind=Kind.OURS,
        build=build,
        load=SdkLoad("verify"),
        settings=f"{_SETTINGS}; one grantway.TokenVerifier on uvloop that holds no answers, 128 live tokens in turn",
        quick=False,
    ),
]
