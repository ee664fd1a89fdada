"""Whether two runs agree: `python -m bench compare A.json B.json`."""

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from bench.table import new_console, new_table

_AGREE_WITHIN = 0.15

Ratios = Mapping[str, Mapping[str, Mapping[str, float | None]]]
"""By system, concurrency and reference."""


def disagreements(first: Ratios, second: Ratios) -> list[tuple[float, str]]:
    """By how much each ratio that both runs have differs, the largest first."""
    found = []
    for system, by_concurrency in first.items():
        for concurrency, by_reference in by_concurrency.items():
            for reference, one in by_reference.items():
                other = second.get(system, {}).get(concurrency, {}).get(reference)
                if one and other:
                    found.append((max(one, other) / min(one, other) - 1, f"{system} / {reference} at c={concurrency}"))
    return sorted(found, reverse=True)


def main(arguments: Sequence[str]) -> int:
    """Prints the disagreements; 1 when there are any beyond 15 %, or nothing to compare."""
    parser = argparse.ArgumentParser(prog="python -m bench compare", description=__doc__)
    parser.add_argument("first", type=Path)
    parser.add_argument("second", type=Path)
    options = parser.parse_args(arguments)
    for path in (options.first, options.second):
        if not path.is_file():
            msg = f"There is no {path}."
            raise SystemExit(msg)
    first, second = (json.loads(path.read_text())["cpu_ratios"] for path in (options.first, options.second))
    found = disagreements(first, second)
    bad = [one for one in found if one[0] > _AGREE_WITHIN]
    table = new_table(f"{len(bad)} of {len(found)} ratios differ by more than {_AGREE_WITHIN:.0%}", "", "by")
    for difference, what in bad or found[:5]:
        table.add_row(what, f"{difference:.1%}")
    new_console().print(table)
    return 1 if bad or not found else 0
