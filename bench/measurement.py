"""One system under one load for a few seconds."""

import os
import time
from dataclasses import dataclass
from pathlib import Path

from bench.cores import Cores
from bench.loads.load import run
from bench.procfs import CoreTime
from bench.stage import Stage
from bench.systems.system import System

_SETTLE_INTERVAL_SECONDS = 0.1
_SETTLE_LOAD = 0.1
_SETTLE_AT_MOST_SECONDS = 60
_WAKE_SECONDS = 1
"""How long a system is kept busy before it is measured: a kernel may have taken pages away while it waited its turn."""
_NANOSECONDS = 1e9


class MeasurementError(Exception):
    """The figures of a measurement mean nothing."""


@dataclass(frozen=True, slots=True)
class Measurement:
    """What was seen in one run of a load.

    Attributes:
        system: The system's name.
        concurrency: How many tokens were wanted at any moment.
        turn: The round, from 0.
        tokens: How many tokens came, or were checked.
        tokens_per_second: The same, per second.
        cpu_us: CPU time per token of all processes together, in microseconds.
        cpu_us_by_process: The same, of each process, its children included.
        p50_ms: Half of the requests took at most this.
        p99_ms: All but one in a hundred did.
        resident_mib: Resident memory of all processes after the load.
        failures: Requests that got no success; must be 0.
        stored: Tokens that the store gained; None when there is no store.
        missing: Tokens that were answered and are not in the store; must be 0.
        surplus: Tokens in the store that were not answered, beyond those under way at the end; must be 0.
        foreign_share: The part of the time in which the system's core worked for others.
        stolen_share: The part of the time in which the hypervisor ran somebody else on it.
        load_average: Of the whole machine, before: what else went on.
    """

    system: str
    concurrency: int
    turn: int
    tokens: int
    tokens_per_second: float
    cpu_us: float
    cpu_us_by_process: dict[str, float]
    p50_ms: float
    p99_ms: float
    resident_mib: float
    failures: int
    stored: int | None
    missing: int
    surplus: int
    foreign_share: float
    stolen_share: float
    load_average: float


def _settle(stage: Stage) -> None:
    """Waits until the processes are idle: the answers that nobody waited for are given, garbage is collected."""
    deadline = time.monotonic() + _SETTLE_AT_MOST_SECONDS
    before = _cpu(stage)
    while time.monotonic() < deadline:
        time.sleep(_SETTLE_INTERVAL_SECONDS)
        now = _cpu(stage)
        if (now - before) / _NANOSECONDS < _SETTLE_LOAD * _SETTLE_INTERVAL_SECONDS:
            return
        before = now


def _cpu(stage: Stage) -> int:
    return sum(process.usage().cpu_nanoseconds for process in stage.processes)


def measure(  # noqa: PLR0913 - what, where and how long.
    system: System, stage: Stage, *, cores: Cores, concurrency: int, seconds: int, turn: int, scratch: Path
) -> Measurement:
    """Puts the system's load on its stage.

    Raises:
        MeasurementError: A process ended or was started meanwhile, or no answer came.
    """
    wake_up = system.load.command(stage, concurrency=concurrency, seconds=_WAKE_SECONDS, scratch=scratch)
    run(wake_up, cores.load, _WAKE_SECONDS)
    if stage.book:
        stage.book.reset()
    command = system.load.command(stage, concurrency=concurrency, seconds=seconds, scratch=scratch)
    _settle(stage)
    already_stored = stage.book.count() if stage.book else 0
    load_average = os.getloadavg()[0]

    core_before, start = CoreTime.now(cores.system), time.monotonic()
    before = [process.usage() for process in stage.processes]
    output = run(command, cores.load, seconds)
    after = [process.usage() for process in stage.processes]
    core_after, elapsed = CoreTime.now(cores.system), time.monotonic() - start

    if [usage.pids for usage in before] != [usage.pids for usage in after]:
        msg = f"{system.name}: a process ended or was started during the measurement"
        raise MeasurementError(msg)
    figures = system.load.figures(output, scratch)
    tokens = figures.requests * system.load.tokens_per_request(concurrency)
    if not tokens:
        msg = f"{system.name}: nothing was answered in {seconds} s at concurrency {concurrency}"
        raise MeasurementError(msg)
    by_process = {
        process.name: (then.cpu_nanoseconds - first.cpu_nanoseconds) / 1e3 / tokens
        for process, first, then in zip(stage.processes, before, after, strict=True)
    }
    cpu_us = sum(by_process.values())
    resident_mib = sum(process.resident_mib() for process in stage.processes)
    _settle(stage)
    stored = stage.book.count() - already_stored if stage.book else None
    busy = core_after.busy_seconds - core_before.busy_seconds
    return Measurement(
        system=system.name,
        concurrency=concurrency,
        turn=turn,
        tokens=tokens,
        tokens_per_second=tokens / figures.seconds,
        cpu_us=cpu_us,
        cpu_us_by_process=by_process,
        p50_ms=figures.p50_ms,
        p99_ms=figures.p99_ms,
        resident_mib=resident_mib,
        failures=figures.failures,
        stored=stored,
        missing=max(0, tokens - stored) if stored is not None and system.load.issues_tokens else 0,
        surplus=max(0, stored - tokens - concurrency) if stored is not None and system.load.issues_tokens else 0,
        foreign_share=max(0.0, busy - cpu_us * tokens / 1e6) / elapsed,
        stolen_share=(core_after.stolen_seconds - core_before.stolen_seconds) / elapsed,
        load_average=load_average,
    )
