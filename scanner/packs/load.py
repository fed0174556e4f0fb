"""Reads rule files: single rules, families, and the tables of defaults and identities."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import Any

from scanner.core.errors import UsageError
from scanner.packs.reading import Document
from scanner.packs.schema import RuleSource, rule_from

_COLUMN = re.compile(r"(?<!\$)\{([A-Za-z_][A-Za-z0-9_-]*)\}")


def document_at(path: str) -> Document:
    """Return the document of a file of ours; raises UsageError when it cannot be read."""
    try:
        with open(path, encoding="utf-8") as file:
            text = file.read()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}:1: expected a readable rule file; found {error}") from None
    return Document(path, text)


def rules_in(document: Document) -> list[RuleSource]:
    """Return the rules that a file states: one, or all members of a family; raises UsageError."""
    body = document.content
    if not isinstance(body, dict):
        raise document.fault(body, None, "the sections of a rule", body)
    stem = os.path.splitext(os.path.basename(document.path))[0]
    if "family" in body:
        sources = [rule_from(member, document) for member in _members(body, document)]
        seen: set[str] = set()
        for source in sources:
            if source.facts.rule in seen:
                raise document.fault(source.body, None, "each rule once", source.facts.rule)
            seen.add(source.facts.rule)
        named = body["family"]
    else:
        sources = [rule_from(body, document)]
        named = sources[0].facts.rule
    if named != stem:
        raise document.fault(body, "family" if "family" in body else "rule", f"the file name {stem!r}", named)
    return sources


def rules_at(path: str) -> list[RuleSource]:
    """Return the rules of the file at `path`; raises UsageError."""
    return rules_in(document_at(path))


def _members(body: dict[str, Any], document: Document) -> Iterator[dict[str, Any]]:
    members = body.get("members")
    if not isinstance(members, list) or not members:
        raise document.fault(body, "members", "a list of members", members)
    columns = {column for row in members if isinstance(row, dict) for column in row if column != "examples"}
    shared = {name: section for name, section in body.items() if name not in ("family", "members")}
    for index, row in enumerate(members):
        if not isinstance(row, dict):
            raise document.fault(members, index, "a row of columns", row)
        line = document.line(members, index)
        made = _filled(shared, row, columns, document, line)
        examples = made.setdefault("examples", {})
        for verdict, cases in (row.get("examples") or {}).items():
            filled = _filled(cases, row, columns, document, line)
            examples[verdict] = [*examples.get(verdict, []), *filled]
        document.adopt(examples, line)
        yield made


def _filled(found: Any, row: dict[str, Any], columns: set[str], document: Document, line: int) -> Any:
    if isinstance(found, str):
        return _filled_text(found, row, columns, document, line)
    made: Any = found
    if isinstance(found, list):
        made = [_filled(item, row, columns, document, line) for item in found]
        document.adopt(made, line)
    elif isinstance(found, dict):
        made = {
            str(_filled(key, row, columns, document, line)): _filled(entry, row, columns, document, line)
            for key, entry in found.items()
        }
        document.adopt(made, line)
    return made


def _filled_text(text: str, row: dict[str, Any], columns: set[str], document: Document, line: int) -> Any:
    whole = _COLUMN.fullmatch(text)
    if whole and whole[1] in columns:
        return _column(whole[1], row, document, line)

    def replaced(match: re.Match[str]) -> str:
        name = match[1]
        if name not in columns:
            return match[0]
        filled = str(_column(name, row, document, line))
        if "\n" not in filled:
            return filled
        before = text[text.rfind("\n", 0, match.start()) + 1 : match.start()]
        indent = " " * (len(before) - len(before.lstrip(" ")))
        return filled.rstrip("\n").replace("\n", "\n" + indent)

    return _COLUMN.sub(replaced, text)


def _column(name: str, row: dict[str, Any], document: Document, line: int) -> Any:
    if name not in row:
        raise UsageError(f"{document.path}:{line}: expected the column {name!r} in this member; found {sorted(row)}")
    return row[name]


def table_at(folder: str, name: str) -> dict[str, Any]:
    """Return a table file (`defaults.yaml`: type -> path -> value) beside the rules; empty when there is none."""
    path = os.path.join(folder, name)
    if not os.path.exists(path):
        return {}
    document = document_at(path)
    content = document.content if document.content is not None else {}
    if not isinstance(content, dict):
        raise document.fault(content, None, "a mapping", content)
    return content
