"""What the tests of this room share: the rules, made-up tokens, and a scan of one text."""

from __future__ import annotations

import os
from functools import cache

from scanner.core.artifact import Artifact
from scanner.core.result import Result
from scanner.scanners.secrets.engine import Engine
from scanner.scanners.secrets.peers import Marks
from scanner.scanners.secrets.rules import SecretRule, rows_below, rules_of
from scanner.scanners.secrets.run import scan_artifact

FOLDER = os.path.join(os.path.dirname(__file__), "..", "..", "..", "rules", "secrets")
NO_MARKS = Marks(frozenset(), {})


@cache
def rows() -> list[dict[str, object]]:
    return rows_below(FOLDER)


@cache
def rules() -> dict[str, SecretRule]:
    return {rule.rule: rule for rule in rules_of(rows())}


@cache
def engine(low: bool = True) -> Engine:
    return Engine(list(rules().values()), low=low)


def found(text: str | bytes, path: str = "settings.txt", *, low: bool = True) -> list[Result]:
    """Return the findings in one text that nothing suppresses; `low` is profile audit."""
    data = text.encode() if isinstance(text, str) else text
    results = scan_artifact(engine(low), Artifact(path, data), low=low, marks=NO_MARKS)
    return [result for result in results if not result.suppressions]


def cut(text: str, result: Result) -> str:
    """Return what stands at the result's location, for findings on one line."""
    at = result.at
    assert at.start_line == at.end_line
    return text.split("\n")[at.start_line - 1][at.start_column - 1:at.end_column - 1]
