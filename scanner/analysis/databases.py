"""Databases: facts about engines that rules ask for."""

from __future__ import annotations

from collections.abc import Mapping

from scanner.analysis.versions import numbers
from scanner.core.subject import Subject
from scanner.core.value import Absent, Scalar, Unknown, text_of
from scanner.core.view import Answer, View
from scanner.facts.certificate_authorities import CURRENT, EXPIRED
from scanner.facts.postgres import FIRST_PATCHED_AURORA_POSTGRES, FIRST_PATCHED_POSTGRES


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


def patched_postgres(subject: Subject, arguments: Mapping[str, object], view: View) -> Answer:
    """Tell whether the PostgreSQL version at `path` has the fix of bulletin AWS-2022-004; absent is the newest.

    `aurora: true` compares with Aurora's own versions.
    """
    found = view.value(subject, str(arguments["path"]))
    if isinstance(found, Absent):
        return Answer(True, found.at)
    if not isinstance(found, Scalar):
        return Answer(None, found.at, found.reason if isinstance(found, Unknown) else "not a version", value=found)
    stated = numbers(str(found.content))
    if not stated:
        return Answer(None, found.at, f"{found.content} has no version number", value=found)
    if arguments.get("aurora"):
        fixed = FIRST_PATCHED_AURORA_POSTGRES.get(stated[0])
        return Answer(fixed is None or stated >= fixed or len(stated) == 1, found.at, value=found)
    fixed = FIRST_PATCHED_POSTGRES.get(stated[0])
    holds = stated[0] > max(FIRST_PATCHED_POSTGRES) if fixed is None else stated >= fixed or len(stated) == 1
    return Answer(holds, found.at, value=found)
