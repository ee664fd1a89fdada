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

    def contains(self, other: "TokenSelection") -> bool:
        """Whether every token that is in *other* is in this one too."""
        return (
            self.secret_id in {"", other.secret_id}
            and (self.issued_from is None or (other.issued_from is not None and self.issued_from <= other.issued_from))
            and (
                self.issued_before is None
                or (other.issued_before is not None and other.issued_before <= self.issued_before)
            )
        )


EVERY_TOKEN = TokenSelection()


@dataclass(frozen=True, slots=True)
class PartialRevocation:
    """Ends some of the tokens of earlier epochs."""

    below_epoch: int
    """Tokens of this epoch and later ones are not touched."""
    selection: TokenSelection
    forget_at: datetime
    """When no token that it ends can be alive any more."""
    revoked_at: datetime | None = None
    """When it was made; None when that was not written down."""

    def ends(self, token: Token) -> bool:
        """Whether *token* is dead by it."""
        return token.epoch < self.below_epoch and self.selection.holds(token)

    def ends_all_until(self, last: datetime, secret_id: str) -> bool:
        """Whether it is known that all tokens of a secret are dead by it that were issued until *last*."""
        return (
            self.revoked_at is not None
            and last < self.revoked_at
            and self.selection.secret_id in {"", secret_id}
            and self.selection.issued_from is None
            and (self.selection.issued_before is None or last < self.selection.issued_before)
        )

    def covers(self, other: "PartialRevocation") -> bool:
        """Whether it ends all that *other* does."""
        return other.below_epoch <= self.below_epoch and self.selection.contains(other.selection)
