"""Write the generated pages, or with --check say which are not fresh.

A generated page is a function of the repository: docs/cli.md of the commands' own help, docs/matrix.md of
tests/matrix/cells.yaml, docs/coverage.md and docs/rules/ of the rules. Exit status 1 with --check when one differs.
"""

from __future__ import annotations

import difflib
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import control_coverage
import matrix
import terraform_gaps

ROOT = Path(__file__).resolve().parent.parent


def help_of(*words: str) -> str:
    """Return `leftgate WORDS --help` as it looks in a plain terminal of 100 columns."""
    environment = {**os.environ, "COLUMNS": "100", "NO_COLOR": "1", "PYTHON_COLORS": "0", "TERM": "dumb"}
    done = subprocess.run(
        [sys.executable, "-m", "scanner", *words, "--help"],
        capture_output=True, text=True, check=False, cwd=ROOT, env=environment,
    )
    if done.returncode:
        raise SystemExit(f"leftgate {' '.join(words)} --help: exit status {done.returncode}\n{done.stderr}")
    return done.stdout.replace("__main__.py", "leftgate").rstrip() + "\n"


def cli_page() -> str:
    """Return docs/cli.md."""
    sys.path.insert(0, str(ROOT))
    from scanner.plugins import COMMANDS

    lines = [
        "<!-- Written by `make docs` from the commands' own help; change it there. -->", "",
        "# Commands and options", "", "```", help_of().rstrip(), "```",
    ]
    for command in COMMANDS:
        lines += ["", f"## leftgate {command}", "", "```", help_of(command).rstrip(), "```"]
    return "\n".join(lines) + "\n"


def rule_pages() -> dict[str, str]:
    """Return docs/rules/*: one page for each folder of rules."""
    sys.path.insert(0, str(ROOT))
    from scanner.packs.pages import pages

    return {f"docs/rules/{name}": text for name, text in pages().items()}


def generated() -> dict[str, str]:
    """Return the text of every generated page by its path."""
    single: dict[str, Callable[[], str]] = {
        "docs/matrix.md": matrix.page, "docs/cli.md": cli_page, "docs/terraform-gaps.md": terraform_gaps.page,
        "docs/coverage.md": control_coverage.page,
    }
    return {**{path: write() for path, write in single.items()}, **rule_pages()}


def stale(pages: dict[str, str]) -> list[str]:
    """Return what differs on disk: path and the first differing lines; pages nobody writes any more too."""
    found = []
    for path, text in pages.items():
        present = (ROOT / path).read_text() if (ROOT / path).exists() else ""
        if present != text:
            difference = difflib.unified_diff(present.splitlines(), text.splitlines(), lineterm="", n=0)
            found.append(f"{path}\n" + "\n".join(f"    {line}" for line in list(difference)[2:8]))
    if any(path.startswith("docs/rules/") for path in pages):
        on_disk = {p.relative_to(ROOT).as_posix() for p in (ROOT / "docs" / "rules").rglob("*.md")}
        found += [f"{path}\n    no rule writes it any more" for path in sorted(on_disk - set(pages))]
    return found


def main(arguments: list[str]) -> int:
    """Write or check; return the exit status."""
    pages = generated()
    if "--check" in arguments:
        old = stale(pages)
        for each in old:
            print(f"not fresh: {each}")
        if old:
            print("Run `make docs` and commit what it writes.")
        return 1 if old else 0
    for path, text in pages.items():
        target = ROOT / path
        target.parent.mkdir(parents=True, exist_ok=True)
        if not target.exists() or target.read_text() != text:
            target.write_text(text)
            print(f"wrote {path}")
    for path in (p for p in stale(pages) if "no rule writes it" in p):
        (ROOT / path.partition("\n")[0]).unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
