"""JUnit XML: what build systems show as a test report. One case a result, one for the gate, one for each gap."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from scanner.core.artifact import Notification
from scanner.core.report import FAILED, INCOMPLETE, Report
from scanner.core.result import COMPLIANT, INSUFFICIENT_DATA, NON_COMPLIANT, Result

_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\n": "&#10;", "\r": "&#13;", "\t": "&#9;"}
_ESCAPED = re.compile('[&<>"\n\r\t]')


def render(report: Report, options: Mapping[str, object]) -> bytes:
    """Return the report; option `results` is `findings` or `all` (what complies is a passed case)."""
    every = options.get("results") == "all"
    by_path: dict[str, list[Result]] = {}
    for result in report.results:
        if every or result.compliance == NON_COMPLIANT:
            by_path.setdefault(result.at.path, []).append(result)
    suites = [_suite("gate", [_gate_case(report)])]
    gaps = [note for note in report.notifications if note.level == "error"]
    if gaps:
        suites.append(_suite("not looked at", [_gap_case(note) for note in gaps]))
    suites += [_suite(path, [_case(result, report) for result in found]) for path, found in by_path.items()]
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', '<testsuites name="leftgate">']
    lines += [line for suite in suites for line in suite]
    return ("\n".join([*lines, "</testsuites>"]) + "\n").encode("utf-8")


def _suite(name: str, cases: list[list[str]]) -> list[str]:
    """Return a suite's lines, with counts of its cases."""
    counts = {
        kind: sum(any(line.startswith(f"   <{kind}") for line in case) for case in cases)
        for kind in ("failure", "error", "skipped")
    }
    head = f'tests="{len(cases)}" failures="{counts["failure"]}" errors="{counts["error"]}"'
    head += f' skipped="{counts["skipped"]}"'
    return [f' <testsuite name="{_text(name)}" {head}>', *(line for case in cases for line in case), " </testsuite>"]


def _testcase(name: str, group: str, body: Iterable[str], place: str = "") -> list[str]:
    """Return a case's lines."""
    return [f'  <testcase classname="{_text(group)}" name="{_text(name)}"{place}>', *body, "  </testcase>"]


def _gate_case(report: Report) -> list[str]:
    """Return the case of the gate itself."""
    reasons = "; ".join(report.decision.reasons)
    kinds = {FAILED: "failure", INCOMPLETE: "error"}
    kind = kinds.get(report.decision.outcome)
    body = [f'   <{kind} type="{report.decision.outcome}" message="{_text(reasons)}"></{kind}>'] if kind else []
    return _testcase(f"policy {report.policy}", "leftgate", body)


def _gap_case(note: Notification) -> list[str]:
    """Return the case of something that could not be looked at."""
    place = f"{note.at.path}:{note.at.start_line}" if note.at is not None else "run"
    text = f"{note.message}; {note.hint}" if note.hint else note.message
    error = f'   <error type="{_text(note.kind)}" message="{_text(text)}"></error>'
    return _testcase(f"{note.kind} {place}", place, [error])


def _case(result: Result, report: Report) -> list[str]:
    """Return the case of one result."""
    at = result.at
    name = f"{result.rule}: {result.address} (line {at.start_line})"
    place = f' file="{_text(report.prefix + at.path)}" line="{at.start_line}"'
    return _testcase(name, result.rule, _body(result, report), place)


def _body(result: Result, report: Report) -> list[str]:
    """Return what a case says: failure, skipped, or nothing when it passed."""
    if result.compliance == COMPLIANT:
        return []
    if result.compliance == NON_COMPLIANT and not result.suppressions:
        at = result.at
        kind = f"{result.severity}, {result.confidence} confidence"
        lines = [f"{report.prefix}{at.path}:{at.start_line}:{at.start_column}", f"fingerprint {result.fingerprint}"]
        lines += [f"{label}: {report.prefix}{place.path}:{place.start_line}" for label, place in result.related]
        return [f'   <failure type="{kind}" message="{_text(result.message)}">{_text(chr(10).join(lines))}</failure>']
    if result.suppressions:
        why = "; ".join(f"{found.kind}: {found.reason} ({found.source})" for found in result.suppressions)
    elif result.compliance == INSUFFICIENT_DATA:
        why = f"cannot be decided: {result.message}"
    else:
        why = "does not apply"
    return [f'   <skipped message="{_text(why)}"></skipped>']


def _text(text: str) -> str:
    """Return text for XML: what XML cannot hold becomes U+FFFD."""
    return _ESCAPED.sub(lambda match: _ESCAPES[match[0]], _NOT_IN_XML.sub("\ufffd", text))
