"""Owners of tokens: of a client what a check of its tokens looks at.

Apart from the client, for a core may check the tokens of a hundred thousand. All that is known of these does not fit
the processor's caches, and to wait for it is most of what it costs that they are many (docs/adr/0033).
"""

from dataclasses import dataclass, field
from functools import lru_cache

from grantway_server.domain.revocations import PartialRevocation
from grantway_server.domain.tokens import Token


@dataclass(frozen=True, slots=True)
class Standing:
    """What was done to a client that ends tokens of it."""

    disabled: bool
    min_epoch: int
    """Tokens of an earlier epoch are dead."""
    revocations: tuple[PartialRevocation, ...]
    """What else ends tokens of earlier epochs."""

    def accepts(self, token: Token) -> bool:
        """Whether nothing of it has ended *token*, one of the client's own."""
        return (
            not self.disabled
            and token.epoch >= self.min_epoch
            and not (self.revocations and any(revocation.ends(token) for revocation in self.revocations))
        )


@lru_cache(maxsize=1024)
def shared_standing(*, disabled: bool, min_epoch: int, revocations: tuple[PartialRevocation, ...]) -> Standing:
    """A standing that all clients share for which it is the same: nothing was ever done to most of them."""
    return Standing(disabled=disabled, min_epoch=min_epoch, revocations=revocations)


@dataclass(slots=True)
class TokenOwner:
    """A client at one version of it, as the owner of tokens. Nobody changes one, but for what is told of it."""

    client_id: str
    name: str
    organization: str
    """Empty means none."""
    standing: Standing
    version: bytes
    """Which state of the client it is: nothing goes by it but two owners being the same or not."""
    told: bytes = field(default=b"", compare=False, repr=False)
    """How the layer above tells of it, encoded; empty until it did. It is kept here, because it holds for as long."""
