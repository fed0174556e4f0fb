"""The JSON report, `leftgate-report/1`: the contract that scripts and other tools may build on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from json import dumps

from scanner import __version__
from scanner.core.artifact import Notification
from scanner.core.location import Location
from scanner.core.report import Report
from scanner.core.result import NON_COMPLIANT, Result


def render(report: Report, options: Mapping[str, object]) -> bytes:
    """Return the report; option `results` is `findings` (the default) or `all`."""
    every = options.get("results") == "all"
    results = [result for result in report.results if every or result.compliance == NON_COMPLIANT]
    document = {
        "format": "leftgate-report/1",
        "tool": {"name": "leftgate", "version": __version__},
        "decision": {
            "outcome": report.decision.outcome,
            "exit_status": report.decision.exit_status,
            "reasons": list(report.decision.reasons),
            "policy": report.policy,
            "profile": report.profile,
        },
        "summary": _summary(report),
        "coverage": _coverage(report),
        "prefix": report.prefix,
    }
    parts = [f"{dumps(key)}: {dumps(value, indent=1)}" for key, value in document.items()]
    parts.append(f'"results": {_lines(_result(result, report) for result in results)}')
    parts.append(f'"notifications": {_lines(_notification(note) for note in report.notifications)}')
    return ("{\n" + ",\n".join(parts) + "\n}\n").encode("ascii")


def _lines(items: Iterable[dict[str, object]]) -> str:
    """Return a JSON list with one item a line: the indenting encoder is ten times slower."""
    text = ",\n".join(map(dumps, items))
    return f"[\n{text}\n]" if text else "[]"


def _summary(report: Report) -> dict[str, object]:
    """Return the counts."""
    summary = report.summary()
    return {
        "findings": dict(summary.findings), "blocking": summary.blocking, "suppressed": summary.suppressed,
        "unknown": summary.unknown, "compliant": summary.compliant,
    }


def _coverage(report: Report) -> dict[str, object]:
    """Return what was looked at."""
    coverage = report.coverage
    return {
        "artifacts": coverage.artifacts, "bytes": coverage.bytes, "dialects": dict(coverage.dialects),
        "skipped": dict(coverage.skipped), "subjects": dict(coverage.subjects), "rules": coverage.rules,
        "evaluations": coverage.evaluations,
    }


def _result(result: Result, report: Report) -> dict[str, object]:
    """Return one result; every key is always there."""
    return {
        "rule": result.rule,
        "category": result.category,
        "compliance": result.compliance,
        "severity": result.severity,
        "confidence": result.confidence,
        "message": result.message,
        "address": result.address,
        "subject": result.subject,
        "location": _location(result.at),
        "related": [{"message": label, "location": _location(at)} for label, at in result.related],
        "path": [{"message": step.message, "location": _location(step.at)} for step in result.path],
        "controls": {family: list(ids) for family, ids in result.controls.items()},
        "fingerprint": result.fingerprint,
        "blocks": result.fingerprint in report.blocking,
        "by_default": result.by_default,
        "environment": result.environment,
        "scanner": result.scanner,
        "suppressions": [found._asdict() for found in result.suppressions],
    }


def _location(at: Location) -> dict[str, object]:
    """Return a place; `path` is relative to the scanned root, the end is exclusive."""
    return at._asdict()


def _notification(note: Notification) -> dict[str, object]:
    """Return one notification."""
    return {
        "level": note.level, "kind": note.kind, "message": note.message, "hint": note.hint,
        "location": _location(note.at) if note.at is not None else None,
    }
