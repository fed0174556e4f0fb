"""What one rule on one subject costs: `python benchmarks/evaluations.py FOLDER`; processor time, in one process.

The rules scanner runs alone over the inventory of the folder: compiling the rules that apply and making the results is
part of it, reading the files is not. Evaluations are counted by asking for all results in a second, untimed run.
"""

from __future__ import annotations

import gc
import sys
import time
from datetime import date
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from scanner.cli.start import COLLECTION
from scanner.core.context import Context
from scanner.discover import intake
from scanner.discover.roots import place_of
from scanner.discover.walk import Limits
from scanner.evaluate.policy import BUILT_IN
from scanner.flow import inventory_of
from scanner.packs.cache import open_pack
from scanner.scanners.rules import scan

ROUNDS = 3


def main(folder: str) -> int:
    """Print the figures of a folder."""
    gc.set_threshold(*COLLECTION)
    policy, pack = BUILT_IN["default"], open_pack()
    place = place_of(["."], folder)
    found, files = intake.of_paths(place, Limits(policy.file_size, (), place.prefix))
    workspace = inventory_of(found.artifacts, files)

    def context(all_results: bool) -> Context:
        return Context(
            workspace.inventory, tuple(found.artifacts), pack, policy.profile, date.today(), workspace.note,
            all_results, {},
        )

    times = []
    for _ in range(ROUNDS):
        started = time.process_time()
        findings = sum(1 for _ in scan(context(False)))
        times.append(time.process_time() - started)
    evaluations = sum(1 for _ in scan(context(True)))
    best = min(times)
    print(
        f"Rules alone: {evaluations:,} evaluations, {findings:,} findings and unknowns, {best:.2f} s of processor time "
        f"(best of {ROUNDS}): {best / evaluations * 1e6:.1f} microseconds for a rule on a subject."
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1]))
