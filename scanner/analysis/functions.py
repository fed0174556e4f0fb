"""Functions: facts about runtimes that rules ask for."""

from __future__ import annotations

from collections.abc import Mapping

from scanner.core.subject import Subject
from scanner.core.value import Absent, Unknown, text_of
from scanner.core.view import Answer, View
from scanner.facts.lambda_runtimes import deprecated_since


def supported_runtime(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Tell whether the runtime at `path` is one that AWS maintains, or one of `allowed` when that is not empty."""
    found = view.value(subject, str(arguments["path"]))
    name = text_of(found)
    if isinstance(found, Absent):
        return Answer(True, found.at)
    if name is None:
        return Answer(None, found.at, found.reason if isinstance(found, Unknown) else "not a runtime", value=found)
    allowed = arguments.get("allowed")
    if isinstance(allowed, (list, tuple)) and allowed:
        return Answer(name in allowed, found.at, f"{name} is not an approved runtime", value=found)
    day = deprecated_since(name, view.today)
    if day:
        return Answer(False, found.at, f"AWS no longer maintains {name}", value=found)
    if day is not None:
        return Answer(True, found.at, value=found)
    return Answer(None, found.at, f"{name} is not in our table of runtimes", value=found)
