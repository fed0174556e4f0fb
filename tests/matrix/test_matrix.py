"""Every detector in every artefact that can show it: the fault on its exact line, silence on the harmless twin."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
from matrix import CATEGORIES, Cell, cells, columns

ROOT = Path(__file__).resolve().parent.parent.parent

CELLS = cells()


@cache
def findings(folder: Path) -> list[dict]:
    """Return the findings of a scan of one fixture folder, with the built-in policy."""
    done = subprocess.run(
        [sys.executable, "-m", "scanner", "scan", str(folder), "--no-config", "--no-cache", "--format", "json"],
        capture_output=True, text=True, check=False, cwd=ROOT,
    )
    assert done.returncode in (0, 1), f"exit status {done.returncode}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
    return [r for r in json.loads(done.stdout)["results"] if r["compliance"] == "NON_COMPLIANT"]


def shown(found: list[dict]) -> str:
    """Return the findings as lines for a failure message."""
    return "\n".join(
        f"  {r['location']['path']}:{r['location']['start_line']} {r['category']} {r['rule']}: {r['message']}" for r in found
    ) or "  none"


def test_table_is_complete() -> None:
    assert len(CELLS) == len(CATEGORIES) * len(columns())
    assert all(len(cell.reason) > 30 or cell.what for cell in CELLS), "a cell without fixture needs a reason"


@pytest.mark.parametrize("cell", [c for c in CELLS if not c.reason], ids=lambda c: f"{c.row}-{c.column}")
def test_fault_is_found_on_its_line(cell: Cell) -> None:
    found = findings(cell.folder)
    there = [
        r for r in found
        if r["location"]["path"] == cell.file and r["location"]["start_line"] == cell.line and r["category"] in cell.categories
    ]
    assert there, f"{cell.what}: expected {'/'.join(cell.categories)} at {cell.file}:{cell.line}, found\n{shown(found)}"


@pytest.mark.parametrize("cell", [c for c in CELLS if c.quiet], ids=lambda c: f"{c.row}-{c.column}")
def test_harmless_twin_is_quiet(cell: Cell) -> None:
    noise = [
        r for r in findings(cell.folder)
        if r["location"]["path"] == cell.file and r["location"]["start_line"] in cell.quiet and r["category"] in cell.categories
    ]
    assert not noise, f"expected no {cell.row} finding on lines {cell.quiet} of {cell.file}, found\n{shown(noise)}"
