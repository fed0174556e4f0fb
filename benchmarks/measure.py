"""Whole processes, measured from outside: wall time, processor time, peak memory of the largest process.

Commands that are compared run in turn (a b c a b c ...), so that a noisy minute hits all of them, and ratios are taken
inside one run. Time is a median; peak memory is the kernel's `ru_maxrss` of the process itself (wait4).
"""

from __future__ import annotations

import os
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
    """Return Markdown; with a reference, the last column is each command's time as a multiple of the reference's."""
    against = next((m.wall for m in measures if m.label == reference), None)
    head = ["command", "n", "wall, median", "min to max", "processor", "peak memory", "exit"]
    head += [f"x {reference}"] if against else []
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    for m in measures:
        row = [
            m.label, str(m.n), seconds(m.wall), f"{seconds(m.fastest)} to {seconds(m.slowest)}", seconds(m.processor),
            f"{m.peak:.0f} MiB", str(m.status),
        ]
        row += [f"{m.wall / against:.2f}"] if against else []
        lines.append("| " + " | ".join(row) + " |")
    return "\n".join(lines)


def seconds(value: float) -> str:
    """Return a duration in a unit that reads well."""
    return f"{value * 1000:.0f} ms" if value < 1 else f"{value:.2f} s"
