"""Databases: facts about engines that rules ask for."""

from __future__ import annotations

from collections.abc import Mapping

from scanner.core.subject import Subject
from scanner.core.value import Unknown, text_of
from scanner.core.view import Answer, View
from scanner.facts.certificate_authorities import CURRENT, EXPIRED


def current_certificate_authority(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Tell whether the RDS certificate authority at `path` is one that AWS issues today."""
    found = view.value(subject, str(arguments["path"]))
    name = text_of(found)
    if name in CURRENT:
        return Answer(True, found.at, value=found)
    if name in EXPIRED:
        return Answer(False, found.at, value=found)
    why = found.reason if isinstance(found, Unknown) else f"{name} is not in our table of authorities"
    return Answer(None, found.at, why, value=found)
