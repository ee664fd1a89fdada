"""Peers on Node.js: one process each, for one core is all there is."""

from bench.loads.http import HttpLoad
from bench.stages.install import PEERS
from bench.stages.processes import free_port
from bench.stages.stage import Stage, StageBuilder, StoreBook
from bench.stages.store import Store
from bench.stages.workshop import Workshop
from bench.systems.peers import REFERENCES, peer_env
from bench.systems.system import Kind, System

NODE_OIDC_PIPELINED = "node-oidc-provider-pipelined"


def _node(folder: str, tokens: bytes, **env: str) -> StageBuilder:
    """Starts `server.js` of a peer's folder on a Valkey of its own; *tokens* are the keys of its tokens."""

    def build(workshop: Workshop) -> Stage:
        room = workshop.room(folder)
        store = Store.start(workshop, room)
        port = free_port()
        app = workshop.start(
            "app",
            ["node", "server.js"],
            log=room / "log",
            env={**peer_env(port, BENCH_REDIS_URL=store.url), "NODE_ENV": "production", **env},
            cwd=PEERS / folder,
        )
        app.wait_for_port(port)
        url = f"http://127.0.0.1:{port}/oauth/token"
        return Stage([store.process, app], token_url=url, book=StoreBook(store, tokens))

    return build


NODE_PEERS = [
    System(
        name=NODE_OIDC_PIPELINED,
        peer="node-oidc-provider",
        title="node-oidc-provider, auto-pipelining",
        kind=Kind.PEER,
        references=REFERENCES,
        build=_node("node-oidc-provider", b"oidc:ClientCredentials:*", BENCH_AUTO_PIPELINING="1"),
        load=HttpLoad(),
        settings="one process, NODE_ENV=production, opaque tokens, the client in its configuration; "
        "adapter: one SET with EX per token, ioredis enableAutoPipelining",
    ),
    System(
        name="node-oidc-provider",
        peer="node-oidc-provider",
        title="node-oidc-provider, documented adapter",
        kind=Kind.PEER,
        references=REFERENCES,
        build=_node("node-oidc-provider", b"oidc:ClientCredentials:*"),
        load=HttpLoad(),
        settings="one process, NODE_ENV=production, opaque tokens, the client in its configuration; "
        "adapter: MULTI, SET, EXPIRE per token, as its documentation's example does",
    ),
    System(
        name="node-oauth2-server",
        peer="node-oauth2-server",
        title="@node-oauth/oauth2-server, express",
        kind=Kind.PEER,
        references=REFERENCES,
        build=_node("node-oauth2-server", b"token:*"),
        load=HttpLoad(),
        settings="one process, NODE_ENV=production, @node-oauth/express-oauth-server; "
        "model: GET the client, SET with EX per token, ioredis enableAutoPipelining",
    ),
]
