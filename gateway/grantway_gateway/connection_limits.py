"""What the connections of one server may take, and how they learn of it."""

from dataclasses import dataclass

from uvicorn.server import ServerState


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionLimits:
    """What connections may take."""

    receive_seconds: float
    """How long a request may take to come in."""

    max_connections: int
    """How many connections may be open at once."""


class BoundedState(ServerState):
    """What uvicorn hands to each connection of one server, and ours with it.

    Attributes:
        limits: The same for all of them.
        draining: The server is about to stop: each connection ends with its next answer.
    """

    def __init__(self, limits: ConnectionLimits) -> None:
        super().__init__()
        self.limits = limits
        self.draining = False
