"""docs/terraform-gaps.md: what rules read that no Terraform type of our mapping states."""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parent.parent
GROUPS = ("any", "all", "none", "not", "if", "then", "each", "some", "no")


def paths_in(condition: object, prefix: str = "") -> Iterator[str]:
    """Yield the property paths that a rule's condition reads."""
    if isinstance(condition, list):
        for part in condition:
            yield from paths_in(part, prefix)
    elif isinstance(condition, dict):
        for key, value in condition.items():
            if key in GROUPS:
                yield from paths_in(value, prefix)
            elif isinstance(key, str) and key[:1].isupper():
                yield prefix + key
                yield from paths_in(value, f"{prefix}{key}.")


def read_by_rules() -> dict[str, set[str]]:
    """Return canonical type -> property paths that rules read."""
    found: dict[str, set[str]] = defaultdict(set)
    for path in sorted((ROOT / "rules").rglob("*.yaml")):
        for rule in yaml.safe_load_all(path.read_text()):
            if not isinstance(rule, dict) or "subject" not in rule:
                continue
            for row in rule.get("members") or [{}]:
                parts = {key: rule[key] for key in ("require", "forbid", "not_applicable_if") if key in rule}
                text = yaml.safe_dump(parts)
                for name, value in row.items():
                    text = text.replace(f"{{{name}}}", str(value)) if isinstance(value, (str, int)) else text
                subjects = rule["subject"] if isinstance(rule["subject"], list) else [rule["subject"]]
                conditions = list(yaml.safe_load(text).values())
                for subject in subjects:
                    name = str(row.get(str(subject).strip("{}"), subject))
                    if name.startswith("AWS::"):
                        found[name].update(one for part in conditions for one in paths_in(part))
    return found


def gap(path: str, known: dict[str, frozenset[str]]) -> str:
    """Return the first part of a path that the mapping does not know, empty when it knows all."""
    prefix = ""
    for segment in path.split("."):
        names = known.get(prefix)
        prefix = f"{prefix}.{segment}" if prefix else segment
        if names is not None and segment not in names:
            return prefix
    return ""


def page() -> str:
    """Return the page."""
    sys.path.insert(0, str(ROOT))
    from scanner.model.terraform.mapping import _index, mapping_of

    by_type: dict[str, list[str]] = defaultdict(list)
    for provider_type in sorted(_index()):
        mapping = mapping_of(provider_type)
        if mapping is not None and not mapping.join:
            by_type[mapping.type].append(provider_type)
    read = read_by_rules()
    lines = [
        "<!-- Written by `make docs` from rules/ and scanner/model/mappings/; change it there. -->", "",
        "# What rules read and Terraform's mapping does not state", "",
        f"{len(_index())} provider types are mapped. A property below answers INSUFFICIENT_DATA for that type.", "",
        "| provider type | canonical type | property |", "|---|---|---|",
    ]
    for kind in sorted(read):
        for provider_type in by_type.get(kind, []):
            mapping = mapping_of(provider_type)
            if mapping is None or mapping.camel:
                continue
            gaps = sorted({gap(path, mapping.known) for path in read[kind]} - {""})
            lines += [f"| {provider_type} | {kind} | {one} |" for one in gaps]
    missing = sorted(kind for kind in read if kind not in by_type)
    lines += ["", "Types that rules judge and the provider does not have, or that are not mapped:", ""]
    lines += [f"- {kind}" for kind in missing]
    return "\n".join(lines) + "\n"
