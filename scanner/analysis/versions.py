"""Version texts: compared number by number, as engines and platforms write them."""

from __future__ import annotations

import re
from collections.abc import Mapping

from scanner.core.subject import Subject
from scanner.core.value import Absent, Scalar, Unknown
from scanner.core.view import Answer, View

_NUMBERS = re.compile(r"\d+")


def numbers(version: str) -> tuple[int, ...]:
    """Return the numbers of a version in order: `8.0.mysql_aurora.3.04.0` gives (8, 0, 3, 4, 0)."""
    return tuple(int(found) for found in _NUMBERS.findall(version)[:12])


def version_at_least(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Tell whether the version at `path` is `version` or later; unknown without numbers to compare."""
    found = view.value(subject, str(arguments["path"]))
    if isinstance(found, Absent):
        return Answer(False, found.at, "states no version", value=found)
    if not isinstance(found, Scalar):
        return Answer(None, found.at, found.reason if isinstance(found, Unknown) else "not a version", value=found)
    stated, wanted = numbers(str(found.content)), numbers(str(arguments["version"]))
    if not stated or not wanted:
        return Answer(None, found.at, f"{found.content} has no version number", value=found)
    return Answer(stated >= wanted[: len(stated)], found.at, value=found)
