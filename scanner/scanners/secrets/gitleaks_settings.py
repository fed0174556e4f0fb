"""Reads `.gitleaks.toml`: custom rules, allow-lists and rules that are switched off.

A stranger can have written it, so its expressions are matched by RE2 (gitleaks' own engine) and what they may cost in
one run is bounded. Source: the configuration section of gitleaks' README, version 8.30.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, NamedTuple

from scanner.analysis.untrusted import Match, NotMatched, UntrustedPattern
from scanner.scanners.secrets.rules import SecretRule

LONGEST_LINE = 1000
MOST_RULES = 500
STEPS = 3_000_000_000
"""Instructions times bytes that all expressions of the file may cost in one run: seconds, and a minute at worst."""


class Budget:
    """What is left of the steps of one run; `spent` once an expression was not asked any more."""

    __slots__ = ("left", "spent")

    def __init__(self, steps: int = STEPS) -> None:
        """Take the number of steps."""
        self.left = steps
        self.spent = False

    def take(self, steps: int) -> bool:
        """Take steps; False when they are not there."""
        self.left -= steps
        self.spent = self.spent or self.left < 0
        return not self.spent


class Expression:
    """An expression of the file; one that the budget no longer pays for matches nothing."""

    __slots__ = ("_budget", "_group", "_pattern")

    def __init__(self, text: str, budget: Budget, group: int = 0) -> None:
        """Take RE2 syntax and the group that is the secret (0: the first that matched something, else the whole).

        Raises ValueError for what is no expression or has no such group, NotMatched without RE2.
        """
        self._pattern = UntrustedPattern(text)
        self._budget = budget
        self._group = group
        if not 0 <= group <= self._pattern.groups:
            raise ValueError(f"there is no group {group}")

    def _match(self, text: str | bytes, start: int, end: int) -> Match | None:
        if not self._budget.take(self._pattern.size * (end - start + 1)):
            return None
        return self._pattern.search(text, start, end)

    def search(self, text: str) -> bool:
        """Tell whether the expression matches in the text."""
        return self._match(text, 0, len(text)) is not None

    def span(self, data: bytes, start: int, end: int) -> tuple[int, int] | None:
        """Return the offsets of the secret in `data[start:end]`; None without one."""
        match = self._match(data, start, end)
        if match is None:
            return None
        group = self._group or next((number for number, text in enumerate(match.groups(), 1) if text), 0)
        first, last = match.span(group)
        return (first, last) if last > first >= 0 else None


class AllowList(NamedTuple):
    """What may pass: `values` are held against `target` (secret, match or line); with `every`, all parts must agree."""

    paths: tuple[Expression, ...] = ()
    values: tuple[Expression, ...] = ()
    stopwords: tuple[str, ...] = ()
    target: str = "secret"
    every: bool = False

    def allows(self, path: str, line: str, secret: str) -> bool:
        """Tell whether a finding passes; of a match we know the secret and its line, so `match` means both."""
        texts = {"secret": (secret,), "line": (line[:LONGEST_LINE],)}.get(self.target, (secret, line[:LONGEST_LINE]))
        answers = []
        if self.paths:
            answers.append(any(pattern.search(path) for pattern in self.paths))
        if self.values:
            answers.append(any(pattern.search(text) for pattern in self.values for text in texts))
        if self.stopwords:
            answers.append(any(word in secret.lower() for word in self.stopwords))
        return bool(answers) and (all(answers) if self.every else any(answers))


class Settings(NamedTuple):
    """What a gitleaks configuration adds: rules of its own, what may pass (of all rules, of one), what is off."""

    rules: tuple[SecretRule, ...] = ()
    lists: tuple[AllowList, ...] = ()
    of_rule: dict[str, tuple[AllowList, ...]] = {}
    off: frozenset[str] = frozenset()
    faults: tuple[str, ...] = ()
    budget: Budget = Budget(0)

    @property
    def lets_pass(self) -> bool:
        """Tell whether anything may pass."""
        return bool(self.lists or self.of_rule or self.off)

    def allows(self, names: Iterable[str], path: str, line: str, secret: str) -> bool:
        """Tell whether a finding passes; `names` are gitleaks' names of its rule."""
        lists = self.lists
        for name in names:
            if name in self.off:
                return True
            lists += self.of_rule.get(name, ())
        return any(entry.allows(path, line, secret) for entry in lists)


def settings_of(text: str, steps: int = STEPS) -> Settings:
    """Return the settings of a TOML text; what cannot be used is named in `faults`."""
    import tomllib

    try:
        content = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        return Settings(faults=(f"not TOML: {error}",))
    reader = _Reader(steps)
    rows = _rows(content.get("rules"))
    if len(rows) > MOST_RULES:
        reader.faults.append(f"only the first {MOST_RULES} of {len(rows)} rules are used")
    rules = [made for made in map(reader.rule, rows[:MOST_RULES]) if made is not None]
    of_rule = {str(row.get("id")): reader.lists(row) for row in rows[:MOST_RULES]}
    extend = content.get("extend")
    off = frozenset(_texts(extend.get("disabledRules"))) if isinstance(extend, dict) else frozenset()
    return Settings(
        tuple(rules), reader.lists(content), {name: found for name, found in of_rule.items() if found}, off,
        tuple(reader.faults), reader.budget,
    )


def _rows(found: object) -> list[dict[str, Any]]:
    return [entry for entry in found if isinstance(entry, dict)] if isinstance(found, list) else []


def _texts(found: object) -> list[str]:
    return [text for text in found if isinstance(text, str)] if isinstance(found, list) else []


class _Reader:
    """Makes rules and lists of the rows of one file; collects its faults."""

    def __init__(self, steps: int) -> None:
        self.budget = Budget(steps)
        self.faults: list[str] = []

    def expression(self, text: str, group: int = 0) -> Expression | None:
        try:
            return Expression(text, self.budget, group)
        except (ValueError, NotMatched) as error:
            self.faults.append(f"{text[:60]!r}: {error}")
            return None

    def lists(self, row: dict[str, Any]) -> tuple[AllowList, ...]:
        """Return the allow-lists of the file or of a rule; the older spelling is a single table."""
        return tuple(
            made for entry in _rows(row.get("allowlists")) + _rows([row.get("allowlist")])
            if (made := self.allow_list(entry)) is not None
        )

    def allow_list(self, row: dict[str, Any]) -> AllowList | None:
        every = str(row.get("condition", "")).upper() in ("AND", "&&")
        if every and row.get("commits"):
            self.faults.append("an allow-list that needs a certain commit lets nothing pass here")
            return None
        paths = [self.expression(text) for text in _texts(row.get("paths"))]
        values = [self.expression(text) for text in _texts(row.get("regexes"))]
        if every and None in (*paths, *values):
            return None
        words = tuple(text.lower() for text in _texts(row.get("stopwords")))
        target = str(row.get("regexTarget") or "secret")
        return AllowList(tuple(filter(None, paths)), tuple(filter(None, values)), words, target, every)

    def rule(self, row: dict[str, Any]) -> SecretRule | None:
        """Return a custom rule in our shape; it needs keywords, which become its literals."""
        name, regex, path = row.get("id"), row.get("regex"), row.get("path")
        keywords = [word.lower() for word in _texts(row.get("keywords")) if word]
        if not isinstance(name, str) or not isinstance(regex, str):
            if isinstance(name, str) and isinstance(path, str):
                self.faults.append(f"rule {name[:60]!r} has no regex: rules about paths alone are not run")
            return None
        if not keywords:
            self.faults.append(f"rule {name[:60]!r} has no keywords")
            return None
        group, entropy = row.get("secretGroup"), row.get("entropy")
        line = self.expression(regex, group if isinstance(group, int) else 0)
        where = self.expression(path) if isinstance(path, str) else None
        if line is None or (isinstance(path, str) and where is None):
            return None
        return SecretRule({
            "rule": f"gitleaks-{re.sub(r'[^a-z0-9]+', '-', name.lower()).strip('-')}",
            "title": str(row.get("description") or name)[:120], "severity": "high", "confidence": "medium",
            "controls": {"gitleaks": [name]},
            "secret": {
                "anchors": keywords, "boundary": "none",
                "entropy": float(entropy) if isinstance(entropy, (int, float)) else 0.0,
            },
        }, line, where)
