"""The findings of a run as a person reads them."""

import math
from collections.abc import Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from bench.summary import Summary
from bench.systems.floors import HTTP_FLOOR
from bench.systems.ours import HTTP_FORM
from bench.systems.system import Kind, System
from bench.targets import Verdict, verdicts

_NOISY_FOREIGN_SHARE = 0.05
_WIDTH = 120
_LEGEND = """\
CPU us: per token, of all processes and the store, all on one core; the median of the rounds, ± half their range.
x HTTP, x ours: the same in units of the HTTP floor's and of Grantway's (HTTP form), paired by round;
  below 1 it is cheaper. MiB: resident sets added up. failed: answers that were no success.
lost: tokens that were answered but are not in the store."""
_STYLES = {Kind.FLOOR: "dim", Kind.OURS: "bold", Kind.PEER: ""}


def new_console() -> Console:
    """Where everything is printed: never too narrow for the figures."""
    return Console(width=max(_WIDTH, Console().width))


def ratio_text(ratio: float) -> str:
    """A ratio to three digits; a dash when there is none."""
    if math.isnan(ratio):
        return "-"
    return f"{ratio:.0f}" if ratio >= 100 else f"{ratio:.1f}" if ratio >= 10 else f"{ratio:.2f}"  # noqa: PLR2004


def new_table(title: str, *headings: str) -> Table:
    """A table whose first column is words and whose others are figures."""
    table = Table(title=title, title_justify="left", title_style="bold", box=SIMPLE_HEAD, padding=(0, 0, 0, 1))
    table.add_column(headings[0], no_wrap=True)
    for heading in headings[1:]:
        table.add_column(heading, justify="right")
    return table


def _bad(count: int) -> str:
    return f"[red]{count}[/]" if count else "0"


def concurrency_table(summary: Summary, systems: Sequence[System], concurrency: int) -> Table:
    """All systems at one concurrency."""
    title = f"{concurrency} requests under way" if concurrency > 1 else "One request at a time"
    columns = ("tokens/s", "CPU us", "±", "x HTTP", "x ours", "p50 ms", "p99 ms", "MiB", "failed", "lost")
    table = new_table(title, "", *columns)
    for system in systems:
        cell = summary.cell(system.name, concurrency)
        if cell is None:
            continue
        to_ours = summary.cpu_ratio(system.name, HTTP_FORM, concurrency)
        peer_wins = system.kind is Kind.PEER and to_ours < 1
        table.add_row(
            system.title,
            f"{cell.tokens_per_second:,.0f}",
            f"{cell.cpu_us:,.1f}",
            f"{cell.cpu_spread / 2:.0%}",
            ratio_text(summary.cpu_ratio(system.name, HTTP_FLOOR, concurrency)),
            f"[yellow]{ratio_text(to_ours)}[/]" if peer_wins else ratio_text(to_ours),
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


def peers_ahead(summary: Summary, systems: Sequence[System]) -> list[str]:
    """Every figure in which a peer beats Grantway's HTTP form, in words."""
    found = []
    for concurrency in summary.concurrencies:
        ours = summary.cell(HTTP_FORM, concurrency)
        for peer in (system for system in systems if system.kind is Kind.PEER):
            theirs = summary.cell(peer.name, concurrency)
            if ours is None or theirs is None:
                continue
            for figure, better, worse, unit in (
                ("CPU per token", theirs.cpu_us, ours.cpu_us, "us"),
                ("p50", theirs.p50_ms, ours.p50_ms, "ms"),
                ("p99", theirs.p99_ms, ours.p99_ms, "ms"),
                ("memory", theirs.resident_mib, ours.resident_mib, "MiB"),
            ):
                if better < worse:
                    found.append(f"c={concurrency}: {peer.title}: {figure} {better:.3g} {unit}, Grantway {worse:.3g}")
    return found


def targets_table(found: Sequence[Verdict]) -> Table:
    """The targets, met or missed."""
    table = new_table("Targets", "", "requests", "limit", "measured", "")
    words = {True: "[green]met[/]", False: "[red]missed[/]", None: "[dim]not measured[/]"}
    for verdict in found:
        measured = "-" if verdict.measured is None else f"{ratio_text(verdict.measured)} {verdict.unit}"
        limit = f"{verdict.limit:g} {verdict.unit}"
        table.add_row(verdict.promise, str(verdict.concurrency), limit, measured, words[verdict.met])
    return table


def noise(summary: Summary, systems: Sequence[System]) -> str:
    """How much the core worked for others: what the figures are worth."""
    shares = {
        f"{system.title} at c={concurrency}": cell.foreign_share
        for system in systems
        for concurrency in summary.concurrencies
        if (cell := summary.cell(system.name, concurrency))
    }
    noisy = sum(share > _NOISY_FOREIGN_SHARE for share in shares.values())
    if not noisy:
        return f"A quiet machine: the core never worked more than {_NOISY_FOREIGN_SHARE:.0%} of the time for others."
    worst = max(shares, key=lambda name: shares[name])
    return (
        f"Not a quiet machine: in {noisy} of {len(shares)} cells the core worked more than {_NOISY_FOREIGN_SHARE:.0%} "
        f"of the time for others, at worst {shares[worst]:.0%} ({worst}). CPU times suffer, latencies more."
    )


def show(summary: Summary, systems: Sequence[System], console: Console) -> None:
    """Prints everything."""
    for concurrency in summary.concurrencies:
        console.print(concurrency_table(summary, systems, concurrency))
    console.print(processes_table(summary, systems))
    console.print(_LEGEND, style="dim")
    ahead = peers_ahead(summary, systems)
    console.print("\n[bold]Where peers are ahead of Grantway over HTTP:[/]", "\n".join(ahead) or "nowhere", sep="\n")
    console.print(targets_table(verdicts(summary)))
    console.print(noise(summary, systems), style="yellow")
