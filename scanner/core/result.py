"""Results: one rule on one subject."""

from __future__ import annotations

from typing import NamedTuple

from scanner.core.location import Location

COMPLIANT = "COMPLIANT"
NON_COMPLIANT = "NON_COMPLIANT"
NOT_APPLICABLE = "NOT_APPLICABLE"
INSUFFICIENT_DATA = "INSUFFICIENT_DATA"


class Step(NamedTuple):
    """One step of a path that a result reports: what happens, and where."""

    message: str
    at: Location


class Suppression(NamedTuple):
    """Why a finding does not count: kind is inline, waiver, baseline or peer (another tool's mark)."""

    kind: str
    reason: str
    source: str
    until: str = ""


class Result(NamedTuple):
    """A verdict with all that a report needs.

    `message` never holds a secret in clear. `path` is the attack or data path of graph rules.
    `fingerprint` identifies the finding without its line: made by the flow, empty before.
    `environment` names the parameter set when a run has several. `by_default` is True when the
    verdict hangs on a service default that nobody wrote.
    """

    rule: str
    category: str
    compliance: str
    severity: str
    confidence: str
    message: str
    address: str
    at: Location
    related: tuple[tuple[str, Location], ...] = ()
    controls: dict[str, tuple[str, ...]] = {}
    fingerprint: str = ""
    suppressions: tuple[Suppression, ...] = ()
    path: tuple[Step, ...] = ()
    environment: str = ""
    by_default: bool = False
    subject: str = ""
    scanner: str = "rules"


def order(result: Result) -> tuple[object, ...]:
    """Return the sort key of results: path, region, rule, then what tells equal ones apart."""
    return (result.at, result.rule, result.address, result.compliance, result.environment, result.message)
