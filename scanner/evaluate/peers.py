"""Other tools' suppression marks: one that names a rule we answer to (through its controls) counts for us too."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from scanner.core.result import NON_COMPLIANT, Result, Suppression
from scanner.core.subject import PeerSuppression, Subject

EVERY_RULE = "*"
OURS = "leftgate"


def marks_of(subjects: Iterable[Subject]) -> dict[tuple[str, str], list[PeerSuppression]]:
    """Return the marks by (path, address) of the subject that carries them."""
    marks: dict[tuple[str, str], list[PeerSuppression]] = {}
    for subject in subjects:
        for mark in subject.peer_suppressions:
            marks.setdefault((subject.at.path, subject.address), []).append(mark)
    return marks


def apply(
    results: list[Result], marks: dict[tuple[str, str], list[PeerSuppression]], today: date, *,
    own: bool = True, others: bool = True,
) -> list[Result]:
    """Return the results with peer suppressions added; address and file (or that of a related place) have to fit.

    Marks of family `leftgate` are our own ignores in metadata: they name our rule, give a reason, and may end
    (`until=2027-01-31` in the reason). `own` and `others` say which marks the policy honours.
    """
    if not marks or not (own or others):
        return results
    return [
        _suppressed(result, marks, today, own, others) if result.compliance == NON_COMPLIANT else result
        for result in results
    ]


def _suppressed(
    result: Result, marks: dict[tuple[str, str], list[PeerSuppression]], today: date, own: bool, others: bool,
) -> Result:
    """Return the result with the first mark that speaks of its rule, if there is one."""
    paths = dict.fromkeys((result.at.path, *(at.path for _, at in result.related)))
    for path in paths:
        for mark in marks.get((path, result.address), ()):
            found = None
            if mark.family == OURS:
                found = _own(mark, result, today) if own else None
            elif others:
                found = _other(mark, result)
            if found is not None:
                return result._replace(suppressions=(*result.suppressions, found))
    return result


def _other(mark: PeerSuppression, result: Result) -> Suppression | None:
    """Return what another tool's mark means for a result."""
    names = result.controls.get(mark.family, ())
    if mark.identifier in names or (mark.identifier == EVERY_RULE and names):
        source = f"{mark.at.path}:{mark.at.start_line} ({mark.family} {mark.identifier})"
        return Suppression("peer", mark.reason, source)
    return None


def _own(mark: PeerSuppression, result: Result, today: date) -> Suppression | None:
    """Return what our own mark means for a result: nothing without a reason, nothing after its last day."""
    reason, _, until = mark.reason.partition("until=")
    if mark.identifier != result.rule or not reason.strip():
        return None
    try:
        if until and date.fromisoformat(until.strip()) < today:
            return None
    except ValueError:
        return None
    return Suppression("inline", reason.strip(), f"{mark.at.path}:{mark.at.start_line}", until.strip())
