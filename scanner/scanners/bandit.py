"""Runs bandit's tests on the Python of a run; off unless the configuration names it (extra `leftgate[bandit]`).

Bandit walks a tree that is parsed already, and only modules in which a regular expression finds something its tests
could speak of: that is a fifth of most trees. The tests are a choice of those that point at something an attacker uses;
the option `bandit_tests` (a list of ids, or `all`) makes another choice.
"""

from __future__ import annotations

import ast
import io
import re
from collections.abc import Iterable, Iterator
from typing import Any

from scanner.core.context import Context
from scanner.core.location import Location
from scanner.core.result import NON_COMPLIANT, Result, Suppression, order
from scanner.core.subject import Code

HINT = "install the extra leftgate[bandit], or take bandit out of the scanners"
CURATED = frozenset((
    "B102", "B103", "B108", "B109", "B111", "B113", "B201", "B202", "B301", "B302", "B306", "B307", "B310", "B312",
    "B313", "B314", "B315", "B316", "B317", "B318", "B319", "B320", "B321", "B323", "B324", "B401", "B402", "B411",
    "B413", "B415", "B501", "B502", "B503", "B504", "B505", "B506", "B507", "B508", "B509", "B601", "B602", "B604",
    "B605", "B608", "B609", "B610", "B611", "B612", "B613", "B614", "B615", "B701", "B702", "B703", "B704",
))
"""Tests that run by default: no style (assert, try-except-pass), no secrets (our own scanner reads those)."""

_GATE = re.compile(
    rb"exec\(|eval\(|chmod\(|/tmp|/var/tmp|requests|httpx|urllib|debug\s*=|tarfile|extractall|pickle|marshal|shelve|dill|"
    rb"jsonpickle|mktemp|telnet|ftplib|xml|sax|ssl|TLS|SSL|hashlib|md5|sha1|Crypto|cryptography|paramiko|yaml|snmp|"
    rb"shell\s*=|popen|system\(|subprocess|execute\(|SELECT|INSERT|UPDATE|DELETE|RawSQL|extra\(|mark_safe|jinja2|mako|"
    rb"logging\.config|torch\.load|from_pretrained|load_dataset|Markup|\xe2\x80[\xaa-\xae]|\xe2\x81[\xa6-\xa9]|input\(|httpoxy|CGI"
)
_NOSEC = re.compile(r"#\s*nosec\b:?([^#]*)")
_SEVERITY = {"HIGH": "high", "MEDIUM": "medium", "LOW": "low", "UNDEFINED": "info"}
_CONFIDENCE = {"HIGH": "high", "MEDIUM": "medium", "LOW": "low", "UNDEFINED": "low"}


def scan(context: Context) -> Iterable[Result]:
    """Return what bandit's tests say; a missing bandit is an error notification: the run is then incomplete."""
    modules = [code for code in context.inventory.of_kind("Code") if isinstance(code, Code)]
    waiting = [code for code in modules if code.language == "python" and _GATE.search(code.artifact.data)]
    if not waiting:
        return []
    bandit = _Bandit.loaded(context)
    if bandit is None:
        return []
    found = [result for code in waiting for result in bandit.results(code, context)]
    return sorted(found, key=order)


class _Bandit:
    """Bandit's objects, made once a run."""

    def __init__(self, manager: Any, visitor: Any, metrics: Any, tests: frozenset[str] | None) -> None:
        self.manager, self.visitor, self.metrics, self.tests = manager, visitor, metrics, tests

    @classmethod
    def loaded(cls, context: Context) -> _Bandit | None:
        """Return bandit, or None with a notification when it is not installed."""
        try:
            import logging

            logging.getLogger("bandit").setLevel(logging.CRITICAL)
            from bandit.core.config import BanditConfig
            from bandit.core.manager import BanditManager
            from bandit.core.metrics import Metrics
            from bandit.core.node_visitor import BanditNodeVisitor
        except ImportError:
            context.note("error", "scanner-missing", "the scanner bandit is not installed", None, HINT)
            return None
        wanted = context.options.get("bandit_tests")
        tests: frozenset[str] | None = CURATED
        if wanted == "all":
            tests = None
        elif isinstance(wanted, (list, tuple, set, frozenset)):
            tests = frozenset(str(name) for name in wanted)
        profile = {"include": sorted(tests), "exclude": []} if tests is not None else {}
        manager = BanditManager(BanditConfig(), "file", profile=profile)
        return cls(manager, BanditNodeVisitor, Metrics(), tests)

    def results(self, code: Code, context: Context) -> Iterator[Result]:
        """Yield the results for one module; one that bandit cannot walk is noted."""
        tree = code.tree
        if not isinstance(tree, ast.Module):
            return
        path, data = code.artifact.path, code.artifact.data
        self.metrics.begin(path)
        visitor = self.visitor(path, io.BytesIO(data), self.manager.b_ma, self.manager.b_ts, False, {}, self.metrics)
        try:
            visitor.process(tree)
        except (RecursionError, ValueError, TypeError, KeyError, AttributeError) as fault:
            message = f"bandit could not walk the module: {type(fault).__name__}"
            context.note("warning", "scanner-failed", message, code.at, "")
            return
        lines = code.artifact.text.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
        for issue in visitor.tester.results:
            if self.tests is None or issue.test_id in self.tests:
                yield _result(issue, path, lines)


def _result(issue: Any, path: str, lines: list[str]) -> Result:
    line = max(1, int(issue.lineno or 1))
    text = lines[line - 1] if line <= len(lines) else ""
    start = _column(text, max(0, int(issue.col_offset or 0)))
    end_offset = int(issue.end_col_offset or 0)
    one_line = not issue.linerange or len(issue.linerange) <= 1
    end = _column(text, end_offset) if one_line and end_offset > 0 else len(text) + 1
    return Result(
        rule=f"bandit-{issue.test_id.lower()}", category="code", compliance=NON_COMPLIANT,
        severity=_SEVERITY.get(issue.severity, "info"), confidence=_CONFIDENCE.get(issue.confidence, "low"),
        message=f"{_first_sentence(issue.text)} (bandit {issue.test_id})", address=path,
        at=Location(path, line, start, line, max(end, start + 1)), controls={"bandit": (issue.test_id,)},
        subject=issue.test, scanner="bandit", suppressions=_suppressed(text, issue.test_id, issue.test),
    )


def _suppressed(text: str, test: str, name: str) -> tuple[Suppression, ...]:
    """Return the suppression that a `# nosec` mark on the line states: for all tests, or for those it lists."""
    mark = _NOSEC.search(text)
    if mark is None:
        return ()
    listed = re.findall(r"B\d{3}|[a-z_]{6,}", mark.group(1) or "")
    if listed and test not in listed and name not in listed:
        return ()
    return (Suppression("peer", "marked nosec for bandit", "inline"),)


def _column(text: str, offset: int) -> int:
    """Return the 1-based column of a UTF-8 byte offset."""
    return len(text.encode("utf-8", "surrogatepass")[:offset].decode("utf-8", "replace")) + 1


def _first_sentence(text: str) -> str:
    return " ".join(str(text).split()).split(". ")[0].rstrip(".")
