"""Whether two runs agree: `python -m bench compare A.json B.json`.

Compared is every ratio that the tables of a run show: what a token costs at each system and concurrency in units of the
HTTP floor, at each peer in units of Grantway too, and how long a lone request takes in units of the unary floor.
"""

import argparse
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.results import content
from bench.showing.table import new_console, new_table, ratio_text

_AGREE_WITHIN = 0.15
_SHOWN_WHEN_ALL_AGREE = 5

Ratio = Mapping[str, Any]
"""A `bench.judging.ratios.Ratio` as the results hold it."""


def _by_name(ratios: Iterable[Ratio]) -> dict[str, Ratio]:
    return {f"{one['figure']} of {one['system']} / {one['reference']} at c={one['concurrency']}": one for one in ratios}


@dataclass(frozen=True, slots=True)
class Difference:
    """A ratio that both runs have.

    Attributes:
        name: Which.
        by: How many times one is the other, less 1.
        first: In the first run.
        second: In the second.
    """

    name: str
    by: float
    first: Ratio
    second: Ratio


def differences(first: Iterable[Ratio], second: Iterable[Ratio]) -> list[Difference]:
    """By how much each ratio that both runs have differs, the largest first."""
    one, other = _by_name(first), _by_name(second)
    found = []
    for name in sorted(one.keys() & other.keys()):
        values = one[name]["value"], other[name]["value"]
        found.append(Difference(name, max(values) / min(values) - 1, one[name], other[name]))
    return sorted(found, key=lambda difference: difference.by, reverse=True)


def in_one_only(first: Iterable[Ratio], second: Iterable[Ratio]) -> list[str]:
    """The ratios that only one of the runs has."""
    return sorted(_by_name(first).keys() ^ _by_name(second).keys())


def _results(path: Path) -> Mapping[str, Any]:
    if not path.is_file():
        msg = f"There is no file {path}. `make bench` keeps its runs in bench/results."
        raise SystemExit(msg)
    found = content(path)
    if "ratios" not in found:
        msg = f"{path} holds no ratios: it is not of this version of the bench."
        raise SystemExit(msg)
    return found


def _which(path: Path, results: Mapping[str, Any]) -> str:
    whole = "a whole run" if results.get("whole") else "not a whole run: its figures are not known well enough"
    commit = str(results.get("commit", "-"))[:7]
    return f"{path}: {results.get('date', '-')}, commit {commit}, {whole}. {results.get('noise', '')}"


def _is_same_run(first: Mapping[str, Any], second: Mapping[str, Any]) -> bool:
    """Whether both are of one run: what is published has less in it than what is kept, and may be worked out anew."""
    dates = first.get("date"), second.get("date")
    return dates[0] == dates[1] if all(dates) else first == second


def _told(ratio: Ratio) -> str:
    error = "" if ratio["error"] is None else f" ± {ratio['error']:.1%}"
    return f"{ratio_text(ratio['value'])}{error}"


def main(arguments: Sequence[str]) -> int:
    """Prints what differs; 0 when both runs have the same ratios and none differs by more than 15 %, 1 otherwise."""
    parser = argparse.ArgumentParser(
        prog="python -m bench compare",
        description=__doc__,
        epilog=f"Exit code: 0 when both have the same ratios, all within {_AGREE_WITHIN * 100:.0f} %; 1 otherwise.",
    )
    parser.add_argument("first", type=Path)
    parser.add_argument("second", type=Path)
    options = parser.parse_args(arguments)
    runs = [_results(path) for path in (options.first, options.second)]
    console = new_console()
    for path, results in zip((options.first, options.second), runs, strict=True):
        console.print(_which(path, results))
    if _is_same_run(*runs):
        raise SystemExit("Both are the same run.")
    first, second = (list(results["ratios"]) for results in runs)
    found, alone = differences(first, second), in_one_only(first, second)
    bad = [one for one in found if one.by > _AGREE_WITHIN]
    table = new_table("These do not" if bad else "The largest differences", "", "first", "second", "differ by")
    for one in bad or found[:_SHOWN_WHEN_ALL_AGREE]:
        table.add_row(one.name, _told(one.first), _told(one.second), f"{one.by:.1%}")
    console.print(f"{len(found) - len(bad)} of {len(found)} ratios that both have agree within {_AGREE_WITHIN:.0%}.")
    console.print(table)
    if alone:
        console.print(f"The runs are not of the same: {len(alone)} ratios are in one of them only.")
        for name in alone:
            console.print(f"  {name}")
    return 1 if bad or alone or not found else 0
