"""The findings of a run as a person reads them."""

from collections.abc import Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from bench.figures import Estimate
from bench.judging.ahead import leads, not_measured, without_leads
from bench.judging.noise import is_quiet, noise
from bench.judging.precision import known
from bench.judging.ratios import ratios
from bench.judging.summary import Summary
from bench.judging.targets import Standing, Verdict, verdicts
from bench.systems.ours import HTTP_FORM
from bench.systems.system import HTTP_FLOOR, Kind, System

_WIDTH = 125
_TELLING_ROUNDS = 3
"""Of fewer measurements the standard error is chance."""
LEGEND = """\
CPU us: per token, of all processes and the store, all on one core, corrected to a core that nobody disturbs; the
  caller's are not in it. ±: its standard error; a ratio has that of its other side too. See bench/README.md.
as seen: the mean of all that the kernel counted, nothing corrected. tokens/s, p50 and p99: nothing corrected.
x HTTP, x Grantway: CPU us in units of the HTTP floor's and of Grantway's (HTTP form); below 1 it is cheaper.
MiB: resident sets of all processes added up, also of those that a row does not use.
failed: answers that were no success. lost: answered, and not in the store."""
_STYLES = {Kind.FLOOR: "dim", Kind.OURS: "bold", Kind.PEER: ""}


def new_console() -> Console:
    """Where everything is printed: never too narrow for the figures."""
    return Console(width=max(_WIDTH, Console().width))


def ratio_text(ratio: float) -> str:
    """A ratio to three digits."""
    return f"{ratio:.0f}" if ratio >= 100 else f"{ratio:.1f}" if ratio >= 10 else f"{ratio:.2f}"  # noqa: PLR2004


def new_table(title: str, *headings: str) -> Table:
    """A table whose first column is words and whose others are figures."""
    table = Table(title=title, title_justify="left", title_style="bold", box=SIMPLE_HEAD, padding=(0, 0, 0, 1))
    table.add_column(headings[0], no_wrap=True)
    for heading in headings[1:]:
        table.add_column(heading, justify="right")
    return table


def _times(ratio: Estimate | None) -> str:
    return ratio_text(ratio.value) if ratio else "-"


def _bad(count: int) -> str:
    return f"[red]{count}[/]" if count else "0"


def concurrency_table(summary: Summary, systems: Sequence[System], concurrency: int) -> Table:
    """All systems at one concurrency."""
    title = f"{concurrency} requests under way" if concurrency > 1 else "One request at a time"
    columns = (
        "tokens/s",
        "as seen",
        "CPU us",
        "±",
        "x HTTP",
        "x Grantway",
        "p50 ms",
        "p99 ms",
        "MiB",
        "failed",
        "lost",
    )
    table = new_table(title, "", *columns)
    for system in systems:
        cell = summary.cell(system.name, concurrency)
        if cell is None:
            continue
        beside_ours = HTTP_FORM in {system.name, *system.references}
        to_ours = summary.cpu_ratio(system.name, HTTP_FORM, concurrency) if beside_ours else None
        ahead = to_ours is not None and to_ours.value < 1
        table.add_row(
            system.title,
            f"{cell.tokens_per_second:,.0f}",
            f"{cell.cpu_us_measured:,.1f}",
            f"{cell.cpu_us:,.1f}",
            "-" if cell.cpu_error is None or cell.rounds < _TELLING_ROUNDS else f"{cell.cpu_error:.0%}",
            _times(summary.cpu_ratio(system.name, HTTP_FLOOR, concurrency)),
            f"[yellow]{_times(to_ours)}[/]" if ahead else _times(to_ours),
            f"{cell.p50_ms:.2f}",
            f"{cell.p99_ms:.2f}",
            f"{cell.resident_mib:.0f}",
            _bad(cell.failures),
            "-" if cell.stored is None else _bad(cell.missing),
            style=_STYLES[system.kind],
        )
    return table


def processes_table(summary: Summary, systems: Sequence[System]) -> Table:
    """Which process the CPU time goes to."""
    names = ("gateway", "core", "app", "store")
    table = new_table("Where the CPU time goes, us per token", "", "requests", *names)
    for system in systems:
        for concurrency in summary.concurrencies:
            cell = summary.cell(system.name, concurrency)
            if cell is None or len(cell.cpu_us_by_process) == 1:
                continue
            parts = [cell.cpu_us_by_process.get(name) for name in names]
            figures = ["" if part is None else f"{part:,.1f}" for part in parts]
            table.add_row(system.title, str(concurrency), *figures, style=_STYLES[system.kind])
    return table


def targets_table(found: Sequence[Verdict]) -> Table:
    """The targets and how they stand."""
    table = new_table("Targets", "", "requests", "limit", "corrected", "as seen", "")
    styles = {Standing.MET: "green", Standing.MISSED: "red"}
    for verdict in found:
        figures = [
            "-" if figure is None else f"{ratio_text(figure)} {verdict.unit}"
            for figure in (verdict.measured, verdict.as_seen)
        ]
        limit = f"{verdict.limit:g} {verdict.unit}"
        stands = f"[{styles.get(verdict.standing, 'dim')}]{verdict.words}[/]"
        table.add_row(verdict.promise, str(verdict.concurrency), limit, *figures, stands)
    return table


def show(summary: Summary, systems: Sequence[System], console: Console, *, quick: bool) -> None:
    """Prints everything, what it is worth first."""
    if quick:
        console.print("A quick look: ratios are rough and no target is judged. `make bench` is the measurement.")
    console.print(noise(summary, systems), style="yellow")
    console.print(known(ratios(summary, systems)))
    for concurrency in summary.concurrencies:
        console.print(concurrency_table(summary, systems, concurrency))
    console.print(processes_table(summary, systems))
    console.print(LEGEND, style="dim")
    ahead = [str(lead) for lead in leads(summary, systems)]
    console.print("\n[bold]Where peers are ahead of Grantway over HTTP:[/]")
    console.print("\n".join(ahead) or without_leads(summary.systems))
    for line in not_measured(summary.systems):
        console.print(line, style="yellow")
    if not quick:
        console.print(targets_table(verdicts(summary, judged=is_quiet(summary, systems))))
