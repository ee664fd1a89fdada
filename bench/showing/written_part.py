"""The part of a document that the bench writes: between two markers, the rest is somebody else's."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WrittenPart:
    """What stands between two lines.

    Attributes:
        begin: The line before it.
        end: The line after it.
    """

    begin: str
    end: str

    def of(self, document: str) -> str:
        """The part with its markers; empty when *document* has none."""
        _, begin, rest = document.partition(self.begin)
        inside, end, _ = rest.partition(self.end)
        return f"{begin}{inside}{end}" if begin and end else ""

    def renewed(self, document: str, lines: Sequence[str]) -> str:
        """*document* with *lines* for the part.

        Raises:
            ValueError: It has no such part.
        """
        old = self.of(document)
        if not old:
            msg = f"the lines {self.begin} and {self.end} are missing"
            raise ValueError(msg)
        return document.replace(old, self.around(lines))

    def around(self, lines: Sequence[str]) -> str:
        """*lines* between the markers."""
        return "\n".join([self.begin, "", *lines, "", self.end])


GROWTH = WrittenPart("<!-- growth: written by make bench GROWTH=1 -->", "<!-- end of growth -->")
"""Of docs/performance.md and of README: what `python -m bench growth` finds. The rest is of the main run."""
