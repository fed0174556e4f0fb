"""The report for people: findings by file with the code underlined, what could not be looked at, the decision."""

from __future__ import annotations

from collections.abc import Mapping

from scanner.core.artifact import Notification
from scanner.core.location import Location, line_starts
from scanner.core.report import PASSED, Report
from scanner.core.result import NON_COMPLIANT, Result
from scanner.core.rule import SEVERITIES

STYLES = {
    "critical": "bold white on red", "high": "bold red", "medium": "yellow", "low": "cyan", "info": "dim",
    "error": "bold red", "warning": "yellow", "note": "dim", "path": "bold", "frame": "dim", "mark": "bold red",
    "hint": "green", "PASSED": "bold green", "FAILED": "bold red", "INCOMPLETE": "bold yellow", "": "",
}
MOST_LINES = 3
LONGEST_LINE = 160
MOST_RELATED = 4

Line = list[tuple[str, str]]  # pieces of a line: text and the name of its style


def render(report: Report, options: Mapping[str, object]) -> bytes:
    """Return the report; options `color`, `width` (columns, for colour only) and `results` (`findings` or `all`)."""
    lines = _lines(report, options.get("results") == "all")
    if options.get("color"):
        return _drawn(lines, int(str(options.get("width", 100))))
    text = "\n".join("".join(piece for piece, _ in line).rstrip() for line in lines) + "\n"
    return text.encode("utf-8", "backslashreplace")


def _drawn(lines: list[Line], width: int) -> bytes:
    """Return the lines with colours, for a terminal."""
    from io import StringIO

    from rich.console import Console
    from rich.text import Text

    out = StringIO()
    console = Console(file=out, force_terminal=True, color_system="standard", width=max(width, 40), highlight=False)
    for line in lines:
        text = Text(no_wrap=False, overflow="fold")
        for piece, style in line:
            text.append(piece, STYLES[style])
        console.print(text, soft_wrap=True)
    return out.getvalue().encode("utf-8", "backslashreplace")


def _lines(report: Report, every: bool) -> list[Line]:
    """Return all lines of the report."""
    lines: list[Line] = []
    path = None
    for result in report.results:
        if not every and (result.compliance != NON_COMPLIANT or result.suppressions):
            continue
        if result.at.path != path:
            path = result.at.path
            lines += [[(visible(path), "path")]]
        lines += _result(result, report)
    lines += _gaps(report)
    return lines + _verdict(report)


def _result(result: Result, report: Report) -> list[Line]:
    """Return the lines of one result."""
    at = result.at
    word = result.severity if result.compliance == NON_COMPLIANT else result.compliance
    head: Line = [
        (f"  {at.start_line}:{at.start_column}  ", ""), (word, result.severity),
        (f"  {result.rule}", "path"), (f"  {visible(result.address)}" if result.address != at.path else "", ""),
    ]
    if result.fingerprint in report.blocking and report.decision.outcome != PASSED:
        head.append(("  [blocks]", "mark"))
    lines: list[Line] = [head, [("    " + visible(result.message), "")]]
    for found in result.suppressions:
        until = f", until {found.until}" if found.until else ""
        why = f"    suppressed ({found.kind}): {visible(found.reason)} [{visible(found.source)}{until}]"
        lines.append([(why, "note")])
    if result.compliance == NON_COMPLIANT:
        lines += _frame(at, report)
        lines += _places(result)
    return [*lines, []]


def _places(result: Result) -> list[Line]:
    """Return the lines that name related places and the steps of a path."""
    lines: list[Line] = []
    for number, step in enumerate(result.path, 1):
        lines.append([(f"    {number}. {visible(step.message)}  {_spot(step.at)}", "note")])
    for label, at in result.related[:MOST_RELATED]:
        lines.append([(f"    see {visible(label)}  {_spot(at)}", "note")])
    return lines


def _spot(at: Location) -> str:
    """Return `path:line:column`."""
    return f"{visible(at.path)}:{at.start_line}:{at.start_column}"


def _frame(at: Location, report: Report) -> list[Line]:
    """Return the source lines of a location with the span underlined."""
    text = report.source(at.path)
    if text is None or at.start_line < 1:
        return []
    starts = line_starts(text)
    if at.start_line > len(starts):
        return []
    last = min(at.end_line, len(starts), at.start_line + MOST_LINES - 1)
    gutter = len(str(last))
    lines: list[Line] = []
    for number in range(at.start_line, last + 1):
        end = starts[number] if number < len(starts) else len(text)
        source = text[starts[number - 1]:end].rstrip("\r\n")
        begin = at.start_column - 1 if number == at.start_line else len(source) - len(source.lstrip())
        finish = at.end_column - 1 if number == at.end_line else len(source.rstrip())
        source, begin, finish = _cut(source, begin, finish)
        lines.append([(f"    {number:>{gutter}} | ", "frame"), (visible(source), "")])
        mark = "^" * max(1, _width(source[begin:finish]))
        lines.append([(f"    {'':{gutter}} | ", "frame"), (" " * _width(source[:begin]) + mark, "mark")])
    if at.end_line > last:
        lines.append([(f"    {'':{gutter}} | ... to line {at.end_line}", "frame")])
    return lines


def _cut(source: str, begin: int, finish: int) -> tuple[str, int, int]:
    """Return a part of a very long line that holds the span, and the span in it."""
    if len(source) <= LONGEST_LINE:
        return source, begin, finish
    first = max(0, min(begin - 40, len(source) - LONGEST_LINE))
    return source[first:first + LONGEST_LINE], begin - first, min(finish - first, LONGEST_LINE)


def visible(text: str) -> str:
    """Return text that draws nothing but itself: tabs as blanks, control and direction characters as `?`."""
    if text.isprintable():
        return text
    return "".join(
        character if character.isprintable() else "    " if character == "\t" else "?" for character in text
    )


def _width(text: str) -> int:
    """Return how many columns a text takes on a terminal."""
    shown = visible(text)
    if shown.isascii():
        return len(shown)
    from unicodedata import combining, east_asian_width

    return sum(0 if combining(one) else 2 if east_asian_width(one) in "WF" else 1 for one in shown)


def _gaps(report: Report) -> list[Line]:
    """Return the lines about what could not be done, errors first."""
    lines: list[Line] = []
    for level in ("error", "warning", "note"):
        for note in report.notifications:
            if note.level == level:
                lines += _note(note)
    return [*lines, []] if lines else []


def _note(note: Notification) -> list[Line]:
    """Return the lines of one notification."""
    place = f"{_spot(note.at)}: " if note.at is not None and note.at.path else ""
    lines: list[Line] = [[(note.level, note.level), (f" [{note.kind}] {place}{visible(note.message)}", "")]]
    if note.hint:
        lines.append([(f"    {visible(note.hint)}", "hint")])
    return lines


def _verdict(report: Report) -> list[Line]:
    """Return the last lines: counts, decision, what was looked at."""
    summary = report.summary()
    stated = [f"{count} {name}" for name, count in summary.findings if count]
    counts = ", ".join(stated) if stated else "no findings"
    more = [
        f"{number:,} {word}" for number, word in
        ((summary.suppressed, "suppressed"), (summary.unknown, "cannot be decided")) if number
    ]
    lines: list[Line] = [[(counts + "".join(f"; {part}" for part in more), "")]]
    outcome = report.decision.outcome
    lines += [[(f"{outcome}: ", outcome), (visible(reason), "")] for reason in report.decision.reasons]
    return [*lines, *_advice(report), [(_looked_at(report), "")]]


def _advice(report: Report) -> list[Line]:
    """Return the line that says how to learn more about the finding that weighs most."""
    worst = max(report.findings(), key=lambda result: SEVERITIES.index(result.severity), default=None)
    if worst is None or worst.rule not in report.rules:
        return []
    return [[(f"why it matters and how to fix it: leftgate explain {worst.rule}", "hint")]]


def _looked_at(report: Report) -> str:
    """Return the last line: how much was looked at. Nothing looked at reads unlike nothing found."""
    coverage = report.coverage
    skipped = sum(count for _, count in coverage.skipped)
    left_out = ", ".join(f"{count:,} {reason}" for reason, count in coverage.skipped)
    tail = f"; skipped {skipped:,} ({left_out})" if skipped else ""
    if not coverage.artifacts:
        return f"looked at nothing: no file to read{tail}"
    subjects = sum(count for kind, count in coverage.subjects if kind != "Text")
    spoken = [f"{count:,} {name}" for name, count in coverage.dialects if name != "text"]
    text = dict(coverage.dialects).get("text", 0)
    kinds = ", ".join([*spoken, *([f"{text:,} other text"] if text else [])])
    files = f"{coverage.artifacts:,} file{'s' if coverage.artifacts != 1 else ''}"
    if not subjects:
        return f"looked at {files} ({kinds}) for secrets only: no resources, no commands; {coverage.rules} rules{tail}"
    things = f"{subjects:,} subject{'s' if subjects != 1 else ''} (resources, commands, statements ...)"
    return f"looked at {files} ({kinds}), {things}, {coverage.rules:,} rules{tail}"
