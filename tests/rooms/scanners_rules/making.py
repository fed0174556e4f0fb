"""Builds rules, packs and subjects by hand for the tests of the engine."""

from __future__ import annotations

from datetime import date

from scanner.core.context import Context
from scanner.core.inventory import Inventory
from scanner.core.location import Location
from scanner.core.subject import Resource
from scanner.core.value import Absent, ListValue, MapValue, Scalar, Value
from scanner.packs.compile import FileEntry, index_of
from scanner.packs.compiled import plain_rule
from scanner.packs.load import rules_in
from scanner.packs.pack import Index, Pack
from scanner.packs.reading import Document

HEAD = """\
rule: made-up
title: Made up
category: resources
severity: high
confidence: high
rationale: because
remediation: mend it
message: "{address} is wrong"
"""


def at(line: int, column: int = 1, last: int | None = None) -> Location:
    return Location("t.yaml", line, column, last or line, column + 5)


class Lines:
    """Hands out one line per value, in the order in which the values are made."""

    def __init__(self) -> None:
        self.line = 1

    def value(self, content: object) -> Value:
        if isinstance(content, Value):
            return content
        self.line += 1
        first = self.line
        if isinstance(content, dict):
            entries: dict[str, Value] = {}
            keys = {}
            for key, entry in content.items():
                keys[key] = at(self.line + 1)
                entries[key] = self.value(entry)
            return MapValue(entries, at(first, 3, self.line), keys)
        if isinstance(content, list):
            items = tuple(self.value(item) for item in content)
            return ListValue(items, at(first, 3, self.line))
        assert content is None or isinstance(content, (str, int, float, bool))
        return Scalar(content, at(first, 9))


def resource(kind: str, address: str, properties: dict[str, object], **about: object) -> Resource:
    """Return a resource whose header is line 1 and whose values stand on lines of their own, from line 2."""
    made = Lines().value(properties)
    assert isinstance(made, MapValue)
    return Resource(kind, address, at(1), made, **about)  # type: ignore[arg-type]


def pack_of(*bodies: str, tables: str | None = None) -> Pack:
    """Return a pack of rules written as text; each body gets the common head unless it has its own."""
    entries = {}
    for number, body in enumerate(bodies):
        text = body if body.startswith(("rule:", "family:")) else HEAD.replace("made-up", f"made-up-{number}") + body
        name = text.split("\n", 1)[0].split(": ")[1]
        sources = rules_in(Document(f"{name}.yaml", text))
        entries[f"{name}.yaml"] = FileEntry(0, 0, [plain_rule(source.compiled) for source in sources], "")
    return Pack((Index(index_of(tables or "/nowhere", entries, ""), "/nowhere"),))


def run(pack: Pack, *subjects: object, profile: str = "default", inventory: Inventory | None = None, **options: object):
    """Return (results, notes) of the rules scanner."""
    from scanner.scanners.rules import scan

    inventory = inventory or Inventory()
    for subject in subjects:
        inventory.add(subject)  # type: ignore[arg-type]
    notes: list[tuple[object, ...]] = []
    context = Context(
        inventory, (), pack, profile, date(2026, 1, 1), lambda *note: notes.append(note), True, dict(options)
    )
    return list(scan(context)), notes


__all__ = ["Absent", "Lines", "at", "pack_of", "resource", "run"]
