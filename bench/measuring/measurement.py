"""One system under one load for a few seconds."""

import os
import time
from dataclasses import dataclass
from pathlib import Path

from bench.loads.load import Generator, run
from bench.measuring.token_count import TokenCount
from bench.measuring.yardstick import Yardstick
from bench.stages.cores import Cores
from bench.stages.procfs import CoreTime
from bench.stages.stage import Stage
from bench.systems.system import System

_SETTLE_INTERVAL_SECONDS = 0.05
_SETTLE_LOAD = 0.1
_SETTLE_AT_MOST_SECONDS = 60
_QUIET_INTERVAL_SECONDS = 0.1
_QUIET_BUSY_SECONDS = 0.015
"""Of an interval. The kernel counts a core's time in hundredths of a second, and one of them may be anybody's."""
_WAKE_SECONDS = 0.5
"""How long a system is kept busy before it is measured, so that connections are open and as many requests under way."""
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
        tokens: How many tokens were made, or checked. Those that were made and no longer waited for at the end are too.
        tokens_per_second: How many were answered, per second.
        cpu_us: CPU time per token of all processes together, in microseconds, as the kernel says; nothing is corrected.
        cpu_us_by_process: The same, of each process, its children included.
        yardstick_ns: What the yardstick said meanwhile; see `bench.measuring.yardstick`.
        yardstick_readings: How often it was read.
        p50_ms: Half of the requests took at most this.
        p99_ms: All but one in a hundred did.
        resident_mib: Resident memory of all processes after the load.
        failures: Requests that got no success; must be 0.
        stored: Tokens that the store gained; None when nothing counts them.
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
    yardstick_ns: float
    yardstick_readings: int
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

    @property
    def sound(self) -> bool:
        """Whether every request succeeded and the tokens are those that were asked for."""
        return not (self.failures or self.missing or self.surplus)


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


def _gets_quiet(core: int, patience_seconds: float) -> bool:
    """Waits until nobody uses the core, but not for ever; whether that came."""
    deadline = time.monotonic() + patience_seconds
    before = CoreTime.now(core)
    while time.monotonic() < deadline:
        time.sleep(_QUIET_INTERVAL_SECONDS)
        now = CoreTime.now(core)
        if now.busy_seconds - before.busy_seconds < _QUIET_BUSY_SECONDS:
            return True
        before = now
    return False


def measure(  # noqa: PLR0913 - what, where and how long.
    system: System,
    stage: Stage,
    *,
    cores: Cores,
    yardstick: Yardstick,
    concurrency: int,
    seconds: float,
    patience_seconds: float,
    turn: int,
    scratch: Path,
) -> Measurement:
    """Puts the system's load on its stage, when nobody else uses the core or *patience_seconds* are over.

    Raises:
        MeasurementError: A process ended or was started meanwhile, no answer came, or none cost anything.
    """
    if stage.book:
        stage.book.reset()
    wake_up = system.load.command(stage, concurrency=concurrency, seconds=_WAKE_SECONDS, scratch=scratch)
    if not wake_up.prompted:
        run(wake_up, cores.load, _WAKE_SECONDS)
    command = system.load.command(stage, concurrency=concurrency, seconds=seconds, scratch=scratch)
    with Generator(command, cores.load) as generator:
        if not _gets_quiet(cores.system, patience_seconds):
            _settle(stage)
        already_stored = stage.book.count() if stage.book else 0
        load_average = os.getloadavg()[0]

        core_before, start = CoreTime.now(cores.system), time.monotonic()
        before = [process.usage() for process in stage.processes]
        with yardstick.beside() as readings:
            output = generator.run(seconds)
        resident_mib = sum(process.resident_mib() for process in stage.processes)
        _settle(stage)
        after = [process.usage() for process in stage.processes]
        core_after, elapsed = CoreTime.now(cores.system), time.monotonic() - start

    if [usage.pids for usage in before] != [usage.pids for usage in after]:
        msg = f"{system.name}: a process ended or was started during the measurement"
        raise MeasurementError(msg)
    figures = system.load.figures(output, scratch)
    answered = figures.requests * system.load.tokens_per_request(concurrency)
    if not answered:
        msg = f"{system.name}: nothing was answered in {seconds} s at concurrency {concurrency}"
        raise MeasurementError(msg)
    counted = stage.book.count() - already_stored if stage.book else None
    count = TokenCount(answered, counted if system.load.issues_tokens else None, concurrency)
    spent = {
        process.name: (then.cpu_nanoseconds - first.cpu_nanoseconds) / 1e3
        for process, first, then in zip(stage.processes, before, after, strict=True)
    }
    if not any(spent.values()):
        msg = f"{system.name}: its processes used no CPU time: are they the ones that answer?"
        raise MeasurementError(msg)
    busy_seconds = core_after.busy_seconds - core_before.busy_seconds
    own_seconds = sum(spent.values()) / 1e6 + readings.cpu_seconds
    return Measurement(
        system=system.name,
        concurrency=concurrency,
        turn=turn,
        tokens=count.made,
        tokens_per_second=answered / figures.seconds,
        cpu_us=sum(spent.values()) / count.made,
        cpu_us_by_process={name: part / count.made for name, part in spent.items()},
        yardstick_ns=readings.mean_ns,
        yardstick_readings=len(readings),
        p50_ms=figures.p50_ms,
        p99_ms=figures.p99_ms,
        resident_mib=resident_mib,
        failures=figures.failures,
        stored=counted,
        missing=count.missing,
        surplus=count.surplus,
        foreign_share=max(0.0, busy_seconds - own_seconds) / elapsed,
        stolen_share=(core_after.stolen_seconds - core_before.stolen_seconds) / elapsed,
        load_average=load_average,
    )
