"""Tables in Markdown."""

from collections.abc import Sequence


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """A table whose first column is words and whose others are figures."""
    return [_row(*headings), _row("---", *["---:"] * (len(headings) - 1)), *(_row(*row) for row in rows)]
