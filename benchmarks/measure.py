"""Whole processes, measured from outside: wall time, processor time, peak memory of the largest process.

Commands that are compared run in turn (a b c a b c ...), so that a noisy minute hits all of them, and ratios are taken
inside one run. Processor time is user and system time of the process and of the children it waited for (wait4), and the
figure to compare on a machine that does other work: wall time grows with the work of others. Times are medians; peak
memory is the kernel's `ru_maxrss` of the largest process.
"""

from __future__ import annotations

import contextlib
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple


class Command(NamedTuple):
    """What to run: a label, the words, the folder, the exit statuses that count as done."""

    label: str
    words: tuple[str, ...]
    folder: Path
    statuses: tuple[int, ...] = (0, 1)


class Measure(NamedTuple):
    """One command measured n times: seconds, MiB."""

    label: str
    n: int
    wall: float
    fastest: float
    slowest: float
    processor: float
    peak: float
    status: int


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the environment of measured processes: bytecode allowed, no colours, no network calls of peers."""
    kept = {name: value for name, value in os.environ.items() if name not in {"PYTHONDONTWRITEBYTECODE", "PYTHONPATH"}}
    return {**kept, "NO_COLOR": "1", "CKV_SKIP_PACKAGE_UPDATE_CHECK": "true", **(extra or {})}


def once(command: Command) -> tuple[float, float, float, int]:
    """Run a command; return wall seconds, processor seconds, peak MiB and exit status."""
    started = time.perf_counter()
    process = subprocess.Popen(
        command.words, cwd=command.folder, env=environment(),
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )
    _, wait_status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(wait_status)
    scale = 1024 if sys.platform != "darwin" else 1024 * 1024
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / scale, process.returncode


def together(commands: Sequence[Command], n: int, *, warm: bool = True) -> list[Measure]:
    """Measure commands in turn, n rounds after one that warms the disk cache; raises SystemExit for a failed one."""
    runs: dict[str, list[tuple[float, float, float, int]]] = {command.label: [] for command in commands}
    for turn in range(0 if warm else 1, n + 1):
        for command in commands:
            result = once(command)
            if result[3] not in command.statuses:
                raise SystemExit(f"{command.label}: exit status {result[3]}: {command.words} in {command.folder}")
            if turn:
                runs[command.label].append(result)
    measures = []
    for label, found in runs.items():
        walls = [run[0] for run in found]
        measures.append(Measure(
            label, n, statistics.median(walls), min(walls), max(walls),
            statistics.median(run[1] for run in found), max(run[2] for run in found), found[-1][3],
        ))
    return measures


def table(measures: Sequence[Measure], reference: str = "") -> str:
    """Return Markdown; with a reference, the last columns are each command's times as multiples of the reference's."""
    against = next((m for m in measures if m.label == reference), None)
    head = ["command", "n", "processor", "wall, median", "min to max", "peak memory", "exit"]
    head += ["x processor", "x wall"] if against else []
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    for m in measures:
        row = [
            m.label, str(m.n), seconds(m.processor), seconds(m.wall), f"{seconds(m.fastest)} to {seconds(m.slowest)}",
            f"{m.peak:.0f} MiB", str(m.status),
        ]
        row += [f"{m.processor / against.processor:.2f}", f"{m.wall / against.wall:.2f}"] if against else []
        lines.append("| " + " | ".join(row) + " |")
    return "\n".join(lines)


def machine() -> str:
    """Return what the figures were measured on: interpreter, system, processor, cores, and the load of others."""
    model = platform.machine()
    with contextlib.suppress(OSError), open("/proc/cpuinfo", encoding="utf-8") as file:
        model = next((line.partition(":")[2].strip() for line in file if line.startswith("model name")), model)
    load = ", ".join(f"{average:.1f}" for average in os.getloadavg())
    return (
        f"Python {platform.python_version()}, {platform.system()} {platform.machine()}, {model}, "
        f"{os.cpu_count()} cores; load averages {load} (1, 5, 15 minutes)"
    )


def seconds(value: float) -> str:
    """Return a duration in a unit that reads well."""
    return f"{value * 1000:.0f} ms" if value < 1 else f"{value:.2f} s"
