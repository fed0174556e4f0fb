"""How the cost of Terraform grows: `python benchmarks/terraform.py --projects FOLDER [-n 3]`.

1, 4 and 16 copies of terragoat side by side, each a root module of its own; whole processes, cold, all scanners, no
result cache. The exponent is the slope of time over size on logarithmic axes, 1 copy as the start-up left out.
"""

from __future__ import annotations

import argparse
import math
import shutil
import sys
import tempfile
from pathlib import Path

from measure import Command, table, together

LEFTGATE = str(Path(sys.executable).parent / "leftgate")
COPIES = (1, 4, 16)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--projects", type=Path, required=True)
    parser.add_argument("-n", type=int, default=3)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        commands = []
        for copies in (0, *COPIES):
            root = Path(folder) / str(copies)
            root.mkdir()
            for number in range(copies):
                shutil.copytree(arguments.projects / "terragoat", root / f"copy{number}")
            words = (LEFTGATE, "scan", ".", "--no-cache", "--no-config", "--format", "json")
            commands.append(Command(f"{copies} copies", words, root, (0, 1, 3)))
        measured = together(commands, arguments.n)
        print(table(measured))
        start = measured[0].wall
        times = [one.wall - start for one in measured[1:]]
        slope = math.log(times[-1] / times[0]) / math.log(COPIES[-1] / COPIES[0])
        print(f"exponent over {COPIES[0]} to {COPIES[-1]} copies, start-up of {start:.2f} s taken off: {slope:.3f}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
