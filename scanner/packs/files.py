"""Walks folders of rule files."""

from __future__ import annotations

import os
from collections.abc import Iterator

TABLES = ("defaults.yaml", "identities.yaml", "retired.yaml", "beyond-cloudformation.yaml")


def rule_files(folder: str) -> Iterator[tuple[str, os.stat_result]]:
    """Yield (path, status) of every rule file below `folder`, in no particular order."""
    stack = [folder]
    while stack:
        with os.scandir(stack.pop()) as entries:
            for entry in entries:
                if entry.name.startswith("."):
                    continue
                if entry.is_dir():
                    stack.append(entry.path)
                elif entry.name.endswith((".yaml", ".yml")):
                    yield entry.path, entry.stat()
