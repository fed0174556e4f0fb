"""Other tools' suppression marks: one that names a rule we answer to (through its controls) counts for us too."""

from __future__ import annotations

from collections.abc import Iterable

from scanner.core.result import NON_COMPLIANT, Result, Suppression
from scanner.core.subject import PeerSuppression, Subject

EVERY_RULE = "*"


def marks_of(subjects: Iterable[Subject]) -> dict[tuple[str, str], list[PeerSuppression]]:
    """Return the marks by (path, address) of the subject that carries them."""
    marks: dict[tuple[str, str], list[PeerSuppression]] = {}
    for subject in subjects:
        for mark in subject.peer_suppressions:
            marks.setdefault((subject.at.path, subject.address), []).append(mark)
    return marks


def apply(results: list[Result], marks: dict[tuple[str, str], list[PeerSuppression]]) -> list[Result]:
    """Return the results with peer suppressions added; address and file (or that of a related place) have to fit."""
    if not marks:
        return results
    return [_suppressed(result, marks) if result.compliance == NON_COMPLIANT else result for result in results]


def _suppressed(result: Result, marks: dict[tuple[str, str], list[PeerSuppression]]) -> Result:
    """Return the result with the first mark that speaks of its rule, if there is one."""
    paths = dict.fromkeys((result.at.path, *(at.path for _, at in result.related)))
    for path in paths:
        for mark in marks.get((path, result.address), ()):
            names = result.controls.get(mark.family, ())
            if mark.identifier in names or (mark.identifier == EVERY_RULE and names):
                source = f"{mark.at.path}:{mark.at.start_line} ({mark.family} {mark.identifier})"
                suppression = Suppression("peer", mark.reason, source)
                return result._replace(suppressions=(*result.suppressions, suppression))
    return result
