"""Reads `.gitleaks.toml`: custom rules and allow-lists, with patterns that cannot run away."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, NamedTuple

from scanner.core.artifact import Artifact
from scanner.scanners.secrets.rules import SecretRule

LONGEST_LINE = 1000
MOST_RULES = 500
_NESTED = re.compile(r"\((?:[^()\\]|\\.)*[*+](?:[^()\\]|\\.)*\)[*+{]")


class Settings(NamedTuple):
    """What a gitleaks configuration adds: rules of its own, and what to let pass (paths, values, stop words)."""

    rules: tuple[SecretRule, ...] = ()
    paths: tuple[re.Pattern[str], ...] = ()
    values: tuple[re.Pattern[str], ...] = ()
    stopwords: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()

    def allows(self, path: str, line: str, secret: str) -> bool:
        """Tell whether the allow-lists let a finding pass."""
        return (
            any(pattern.search(path) for pattern in self.paths)
            or any(pattern.search(secret) or pattern.search(line[:LONGEST_LINE]) for pattern in self.values)
            or any(word in secret.lower() for word in self.stopwords)
        )


def settings_in(artifacts: Iterable[Artifact]) -> Settings | None:
    """Return what the configuration at the top of the scanned root says; None without one."""
    for artifact in artifacts:
        if artifact.path in (".gitleaks.toml", "gitleaks.toml"):
            return settings_of(artifact.text)
    return None


def settings_of(text: str) -> Settings:
    """Return the settings of a TOML text; what cannot be used is named in `faults`."""
    import tomllib

    try:
        content = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        return Settings(faults=(f"not TOML: {error}",))
    faults: list[str] = []
    rules: list[SecretRule] = []
    for row in _rows(content.get("rules"))[:MOST_RULES]:
        made = _rule(row, faults)
        if made is not None:
            rules.append(made)
    lists = _rows(content.get("allowlists")) + _rows([content.get("allowlist")])
    paths = [_pattern(text, faults) for entry in lists for text in _texts(entry.get("paths"))]
    values = [_pattern(text, faults) for entry in lists for text in _texts(entry.get("regexes"))]
    words = [text.lower() for entry in lists for text in _texts(entry.get("stopwords"))]
    usable = tuple(p for p in paths if p), tuple(p for p in values if p)
    return Settings(tuple(rules), *usable, tuple(words), tuple(faults))


def _rows(found: object) -> list[dict[str, Any]]:
    return [entry for entry in found if isinstance(entry, dict)] if isinstance(found, list) else []


def _texts(found: object) -> list[str]:
    return [text for text in found if isinstance(text, str)] if isinstance(found, list) else []


def _pattern(text: str, faults: list[str]) -> re.Pattern[str] | None:
    """Return a compiled pattern; Go's spellings are translated, dangerous and wrong ones refused."""
    spelled = text.replace(r"\z", r"\Z").replace("[[:alnum:]]", "[0-9A-Za-z]")
    flags = re.match(r"(.*?)\(\?([ims]+)\)", spelled)
    if flags and flags[1]:
        # Go allows flags in the middle; Python wants them around what follows
        spelled = f"{flags[1]}(?{flags[2]}:{spelled[flags.end():]})"
    if _NESTED.search(spelled):
        faults.append(f"a repeat inside a repeat is refused: {text[:60]!r}")
        return None
    try:
        return re.compile(spelled)
    except re.error as error:
        faults.append(f"{text[:60]!r}: {error}")
        return None


def _rule(row: dict[str, Any], faults: list[str]) -> SecretRule | None:
    """Return a custom rule in our shape; it needs keywords, which become its literals."""
    name, regex = row.get("id"), row.get("regex")
    keywords = [word.lower() for word in _texts(row.get("keywords"))]
    if not isinstance(name, str) or not isinstance(regex, str):
        return None
    if not keywords:
        faults.append(f"rule {name[:60]!r} has no keywords")
        return None
    pattern = _pattern(regex, faults)
    if pattern is None:
        return None
    return SecretRule({
        "rule": f"gitleaks-{re.sub(r'[^a-z0-9]+', '-', name.lower()).strip('-')}",
        "title": str(row.get("description") or name)[:120], "severity": "high", "confidence": "medium",
        "controls": {"gitleaks": [name]},
        "secret": {
            "anchors": keywords, "pattern": pattern.pattern, "group": int(row.get("secretGroup") or 0),
            "boundary": "none", "entropy": float(row.get("entropy") or 0), "files": str(row.get("path") or ""),
            "shape": "line",
        },
    })
