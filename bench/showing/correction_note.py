"""What a document says of the correction of a run: how, by how much, and which systems it does not suit."""

from collections.abc import Mapping

from bench.showing.shown import Results


def correction_note(results: Results) -> list[str]:
    """How the figures were corrected, and by how much."""
    slowness = [cell["slowness"] for cells in results["summary"].values() for cell in cells.values()]
    yardstick = results["yardstick"]
    fitted = yardstick["fitted"]
    told = "" if fitted is None else f"; the CPU times of this run followed it with an exponent of {_slope(fitted)}"
    low, high = min(slowness), max(slowness)
    return [
        "CPU us is corrected: the same fixed work is timed on a system's core again and again while it is measured.",
        "Where it took twice as long as in the quietest tenth of all measurements, half of the CPU time counts (an",
        f"exponent of {yardstick['exponent']:g}{told}). In that tenth a look-up took {yardstick['quiet_ns']:.0f} ns;",
        f"in the middle of the measurements of each cell the core was {low:.2f} to {high:.2f} times slower than then.",
        *_other_slopes(results),
        "The quarter of each cell's measurements in which the core was the slowest has no say in it.",
        "",
        "*As seen* is the mean of all that was measured, nothing corrected; nor are p50, p99 and tokens/s in the",
        "tables at the end. How long a lone request takes is corrected in the first table and in its target. ± is the",
        "standard error of the figure before it. Lost: answered and not in the store.",
    ]


_TELLING_DIFFERENCE = 0.2
"""Between the slope of a system and the exponent of the correction."""


def _other_slopes(results: Results) -> list[str]:
    """The systems that followed the yardstick otherwise than they are corrected."""
    exponent = results["yardstick"]["exponent"]
    found = [
        f"{results['titles'][system]}: {_slope(slope)}"
        for system, slope in results["yardstick"]["fitted_by_system"].items()
        if abs(slope["exponent"] - exponent) > _TELLING_DIFFERENCE
    ]
    if not found:
        return []
    return [
        f"Some followed it otherwise: {'; '.join(found)}.",
        f"With less than {exponent:g} a system is told to be cheaper than it is, with more",
        "to be dearer.",
    ]


def _slope(slope: Mapping[str, float]) -> str:
    return f"{slope['exponent']:.2f} ± {slope['error']:.2f}"
