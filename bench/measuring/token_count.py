"""Whether tokens that were answered are there, and those that are there were answered."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TokenCount:
    """How many tokens were answered, and how many are there.

    Attributes:
        answered: How many the load generator got.
        stored: How many the store gained; None when nothing counts them, or they were checked and not made.
        under_way: How many were wanted at any moment.
    """

    answered: int
    stored: int | None
    under_way: int

    @property
    def made(self) -> int:
        """How many tokens the CPU time was spent on."""
        return self.answered if self.stored is None else max(self.answered, self.stored)

    @property
    def missing(self) -> int:
        """Answered and not there."""
        return 0 if self.stored is None else max(0, self.answered - self.stored)

    @property
    def surplus(self) -> int:
        """There and not answered: more than can have been under way when the load ended."""
        return 0 if self.stored is None else max(0, self.stored - self.answered - self.under_way)
