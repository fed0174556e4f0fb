"""Build the wheel, install it into an empty environment, and run it there: what users get, not what we develop in."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def call(*command: str | Path, cwd: Path | None = None, expected: tuple[int, ...] = (0,)) -> str:
    """Run a command and return its output; end this program when the exit status is not expected."""
    done = subprocess.run([str(word) for word in command], cwd=cwd, capture_output=True, text=True, check=False)
    if done.returncode not in expected:
        sys.exit(f"{' '.join(map(str, command))}: exit status {done.returncode}, expected {expected}\n"
                 f"{done.stdout[-3000:]}{done.stderr[-3000:]}")
    return done.stdout


def main() -> int:
    """Return 0 when the installed wheel scans the example, explains a rule, and names its version."""
    with tempfile.TemporaryDirectory(prefix="leftgate-wheel-") as name:
        folder = Path(name)
        call(sys.executable, "-m", "build", "--wheel", "--outdir", folder / "dist", ROOT)
        wheel = next((folder / "dist").glob("leftgate-*.whl"))
        venv.create(folder / "venv", with_pip=True)
        binaries = folder / "venv" / "bin"
        call(binaries / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", wheel)
        call(binaries / "leftgate-staged", "--help", cwd=folder)
        version = call(binaries / "leftgate", "--version", cwd=folder).strip()
        rules = json.loads(call(binaries / "leftgate", "rules", "list", "--format", "json", cwd=folder))
        if not rules:
            sys.exit("the wheel carries no rules")
        call(binaries / "leftgate", "explain", rules[0]["rule"], cwd=folder)
        words = ("scan", ROOT / "examples", "--no-config", "--format", "json")
        scan = call(binaries / "leftgate", *words, cwd=folder, expected=(1,))
        findings = [r for r in json.loads(scan)["results"] if r["compliance"] == "NON_COMPLIANT"]
        print(f"{wheel.name} ({wheel.stat().st_size / 1024:.0f} kB): {version}, {len(rules)} rules, "
              f"{len(findings)} findings in examples/")
    return 0


if __name__ == "__main__":
    sys.exit(main())
