"""Ignore comments on a finding's line or the line above: rules in brackets, a reason, a last day (docs/policies.md)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date
from typing import NamedTuple

from scanner.core.artifact import Artifact, Notification
from scanner.core.location import Location
from scanner.core.result import NON_COMPLIANT, Result, Suppression

GATE = b"leftgate:"
_COMMENT = (
    r"(?:#|//|/\*|<!--|--|;)[ \t]*leftgate:[ \t]*(?P<word>[\w-]+)[ \t]*(?:\[(?P<rules>[^\]\r\n]*)\])?"
    r"(?P<rest>[^\r\n]{0,2000})"
)
_UNTIL = r"(?:^|\s)until=([^\s`]+)"
_REASON = r"""(?:^|\s)reason=(?:"([^"]*)"|'([^']*)'|(.*?))(?=\s+until=|\s*(?:\*/|-->)?\s*$)"""
FORM = "write `leftgate: ignore[rule-name] reason=why it is accepted until=2027-01-31` (until may be left out)"


class Ignore(NamedTuple):
    """One ignore comment; `alone` when nothing but the comment stands on its line, which then speaks for the next."""

    rules: tuple[str, ...]
    reason: str
    until: date | None
    at: Location
    alone: bool


def ignores_in(artifact: Artifact) -> tuple[list[Ignore], list[Notification]]:
    """Return the ignore comments of a file, and a warning for each that is written wrong and has no effect."""
    if GATE not in artifact.data and b"l\0e\0f\0t\0" not in artifact.data:
        return [], []
    found: list[Ignore] = []
    notes: list[Notification] = []
    for match in re.finditer(_COMMENT, artifact.text):
        at = artifact.span(match.start(), match.end())
        before = artifact.text[match.start() - at.start_column + 1:match.start()]
        problem = _problem(match)
        if problem:
            message = f"an ignore comment has no effect: {problem}"
            notes.append(Notification("warning", "ignore-malformed", message, at, FORM))
            continue
        until = re.search(_UNTIL, match["rest"])
        reason = re.search(_REASON, match["rest"])
        found.append(Ignore(
            tuple(name.strip() for name in match["rules"].split(",")),
            next(filter(None, reason.groups()), "").strip() if reason else "",
            date.fromisoformat(until[1]) if until else None, at, not before.strip(),
        ))
    return found, notes


def _problem(match: re.Match[str]) -> str:
    """Return what is wrong with a comment, or an empty string."""
    if match["word"] != "ignore":
        return f"expected `ignore`, found {match['word']!r}"
    if not match["rules"] or not all(name.strip() for name in match["rules"].split(",")):
        return "it names no rule"
    until = re.search(_UNTIL, match["rest"])
    if until:
        try:
            date.fromisoformat(until[1])
        except ValueError:
            return f"until={until[1]} is no day such as 2027-01-31"
    reason = re.search(_REASON, match["rest"])
    if not reason or not any(part and part.strip() for part in reason.groups()):
        return "it gives no reason"
    return ""


def apply(
    results: list[Result], artifacts: Iterable[Artifact], today: date, names: Callable[[], frozenset[str]],
) -> tuple[list[Result], list[Notification]]:
    """Return the results with inline suppressions added, and what is to be said about the comments.

    A comment counts for findings that start or end on its line, or on the next line when it stands alone, and for
    findings whose related place (the resource's header) is there. An expired comment does not count. `names` returns
    all rules there are; it is asked only when there is a comment.
    """
    by_line: dict[tuple[str, int], list[Ignore]] = {}
    notes: list[Notification] = []
    every: list[Ignore] = []
    for artifact in artifacts:
        found, wrong = ignores_in(artifact)
        notes += wrong
        every += found
        for ignore in found:
            line = ignore.at.start_line
            for covered in (line, line + 1) if ignore.alone else (line,):
                by_line.setdefault((artifact.path, covered), []).append(ignore)
    if not every:
        return results, notes
    known = names()
    used: set[Ignore] = set()
    made = [_suppressed(result, by_line, today, used) for result in results]
    return made, notes + [note for ignore in every for note in _remarks(ignore, today, known, ignore in used)]


def _suppressed(
    result: Result, by_line: dict[tuple[str, int], list[Ignore]], today: date, used: set[Ignore],
) -> Result:
    """Return the result with the suppressions that comments around it state."""
    if result.compliance != NON_COMPLIANT:
        return result
    places = [result.at, *(at for _, at in result.related)]
    lines = {(at.path, line) for at in places for line in (at.start_line, at.end_line)}
    for ignore in sorted({found for key in lines for found in by_line.get(key, ())}):
        if result.rule in ignore.rules:
            used.add(ignore)
            if ignore.until is None or ignore.until >= today:
                source = f"{ignore.at.path}:{ignore.at.start_line}"
                until = ignore.until.isoformat() if ignore.until else ""
                suppression = Suppression("inline", ignore.reason, source, until)
                return result._replace(suppressions=(*result.suppressions, suppression))
    return result


def _remarks(ignore: Ignore, today: date, known: frozenset[str], used: bool) -> Iterable[Notification]:
    """Yield what is to be said about one comment: unknown rules, expiry, no use."""
    for name in ignore.rules:
        if name not in known:
            yield Notification("warning", "ignore-unknown-rule", f"an ignore comment names {name}, which is no rule",
                               ignore.at, "`leftgate rules list` shows all rules")
    if ignore.until is not None and ignore.until < today:
        yield Notification("warning", "ignore-expired", f"the ignore comment ended on {ignore.until.isoformat()}; its "
                           "findings count again", ignore.at, "fix the finding, or decide on a new day")
    elif not used and all(name in known for name in ignore.rules):
        message = f"the ignore comment for {', '.join(ignore.rules)} suppresses nothing in this run"
        hint = "remove it, if it suppresses nothing in other profiles either"
        yield Notification("note", "ignore-unused", message, ignore.at, hint)
