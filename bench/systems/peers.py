"""What the peers have in common: where they are, and what they are told."""

from bench.stages.stage import BENCH_CLIENT, SCOPE, TOKEN_LIFETIME_SECONDS
from bench.systems.ours import HTTP_FORM
from bench.systems.system import HTTP_FLOOR

REFERENCES = (HTTP_FLOOR, HTTP_FORM)
"""In units of which systems the cost of a peer is told."""


def peer_env(port: int, **more: str) -> dict[str, str]:
    """The environment that every peer's program reads."""
    return {
        "BENCH_PORT": str(port),
        "BENCH_CLIENT_ID": BENCH_CLIENT.client_id,
        "BENCH_CLIENT_SECRET": BENCH_CLIENT.client_secret,
        "BENCH_SCOPE": SCOPE,
        "BENCH_TOKEN_LIFETIME_SECONDS": str(TOKEN_LIFETIME_SECONDS),
        **more,
    }
