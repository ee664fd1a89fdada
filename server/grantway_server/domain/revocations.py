"""Which tokens of a client are dead, all together or in part, without a list of tokens.

A client's *epoch* goes up with every revocation, and every token carries the epoch that it was issued in. So a
revocation is one change of the client, whatever the number of its tokens, and it never hits a token that was issued
after it, not even within the same second.
"""

from dataclasses import dataclass
from datetime import datetime

from grantway_server.domain.tokens import Token


@dataclass(frozen=True, slots=True)
class TokenSelection:
    """Some of a client's tokens. What is empty or None does not narrow them."""

    secret_id: str = ""
    """Only those that this secret obtained."""
    issued_from: datetime | None = None
    """Only those issued at this moment or later."""
    issued_before: datetime | None = None
    """Only those issued before this moment."""

    @property
    def is_everything(self) -> bool:
        """Whether nothing narrows it."""
        return not self.secret_id and self.issued_from is None and self.issued_before is None

    def holds(self, token: Token) -> bool:
        """Whether *token* is one of them."""
        return (
            (not self.secret_id or self.secret_id == token.secret_id)
            and (self.issued_from is None or self.issued_from <= token.issued_at)
            and (self.issued_before is None or token.issued_at < self.issued_before)
        )


@dataclass(frozen=True, slots=True)
class PartialRevocation:
    """Ends some of the tokens of earlier epochs."""

    below_epoch: int
    """Tokens of this epoch and later ones are not touched."""
    selection: TokenSelection
    forget_at: datetime
    """When no token that it ends can be alive any more."""

    def ends(self, token: Token) -> bool:
        """Whether *token* is dead by it."""
        return token.epoch < self.below_epoch and self.selection.holds(token)
