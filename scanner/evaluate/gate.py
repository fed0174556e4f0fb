"""The gate: results, notifications and policy become one decision with every reason in words."""

from __future__ import annotations

from collections.abc import Iterable

from scanner.core.artifact import Notification
from scanner.core.report import (
    EXIT_FAILED,
    EXIT_INCOMPLETE,
    EXIT_PASSED,
    FAILED,
    INCOMPLETE,
    PASSED,
    Decision,
)
from scanner.core.result import INSUFFICIENT_DATA, NON_COMPLIANT, Result
from scanner.core.rule import CONFIDENCES, SEVERITIES
from scanner.evaluate.paths import matches
from scanner.evaluate.policy import NEVER, Policy


def overridden(results: Iterable[Result], policy: Policy, prefix: str = "") -> list[Result]:
    """Return the results as the policy wants them: rules that do not run left out, severities changed."""
    if not policy.rules and not any(section.rules for section in policy.sections):
        return list(results)
    made = []
    for result in results:
        override = policy.rules.get(result.rule)
        for section in policy.sections:
            if result.rule in section.rules and _covered(section.match, result, prefix):
                override = section.rules[result.rule]
        if override is None:
            made.append(result)
        elif override.run is not False:
            made.append(result._replace(severity=override.severity) if override.severity else result)
    return made


def blocks(result: Result, policy: Policy, prefix: str = "") -> bool:
    """Tell whether a finding closes the gate, suppressions aside."""
    table = policy.block
    for section in policy.sections:
        if section.block is not None and _covered(section.match, result, prefix):
            table = {**policy.block, **section.block}
    least = table.get(result.severity, NEVER)
    return least != NEVER and CONFIDENCES.index(result.confidence) >= CONFIDENCES.index(least)


def _covered(patterns: tuple[str, ...], result: Result, prefix: str) -> bool:
    """Tell whether a pattern covers the file of a result; patterns start at the repository's top or at the root."""
    return any(matches(pattern, prefix + result.at.path) or matches(pattern, result.at.path) for pattern in patterns)


def decide(
    results: Iterable[Result], notifications: Iterable[Notification], policy: Policy, *,
    artifacts: int, prefix: str = "", may_be_empty: bool = False,
) -> tuple[Decision, frozenset[str]]:
    """Return the decision, and the fingerprints of the findings that block.

    `artifacts` is how many files were looked at: none at all is an incomplete run, unless it `may_be_empty` (a commit
    hook that had nothing to look at).
    """
    blocking: list[Result] = []
    unknown = 0
    for result in results:
        if result.suppressions:
            continue
        if result.compliance == NON_COMPLIANT and blocks(result, policy, prefix):
            blocking.append(result)
        elif result.compliance == INSUFFICIENT_DATA:
            unknown += 1
    reasons = []
    if blocking:
        reasons.append(_words_for(blocking, policy))
    if unknown and policy.unknown == "block":
        reasons.append(f"{_count(unknown, 'result')} could not be decided, and the policy says that unknown blocks")
    failed = bool(reasons)
    gaps = _gaps(notifications, artifacts, may_be_empty)
    reasons += gaps
    fingerprints = frozenset(result.fingerprint for result in blocking)
    if failed:
        return Decision(FAILED, EXIT_FAILED, tuple(reasons)), fingerprints
    if gaps and policy.incomplete == "block":
        return Decision(INCOMPLETE, EXIT_INCOMPLETE, tuple(reasons)), fingerprints
    reasons.append(f"no finding is over the threshold of policy {policy.name} ({threshold_words(policy)})")
    return Decision(PASSED, EXIT_PASSED, tuple(reasons)), fingerprints


def _words_for(blocking: list[Result], policy: Policy) -> str:
    """Return the reason for a closed gate: `2 critical and 1 high findings are over the threshold of ...`."""
    counts = [(name, sum(result.severity == name for result in blocking)) for name in reversed(SEVERITIES)]
    stated = [f"{count} {name}" for name, count in counts if count]
    listed = " and ".join(filter(None, (", ".join(stated[:-1]), stated[-1])))
    verb = "finding is" if len(blocking) == 1 else "findings are"
    return f"{listed} {verb} over the threshold of policy {policy.name} ({threshold_words(policy)})"


def threshold_words(policy: Policy) -> str:
    """Return what a policy blocks, in words: `blocks critical and high from medium confidence`."""
    by_confidence: dict[str, list[str]] = {}
    for severity in reversed(SEVERITIES):
        least = policy.block.get(severity, NEVER)
        if least != NEVER:
            by_confidence.setdefault(least, []).append(severity)
    if not by_confidence:
        return "blocks nothing"
    stated = (f"{', '.join(names)} from {least} confidence" for least, names in by_confidence.items())
    return "blocks " + "; ".join(stated)


def _gaps(notifications: Iterable[Notification], artifacts: int, may_be_empty: bool) -> list[str]:
    """Return what was not looked at although it should have been."""
    gaps = []
    errors = [note for note in notifications if note.level == "error"]
    if errors:
        kinds = ", ".join(sorted({note.kind for note in errors}))
        gaps.append(f"{_count(len(errors), 'thing')} could not be looked at ({kinds})")
    if not artifacts and not may_be_empty:
        gaps.append("no file was looked at: the paths hold none, or all are excluded")
    return gaps


def _count(number: int, noun: str) -> str:
    """Return `1 thing` or `2 things`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
