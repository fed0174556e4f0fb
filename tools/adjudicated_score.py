"""Score the corpus with the judged labels set aside.

    python tools/adjudicated_score.py SCORE.PY [SOURCE ...]

Runs the scorer, then takes out the misses and false alarms whose label `tests/corpus-judgements.json` calls wrong (each
with the documentation that says so). Prints, by source, recall and false alarms before and after, what is left, and
judgements that match nothing any more. Exit status 0, or the scorer's.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
JUDGEMENTS = ROOT / "tests" / "corpus-judgements.json"
_MISS = re.compile(r" +(missed|false alarm) +(\S+): (.+?) (\S+) (\S*) ?(?:\[.*\])?$")

Key = tuple[str, str, str, str]
"""Source, case, rule of the source, resource or line."""


def key_of(judgement: dict[str, str]) -> Key:
    """Return the key of an entry of the file."""
    return judgement["source"], judgement["case"], judgement["rule"], judgement["resource"]


def misses_in(text: str) -> list[tuple[str, Key]]:
    """Return (missed or false alarm, key) for the lines that the scorer printed."""
    found = (_MISS.match(line) for line in text.splitlines())
    return [(match[1], (match[2], match[3], match[4], match[5])) for match in found if match]


def main(arguments: list[str]) -> int:
    """Run the scorer named first, over the sources named after it, and print both tables."""
    wrong = {key_of(entry) for entry in json.loads(JUDGEMENTS.read_text(encoding="utf-8"))}
    with tempfile.TemporaryDirectory() as folder:
        table = Path(folder) / "table.json"
        only = ["--only", *arguments[1:]] if arguments[1:] else []
        done = subprocess.run(
            [sys.executable, arguments[0], "--command", f"{sys.executable} -m scanner", "--misses", "100000",
             "--json", str(table), *only],
            cwd=ROOT, capture_output=True, text=True, check=False,
        )
        if done.returncode:
            print(done.stderr, file=sys.stderr)
            return done.returncode
        rows = json.loads(table.read_text(encoding="utf-8"))
    misses = misses_in(done.stdout)
    print(f"{'source':30} {'recall':>16} {'false alarms':>16} {'set aside':>10}")
    for source, row in rows.items():
        mine = [(kind, key) for kind, key in misses if key[0] == source]
        said = [_rates(row, mine, set()), _rates(row, mine, wrong)]
        (recall, alarms), (recall_left, alarms_left) = said
        aside = sum(key in wrong for _, key in mine)
        print(f"{source:30} {recall:>7} {recall_left:>8} {alarms:>7} {alarms_left:>8} {aside:>10}")
    for kind, key in misses:
        if key not in wrong:
            print(f"left: {kind} {' '.join(key)}")
    for key in sorted(wrong - {key for _, key in misses}):
        if key[0] in rows:
            print(f"agreed by now, take it out: {' '.join(key)}")
    return 0


def _rates(row: dict[str, int], misses: list[tuple[str, Key]], wrong: set[Key]) -> tuple[str, str]:
    """Return recall and false alarms as texts; the wrong labels count neither for nor against."""
    rates = []
    for kind, total in (("missed", row["fails"]), ("false alarm", row["passes"])):
        bad = [key for said, key in misses if said == kind]
        aside = sum(key in wrong for key in bad)
        share = (len(bad) - aside) / (total - aside) if total > aside else None
        rates.append("-" if share is None else f"{1 - share if kind == 'missed' else share:.1%}")
    return rates[0], rates[1]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
