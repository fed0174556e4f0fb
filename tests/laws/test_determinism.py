"""Two runs give equal bytes, whatever the hash seed, the order of the file system, or the folder it is called from."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent


def scan(folder: Path, form: str, *, seed: str, cwd: Path, more: tuple[str, ...] = ()) -> bytes:
    """Return the report of a scan as bytes."""
    done = subprocess.run(
        [sys.executable, "-m", "scanner", "scan", str(folder), "--no-config", "--no-cache", "--format", form, *more],
        capture_output=True, check=False, cwd=cwd,
        env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)},
    )
    assert done.returncode in (0, 1), done.stderr.decode()[-2000:]
    assert done.stdout
    return done.stdout


@pytest.mark.parametrize("form", ["text", "json", "sarif", "sarif-github", "junit"])
def test_two_runs_give_equal_bytes(tmp_path: Path, form: str) -> None:
    first = scan(ROOT / "examples", form, seed="1", cwd=ROOT)
    second = scan(ROOT / "examples", form, seed="2", cwd=tmp_path)
    assert first == second


def copy(files: list[Path], source: Path, target: Path) -> Path:
    """Copy files one by one in the given order, so that folders list them in another."""
    for path in files:
        to = target / path.relative_to(source)
        to.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, to)
    return target


def test_order_and_place_on_disk_do_not_matter(tmp_path: Path) -> None:
    """Two copies, written in opposite order, in folders of different names, scanned from different folders."""
    source = ROOT / "examples" / "parcel-service"
    files = sorted(path for path in source.rglob("*") if path.is_file())
    here = copy(files, source, tmp_path / "here" / "service")
    there = copy(files[::-1], source, tmp_path / "some" / "where" / "else")
    first = scan(here, "json", seed="1", cwd=ROOT, more=("--results", "all"))
    second = scan(there, "json", seed="3", cwd=tmp_path, more=("--results", "all"))
    assert first.replace(str(here).encode(), b"ROOT") == second.replace(str(there).encode(), b"ROOT")
