"""How many pipeline files a scan reads in a second: `python benchmarks/pipeline_files.py FILE.jsonl...`

    [-n 9]

Every line of a FILE is a JSON object with an `id` and `files`, a mapping of names to texts; they are unpacked into a
temporary folder and scanned as one repository, by whole processes. What is measured is a copy of this checkout, its
bytecode compiled, so that nothing here is touched; LEFTGATE may name an installed program instead.

Cold is the first run of a checkout: it compiles the rules into an index before it scans (a wheel brings the index
along and is never cold in this sense). Warm are the second and later runs, which read the index. Nothing remembers
results, so each run reads and judges every file. The files are in the disk cache in both cases.
"""

from __future__ import annotations

import argparse
import compileall
import json
import os
import shutil
import statistics
import sys
import sysconfig
import tempfile
from collections.abc import Iterable
from pathlib import Path

from measure import Command, Measure, machine, once, seconds, table

ROOT = Path(__file__).resolve().parent.parent
INDEX = ".leftgate-cache"
PROFILES = ("default", "audit")
Run = tuple[float, float, float, int]


def unpack(sources: Iterable[Path], folder: Path) -> tuple[int, int]:
    """Write the files of all lines below the folder, one folder a line; return how many files and bytes."""
    count = size = 0
    for source in sources:
        for line in source.read_text(encoding="utf-8").splitlines():
            case = json.loads(line)
            for name, text in case["files"].items():
                path = (folder / case["id"].replace("#", "_").replace(":", "_") / name).resolve()
                if not path.is_relative_to(folder.resolve()):
                    raise SystemExit(f"{source}: {case['id']}: {name} leads out of the folder")
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
                count, size = count + 1, size + len(text.encode())
    return count, size


def checkout(folder: Path) -> Path:
    """Copy what a run needs of this checkout, compile its bytecode and that of its libraries, and return the copy."""
    for name in ("scanner", "rules"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for tree in (folder / "scanner", Path(sysconfig.get_path("purelib"))):
        compileall.compile_dir(tree, quiet=2, maxlevels=20)
    return folder


def measured(label: str, runs: list[Run]) -> Measure:
    """Return the medians of the runs of one kind."""
    walls = [run[0] for run in runs]
    return Measure(
        label, len(runs), statistics.median(walls), min(walls), max(walls),
        statistics.median(run[1] for run in runs), max(run[2] for run in runs), runs[-1][3],
    )


def figures(files: Path, home: Path, program: tuple[str, ...], n: int) -> list[Measure]:
    """Measure every profile in turn, n rounds after one that warms the disk cache: cold, then warm."""
    kinds = ("warm",) if os.environ.get("LEFTGATE") else ("cold", "warm")
    runs: dict[str, list[Run]] = {f"{kind}, profile {profile}": [] for profile in PROFILES for kind in kinds}
    for turn in range(n + 1):
        for label, kept in runs.items():
            if label.startswith("cold"):
                shutil.rmtree(home / INDEX, ignore_errors=True)
            words = (*program, "scan", str(files), "--no-config", "--no-cache", "--format", "json",
                     "--profile", label.rpartition(" ")[2])
            result = once(Command(label, words, home))
            if result[3] not in (0, 1, 3):
                raise SystemExit(f"{label}: exit status {result[3]}: {words}")
            if turn:
                kept.append(result)
    return [measured(label, kept) for label, kept in runs.items()]


def main(arguments: list[str]) -> int:
    """Unpack, measure and print."""
    assert __doc__ is not None
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sources", nargs="+", type=Path, metavar="FILE.jsonl")
    parser.add_argument("-n", type=int, default=9, help="rounds (default 9)")
    options = parser.parse_args(arguments)
    installed = os.environ.get("LEFTGATE")
    with tempfile.TemporaryDirectory() as name:
        files, home = Path(name, "files"), Path(name, "checkout")
        files.mkdir()
        home.mkdir()
        count, size = unpack(options.sources, files)
        if not installed:
            checkout(home)
        print(machine())
        found = figures(files, home, (installed,) if installed else (sys.executable, "-m", "scanner"), options.n)
    print(f"\n{count} files, {size / 1000:.0f} KB\n\n{table(found)}\n")
    print("| run | files a second, wall | files a second of processor time | a file, processor |\n|---|---|---|---|")
    for row in found:
        rates = f"{count / row.wall:.0f} | {count / row.processor:.0f}"
        print(f"| {row.label} | {rates} | {seconds(row.processor / count)} |")
    print(f"\nAt the end: {machine().partition('; ')[2]}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
