"""What the conformance tests know of a deployment that has lost its store."""

from dataclasses import dataclass

import httpx

from tests.deployment import Deployment, NewClient


@dataclass(frozen=True)
class WithoutStore:
    """A deployment whose store went away, and what a client of it had before."""

    deployment: Deployment
    http: httpx.Client
    client: NewClient
    token: str
