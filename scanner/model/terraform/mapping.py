"""How the AWS provider spells CloudFormation types and properties: mapping data, read by service when first needed.

Made by tools/update_terraform_mappings.py; docs/terraform.md describes the format.
"""

from __future__ import annotations

import json
import os
from functools import cache
from typing import NamedTuple

_FOLDER = os.path.join(os.path.dirname(os.path.dirname(__file__)), "mappings")


class Mapping(NamedTuple):
    """One provider type: `tree` is the nested form provider name -> target; `join` names its parent's argument."""

    provider_type: str
    type: str
    tree: dict[str, object]
    join: str
    defaults: dict[str, object]
    static: dict[str, object]
    camel: bool
    known: dict[str, frozenset[str]]


@cache
def _index() -> dict[str, str]:
    with open(os.path.join(_FOLDER, "index.json"), encoding="utf-8") as stream:
        found: dict[str, str] = json.load(stream)
    return found


@cache
def _service(name: str) -> dict[str, dict[str, object]]:
    with open(os.path.join(_FOLDER, f"{name}.json"), encoding="utf-8") as stream:
        found: dict[str, dict[str, object]] = json.load(stream)
    return found


@cache
def mapping_of(provider_type: str) -> Mapping | None:
    """Return the mapping of a provider type, None when there is none."""
    service = _index().get(provider_type)
    if service is None:
        return None
    entry = _service(service)[provider_type]
    return Mapping(
        provider_type, str(entry["type"]), _tree(entry), str(entry.get("join", "")),
        _table(entry, "defaults"), _table(entry, "static"), entry.get("spelling") == "camel",
        _known(service, str(entry["type"]), provider_type),
    )


def _tree(entry: dict[str, object]) -> dict[str, object]:
    """Return an entry's tree; arguments without a twin in CloudFormation keep their name, in CamelCase."""
    tree = entry.get("properties", {})
    own = entry.get("own", [])
    found: dict[str, object] = dict(tree) if isinstance(tree, dict) else {}
    for name in own if isinstance(own, list) else []:
        target = "".join(part[:1].upper() + part[1:] for part in str(name).split("_"))
        found.setdefault(str(name), f"{target} | camel")
    return found


def _table(entry: dict[str, object], name: str) -> dict[str, object]:
    found = entry.get(name, {})
    return found if isinstance(found, dict) else {}


def _known(service: str, kind: str, provider_type: str) -> dict[str, frozenset[str]]:
    """Return by CloudFormation path (list marks left out) the names that the type's data can speak of.

    What side resources of the same canonical type hold counts too, since they fold into it, and so does what the
    provider cannot express (`absent`).
    """
    found: dict[str, set[str]] = {}
    for name, entry in _service(service).items():
        if entry["type"] != kind or not (name == provider_type or "join" in entry):
            continue
        _collect(_tree(entry), "", found)
        for table in ("defaults", "static"):
            for path in _table(entry, table):
                _note_path(path.replace("?", ""), found)
        extra = entry.get("absent", [])
        for path in extra if isinstance(extra, list) else []:
            _note_path(str(path), found)
    return {path: frozenset(names) for path, names in found.items()}


def _collect(tree: dict[str, object], prefix: str, found: dict[str, set[str]]) -> None:
    for name, rule in tree.items():
        if isinstance(rule, dict):
            target = _joined(prefix, str(rule.get("", "")))
            _note_path(target, found)
            _collect(rule, target, found)
        elif name and name != "?":
            _note_path(_joined(prefix, str(rule).partition("|")[0].strip()), found)


def _joined(prefix: str, target: str) -> str:
    if target.startswith("/"):
        return target[1:]
    return f"{prefix}.{target}" if prefix and target else prefix or target


def _note_path(path: str, found: dict[str, set[str]]) -> None:
    prefix = ""
    for segment in split_path(path):
        name, _, key = segment.partition("[")
        found.setdefault(prefix, set()).add(name)
        prefix = f"{prefix}.{name}" if prefix else name
        if "=" in key:
            found.setdefault(prefix, set()).add(key.partition("=")[0])


@cache
def split_path(path: str) -> tuple[str, ...]:
    """Return the segments of a target; dots inside `[...]` do not separate."""
    segments, current, depth = [], "", 0
    for character in path:
        if character == "." and depth == 0:
            segments.append(current)
            current = ""
            continue
        depth += (character == "[") - (character == "]")
        current += character
    if current:
        segments.append(current)
    return tuple(segments)
