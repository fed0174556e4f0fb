"""SARIF 2.1.0: the whole report, and the profile for GitHub code scanning.

Facts for the profile: what GitHub reads and refuses (strings for `security-severity`, the first location only, a limit
of results), and that it ignores `kind` and `suppressions`, so only findings that count may be in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import sarif_om as om

from scanner import __version__
from scanner.core.artifact import Notification
from scanner.core.location import Location
from scanner.core.report import INCOMPLETE, Report
from scanner.core.result import COMPLIANT, INSUFFICIENT_DATA, NON_COMPLIANT, NOT_APPLICABLE, Result
from scanner.core.rule import SEVERITIES, Rule
from scanner.report.line_hash import line_hashes
from scanner.report.sarif_writing import written

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
LEVELS = {"critical": "error", "high": "error", "medium": "warning", "low": "note", "info": "note"}
SECURITY_SEVERITY = {"critical": "9.5", "high": "8.0", "medium": "5.5", "low": "2.0"}
KINDS = {
    NON_COMPLIANT: "fail", COMPLIANT: "pass", NOT_APPLICABLE: "notApplicable", INSUFFICIENT_DATA: "open",
}
NOTE_LEVELS = {"error": "error", "warning": "warning", "note": "note"}
IN_SOURCE = ("inline", "peer")
LONGEST_TEXT = 1024
MOST_RESULTS = 25_000
MOST_RELATED = 100
MOST_STEPS = 1_000
_SAFE = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/")


def render(report: Report, options: Mapping[str, object]) -> bytes:
    """Return the whole report; option `results` is `findings` (with suppressed ones, marked) or `all`."""
    every = options.get("results") == "all"
    return _log(report, [result for result in report.results if every or result.compliance == NON_COMPLIANT])


def render_github(report: Report, options: Mapping[str, object]) -> bytes:
    """Return what GitHub code scanning takes: findings that nothing suppresses, at most 25,000, the worst first."""
    findings = list(report.findings())
    if len(findings) > MOST_RESULTS:
        places = sorted(range(len(findings)), key=lambda at: -SEVERITIES.index(findings[at].severity))
        findings = [findings[at] for at in sorted(places[:MOST_RESULTS])]
    return _log(report, findings)


def uri_of(path: str) -> str:
    """Return a relative path as a URI reference: everything but letters, digits, `-._~/` percent-encoded."""
    return "".join(chr(byte) if byte in _SAFE else f"%{byte:02X}" for byte in path.encode("utf-8", "surrogateescape"))


def _log(report: Report, results: list[Result]) -> bytes:
    """Return a log with one run, which has these results."""
    names = sorted({result.rule for result in results})
    indexes = {name: index for index, name in enumerate(names)}
    hashes = _Hashes(report)
    driver = om.ToolComponent(
        name="leftgate", semantic_version=__version__, version=__version__,
        rules=[_rule(report.rules.get(name) or _stand_in(name, results)) for name in names],
    )
    run = om.Run(
        tool=om.Tool(driver=driver), column_kind="unicodeCodePoints",
        automation_details=om.RunAutomationDetails(id=f"leftgate/{report.profile}/"),
        invocations=[_invocation(report)],
        results=[_result(result, report, indexes[result.rule], hashes) for result in results],
    )
    return written(om.SarifLog(schema_uri=SCHEMA, version="2.1.0", runs=[run]))


class _Hashes:
    """GitHub's line hashes, file by file when asked for."""

    def __init__(self, report: Report) -> None:
        self._text = report.original
        self._known: dict[str, list[str]] = {}

    def at(self, at: Location) -> str | None:
        """Return the hash of a location's first line, or None when the file does not have it."""
        if at.path not in self._known:
            text = self._text(at.path)
            self._known[at.path] = line_hashes(text) if text is not None else []
        hashes = self._known[at.path]
        line = max(1, at.start_line)
        return hashes[line - 1] if line <= len(hashes) else None


def _stand_in(name: str, results: Iterable[Result]) -> Rule:
    """Return facts for a rule that is in no pack of ours (another tool's), from its first result."""
    first = next(result for result in results if result.rule == name)
    return Rule(name, name, first.category, first.severity, first.confidence, controls=first.controls)


def _rule(rule: Rule) -> om.ReportingDescriptor:
    """Return a rule as SARIF describes it."""
    properties: dict[str, object] = {
        "tags": ["security", rule.category, *sorted(rule.controls)[:7]],
        "precision": rule.confidence,
        "problem.severity": {"error": "error", "warning": "warning", "note": "recommendation"}[LEVELS[rule.severity]],
    }
    if rule.severity in SECURITY_SEVERITY:
        properties["security-severity"] = SECURITY_SEVERITY[rule.severity]
    if rule.controls:
        properties["controls"] = {family: list(ids) for family, ids in rule.controls.items()}
    help_text = rule.remediation or f"`leftgate explain {rule.rule}` tells why it matters and how to put it right."
    markdown = [help_text, *([f"**Why:** {rule.rationale}"] if rule.rationale else [])]
    markdown += [f"- {reference}" for reference in rule.references]
    return om.ReportingDescriptor(
        id=rule.rule, name=_pascal(rule.rule),
        short_description=_multiformat(rule.title), full_description=_multiformat(rule.rationale or rule.title),
        help_uri=next((found for found in rule.references if found.startswith("https://")), None),
        help=om.MultiformatMessageString(text=help_text, markdown="\n\n".join(markdown)),
        default_configuration=om.ReportingConfiguration(level=LEVELS[rule.severity]), properties=properties,
    )


def _pascal(name: str) -> str:
    """Return a kebab-case name in the case that SARIF wants for names."""
    return "".join(part[:1].upper() + part[1:] for part in name.replace(":", "-").split("-"))[:255]


def _multiformat(text: str) -> om.MultiformatMessageString:
    """Return a text within the length that GitHub takes."""
    return om.MultiformatMessageString(text=text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 3] + "...")


def _result(result: Result, report: Report, index: int, hashes: _Hashes) -> om.Result:
    """Return one result."""
    failed = result.compliance == NON_COMPLIANT
    prints = {"leftgateFingerprint/v1": result.fingerprint} if result.fingerprint else {}
    line_hash = hashes.at(result.at)
    if line_hash is not None:
        prints = {"primaryLocationLineHash": line_hash, **prints}
    related = [place for place in result.related if place[1].path][:MOST_RELATED]
    baselined = any(found.kind == "baseline" for found in result.suppressions)
    return om.Result(
        rule_id=result.rule, rule_index=index, kind=KINDS[result.compliance],
        level=LEVELS[result.severity] if failed else "none",
        message=om.Message(text=_message(result.message, [label for label, _ in related])),
        locations=[_location(result.at, report, logical=result.address)],
        related_locations=[
            _location(at, report, identity=number, message=label) for number, (label, at) in enumerate(related, 1)
        ] or None,
        code_flows=_code_flows(result, report),
        partial_fingerprints=prints or None,
        suppressions=[
            om.Suppression(
                kind="inSource" if found.kind in IN_SOURCE else "external", state="accepted",
                justification=found.reason or None,
                properties={"by": found.kind, "source": found.source, "until": found.until},
            ) for found in result.suppressions
        ] or None,
        baseline_state="unchanged" if baselined else None,
        properties={
            "compliance": result.compliance, "severity": result.severity, "confidence": result.confidence,
            **({"blocks": True} if result.fingerprint in report.blocking else {}),
        },
    )


def _message(text: str, labels: list[str]) -> str:
    """Return a message with a link for each related location; nothing else in it can be read as a link."""
    plain = text.replace("](", "] (")
    links = [f"[{label.replace('[', '(').replace(']', ')')}]({number})" for number, label in enumerate(labels, 1)]
    return f"{plain} (see {', '.join(links)})" if links else plain


def _location(
    at: Location, report: Report, identity: int | None = None, message: str = "", logical: str = "",
) -> om.Location:
    """Return a place; a place without a line is the first line of its file."""
    line, column = max(1, at.start_line), max(1, at.start_column)
    end_line = max(line, at.end_line)
    end_column = max(1, at.end_column) if end_line > line else max(column, at.end_column)
    region = om.Region(start_line=line, start_column=column, end_line=end_line, end_column=end_column)
    return om.Location(
        id=identity,
        physical_location=om.PhysicalLocation(
            artifact_location=om.ArtifactLocation(uri=uri_of(report.prefix + at.path)), region=region,
        ),
        logical_locations=[om.LogicalLocation(fully_qualified_name=logical, kind="resource")] if logical else None,
        message=om.Message(text=message) if message else None,
    )


def _code_flows(result: Result, report: Report) -> list[om.CodeFlow] | None:
    """Return the result's path as one code flow."""
    if not result.path:
        return None
    steps = [
        om.ThreadFlowLocation(location=_location(step.at, report, message=step.message.replace("](", "] (")))
        for step in result.path[:MOST_STEPS]
    ]
    return [om.CodeFlow(thread_flows=[om.ThreadFlow(locations=steps)])]


def _invocation(report: Report) -> om.Invocation:
    """Return how the run went: exit status, and what could not be looked at."""
    return om.Invocation(
        execution_successful=report.decision.outcome != INCOMPLETE, exit_code=report.decision.exit_status,
        exit_code_description="; ".join(report.decision.reasons) or None,
        tool_execution_notifications=[_notification(note, report) for note in report.notifications] or None,
    )


def _notification(note: Notification, report: Report) -> om.Notification:
    """Return one notification."""
    text = f"{note.message} ({note.hint})" if note.hint else note.message
    return om.Notification(
        level=NOTE_LEVELS[note.level], message=om.Message(text=text.replace("](", "] (")),
        descriptor=om.ReportingDescriptorReference(id=note.kind),
        locations=[_location(note.at, report)] if note.at is not None and note.at.path else None,
    )
