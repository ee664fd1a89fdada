"""Whether two runs agree: `python -m bench compare A.json B.json`.

Compared is every ratio that the tables of a run show: what a token costs at each system and concurrency in units of the
HTTP floor, at each peer in units of Grantway too, and how long a lone request takes in units of the unary floor.
"""

import argparse
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.table import new_console, new_table

_AGREE_WITHIN = 0.15
_SHOWN_WHEN_ALL_AGREE = 5

Ratio = Mapping[str, Any]
"""A `bench.ratios.Ratio` as the results hold it."""


def _by_name(ratios: Iterable[Ratio]) -> dict[str, float]:
    return {
        f"{one['figure']} of {one['system']} / {one['reference']} at c={one['concurrency']}": one["value"]
        for one in ratios
    }


def differences(first: Iterable[Ratio], second: Iterable[Ratio]) -> list[tuple[float, str]]:
    """By how much each ratio that both runs have differs, the largest first."""
    one, other = _by_name(first), _by_name(second)
    return sorted(
        ((max(one[name], other[name]) / min(one[name], other[name]) - 1, name) for name in one.keys() & other.keys()),
        reverse=True,
    )


def _ratios(path: Path) -> list[Ratio]:
    if not path.is_file():
        msg = f"There is no {path}."
        raise SystemExit(msg)
    found = json.loads(path.read_text()).get("ratios")
    if found is None:
        msg = f"{path} holds no ratios: it is not of this version of the bench."
        raise SystemExit(msg)
    return list(found)


def main(arguments: Sequence[str]) -> int:
    """Prints what differs; 0 when nothing does by more than 15 %, 1 otherwise, and when there is nothing to compare."""
    parser = argparse.ArgumentParser(
        prog="python -m bench compare",
        description=__doc__,
        epilog=f"Exit code: 0 when all of them agree within {_AGREE_WITHIN * 100:.0f} %%, 1 otherwise.",
    )
    parser.add_argument("first", type=Path)
    parser.add_argument("second", type=Path)
    options = parser.parse_args(arguments)
    first, second = _ratios(options.first), _ratios(options.second)
    found = differences(first, second)
    bad = [one for one in found if one[0] > _AGREE_WITHIN]
    table = new_table("Which" if bad else "The largest differences", "", "by")
    for difference, what in bad or found[:_SHOWN_WHEN_ALL_AGREE]:
        table.add_row(what, f"{difference:.1%}")
    console = new_console()
    console.print(f"{len(bad)} of {len(found)} ratios differ by more than {_AGREE_WITHIN:.0%}.")
    console.print(table)
    alone = len(_by_name(first).keys() ^ _by_name(second).keys())
    if alone:
        console.print(f"{alone} more are in one of the two only.")
    return 1 if bad or not found else 0
