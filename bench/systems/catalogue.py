"""All systems."""

from bench.systems.floors import FLOORS
from bench.systems.node_peers import NODE_PEERS
from bench.systems.ours import OURS
from bench.systems.python_peers import PYTHON_PEERS
from bench.systems.system import System

SYSTEMS: tuple[System, ...] = (*FLOORS, *OURS, *NODE_PEERS, *PYTHON_PEERS)
"""In the order in which tables show them."""
