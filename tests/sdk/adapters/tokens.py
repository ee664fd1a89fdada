"""Tokens of a client."""

from dataclasses import dataclass

from grantway.v1 import token_service_pb2 as pb
from tests.deployment import Deployment, NewClient


@dataclass(frozen=True)
class Tokens:
    """Issues and revokes them."""

    deployment: Deployment
    client: NewClient

    def issue(self, scope: str) -> str:
        """A token with *scope*."""
        request = pb.IssueTokenRequest(
            grant_type="client_credentials",
            client_id=self.client.client_id,
            client_secret=self.client.client_secret,
            scope=scope,
        )
        return self.deployment.tokens.IssueToken(request, timeout=5).access_token

    def revoke(self, token: str) -> None:
        """Ends *token*."""
        self.deployment.tokens.RevokeToken(pb.RevokeTokenRequest(token=token), timeout=5)
