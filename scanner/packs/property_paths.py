"""Checks property paths and values of rules against the CloudFormation resource schemas that cfn-lint carries.

A development tool only: cfn-lint is no dependency of leftgate, and nothing is checked when it is not installed.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from typing import Any

ANYTHING: dict[str, Any] = {}
PLAIN_TYPES = ("string", "boolean", "integer", "number")
ATTRIBUTES = frozenset((
    "@DeletionPolicy", "@UpdateReplacePolicy", "@Metadata", "@CreationPolicy", "@UpdatePolicy", "@DependsOn",
    "@Condition", "@lifecycle", "@provisioner", "@connection",
))


class Schemas:
    """The resource schemas of one region, read when asked for."""

    def __init__(self, folder: str) -> None:
        """Take cfn-lint's schema folder."""
        self._folder = folder
        with open(os.path.join(folder, "providers", "us-east-1.json"), encoding="utf-8") as file:
            self._names: dict[str, str] = json.load(file)
        self._read: dict[str, dict[str, Any]] = {}

    @classmethod
    def found(cls) -> Schemas | None:
        """Return the schemas of the installed cfn-lint, or None."""
        from importlib.util import find_spec

        spec = find_spec("cfnlint")
        if spec is None or not spec.submodule_search_locations:
            return None
        folder = os.path.join(spec.submodule_search_locations[0], "data", "schemas")
        try:
            return cls(folder)
        except (OSError, ValueError):
            return None

    def of(self, kind: str) -> dict[str, Any] | None:
        """Return the schema of a resource type, or None when there is none."""
        if kind not in self._names:
            return None
        if kind not in self._read:
            with open(os.path.join(self._folder, "resources", self._names[kind] + ".json"), encoding="utf-8") as file:
                self._read[kind] = json.load(file)
        return self._read[kind]

    def at(self, kind: str, path: list[str]) -> list[dict[str, Any]] | str:
        """Return the schemas of a path (`[]` steps into a list), or words about the first name that does not exist."""
        root = self.of(kind)
        if root is None:
            return [ANYTHING]
        if path and path[0].startswith("@"):
            return [ANYTHING] if path[0] in ATTRIBUTES else f"no attribute {path[0]}"
        current = [root]
        done: list[str] = []
        for name in path:
            following = [found for schema in current for found in _step(root, schema, name)]
            if not following:
                known = sorted({key for schema in current for key in _names(root, schema)})
                return f"{kind} has no property {'.'.join([*done, name])}{_near(name, known)}"
            done.append(name)
            current = following
        return current

    def enum_at(self, kind: str, path: list[str]) -> list[Any] | None:
        """Return the values that the schema allows at a path, or None when it does not say."""
        found = self.at(kind, path)
        root = self.of(kind)
        if isinstance(found, str) or root is None:
            return None
        values: list[Any] = []
        for schema in found:
            for part in _parts(root, schema):
                values += part.get("enum", [])
        return values or None


def _near(name: str, known: list[str]) -> str:
    import difflib

    close = difflib.get_close_matches(name, known, 1)
    return f"; did you mean {close[0]}?" if close else f"; it has {', '.join(known[:12])}" if known else ""


def _parts(root: dict[str, Any], schema: dict[str, Any], depth: int = 0) -> Iterator[dict[str, Any]]:
    """Yield a schema and all that it refers to or combines."""
    if depth > 8:
        return
    yield schema
    reference = schema.get("$ref")
    if isinstance(reference, str) and reference.startswith("#/"):
        target: Any = root
        for name in reference[2:].split("/"):
            target = target.get(name, {}) if isinstance(target, dict) else {}
        yield from _parts(root, target, depth + 1)
    for word in ("allOf", "anyOf", "oneOf"):
        for part in schema.get(word, ()):
            if isinstance(part, dict):
                yield from _parts(root, part, depth + 1)


def _names(root: dict[str, Any], schema: dict[str, Any]) -> Iterator[str]:
    for part in _parts(root, schema):
        yield from part.get("properties", {})


def _step(root: dict[str, Any], schema: dict[str, Any], name: str) -> Iterator[dict[str, Any]]:
    described = False
    for part in _parts(root, schema):
        if name == "[]":
            items = part.get("items")
            if isinstance(items, dict):
                described = True
                yield items
            described = described or "properties" in part
            for entry in (part.get("patternProperties") or {}).values():
                yield entry if isinstance(entry, dict) else ANYTHING
            continue
        if name in (part.get("properties") or {}):
            described = True
            yield part["properties"][name]
        elif part.get("properties") or "items" in part or part.get("type") in PLAIN_TYPES:
            described = True
        for entry in (part.get("patternProperties") or {}).values():
            yield entry if isinstance(entry, dict) else ANYTHING
    if not described:
        yield ANYTHING
