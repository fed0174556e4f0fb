"""Compiles rule folders into one index: JSON sections by subject kind behind a table of offsets.

The first line is the table: `{"format", "stamp", "digest", "sections": {name: place}, "kinds": [place, ...]}`; a place
is offset and length, counted from the end of that line. Sections are `ids` (rule -> kinds) and `tables` (identities,
retired, faults); `kinds` are 64 directories {kind: place}, found by a hash of the kind: more rules for other kinds
cost a run nothing. Only JSON, so that an index from a cache folder can do no harm.
"""

from __future__ import annotations

import json
import os
from typing import Any, NamedTuple

from scanner.core.errors import UsageError
from scanner.packs.compiled import BUCKETS, FORMAT, bucket_of, plain_rule
from scanner.packs.files import TABLES, rule_files
from scanner.packs.load import rules_at, table_at


class FileEntry(NamedTuple):
    """What one rule file compiles to: its size and time when read, its rules as plain data, its fault in words."""

    size: int
    mtime: int
    rules: list[Any]
    fault: str


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
    return _written(sections, stamp)


def _written(sections: dict[str, object], stamp: str) -> bytes:
    """Return the file: header, sections, and the directories that say where the sections of kinds are."""
    from hashlib import sha256

    body = bytearray()

    def put(content: object) -> list[int]:
        blob = json.dumps(content, separators=(",", ":")).encode()
        body.extend(blob)
        return [len(body) - len(blob), len(blob)]

    places: dict[str, list[int]] = {}
    directories: list[dict[str, list[int]]] = [{} for _ in range(BUCKETS)]
    for name, section in sections.items():
        if name.startswith("kind:"):
            directories[bucket_of(name[5:])][name[5:]] = put(section)
        else:
            places[name] = put(section)
    kinds = [put(directory) for directory in directories]
    header = {
        "format": FORMAT, "stamp": stamp, "digest": sha256(body).hexdigest(), "sections": places, "kinds": kinds,
    }
    return json.dumps(header, separators=(",", ":")).encode() + b"\n" + bytes(body)
