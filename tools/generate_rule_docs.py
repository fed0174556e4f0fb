"""Writes docs/rules/, or with --check says which pages are not fresh. `make docs` does this and more."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main(arguments: list[str]) -> int:
    sys.path.insert(0, str(ROOT))
    from scanner.packs.pages import pages

    target = ROOT / "docs" / "rules"
    made = pages()
    old = {path.name for path in target.glob("*.md")} - set(made)
    stale = [name for name, text in made.items() if not (target / name).exists() or (target / name).read_text() != text]
    if "--check" in arguments:
        for name in sorted({*stale, *old}):
            print(f"not fresh: docs/rules/{name}")
        return 1 if stale or old else 0
    target.mkdir(parents=True, exist_ok=True)
    for name in stale:
        (target / name).write_text(made[name])
    for name in old:
        (target / name).unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
