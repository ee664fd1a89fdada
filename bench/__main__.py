"""The command line: `python -m bench [--quick]`, and with `growth`, `compare A B` or `report`."""

import argparse
import os
import signal
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from bench import compare, growth
from bench.judging.summary import Summary
from bench.measuring.revision import Revision
from bench.options import count, counts, minutes
from bench.results import RESULTS, WHOLE, document, write
from bench.running.plan import Plan
from bench.running.run import run
from bench.showing import report
from bench.showing.table import new_console, show
from bench.stages.cores import Cores
from bench.stages.install import install_tools
from bench.systems.catalogue import SYSTEMS
from bench.systems.installed import runnable

_COMMANDS: dict[str, Callable[[Sequence[str]], int]] = {
    "compare": compare.main,
    "growth": growth.main,
    "report": report.main,
}


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m bench",
        description="Measures what a token costs here, at the floors and at the peers.",
        epilog="Systems: "
        + " ".join(system.name for system in SYSTEMS)
        + ". More commands: "
        + ", ".join(f"python -m bench {command} --help" for command in _COMMANDS),
    )
    parser.add_argument(
        "--quick", action="store_true", help="within three minutes: fewer systems, rounds and concurrencies"
    )
    parser.add_argument("--systems", type=lambda text: text.split(","), help="only these, with commas between")
    parser.add_argument("--concurrencies", type=counts, help="only these, like 1,32")
    parser.add_argument("--rounds", type=count, help="how often everything is measured, no more and no less")
    parser.add_argument("--minutes", type=minutes, help="after these, no more is started of what is measured again")
    parser.add_argument("--seconds", type=count, help="how long each measurement takes")
    return parser.parse_args(arguments)


def _plan(options: argparse.Namespace, console: Console) -> Plan:
    wanted = options.systems or [system.name for system in SYSTEMS]
    unknown = set(wanted) - {system.name for system in SYSTEMS}
    if unknown:
        names = ", ".join(sorted(system.name for system in SYSTEMS))
        msg = f"There is no system {', '.join(map(repr, sorted(unknown)))}. There are {names}."
        raise SystemExit(msg)
    systems = [system for system in SYSTEMS if system.name in wanted]
    plan = Plan.look(systems) if options.quick else Plan(systems)
    if options.rounds:
        plan = replace(plan, least_rounds=options.rounds, most_rounds=options.rounds)
    chosen = {
        name: getattr(options, name) for name in ("seconds", "minutes", "concurrencies") if getattr(options, name)
    }
    plan = replace(plan, systems=runnable(plan.systems, console), **chosen)
    if not plan.systems:
        raise SystemExit("None of these systems is in a quick look, or can be installed here.")
    return plan


def main(arguments: Sequence[str]) -> int:
    """Measures, prints, writes; the exit code."""
    if arguments and arguments[0] in _COMMANDS:
        return _COMMANDS[arguments[0]](arguments[1:])
    options = _options(arguments)
    console = new_console()
    plan = _plan(options, console)
    cores = Cores.choose()
    install_tools(console)
    os.sched_setaffinity(0, {cores.load})
    return carry_out(plan, cores, console, whole=not any(vars(options).values()), folder=RESULTS)


def carry_out(plan: Plan, cores: Cores, console: Console, *, whole: bool, folder: Path) -> int:
    """Measures what *plan* says, prints it, writes it into *folder*, and into the documentation when *whole* and sound.

    Returns:
        0 when all went well; 1 when a measurement failed, a request did, a token is missing, or nothing was measured.
    """
    revision = Revision.now()
    revision.warn(console)
    findings = run(plan, cores=cores, console=console)
    if findings.measurements:
        show(Summary(findings.measurements), plan.systems, console, quick=plan.quick)
        content = document(findings, plan, cores, revision, whole=whole)
        names = ["latest.json", f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}.json", *([WHOLE] if content["whole"] else [])]
        console.print(f"Written to {write(content, folder, names)}")
        if content["whole"]:
            report.write(content)
            console.print("Written to docs/performance.md, .svg and .json, and README.md")
        else:
            console.print(
                "The documentation stays as it is: only a whole run of all systems is shown, without a failure, "
                "of one commit and nothing else."
            )
    else:
        console.print("[red]Nothing was measured: none of these systems is measured at these concurrencies.")
    for problem in findings.problems:
        console.print(f"[red]{problem}")
    return 0 if findings.sound and findings.measurements else 1


def _stop(signal_number: int, _frame: object) -> None:
    raise SystemExit(128 + signal_number)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _stop)  # So that what was started is ended, and what was written is removed.
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit("Stopped.")
