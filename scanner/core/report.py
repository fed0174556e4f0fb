"""The report: all that a run found, decided and could not do."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from scanner.core.artifact import Notification
from scanner.core.result import COMPLIANT, INSUFFICIENT_DATA, NON_COMPLIANT, Result
from scanner.core.rule import SEVERITIES, Rule

PASSED, FAILED, INCOMPLETE = "PASSED", "FAILED", "INCOMPLETE"
EXIT_PASSED, EXIT_FAILED, EXIT_USAGE, EXIT_INCOMPLETE, EXIT_INTERNAL, EXIT_INTERRUPTED = 0, 1, 2, 3, 4, 130


class Decision(NamedTuple):
    """What the gate says: outcome, exit status, and every reason in words."""

    outcome: str
    exit_status: int
    reasons: tuple[str, ...]


class Coverage(NamedTuple):
    """What was looked at: counts by name, sorted."""

    artifacts: int
    bytes: int
    dialects: tuple[tuple[str, int], ...]
    skipped: tuple[tuple[str, int], ...]
    subjects: tuple[tuple[str, int], ...]
    rules: int
    evaluations: int


class Summary(NamedTuple):
    """The only place that counts: findings by severity, suppressed, unknown, passed."""

    findings: tuple[tuple[str, int], ...]
    suppressed: int
    unknown: int
    compliant: int
    blocking: int


class Report(NamedTuple):
    """Everything a reporter may use.

    `source` returns a file's text for code frames, secrets masked, or None; `original` the text as it is, for hashes
    only: never print it. `prefix` leads from the top of the repository to the root ("" or "infra/"). `policy` is its
    name.
    """

    decision: Decision
    coverage: Coverage
    results: tuple[Result, ...]
    notifications: tuple[Notification, ...]
    rules: dict[str, Rule]
    profile: str
    root: str
    source: Callable[[str], str | None]
    blocking: frozenset[str] = frozenset()
    original: Callable[[str], str | None] = lambda path: None
    prefix: str = ""
    policy: str = "default"

    def findings(self) -> tuple[Result, ...]:
        """Return the NON_COMPLIANT results that nothing suppresses."""
        return tuple(r for r in self.results if r.compliance == NON_COMPLIANT and not r.suppressions)

    def summary(self) -> Summary:
        """Count; every reporter uses this and adds no numbers of its own."""
        by_severity = dict.fromkeys(reversed(SEVERITIES), 0)
        suppressed = unknown = compliant = blocking = 0
        for result in self.results:
            if result.compliance == NON_COMPLIANT:
                if result.suppressions:
                    suppressed += 1
                else:
                    by_severity[result.severity] += 1
                    blocking += result.fingerprint in self.blocking
            elif result.compliance == INSUFFICIENT_DATA:
                unknown += 1
            elif result.compliance == COMPLIANT:
                compliant += 1
        return Summary(tuple(by_severity.items()), suppressed, unknown, compliant, blocking)
