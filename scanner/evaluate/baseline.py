"""Baselines: findings that were there when the gate was put up. Sorted JSON Lines, no dates, no line numbers."""

from __future__ import annotations

from collections.abc import Iterable

from scanner.core.artifact import Notification
from scanner.core.errors import UsageError
from scanner.core.location import Location
from scanner.core.result import NON_COMPLIANT, Result, Suppression
from scanner.evaluate.fingerprints import address_from_top


def written(results: Iterable[Result], prefix: str = "") -> bytes:
    """Return the baseline of all findings that nothing else suppresses: one JSON object a line, sorted."""
    import json

    lines = set()
    for result in results:
        others = [found for found in result.suppressions if found.kind != "baseline"]
        if result.compliance == NON_COMPLIANT and not others:
            row = {"path": prefix + result.at.path, "rule": result.rule,
                   "address": address_from_top(result, prefix), "fingerprint": result.fingerprint}
            lines.add(json.dumps(row, ensure_ascii=True))
    return "".join(f"{line}\n" for line in sorted(lines)).encode()


def read(path: str, text: str) -> dict[str, int]:
    """Return fingerprint -> line of a baseline file; raises UsageError with file, line, expected and found."""
    import json

    entries = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            row = None
        if not isinstance(row, dict) or not isinstance(row.get("fingerprint"), str):
            raise UsageError(
                f"{path}:{number}: expected a JSON object with fingerprint, rule, path, address; found {line[:60]!r}\n"
                f"`leftgate baseline write {path}` writes the file anew"
            )
        entries[row["fingerprint"]] = number
    return entries


def apply(
    results: list[Result], entries: dict[str, int], source: str, reason: str = "it was there before",
) -> tuple[list[Result], list[Notification]]:
    """Return the results with baseline suppressions added, and a note when entries are out of use."""
    used = set()
    made = []
    for result in results:
        if result.compliance == NON_COMPLIANT and result.fingerprint in entries:
            used.add(result.fingerprint)
            suppression = Suppression("baseline", reason, f"{source}:{entries[result.fingerprint]}")
            result = result._replace(suppressions=(*result.suppressions, suppression))
        made.append(result)
    notes = []
    if len(used) < len(entries):
        line = min(number for fingerprint, number in entries.items() if fingerprint not in used)
        notes.append(Notification(
            "note", "baseline-outdated",
            f"{len(entries) - len(used)} of {len(entries)} baseline entries match no finding any more",
            Location(source, line, 1, line, 1), f"`leftgate baseline write {source}` drops them",
        ))
    return made, notes
