"""Does the number of rules cost start-up? `python benchmarks/rule_count.py [-n 21] [--share 7]`

Builds two wheels of this checkout, one with all rules and one with every seventh rule file (and all rules for secrets,
which are asked about every file), installs each into an environment of its own, and measures `leftgate --version`,
`leftgate hook` on one template, and the bare interpreter in turn. The template holds a wait handle, which hardly any
rule asks about: what differs is start-up, not judging.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from measure import Command, machine, table, together

ROOT = Path(__file__).resolve().parent.parent
TEMPLATE = "Resources:\n  Done:\n    Type: AWS::CloudFormation::WaitConditionHandle\n"


def installed(folder: Path, share: int) -> tuple[Path, int]:
    """Build and install a wheel with every `share`th rule file; return the environment's bin folder, and the files."""
    source = folder / "source"
    subprocess.run(["git", "clone", "--quiet", "--depth", "1", f"file://{ROOT}", str(source)], check=True)
    kept = 0
    for number, path in enumerate(sorted((source / "rules").glob("*/**/*.yaml"))):
        if number % share and "secrets" not in path.parts:
            path.unlink()
        else:
            kept += 1
    subprocess.run([sys.executable, "-m", "venv", str(folder / "env")], check=True)
    program = folder / "env" / "bin"
    subprocess.run([program / "python", "-m", "pip", "install", "--quiet", str(source)], check=True)
    shutil.rmtree(source)
    return program, kept


def main() -> int:
    """Measure and print one table."""
    parser = argparse.ArgumentParser(description="start-up with all rules and with a share of them")
    parser.add_argument("-n", type=int, default=21, help="runs of each command (default 21)")
    parser.add_argument("--share", type=int, default=7, help="keep every Nth rule file on the other side (default 7)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        place = Path(name) / "repository"
        place.mkdir()
        subprocess.run(["git", "init", "--quiet", str(place)], check=True)
        (place / "template.yaml").write_text(TEMPLATE, encoding="utf-8")
        commands = [Command("bare interpreter", (sys.executable, "-I", "-c", "pass"), place)]
        for share in (1, options.share):
            folder = Path(name) / str(share)
            folder.mkdir()
            program, files = installed(folder, share)
            for words in (("--version",), ("hook", "--", "template.yaml")):
                label = f"leftgate {words[0]}, {files} rule files"
                commands.append(Command(label, (str(program / "leftgate"), *words), place))
        print(machine())
        print()
        print(table(together(commands, options.n)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
