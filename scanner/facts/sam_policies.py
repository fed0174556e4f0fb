"""What SAM's policy templates grant, and the paths of AWS managed policies (made by tools/update_sam_policies.py)."""

from __future__ import annotations

from typing import Any


def _table() -> dict[str, Any]:
    from json import loads
    from os.path import dirname, join

    with open(join(dirname(__file__), "sam_policies.json"), encoding="utf-8") as file:
        found = loads(file.read())
    return found if isinstance(found, dict) else {}


def statements_of(template: str) -> list[dict[str, Any]] | None:
    """Return the statements of a policy template; `${Name}` in their texts are its parameters. None if unknown."""
    found = _table()["templates"].get(template)
    return found if isinstance(found, list) else None


def path_of(managed: str) -> str:
    """Return the path and name of an AWS managed policy (`service-role/AWSLambdaRole`) by its name."""
    return str(_table()["paths"].get(managed, managed))
