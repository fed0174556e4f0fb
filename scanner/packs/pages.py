"""Writes the pages of docs/rules/: one for each folder of rules, and an index."""

from __future__ import annotations

import os
from collections.abc import Iterator

from scanner.core.rule import SEVERITIES
from scanner.packs.cache import rules_folder
from scanner.packs.files import TABLES, rule_files
from scanner.packs.load import rules_at
from scanner.packs.schema import RuleSource

NOTE = "<!-- Written by `make docs` from the rule files; change them instead. -->"


def pages(folder: str | None = None) -> dict[str, str]:
    """Return page name -> text; raises UsageError when a rule file cannot be used."""
    home = folder or rules_folder()
    groups: dict[str, list[RuleSource]] = {}
    for path, _ in sorted(rule_files(home)):
        name = os.path.relpath(path, home).replace(os.sep, "/")
        if name in TABLES:
            continue
        parts = name.split("/")[:-1]
        group = "-".join(parts[:2] if parts[:1] == ["aws"] else parts[:1]) or "other"
        groups.setdefault(group, []).extend(rules_at(path))
    made = {f"{group}.md": _page(group, sources) for group, sources in sorted(groups.items())}
    made["index.md"] = _index(groups)
    return made


def _index(groups: dict[str, list[RuleSource]]) -> str:
    total = sum(map(len, groups.values()))
    lines = [NOTE, "", "# Rules", ""]
    lines += [f"{total} rules, by folder. `leftgate explain RULE` prints one in the terminal.", ""]
    lines += ["| folder | rules | critical | high | medium | low | info |", "|---|---|---|---|---|---|---|"]
    for group, sources in sorted(groups.items()):
        counts = [sum(source.facts.severity == severity for source in sources) for severity in reversed(SEVERITIES)]
        lines.append(f"| [{group}]({group}.md) | {len(sources)} | " + " | ".join(map(str, counts)) + " |")
    return "\n".join(lines) + "\n"


def _page(group: str, sources: list[RuleSource]) -> str:
    lines = [NOTE, "", f"# Rules: {group}", ""]
    for source in sorted(sources, key=lambda each: each.facts.rule):
        lines += _entry(source)
    return "\n".join(lines).rstrip() + "\n"


def _entry(source: RuleSource) -> Iterator[str]:
    facts = source.facts
    yield f"## {facts.rule}"
    yield ""
    yield f"{facts.title}. {facts.severity.capitalize()} severity, {facts.confidence} confidence, judges " + ", ".join(
        f"`{kind}`" for kind in source.compiled.subjects
    ) + ("." if facts.profile == "default" else f"; runs in profile {facts.profile} and above.")
    yield ""
    for heading, text in (
        ("Why", facts.rationale), ("Fix", facts.remediation), ("Not seen", facts.limitations),
        ("Never a finding by itself", source.body.get("partly_decidable", "")),
    ):
        if text:
            yield f"**{heading}:** {' '.join(text.split())}"
            yield ""
    parameters = source.body.get("parameters") or {}
    if parameters:
        told = ", ".join(
            f"`{name}` ({about['type']}, default {about['default']!r})" for name, about in parameters.items()
        )
        yield f"**Parameters:** {told}"
        yield ""
    if facts.controls:
        yield "**Elsewhere:** " + "; ".join(f"{family} {', '.join(ids)}" for family, ids in facts.controls.items())
        yield ""
    if facts.references:
        yield " ".join(f"<{reference}>" for reference in facts.references)
        yield ""
