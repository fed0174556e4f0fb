"""Waivers of the policy file: matched to findings, with expiry; unused and expired ones are named."""

from __future__ import annotations

from datetime import date

from scanner.core.artifact import Notification
from scanner.core.result import NON_COMPLIANT, Result, Suppression
from scanner.evaluate.paths import matches
from scanner.evaluate.policy import Policy, Waiver


def covers(waiver: Waiver, result: Result, prefix: str = "") -> bool:
    """Tell whether the waiver speaks of this finding; every part that it states has to fit."""
    if waiver.rule != result.rule:
        return False
    if waiver.fingerprint and waiver.fingerprint != result.fingerprint:
        return False
    if waiver.address and waiver.address != result.address:
        return False
    return not waiver.path or matches(waiver.path, prefix + result.at.path) or matches(waiver.path, result.at.path)


def apply(
    results: list[Result], policy: Policy, today: date, prefix: str = "",
) -> tuple[list[Result], list[Notification]]:
    """Return the results with waiver suppressions added, and notes about expired and unused waivers.

    A waiver counts up to and including the day in `expires`.
    """
    if not policy.waivers:
        return results, []
    used: set[Waiver] = set()
    made = []
    for result in results:
        if result.compliance == NON_COMPLIANT:
            for waiver in policy.waivers:
                if not covers(waiver, result, prefix):
                    continue
                used.add(waiver)
                if waiver.expires is None or waiver.expires >= today:
                    until = waiver.expires.isoformat() if waiver.expires else ""
                    source = f"{waiver.at.path}:{waiver.at.start_line} ({waiver.owner})"
                    suppression = Suppression("waiver", waiver.reason, source, until)
                    result = result._replace(suppressions=(*result.suppressions, suppression))
                    break
        made.append(result)
    notes = []
    for waiver in policy.waivers:
        about = waiver.address or waiver.path or waiver.fingerprint
        if waiver.expires is not None and waiver.expires < today:
            notes.append(Notification(
                "warning", "waiver-expired",
                f"the waiver of {waiver.rule} for {about} ended on {waiver.expires.isoformat()}; its findings count "
                "again",
                waiver.at, f"fix the finding, or let {waiver.owner} decide on a new day",
            ))
        elif waiver not in used:
            message = f"the waiver of {waiver.rule} for {about} matches no finding in this run"
            hint = "remove it, if it matches none in other profiles either"
            notes.append(Notification("note", "waiver-unused", message, waiver.at, hint))
    return made, notes


NEED_THE_WHOLE = frozenset({"waiver-unused", "baseline-outdated"})


def knowable(notes: list[Notification], whole: bool, around: frozenset[str]) -> list[Notification]:
    """Return the notes that a run can be sure of: what excuses nothing in a part may be needed elsewhere.

    `whole` says that the run looked at the whole repository; `around` are files that were read for context only.
    """
    return [
        note for note in notes
        if (whole or note.kind not in NEED_THE_WHOLE)
        and not (note.kind == "ignore-unused" and note.at is not None and note.at.path in around)
    ]
