"""The secrets rules as the engine uses them: literals at start-up, regexes when a literal was seen."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from scanner.core.rule import Rule

WORD = frozenset(b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_")
BOUNDARIES = {
    "word": WORD, "left": WORD, "base64": WORD | frozenset(b"+/-"), "dotted": WORD | frozenset(b".-"),
    "tilde": WORD | frozenset(b"~.-"), "bot": WORD | frozenset(b"-"),
}
"""Bytes that may not stand beside a token; `left` looks before it only, `bot` allows the word bot before it."""
WINDOW = 4096
"""A token may reach this many bytes beyond its literal."""


class Line(Protocol):
    """An expression of another tool's rule, searched in a whole line."""

    def span(self, data: bytes, start: int, end: int) -> tuple[int, int] | None:
        """Return the offsets of the secret in `data[start:end]`; None without one."""


class Path(Protocol):
    """An expression for the paths of a rule."""

    def search(self, text: str) -> object:
        """Tell (as a truth value) whether it matches in the path."""


class SecretRule:
    """One token format.

    Either `anchors` (lower-case literals) with `pattern`, matched where the literal stands (`lead` bytes of the
    given characters may stand before it), or `named` (words in a name) with `value`, which the whole
    assigned value must match. See docs/secrets.md. A rule of another tool has `line` instead of a pattern.
    """

    __slots__ = (
        "_path", "_pattern", "_row", "anchors", "boundary", "checks", "confidence", "controls", "entropy", "files",
        "group", "lead", "lead_most", "led", "line", "named", "near", "near_most", "pattern", "rule", "severity",
        "shape", "some_files", "title", "trusted",
    )
    controls: dict[str, tuple[str, ...]]
    lead: bytes
    near: tuple[bytes, ...]
    group: int
    lead_most: int
    near_most: int
    entropy: float
    pattern: str
    severity: str
    title: str
    trusted: bool

    def __init__(self, row: Mapping[str, Any], line: Line | None = None, path: Path | None = None) -> None:
        """Take the rule file's content (at least rule, title, severity, confidence, secret)."""
        self.line = line
        self._path = path
        self._row = row
        self._pattern: re.Pattern[bytes] | None = None
        self.rule: str = row["rule"]
        self.confidence: str = row["confidence"]
        secret: Mapping[str, Any] = row["secret"]
        self.anchors: tuple[str, ...] = tuple(secret.get("anchors") or ())
        self.named: tuple[str, ...] = tuple(secret.get("named") or ())
        self.shape: str = secret.get("shape") or ""
        self.checks: tuple[str, ...] = tuple(secret.get("checks") or ())
        self.files: str = secret.get("files") or ""
        self.some_files: bool = bool(self.files or path)
        self.boundary: str = secret.get("boundary", "word")
        self.led: bool = "lead" in secret

    def __getattr__(self, name: str) -> Any:
        """Fill in the rest when one of it is asked for: of 400 rules a run meets a dozen."""
        if name not in self.__slots__:
            raise AttributeError(name)
        row = self._row
        secret: Mapping[str, Any] = row["secret"]
        self.title = row["title"]
        self.severity = row["severity"]
        self.controls = {family: tuple(map(str, ids)) for family, ids in (row.get("controls") or {}).items()}
        self.pattern = secret.get("pattern") or secret.get("value") or ""
        lead: Mapping[str, Any] = secret.get("lead") or {}
        self.lead = _characters(str(lead.get("characters", "")))
        self.lead_most = int(lead.get("most", 0))
        near: Mapping[str, Any] = secret.get("near") or {}
        self.near = tuple(text.encode() for text in near.get("texts", ()))
        self.near_most = int(near.get("within", 200))
        self.group = -1 if secret.get("group") == "matched" else int(secret.get("group", 0))
        self.entropy = float(secret.get("entropy", 0))
        self.trusted = bool(secret.get("trusted", False))
        return object.__getattribute__(self, name)

    @property
    def regex(self) -> re.Pattern[bytes]:
        """Return the compiled pattern, made when the rule has its first literal hit."""
        if self._pattern is None:
            self._pattern = re.compile(self.pattern.encode("utf-8"))
        return self._pattern

    def applies(self, path: str) -> bool:
        """Tell whether the rule looks at files of this path."""
        if not self.some_files:
            return True
        if self._path is None:
            self._path = re.compile(self.files)
        return bool(self._path.search(path))

    @property
    def certain(self) -> bool:
        """Tell whether a finding of the rule can have more than low confidence."""
        return self.confidence != "low" or bool(self.checks)

    def __repr__(self) -> str:
        return f"SecretRule({self.rule})"


def _characters(ranges: str) -> bytes:
    """Return the bytes that a character-class body such as `A-Za-z0-9_.` names."""
    if not ranges:
        return b""
    wanted = re.compile(("[" + ranges + "]").encode())
    return bytes(code for code in range(32, 127) if wanted.match(bytes((code,))))


def rules_of(rows: Iterable[Mapping[str, Any]]) -> list[SecretRule]:
    """Return the rules of all rows that have a `secret` section, by name."""
    return sorted((SecretRule(row) for row in rows if row.get("secret")), key=lambda rule: rule.rule)


def row_of(facts: Rule, secret: Mapping[str, Any], message: str = "") -> dict[str, Any]:
    """Return the row for a rule of a compiled pack: its facts and its `secret` section."""
    return {
        "rule": facts.rule, "title": facts.title, "severity": facts.severity, "confidence": facts.confidence,
        "controls": facts.controls, "message": message, "secret": secret,
    }


def rows_below(folder: str) -> list[dict[str, Any]]:
    """Return the content of all rule files below a folder; slow (it parses YAML), for tests and tools."""
    import os

    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    rows: list[dict[str, Any]] = []
    for at, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            if name.endswith(".yaml"):
                with open(os.path.join(at, name), encoding="utf-8") as file:
                    content = yaml.load(file, Loader=loader)
                if isinstance(content, dict) and content.get("secret"):
                    rows.append(content)
    return rows
