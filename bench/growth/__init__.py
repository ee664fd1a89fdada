"""Whether tokens, clients and requests that pile up make anything dearer: `python -m bench growth`."""

from bench.growth.command import main

__all__ = ["main"]
