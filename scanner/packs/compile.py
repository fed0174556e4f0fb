"""Compiles rule folders into one index: JSON sections by subject kind behind a table of offsets.

The first line is the table: `{"format", "stamp", "digest", "sections": {name: [offset, length]}}`, offsets count
from the end of that line. Sections are `kind:NAME` (defaults and rules), `ids` (rule -> kinds) and
`tables` (identities, retired, faults). A run reads the table and the sections of kinds that occur: more rules for
other kinds cost nothing. Only JSON, so an index from a cache folder can do no harm.
"""

from __future__ import annotations

import json
import os
from typing import Any, NamedTuple

from scanner.core.errors import UsageError
from scanner.core.rule import Rule
from scanner.packs.load import TABLES, rule_files, rules_at, table_at
from scanner.packs.schema import CompiledRule

FORMAT = "leftgate-index/1"


class FileEntry(NamedTuple):
    """What one rule file compiles to: its size and time when read, its rules as plain data, its fault in words."""

    size: int
    mtime: int
    rules: list[Any]
    fault: str


def plain_rule(rule: CompiledRule) -> list[Any]:
    """Return a compiled rule as data for JSON; the long texts stay in the rule file."""
    return [list(rule.facts), *rule[1:]]


def rule_from_plain(plain: list[Any]) -> CompiledRule:
    """Return the rule that `plain_rule` wrote."""
    facts = plain[0]
    rule = CompiledRule._make(plain)
    controls = {family: tuple(ids) for family, ids in facts[6].items()}
    return rule._replace(
        facts=Rule._make(facts)._replace(controls=controls, references=tuple(facts[9])),
        subjects=tuple(rule.subjects),
        locate=None if rule.locate is None else tuple(rule.locate),
    )


def entries_of(folder: str, known: dict[str, FileEntry]) -> dict[str, FileEntry]:
    """Return the entry of every rule file below `folder`; files unchanged since `known` are not read again."""
    entries: dict[str, FileEntry] = {}
    for path, status in sorted(rule_files(folder)):
        name = os.path.relpath(path, folder).replace(os.sep, "/")
        if name in TABLES:
            continue
        before = known.get(name)
        if before is not None and before.size == status.st_size and before.mtime == status.st_mtime_ns:
            entries[name] = before
            continue
        rules: list[Any] = []
        fault = ""
        try:
            rules = [plain_rule(source.compiled._replace(file=name)) for source in rules_at(path)]
        except UsageError as error:
            fault = str(error)
        entries[name] = FileEntry(status.st_size, status.st_mtime_ns, rules, fault)
    return entries


def index_of(folder: str, entries: dict[str, FileEntry], stamp: str) -> bytes:
    """Return the index of a folder's entries and tables; raises UsageError when a table cannot be used."""
    from hashlib import sha256

    kinds: dict[str, list[Any]] = {}
    ids: dict[str, list[str]] = {}
    homes: dict[str, str] = {}
    faults = [entry.fault for entry in entries.values() if entry.fault]
    for name, entry in entries.items():
        for rule in entry.rules:
            rule_id, subjects = rule[0][0], rule[1]
            if rule_id in homes:
                faults.append(f"{name}:1: expected a new rule id; found {rule_id!r}, which {homes[rule_id]} has")
                continue
            homes[rule_id] = name
            ids[rule_id] = subjects
            for kind in subjects:
                kinds.setdefault(kind, []).append(rule)
    defaults = table_at(folder, "defaults.yaml")
    sections: dict[str, object] = {
        f"kind:{kind}": {"defaults": defaults.get(kind) or {}, "rules": kinds.get(kind, [])}
        for kind in sorted({*kinds, *defaults})
    }
    sections["ids"] = ids
    sections["tables"] = {
        "identities": table_at(folder, "identities.yaml"),
        "retired": table_at(folder, "retired.yaml"),
        "faults": faults,
    }
    blobs = {name: json.dumps(section, separators=(",", ":")).encode() for name, section in sections.items()}
    table: dict[str, list[int]] = {}
    offset = 0
    for name, blob in blobs.items():
        table[name] = [offset, len(blob)]
        offset += len(blob)
    body = b"".join(blobs.values())
    header = {"format": FORMAT, "stamp": stamp, "digest": sha256(body).hexdigest(), "sections": table}
    return json.dumps(header, separators=(",", ":")).encode() + b"\n" + body
