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


def test_the_order_on_disk_does_not_matter(tmp_path: Path) -> None:
    """A copy written in reverse order, in a folder of another name, gives the same report."""
    source = ROOT / "examples" / "parcel-service"
    files = sorted(path for path in source.rglob("*") if path.is_file())
    for path in reversed(files):
        target = tmp_path / "elsewhere" / path.relative_to(source)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    first = scan(source, "json", seed="1", cwd=ROOT, more=("--results", "all"))
    second = scan(tmp_path / "elsewhere", "json", seed="3", cwd=tmp_path, more=("--results", "all"))
    assert first.replace(str(source).encode(), b"ROOT") == second.replace(str(tmp_path / "elsewhere").encode(), b"ROOT")
